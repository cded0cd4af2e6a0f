//! Inbounds (receptions): goods announced to a prep centre, the last changed first.

use askama::Template;
use crossdock_domain::Instant;
use crossdock_domain::reception::{Reception, ReceptionStatus, Shelved};
use crossdock_store::Reader;
use crossdock_store::reader::receptions::{ReceptionFilter, ReceptionPlace};
use serde::Deserialize;

use super::frame::{Frame, Section};
use super::shown::{Opened, Page, Piece, address, cut};
use super::words::{self, Chip};
use crate::api::receptions::{read_place, written};

const ROWS: u32 = 50;

#[derive(Template)]
#[template(path = "inbounds.html", blocks = ["badge", "said", "rows"])]
pub(super) struct Inbounds {
    frame: Frame,
    asked: Asked,
    rows: Vec<Row>,
    next: Option<String>,
}

/// What the address asks. Words that are none of ours ask for nothing.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Asked {
    search: Option<String>,
    status: Option<String>,
    trouble: Option<String>,
    before: Option<String>,
}

impl Asked {
    fn search(&self) -> &str {
        self.search.as_deref().unwrap_or_default()
    }
    fn only_trouble(&self) -> bool {
        self.trouble.is_some()
    }
    fn status(&self) -> Option<ReceptionStatus> {
        self.status.as_deref().and_then(ReceptionStatus::from_word)
    }
    fn is_first(&self) -> bool {
        self.before.is_none()
    }
    fn is_filtered(&self) -> bool {
        !self.search().is_empty() || self.only_trouble() || self.status().is_some()
    }
    fn filter(&self) -> ReceptionFilter {
        ReceptionFilter {
            status: self.status(),
            in_trouble: self.only_trouble(),
            search: self.search.clone().filter(|text| !text.is_empty()),
            before: self.before.as_deref().and_then(read_place),
            limit: ROWS + 1,
            ..ReceptionFilter::default()
        }
    }
    fn before(&self, place: &ReceptionPlace) -> String {
        let place = written(place);
        let pairs = [
            ("search", self.search.as_deref().filter(|text| !text.is_empty())),
            ("status", self.status().map(ReceptionStatus::word)),
            ("trouble", self.trouble.as_deref()),
            ("before", Some(place.as_str())),
        ];
        address("/inbounds", pairs.into_iter().filter_map(|(name, value)| Some((name, value?))))
    }
}

/// One inbound.
struct Row {
    key: String,
    href: String,
    id: String,
    name: Option<String>,
    connection: String,
    chip: Chip,
    shelved: Option<&'static str>,
    requested: i64,
    received: i64,
    unsellable: i64,
    missing: i64,
    parked: i64,
    changed_at: Instant,
}

impl Row {
    fn new(frame: &Frame, reception: &Reception) -> Self {
        let totals = &reception.totals;
        Self {
            key: format!("r{}.{}", reception.source, reception.source_id),
            href: frame.to(&path(reception)),
            id: reception.source_id.to_string(),
            name: reception.told.name.get().cloned(),
            connection: reception.connection.to_string(),
            chip: words::reception(reception.status()),
            shelved: shelved(reception),
            requested: totals.requested,
            received: totals.received,
            unsellable: totals.unsellable,
            missing: totals.missing,
            parked: totals.parked,
            changed_at: reception.changed_at,
        }
    }

    /// What has not come is only worth a word once something has.
    fn lacks(&self) -> bool {
        self.missing > 0 && self.received + self.unsellable > 0
    }
}

/// Whether it was put away, in a word.
pub(super) fn shelved(reception: &Reception) -> Option<&'static str> {
    match reception.shelved() {
        Shelved::No => None,
        put_away @ (Shelved::Archived | Shelved::Cancelled) => Some(put_away.word()),
    }
}

/// The address of an inbound's page.
pub(super) fn path(reception: &Reception) -> String {
    address(
        "/inbounds/one",
        [("source", reception.source.as_str()), ("id", reception.source_id.as_str())].into_iter(),
    )
}

impl Page for Inbounds {
    type Named = ();
    type Asked = Asked;
    const SECTION: Section = Section::Inbounds;

    fn read(reader: &Reader, frame: Frame, (): &(), asked: &Asked) -> Opened<Self> {
        let mut found = reader.receptions(&frame.client.id, &asked.filter())?;
        let last = cut(&mut found, ROWS).map(ReceptionPlace::of);
        let next = last.map(|place| frame.to(&asked.before(&place)));
        let rows = found.iter().map(|reception| Row::new(&frame, reception)).collect();
        Ok(Some(Self { rows, next, asked: asked.clone(), frame }))
    }

    fn pieces(&self) -> askama::Result<Vec<Piece>> {
        Ok(vec![
            Piece("badge", self.as_badge().render()?),
            Piece("said", self.as_said().render()?),
            Piece("rows", self.as_rows().render()?),
        ])
    }
}

impl Inbounds {
    /// How far one may have come, as choices of a filter: value, word, whether it is chosen.
    fn statuses(&self) -> Vec<(&'static str, &'static str, bool)> {
        let chosen = self.asked.status();
        let choice = |status: ReceptionStatus| {
            (status.word(), words::reception(status).word, chosen == Some(status))
        };
        ReceptionStatus::ALL.into_iter().map(choice).collect()
    }
}
