//! One inbound (reception): its parcels, and its lines with what was announced, what came, and what needs a person.

use askama::Template;
use crossdock_domain::reception::{Reception, ReceptionLine, Tracking};
use crossdock_domain::{ItemId, Number};
use crossdock_store::Reader;
use serde::Deserialize;

use super::frame::{Frame, Section};
use super::inbounds::shelved;
use super::shown::{Opened, Page, Piece};
use super::words::{self, Chip};
use super::wrong::Press;

#[derive(Template)]
#[template(path = "inbound.html", blocks = ["badge", "said", "state", "lines"])]
pub(super) struct InboundPage {
    frame: Frame,
    reception: Reception,
    chip: Chip,
    shelved: Option<&'static str>,
    parcels: Vec<Tracking>,
    lines: Vec<Line>,
    /// Lines that were taken off it again.
    gone: usize,
    reread: Option<Press>,
}

/// Which one. A partner's id may hold anything, so it stands in the query.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Asked {
    source: Option<String>,
    id: Option<String>,
}

struct Line {
    key: String,
    sku: String,
    asin: Option<String>,
    title: Option<String>,
    item: Option<ItemId>,
    requested: i64,
    received: i64,
    unsellable: i64,
    missing: i64,
    problem: Option<String>,
    told_by: Number,
}

impl Line {
    fn new(line: &ReceptionLine, sku: Option<&String>) -> Self {
        let told = &line.told;
        Self {
            key: format!("l{}", line.line),
            sku: sku.or(told.sku.get()).cloned().unwrap_or_default(),
            asin: told.asin.get().cloned(),
            title: told.title.get().cloned(),
            item: line.item,
            requested: line.requested(),
            received: line.received(),
            unsellable: line.unsellable(),
            missing: line.missing(),
            problem: line.problem.clone(),
            told_by: line.told_by,
        }
    }

    /// What has not come is only worth a word once something has.
    fn lacks(&self) -> bool {
        self.missing > 0 && self.received.saturating_add(self.unsellable) > 0
    }
}

impl Page for InboundPage {
    type Named = ();
    type Asked = Asked;
    const SECTION: Section = Section::Inbounds;

    fn read(reader: &Reader, frame: Frame, (): &(), asked: &Asked) -> Opened<Self> {
        let client = &frame.client.id;
        let id = asked.id.as_deref().and_then(|id| id.parse().ok());
        let (Some(source), Some(id)) = (asked.source.as_deref(), id) else { return Ok(None) };
        let Some((reception, lines)) = reader.reception(client, source, &id)? else {
            return Ok(None);
        };
        let skus = reader.skus_of_reception(client, source, &id)?;
        let gone = lines.iter().filter(|line| line.gone).count();
        let there = lines.iter().filter(|line| !line.gone);
        let lines = there.map(|line| Line::new(line, line.item.and_then(|item| skus.get(&item))));
        let by = frame.all_connections().find(|c| c.id == reception.connection);
        let reread = by.filter(|connection| {
            frame.shared.iter().any(|c| c.id == connection.id) && frame.is_read(connection)
        });
        Ok(Some(Self {
            chip: words::reception(reception.status()),
            shelved: shelved(&reception),
            parcels: reception.told.tracking.get().cloned().unwrap_or_default(),
            lines: lines.collect(),
            gone,
            reread: reread.map(|connection| {
                let label = format!("Read everything of {} again", connection.id);
                Press::new("poll-all", &connection.id, label).in_lane(&connection.lane)
            }),
            reception,
            frame,
        }))
    }

    fn pieces(&self) -> askama::Result<Vec<Piece>> {
        Ok(vec![
            Piece("badge", self.as_badge().render()?),
            Piece("said", self.as_said().render()?),
            Piece("state", self.as_state().render()?),
            Piece("lines", self.as_lines().render()?),
        ])
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
#[expect(clippy::unused_self, reason = "templates call methods of values")]
impl InboundPage {
    fn item(&self, item: &ItemId) -> String {
        format!("/stock/{item}")
    }

    fn name(&self) -> &str {
        self.reception.told.name.get().map(String::as_str).unwrap_or_default()
    }

    fn raw_status(&self) -> &str {
        self.reception.told.raw_status().unwrap_or_default()
    }

    fn notes(&self) -> &str {
        self.reception.told.notes.get().map(String::as_str).unwrap_or_default()
    }

    fn country(&self) -> &str {
        self.reception.country().unwrap_or_default()
    }

    fn pool(&self) -> String {
        self.reception.pool.word().to_uppercase()
    }
}
