//! What is wrong: each trouble says since when, what it affects, and what to press. The loudest first.

mod calls;
mod connections;
mod counts;
mod elsewhere;
mod inbounds;
mod processing;
mod shared;
mod stock;
mod sweeps;
mod unexplained;
mod upkeep;
mod witnesses;

use crossdock_domain::{ConnectionId, Instant, LaneId};
use crossdock_store::{Reader, StoreError};

use super::frame::Frame;
use super::words::Tone;

pub(super) use calls::subject;

/// Lines that one trouble lists; the rest is a number and a link.
const LINES_MAX: u32 = 5;

/// Everything that is wrong.
#[derive(Debug, Default)]
pub(super) struct Wrong {
    pub(super) troubles: Vec<Trouble>,
    /// How many of them need a person.
    pub(super) needs: usize,
    /// Since when the oldest of those is.
    pub(super) since: Option<Instant>,
}

/// One thing that is wrong.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) tone: Tone,
    /// What is wrong.
    pub(super) title: String,
    /// Since when.
    pub(super) since: Option<Instant>,
    /// What it affects.
    pub(super) affects: String,
    /// What to do.
    pub(super) remedy: String,
    /// Which ones.
    pub(super) lines: Vec<Line>,
    /// What to press.
    pub(super) presses: Vec<Press>,
    /// Where to look.
    pub(super) links: Vec<Link>,
}

/// One of several.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) what: String,
    pub(super) href: String,
    pub(super) note: String,
    pub(super) press: Option<Press>,
}

/// A button: a verb of `act` and what it is done to.
#[derive(Debug, Clone)]
pub(super) struct Press {
    pub(super) verb: &'static str,
    pub(super) subject: String,
    pub(super) label: String,
    /// The shared connection in whose lane it is done; in the merchant account's where `None`.
    pub(super) shared: Option<ConnectionId>,
}

/// A way to more.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) href: String,
    pub(super) label: String,
}

impl Trouble {
    fn new(tone: Tone, title: impl Into<String>) -> Self {
        Self {
            tone,
            title: title.into(),
            since: None,
            affects: String::new(),
            remedy: String::new(),
            lines: Vec::new(),
            presses: Vec::new(),
            links: Vec::new(),
        }
    }
    fn since(mut self, since: impl Into<Option<Instant>>) -> Self {
        self.since = since.into();
        self
    }
    fn affects(mut self, what: impl Into<String>) -> Self {
        self.affects = what.into();
        self
    }
    fn remedy(mut self, what: impl Into<String>) -> Self {
        self.remedy = what.into();
        self
    }
    fn press(mut self, press: Press) -> Self {
        self.presses.push(press);
        self
    }
    fn link(mut self, href: String, label: impl Into<String>) -> Self {
        self.links.push(Link { href, label: label.into() });
        self
    }
}

impl Press {
    pub(super) fn new(
        verb: &'static str,
        subject: &impl ToString,
        label: impl Into<String>,
    ) -> Self {
        Self { verb, subject: subject.to_string(), label: label.into(), shared: None }
    }

    /// The same, done in this lane.
    pub(super) fn in_lane(mut self, lane: &LaneId) -> Self {
        self.shared = match lane {
            LaneId::Connection(id) => Some(id.clone()),
            LaneId::House | LaneId::Client(_) => None,
        };
        self
    }
}

impl Wrong {
    /// Looks everywhere.
    pub(super) fn read(reader: &Reader, frame: &Frame) -> Result<Self, StoreError> {
        let mut troubles = processing::of_the_engine(frame);
        troubles.extend(connections::braked(frame));
        troubles.extend(counts::held(reader, frame)?);
        troubles.extend(connections::paused(frame));
        troubles.extend(connections::refused(reader, frame)?);
        troubles.extend(connections::warned(frame));
        troubles.extend(connections::observing(reader, frame)?);
        troubles.extend(processing::parked(reader, frame)?);
        troubles.extend(calls::stuck(reader, frame)?);
        troubles.extend(calls::put_off(reader, frame)?);
        troubles.extend(calls::in_doubt(reader, frame)?);
        troubles.extend(upkeep::overdue(reader, frame)?);
        troubles.extend(shared::told(reader, frame)?);
        troubles.extend(inbounds::parked(reader, frame)?);
        troubles.extend(stock::levels(reader, frame)?);
        troubles.extend(stock::oversold(reader, frame)?);
        troubles.extend(unexplained::waiting(reader, frame)?);
        troubles.extend(sweeps::asking(reader, frame)?);
        troubles.extend(sweeps::failed(reader, frame)?);
        troubles.extend(witnesses::differing(reader, frame)?);
        troubles.extend(elsewhere::told(reader, frame)?);
        troubles.sort_by_key(|trouble| trouble.tone);
        let needing = || troubles.iter().filter(|trouble| trouble.tone <= Tone::Warn);
        let needs = needing().count();
        let since = needing().filter_map(|trouble| trouble.since).min();
        Ok(Self { troubles, needs, since })
    }
}
