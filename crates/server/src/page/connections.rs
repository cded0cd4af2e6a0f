//! Connections: how each is set up, how it is, and the address to give to the partner.

use askama::Template;
use crossdock_domain::connection::{Connection, ConnectionStatus};
use crossdock_domain::{Instant, LaneId};
use crossdock_store::Reader;

use super::flow::{self, Flow};
use super::frame::{Frame, Section};
use super::overview::Nothing;
use super::shown::{Opened, Page, Piece};
use super::words::{self, Chip, Tone};
use super::wrong::Press;

#[derive(Template)]
#[template(path = "connections.html", blocks = ["badge", "said", "connections"])]
pub(super) struct Connections {
    frame: Frame,
    cards: Vec<Card>,
}

struct Card {
    id: String,
    kind: String,
    chip: Chip,
    paused: Option<(Instant, String)>,
    path: String,
    remark: Option<Remark>,
    is_sandbox: bool,
    base_url: String,
    /// Nothing is published, since no location is set.
    has_no_location: bool,
    settings: Vec<(String, String)>,
    secrets: Vec<(String, bool)>,
    pace: String,
    warnings: Vec<String>,
    addresses: Vec<String>,
    token_dies: Option<Instant>,
    flow: Option<Flow>,
    presses: Vec<Press>,
    tested: Option<Tested>,
}

/// What its own page is worth a look for.
struct Remark {
    tone: Tone,
    what: &'static str,
    label: &'static str,
}

/// What came of the last test.
struct Tested {
    chip: Chip,
    note: String,
    at: Instant,
}

impl Page for Connections {
    type Named = ();
    type Asked = Nothing;
    const SECTION: Section = Section::Connections;

    fn read(reader: &Reader, frame: Frame, (): &(), _: &Nothing) -> Opened<Self> {
        let mut flows = flow::flows(reader, &frame)?.into_iter();
        let mut cards = Vec::new();
        for connection in frame.all_connections() {
            let mut card = card(&frame, connection, flows.next());
            let last = reader.last_test(&connection.lane, &connection.id)?;
            card.tested = last.map(|task| Tested {
                chip: words::task(task.state),
                note: words::failure(&task.note).1.to_owned(),
                at: task.changed_at,
            });
            cards.push(card);
        }
        Ok(Some(Self { frame, cards }))
    }

    fn pieces(&self) -> askama::Result<Vec<Piece>> {
        Ok(vec![
            Piece("badge", self.as_badge().render()?),
            Piece("said", self.as_said().render()?),
            Piece("connections", self.as_connections().render()?),
        ])
    }
}

fn card(frame: &Frame, connection: &Connection, flow: Option<Flow>) -> Card {
    let calls = &connection.calls;
    let is_shared = matches!(connection.lane, LaneId::Connection(_));
    let test = Press::new("test-connection", &connection.id, "Test connection");
    Card {
        id: connection.id.to_string(),
        kind: frame.title_of(connection),
        chip: words::connection(connection),
        paused: words::paused(connection),
        path: format!("/connections/{}", connection.id),
        remark: remark(connection, is_shared),
        is_sandbox: connection.sandbox,
        base_url: connection.base_url.clone(),
        has_no_location: connection.location.is_none() && !is_shared,
        settings: connection
            .settings
            .iter()
            .map(|(k, v)| (k.replace('_', " "), v.clone()))
            .collect(),
        secrets: secrets(frame, connection),
        pace: format!(
            "{} calls a second, {} at once, each given up after {} s",
            calls.rate_per_s,
            calls.in_flight_max,
            calls.timeout_ms / 1_000
        ),
        warnings: connection.warnings.clone(),
        addresses: addresses(frame, connection),
        token_dies: connection.token.map(|token| token.until),
        flow,
        presses: vec![test.in_lane(&connection.lane), switch(connection)],
        tested: None,
    }
}

fn remark(connection: &Connection, is_shared: bool) -> Option<Remark> {
    if is_shared {
        return Some(Remark {
            tone: Tone::Quiet,
            what: "It serves several merchant accounts.",
            label: "See whose its accounts are, and what waits",
        });
    }
    let observes = Remark {
        tone: Tone::Warn,
        what: "It only observes: nothing is written to the shop.",
        label: "See what would be written, and go live",
    };
    (!connection.is_live()).then_some(observes)
}

/// The button that pauses it, or lets it send again.
pub(super) fn switch(connection: &Connection) -> Press {
    let press = match &connection.status {
        ConnectionStatus::Active => Press::new("pause-connection", &connection.id, "Pause"),
        ConnectionStatus::Paused { .. } => {
            Press::new("resume-connection", &connection.id, "Resume")
        }
    };
    press.in_lane(&connection.lane)
}

/// Which secrets the connector takes, and whether each is set. The secrets themselves are nowhere near.
fn secrets(frame: &Frame, connection: &Connection) -> Vec<(String, bool)> {
    let directory = frame.visit.app.engine.directory();
    let held = directory.connection(&connection.id).map(|known| known.secrets.slots());
    let held = held.unwrap_or_default();
    let Some(connector) = frame.visit.app.connector(&connection.connector) else {
        return Vec::new();
    };
    let slots = connector.offers().secrets.iter().map(|secret| secret.slot);
    slots.map(|slot| (slot.replace('_', " "), held.iter().any(|known| known == slot))).collect()
}

/// Where the partner's webhooks go: our address for every topic first, then those that its documents name.
fn addresses(frame: &Frame, connection: &Connection) -> Vec<String> {
    let mut addresses = vec![format!("/webhooks/{}", connection.id)];
    if let Some(connector) = frame.visit.app.connector(&connection.connector) {
        let routes = connector.offers().routes.iter();
        addresses.extend(routes.map(|route| route.path.to_owned()));
    }
    addresses
}
