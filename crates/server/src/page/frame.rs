//! The frame around every page: merchant account, navigation, what needs a person, and what the last button did.

use crossdock_domain::brake::{BrakeWindow, Side};
use crossdock_domain::client::Client;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::EntryKind;
use crossdock_domain::{ClientId, ConnectionId, Instant, LaneId, Number};
use crossdock_store::reader::attention::LevelCounts;
use crossdock_store::reader::overview::TaskCount;
use crossdock_store::{Reader, StoreError};

use super::shown::{Look, Visit};
use super::when::{Form, Told, When};
use super::words::{self, Chip, Tone};
use super::wrong::Wrong;
use crate::engine::Health;

/// Where a page stands in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Overview,
    Stock,
    Activity,
    Calls,
    Orders,
    Inbounds,
    Reconciliation,
    Connections,
}

impl Section {
    /// All but the overview, in the order of the navigation.
    const OTHERS: [Self; 7] = [
        Self::Stock,
        Self::Activity,
        Self::Calls,
        Self::Orders,
        Self::Inbounds,
        Self::Reconciliation,
        Self::Connections,
    ];

    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/",
            Self::Stock => "/stock",
            Self::Activity => "/activity",
            Self::Calls => "/calls",
            Self::Orders => "/orders",
            Self::Inbounds => "/inbounds",
            Self::Reconciliation => "/reconciliation",
            Self::Connections => "/connections",
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Stock => "Stock",
            Self::Activity => "Activity",
            Self::Calls => "Outgoing calls",
            Self::Orders => "Orders",
            Self::Inbounds => "Inbounds",
            Self::Reconciliation => "Reconciliation",
            Self::Connections => "Connections",
        }
    }
}

/// What the last button did.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) what: &'static str,
    pub(super) tone: Tone,
    pub(super) note: String,
    /// The entry, and its address.
    pub(super) entry: Option<(Number, String)>,
}

/// The frame.
pub(super) struct Frame {
    pub(super) visit: Visit,
    pub(super) look: Look,
    pub(super) section: Section,
    pub(super) clients: Vec<Client>,
    pub(super) client: Client,
    pub(super) lane: LaneId,
    /// Whose journal, calls and requests are looked at: the merchant account's, or a shared connection's.
    pub(super) journal: LaneId,
    pub(super) connections: Vec<Connection>,
    /// Connections that serve several merchant accounts.
    pub(super) shared: Vec<Connection>,
    /// The brakes that are on.
    pub(super) brakes: Vec<BrakeWindow>,
    pub(super) health: Health,
    /// How the levels stand, counted once for the whole page.
    pub(super) counts: LevelCounts,
    /// Calls of every merchant account that are not over, counted once for the whole page.
    pub(super) open: Vec<TaskCount>,
    pub(super) wrong: Wrong,
    pub(super) said: Option<Said>,
    pub(super) now: Instant,
    told: Told,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
impl Frame {
    /// Reads it; `None` before there is any merchant account.
    pub(super) fn read(
        reader: &Reader,
        visit: Visit,
        told: Told,
        section: Section,
    ) -> Result<Option<Self>, StoreError> {
        let clients = reader.clients()?;
        let wanted = visit.chosen.client.as_deref();
        let named = clients.iter().find(|client| Some(client.id.as_str()) == wanted);
        let Some(client) = named.or(clients.first()).cloned() else { return Ok(None) };
        let lane = LaneId::Client(client.id.clone());
        let shared = reader.shared_connections()?;
        let asked = shared.iter().find(|c| Some(c.id.as_str()) == visit.chosen.shared.as_deref());
        let mut frame = Self {
            look: Look,
            section,
            journal: asked.map_or_else(|| lane.clone(), |connection| connection.lane.clone()),
            connections: reader.connections(Some(&lane))?,
            brakes: reader.brakes_on(&client.id)?,
            health: visit.app.engine.gauges().health(),
            counts: reader.level_counts(&client.id)?,
            open: reader.open_task_counts()?,
            wrong: Wrong::default(),
            said: said(reader, &visit, &lane, &shared)?,
            now: visit.app.engine.now(),
            visit,
            told,
            clients,
            client,
            lane,
            shared,
        };
        frame.wrong = Wrong::read(reader, &frame)?;
        Ok(Some(frame))
    }

    /// The sections beside the overview, which has a badge and stands apart in the template.
    #[expect(clippy::unused_self, reason = "templates call methods of values")]
    pub(super) const fn other_sections(&self) -> [Section; 7] {
        Section::OTHERS
    }

    pub(super) fn is_overview(&self) -> bool {
        self.section == Section::Overview
    }

    /// The address of a page of the same merchant account.
    pub(super) fn to(&self, path: &str) -> String {
        if self.clients.len() < 2 {
            return path.to_owned();
        }
        let joint = if path.contains('?') { '&' } else { '?' };
        format!("{path}{joint}client={}", self.client.id)
    }

    /// The address of a page of the journal that is looked at.
    pub(super) fn within(&self, path: &str) -> String {
        let address = self.to(path);
        let Some(shared) = self.shared_journal() else { return address };
        let joint = if address.contains('?') { '&' } else { '?' };
        format!("{address}{joint}shared={shared}")
    }

