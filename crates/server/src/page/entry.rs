//! One activity line: what came, byte for byte, and what became of it.

use askama::Template;
use crossdock_domain::Number;
use crossdock_domain::entry::EntryKind;
use crossdock_domain::merchant::Teller;
use crossdock_store::reader::entries::EntryLine;
use crossdock_store::{Reader, Unpacked};

use super::activity::{Row, is_retriable};
use super::bodies::{self, Text};
use super::frame::{Frame, Section};
use super::overview::Nothing;
use super::shown::{Opened, Page, Piece};
use super::words;

#[derive(Template)]
#[template(path = "entry.html", blocks = ["badge", "said", "outcome"])]
pub(super) struct EntryPage {
    frame: Frame,
    row: Row,
    entry: EntryLine,
    remedy: Option<&'static str>,
    head: Vec<(String, String)>,
    body: Text,
    result: Option<String>,
    heading: &'static str,
    /// Which entry of a shared connection told it, if that handed it on.
    teller: Option<Teller>,
}

impl Page for EntryPage {
    type Named = u64;
    type Asked = Nothing;
    const SECTION: Section = Section::Activity;

    fn read(reader: &Reader, frame: Frame, number: &u64, _: &Nothing) -> Opened<Self> {
        let Some((entry, packed)) = reader.entry(&frame.journal, Number(*number))? else {
            return Ok(None);
        };
        let (head, body) = match Unpacked::new(&packed) {
            Ok(bytes) => (bodies::pairs(bytes.head()), Text::of(bytes.body())),
            Err(error) => (Vec::new(), Text { remark: Some(error.to_string()), ..Text::of(b"") }),
        };
        let row = Row::new(&frame, entry.clone());
        let result = entry.result.as_ref().and_then(|json| serde_json::to_string_pretty(json).ok());
        let remedy = is_retriable(&entry).then(|| words::remedy(entry.outcome));
        Ok(Some(Self {
            heading: heading(entry.kind),
            teller: Teller::of(entry.kind, entry.event_id.as_deref()),
            row,
            remedy,
            head,
            body,
            result,
            entry,
            frame,
        }))
    }

    fn pieces(&self) -> askama::Result<Vec<Piece>> {
        Ok(vec![
            Piece("badge", self.as_badge().render()?),
            Piece("said", self.as_said().render()?),
            Piece("outcome", self.as_outcome().render()?),
        ])
    }
}

/// What its head is called.
const fn heading(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Delivery => "Headers",
        EntryKind::Answer => "Response",
        EntryKind::Command => "Asked",
        EntryKind::Forward | EntryKind::Send | EntryKind::Tick => "Particulars",
    }
}
