//! Trouble with connections: paused ones, refused webhooks, settings that ask for a word.

use crossdock_domain::connection::ConnectionStatus;
use crossdock_domain::{Instant, Span};
use crossdock_store::reader::overview::TallyLine;
use crossdock_store::{Reader, StoreError};

use super::{Press, Trouble};
use crate::page::frame::Frame;
use crate::page::words::{self, Tone, count};

/// Refusals older than this are history.
const REFUSED_LATELY: Span = Span::from_s(24 * 60 * 60);

pub(super) fn paused(frame: &Frame) -> Vec<Trouble> {
    let mut found = Vec::new();
    for connection in frame.all_connections() {
        let ConnectionStatus::Paused { since, why } = &connection.status else { continue };
        let press =
            |verb, label: &str| Press::new(verb, &connection.id, label).in_lane(&connection.lane);
        let calls: u64 =
            frame.open.iter().filter(|w| w.connection == connection.id).map(|w| w.count).sum();
        found.push(
            Trouble::new(Tone::Bad, format!("{} is paused: {why}", connection.id))
                .since(*since)
                .affects(format!(
                    "It still receives webhooks, and sends nothing. {} for it.",
                    if calls == 1 {
                        "1 outgoing call waits".to_owned()
                    } else {
                        format!("{calls} outgoing calls wait")
                    }
                ))
                .remedy("Mend the cause, then resume: what is owed goes out at once.")
                .press(press("resume-connection", "Resume"))
                .press(press("test-connection", "Test connection"))
                .link(frame.to("/connections"), "Settings"),
        );
    }
    found
}

/// The brake is on: the loudest there is, since everything waits for one word.
pub(super) fn braked(frame: &Frame) -> Vec<Trouble> {
    let mut found = Vec::new();
    for window in &frame.brakes {
        let Some(engaged) = &window.engaged else { continue };
        let (title, what) = words::brake(window.side);
        found.push(
            Trouble::new(Tone::Bad, format!("{}: {title}", window.connection))
                .since(engaged.since)
                .affects(format!("{}.", engaged.why))
                .remedy(what)
                .press(Press::new("approve-brake", &window.connection, "Approve"))
                .press(Press::new("reject-brake", &window.connection, "Reject"))
                .link(
                    frame.to(&format!("/connections/{}", window.connection)),
                    "Look at the items",
                ),
        );
    }
    found
}

/// Connections that would write if somebody let them.
pub(super) fn observing(reader: &Reader, frame: &Frame) -> Result<Vec<Trouble>, StoreError> {
    let mut found = Vec::new();
    for connection in frame.connections.iter().filter(|connection| !connection.is_live()) {
        let would_write = reader.would_write(&frame.client.id, &connection.id)?;
        let Some(writes) = would_write else { continue };
        found.push(
            Trouble::new(Tone::Quiet, format!("{} only observes", connection.id))
                .affects(format!(
                    "Its webhooks are booked, and nothing is written there. {} if it went live.",
                    if writes == 1 {
                        "1 item would be written".to_owned()
                    } else {
                        format!("{} items would be written", words::thousands(writes))
                    }
                ))
                .remedy("Look at what would be written, then go live.")
                .link(frame.to(&format!("/connections/{}", connection.id)), "What it would write"),
        );
    }
    Ok(found)
}

pub(super) fn warned(frame: &Frame) -> Vec<Trouble> {
    let worth_a_word =
        |connection: &&crossdock_domain::connection::Connection| !connection.warnings.is_empty();
    frame
        .all_connections()
        .filter(worth_a_word)
        .map(|connection| {
            Trouble::new(Tone::Quiet, format!("{} works, with a remark", connection.id))
                .affects(connection.warnings.join(" "))
                .link(frame.to("/connections"), "Settings")
        })
        .collect()
}

pub(super) fn refused(reader: &Reader, frame: &Frame) -> Result<Vec<Trouble>, StoreError> {
    let pulse = &frame.visit.shared.pulse;
    let mut found = Vec::new();
    for line in reader.tallies()? {
        let lately = frame.now.since(line.last_at) < REFUSED_LATELY;
        if line.what != "refused" || !lately {
            continue;
        }
        let known = frame.all_connections().find(|c| c.id.as_str() == line.connection);
        let accepted_since = match known {
            Some(connection) => pulse.feel(reader, &connection.id, frame.now)?.last_webhook,
            None => None,
        };
        if known.is_some() || !is_of_another(reader, &line)? {
            found.push(refusal(&line, accepted_since));
        }
    }
    Ok(found)
}

/// Whether the address is that of another merchant account's connection.
fn is_of_another(reader: &Reader, line: &TallyLine) -> Result<bool, StoreError> {
    match line.connection.parse() {
        Ok(connection) => Ok(reader.client_of(&connection)?.is_some()),
        Err(_) => Ok(false),
    }
}

fn refusal(line: &TallyLine, accepted_since: Option<Instant>) -> Trouble {
    let mended = accepted_since.is_some_and(|accepted| accepted > line.last_at);
    let title = format!(
        "{} refused at {}: {}",
        count(line.count, "webhook"),
        line.connection,
        reason(&line.detail)
    );
    let topic = if line.topic.is_empty() {
        String::new()
    } else {
        format!(" The last was about {}.", line.topic)
    };
    if mended {
        return Trouble::new(Tone::Quiet, title)
            .since(line.last_at)
            .affects(format!("Genuine webhooks have come in since.{topic}"))
            .remedy("Nothing to do if the secret was just changed; otherwise somebody is knocking who should not.");
    }
    Trouble::new(Tone::Bad, title)
        .since(line.first_at)
        .affects(format!(
            "Sales and changes that they tell of are not known here until the next reading.{topic}"
        ))
        .remedy(remedy(&line.detail))
}

fn reason(detail: &str) -> &str {
    match detail {
        "bad_signature" => "wrong signature",
        "unsigned" => "no signature",
        "no_secret" => "no secret to check with",
        "other_account" => "meant for another account",
        "malformed" => "malformed",
        other => other,
    }
}

fn remedy(detail: &str) -> &'static str {
    match detail {
        "bad_signature" => {
            "The webhook secret does not match: copy the partner's signing secret into this connection again. \
             The partner repeats what was refused."
        }
        "no_secret" => "Set the connection's webhook secret. The partner repeats what was refused.",
        "other_account" => {
            "The partner's webhook points to the wrong address: compare it with the one under Connections."
        }
        "unsigned" | "malformed" => {
            "Whatever sends this is not the partner, or something in between changes its headers: look at the proxy."
        }
        _ => "Compare the address and the secret with those under Connections.",
    }
}