    /// The shared connection whose journal is looked at.
    pub(super) fn shared_journal(&self) -> Option<&ConnectionId> {
        match &self.journal {
            LaneId::Connection(id) => Some(id),
            LaneId::House | LaneId::Client(_) => None,
        }
    }

    /// The address of an activity line.
    pub(super) fn activity(&self, number: &Number) -> String {
        self.within(&format!("/activity/{number}"))
    }

    /// The address of an activity line of a shared connection.
    pub(super) fn shared_activity(&self, connection: &ConnectionId, number: &Number) -> String {
        self.to(&format!("/activity/{number}?shared={connection}"))
    }

    /// The address of a reconciliation.
    pub(super) fn reconciliation(&self, number: &Number) -> String {
        self.to(&format!("/reconciliation/{number}"))
    }

    /// The address of a recorded request.
    pub(super) fn request(&self, number: &Number) -> String {
        self.within(&format!("/calls/sends/{number}"))
    }

    pub(super) fn is_in(&self, section: &Section) -> bool {
        self.section == *section
    }

    /// The address of the overview of a merchant account.
    pub(super) fn overview_of(&self, client: &ClientId) -> String {
        let _ = self;
        format!("/?client={client}")
    }

    /// The address of this section for another merchant account.
    pub(super) fn switch(&self, client: &ClientId) -> String {
        format!("{}?client={client}", self.section.path())
    }

    /// Milliseconds since 1970, for the script to set its clock by.
    pub(super) const fn now_ms(&self) -> i64 {
        self.now.0 / 1_000
    }

    pub(super) fn here(&self) -> &str {
        &self.visit.here
    }

    /// "12 s ago".
    pub(super) fn ago(&self, at: &Instant) -> When {
        When { at: *at, told: self.told, form: Form::Ago }
    }

    /// "12 s".
    pub(super) fn lasting(&self, since: &Instant) -> When {
        When { at: *since, told: self.told, form: Form::Lasting }
    }

    /// Whether the brake keeps all writes to a connection waiting.
    pub(super) fn holds_writes(&self, id: &ConnectionId) -> bool {
        self.brakes.iter().any(|window| window.connection == *id && window.side == Side::Writes)
    }

    pub(super) fn connection(&self, id: &ConnectionId) -> Option<&Connection> {
        self.connections.iter().find(|connection| connection.id == *id)
    }

    /// The merchant account's connections, then those that serve several.
    pub(super) fn all_connections(&self) -> impl Iterator<Item = &Connection> {
        self.connections.iter().chain(&self.shared)
    }

    /// Whether what a partner has can be read by this connection, or is only told by hand.
    pub(super) fn is_read(&self, connection: &Connection) -> bool {
        let connector = self.visit.app.connector(&connection.connector);
        connector.is_some_and(|connector| connector.is_read(connection))
    }

    /// The connector's name for people.
    pub(super) fn title_of(&self, connection: &Connection) -> String {
        let connector = self.visit.app.connector(&connection.connector);
        connector.map_or_else(|| connection.connector.clone(), |c| c.offers().title.to_owned())
    }
}

fn said(
    reader: &Reader,
    visit: &Visit,
    lane: &LaneId,
    shared: &[Connection],
) -> Result<Option<Said>, StoreError> {
    let Some(seq) = visit.chosen.done else { return Ok(None) };
    let entry = reader.entry_of_command(seq)?;
    Ok(Some(match entry {
        Some(entry)
            if entry.kind == EntryKind::Command
                && (entry.lane == *lane || shared.iter().any(|c| c.lane == entry.lane)) =>
        {
            let Chip { tone, word } = words::outcome(entry.outcome);
            let note = if entry.note.is_empty() { word.to_owned() } else { entry.note };
            let address = address(&entry.lane, entry.number);
            Said { what: pressed(&entry.topic), tone, note, entry: Some((entry.number, address)) }
        }
        Some(_) => return Ok(None),
        None => {
            let note = "kept, and about to be processed".to_owned();
            Said { what: "Your request", tone: Tone::Busy, note, entry: None }
        }
    }))
}

/// The address of an entry of a lane.
fn address(lane: &LaneId, number: Number) -> String {
    match lane {
        LaneId::Connection(id) => format!("/activity/{number}?shared={id}"),
        LaneId::House | LaneId::Client(_) => format!("/activity/{number}"),
    }
}

/// A command's topic, as the button said it.
fn pressed(topic: &str) -> &'static str {
    match topic {
        "pause_connection" => "Pause",
        "resume_connection" => "Resume",
        "go_live" => "Go live",
        "observe" => "Only observe",
        "approve_brake" => "Approve",
        "reject_brake" => "Reject",
        "test_connection" => "Test connection",
        "retry_entry" | "retry_task" => "Retry",
        "reconcile" => "Compare",
        "poll" => "Read",
        "put_merchant" | "remove_merchant" => "Mapping",
        "apply_findings" => "Book",
        "dismiss_findings" => "Leave",
        "sync" => "Sync now",
        "set_sync" => "Writing stock",
        _ => "Your request",
    }
}
