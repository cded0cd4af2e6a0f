//! Trouble with connections that serve several merchant accounts: what waits for a mapping, accounts in trouble, and what
//! their own journal has set aside.

use crossdock_domain::connection::Connection;
use crossdock_domain::merchant::Merchant;
use crossdock_domain::task::TaskState;
use crossdock_store::{Reader, StoreError};

use super::{LINES_MAX, Line, Trouble};
use crate::page::frame::Frame;
use crate::page::words::{Tone, count};

pub(super) fn told(reader: &Reader, frame: &Frame) -> Result<Vec<Trouble>, StoreError> {
    let mut found = Vec::new();
    for connection in &frame.shared {
        let accounts = reader.merchants(Some(&connection.id))?;
        found.extend(waiting(frame, connection, &accounts));
        found.extend(in_trouble(frame, connection, &accounts));
        found.extend(set_aside(reader, frame, connection)?);
        found.extend(stuck(frame, connection));
    }
    Ok(found)
}

fn page(frame: &Frame, connection: &Connection) -> String {
    frame.to(&format!("/connections/{}", connection.id))
}

/// What is kept and not booked, since nobody has said whose it is.
fn waiting(frame: &Frame, connection: &Connection, accounts: &[Merchant]) -> Option<Trouble> {
    let waits = |account: &&Merchant| account.client.is_none() && account.tally.waiting > 0;
    let all: u64 = accounts.iter().filter(waits).map(|account| account.tally.waiting).sum();
    if all == 0 {
        return None;
    }
    let wait = if all == 1 { "update waits" } else { "updates wait" };
    let number = accounts.iter().filter(waits).count() as u64;
    let title = format!("{}: {all} {wait} for {}", connection.id, count(number, "account"));
    let mut trouble = Trouble::new(Tone::Bad, title)
        .affects("Nobody has said whose these accounts are: nothing of them is booked, and nothing is lost.")
        .remedy("Map each to a merchant account: what waits is then handed on, in order.")
        .link(page(frame, connection), "Map them");
    let first = accounts.iter().filter(waits).take(LINES_MAX as usize);
    trouble.lines = first.map(|account| line(frame, connection, account, None)).collect();
    Some(trouble)
}

fn in_trouble(frame: &Frame, connection: &Connection, accounts: &[Merchant]) -> Option<Trouble> {
    let has = |account: &&Merchant| account.client.is_some() && account.trouble.is_some();
    let number = accounts.iter().filter(has).count() as u64;
    if number == 0 {
        return None;
    }
    let title = format!("{}: {} in trouble", connection.id, count(number, "account"));
    let mut trouble = Trouble::new(Tone::Warn, title)
        .affects("What changed there may not be known here yet.")
        .remedy(
            "Mend what it says. It is read again by itself, or at once by the button on its page.",
        )
        .link(page(frame, connection), "Look at the accounts");
    let first = accounts.iter().filter(has).take(LINES_MAX as usize);
    trouble.lines =
        first.map(|account| line(frame, connection, account, account.trouble.as_deref())).collect();
    Some(trouble)
}

fn line(frame: &Frame, connection: &Connection, account: &Merchant, why: Option<&str>) -> Line {
    let name = account.name.as_deref().unwrap_or_default();
    let note = match why {
        Some(why) => why.to_owned(),
        None => count(account.tally.waiting, "update"),
    };
    Line {
        what: format!("account {} {name}", account.remote).trim_end().to_owned(),
        href: page(frame, connection),
        note,
        press: None,
    }
}

/// Entries of its own lane that need a person.
fn set_aside(
    reader: &Reader,
    frame: &Frame,
    connection: &Connection,
) -> Result<Vec<Trouble>, StoreError> {
    let mut found = Vec::new();
    for (kind, number) in reader.trouble_counts(&connection.lane)? {
        // Said with the accounts already, in words that say what to do.
        if kind == crossdock_domain::entry::OutcomeKind::Unroutable {
            continue;
        }
        let word = crate::page::words::outcome(kind).word;
        let need = if number == 1 { "needs you" } else { "need you" };
        let title =
            format!("{}: {} of activity {need}: {word}", connection.id, count(number, "line"));
        let path = format!("/activity?trouble=1&outcome={}&shared={}", kind.word(), connection.id);
        found.push(
            Trouble::new(Tone::Warn, title)
                .remedy(crate::page::words::remedy(kind))
                .link(frame.to(&path), "See them"),
        );
    }
    Ok(found)
}

fn stuck(frame: &Frame, connection: &Connection) -> Option<Trouble> {
    let open = frame.open.iter();
    let stuck = open.filter(|o| o.connection == connection.id && o.state == TaskState::Stuck);
    let number: u64 = stuck.map(|line| line.count).sum();
    if number == 0 {
        return None;
    }
    let is = if number == 1 { "is" } else { "are" };
    let title = format!("{}: {} {is} stuck", connection.id, count(number, "outgoing call"));
    let path = format!("/calls?state=stuck&shared={}", connection.id);
    Some(
        Trouble::new(Tone::Bad, title)
            .affects("The partner said no, and would say it again: nothing more is sent for these until you step in.")
            .remedy("Mend what the partner complains of, then retry.")
            .link(frame.to(&path), "See them"),
    )
}
