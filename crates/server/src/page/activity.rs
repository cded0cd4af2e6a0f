//! Activity: every line of the journal, newest first.

use askama::Template;
use crossdock_domain::entry::{EntryKind, OutcomeKind};
use crossdock_domain::{Instant, Number};
use crossdock_store::Reader;
use crossdock_store::reader::entries::{EntryFilter, EntryLine};
use serde::Deserialize;

use super::frame::{Frame, Section};
use super::shown::{Opened, Page, Piece, address, cut};
use super::words::{self, Chip, Tone};
use super::wrong::Press;

const ROWS: u32 = 50;

#[derive(Template)]
#[template(path = "activity.html", blocks = ["badge", "said", "rows"])]
pub(super) struct Activity {
    frame: Frame,
    asked: Asked,
    entries: Vec<Row>,
    next: Option<String>,
}

/// One entry.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) key: String,
    pub(super) href: String,
    pub(super) number: Number,
    pub(super) at: Instant,
    pub(super) kind: &'static str,
    pub(super) topic: String,
    pub(super) source: String,
    pub(super) chip: Chip,
    pub(super) note: String,
    pub(super) retry: Option<Press>,
}

impl Row {
    pub(super) fn new(frame: &Frame, entry: EntryLine) -> Self {
        let press = || Press::new("retry-entry", &entry.number, "Retry").in_lane(&entry.lane);
        let retry = is_retriable(&entry).then(press);
        Self {
            key: format!("e{}", entry.number),
            href: frame.activity(&entry.number),
            number: entry.number,
            at: entry.at,
            kind: words::entry(entry.kind),
            topic: words::topic(entry.kind, &entry.topic),
            source: entry.source.as_ref().map_or_else(String::new, ToString::to_string),
            chip: outcome(&entry),
            note: words::note(entry.note),
            retry,
        }
    }
}

/// Whether a person may have it folded again.
pub(super) fn is_retriable(entry: &EntryLine) -> bool {
    entry.outcome.may_be_retried() && entry.retried_by.is_none() && entry.kind != EntryKind::Send
}

/// How it ended; what was retried is no trouble any more.
pub(super) fn outcome(entry: &EntryLine) -> Chip {
    let chip = words::outcome(entry.outcome);
    match entry.retried_by {
        Some(_) => Chip { tone: Tone::Quiet, word: "retried" },
        None => chip,
    }
}

/// What the address asks. Words that are none of ours ask for nothing.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Asked {
    trouble: Option<String>,
    outcome: Option<String>,
    kind: Option<String>,
    connection: Option<String>,
    before: Option<u64>,
}

impl Asked {
    fn only_trouble(&self) -> bool {
        self.trouble.is_some()
    }
    fn outcome(&self) -> Option<OutcomeKind> {
        self.outcome.as_deref().and_then(OutcomeKind::from_word)
    }
    fn kind(&self) -> Option<EntryKind> {
        self.kind.as_deref().and_then(EntryKind::from_word)
    }
    fn is_first(&self) -> bool {
        self.before.is_none()
    }
    fn filter(&self) -> EntryFilter {
        EntryFilter {
            outcome: self.outcome(),
            kind: self.kind(),
            source: self.connection.as_deref().and_then(|id| id.parse().ok()),
            in_trouble: self.only_trouble(),
            before: self.before.map(Number),
            limit: ROWS + 1,
        }
    }
    fn before(&self, number: Number) -> String {
        let number = number.to_string();
        let pairs = [
            ("trouble", self.trouble.as_deref()),
            ("outcome", self.outcome().map(OutcomeKind::word)),
            ("kind", self.kind().map(EntryKind::word)),
            ("connection", self.connection.as_deref()),
            ("before", Some(number.as_str())),
        ];
        let given = pairs.into_iter().filter_map(|(name, value)| Some((name, value?)));
        address("/activity", given)
    }
}

impl Page for Activity {
    type Named = ();
    type Asked = Asked;
    const SECTION: Section = Section::Activity;

    fn read(reader: &Reader, frame: Frame, (): &(), asked: &Asked) -> Opened<Self> {
        let mut found = reader.entries(&frame.journal, &asked.filter())?;
        let next = cut(&mut found, ROWS).map(|entry| frame.within(&asked.before(entry.number)));
        let entries = found.into_iter().map(|entry| Row::new(&frame, entry)).collect();
        Ok(Some(Self { entries, next, asked: asked.clone(), frame }))
    }

    fn pieces(&self) -> askama::Result<Vec<Piece>> {
        Ok(vec![
            Piece("badge", self.as_badge().render()?),
            Piece("said", self.as_said().render()?),
            Piece("rows", self.as_rows().render()?),
        ])
    }
}

/// One choice of a filter.
struct Choice {
    value: &'static str,
    word: &'static str,
    is_chosen: bool,
}

impl Activity {
    fn kinds(&self) -> Vec<Choice> {
        let chosen = self.asked.kind();
        let shown = [EntryKind::Delivery, EntryKind::Send, EntryKind::Answer, EntryKind::Command];
        let choice = |kind: EntryKind| Choice {
            value: kind.word(),
            word: words::entry(kind),
            is_chosen: chosen == Some(kind),
        };
        shown.into_iter().map(choice).collect()
    }

    fn outcomes(&self) -> Vec<Choice> {
        let chosen = self.asked.outcome();
        let choice = |kind: OutcomeKind| Choice {
            value: kind.word(),
            word: words::outcome(kind).word,
            is_chosen: chosen == Some(kind),
        };
        OutcomeKind::ALL.into_iter().map(choice).collect()
    }

    fn is_filtered(&self) -> bool {
        self.asked.only_trouble()
            || self.asked.kind().is_some()
            || self.asked.outcome().is_some()
            || self.asked.connection.is_some()
    }
}
