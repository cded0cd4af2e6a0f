//! Overview: what is wrong, and what flows.

use askama::Template;
use crossdock_domain::Instant;
use crossdock_store::reader::entries::EntryFilter;
use crossdock_store::{Reader, StoreError};
use serde::Deserialize;

use super::activity::Row as EntryRow;
use super::flow::{Flow, flows};
use super::frame::{Frame, Section};
use super::shown::{Opened, Page, Piece};
use super::stock::Row as StockRow;
use super::words::{Tone, count, thousands};

const ACTIVITY_ROWS: u32 = 10;
const STOCK_ROWS: usize = 8;

#[derive(Template)]
#[template(path = "overview.html", blocks = ["badge", "said", "status", "wrong", "flow", "stock", "activity"])]
pub(super) struct Overview {
    frame: Frame,
    headline: String,
    tone: Tone,
    length: u64,
    last_at: Option<Instant>,
    flows: Vec<Flow>,
    stock: Vec<StockRow>,
    entries: Vec<EntryRow>,
}

/// Nothing can be asked of it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Nothing {}

impl Page for Overview {
    type Named = ();
    type Asked = Nothing;
    const SECTION: Section = Section::Overview;

    fn read(reader: &Reader, frame: Frame, (): &(), _: &Nothing) -> Opened<Self> {
        let filter = EntryFilter { limit: ACTIVITY_ROWS, ..EntryFilter::default() };
        let entries = reader.entries(&frame.lane, &filter)?;
        let (length, last_at) = reader.lane_length(&frame.lane)?;
        let (tone, headline) = headline(&frame);
        Ok(Some(Self {
            flows: flows(reader, &frame)?,
            stock: excerpt(reader, &frame)?,
            entries: entries.into_iter().map(|entry| EntryRow::new(&frame, entry)).collect(),
            headline,
            tone,
            length,
            last_at: last_at.filter(|at| at.0 > 0),
            frame,
        }))
    }

    fn pieces(&self) -> askama::Result<Vec<Piece>> {
        Ok(vec![
            Piece("badge", self.as_badge().render()?),
            Piece("said", self.as_said().render()?),
            Piece("status", self.as_status().render()?),
            Piece("wrong", self.as_wrong().render()?),
            Piece("flow", self.as_flow().render()?),
            Piece("stock", self.as_stock().render()?),
            Piece("activity", self.as_activity().render()?),
        ])
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
impl Overview {
    fn spaced(&self, number: &u64) -> String {
        let _ = self;
        thousands(*number)
    }
}

/// The one sentence at the top.
fn headline(frame: &Frame) -> (Tone, String) {
    let counts = &frame.counts;
    let wrong = &frame.wrong;
    let loudest = wrong.troubles.first().map_or(Tone::Good, |trouble| trouble.tone);
    match wrong.needs {
        0 => {}
        1 => return (loudest, "1 thing needs you".to_owned()),
        many => return (loudest, format!("{many} things need you")),
    }
    if !frame.health.ready {
        return (Tone::Busy, "Starting up".to_owned());
    }
    if !counts.any {
        return (Tone::Quiet, "Nothing to keep in step yet".to_owned());
    }
    let moving = counts.unread + counts.unwritten;
    if moving > 0 {
        return (Tone::Good, format!("All is well, {} on the way", count(moving, "figure")));
    }
    (Tone::Good, "Everything is in step".to_owned())
}

/// Items that are not in step first, then those that changed lately.
fn excerpt(reader: &Reader, frame: &Frame) -> Result<Vec<StockRow>, StoreError> {
    let client = &frame.client.id;
    let limit = u32::try_from(STOCK_ROWS).unwrap_or(u32::MAX);
    let counts = &frame.counts;
    let all_in_step = counts.in_error + counts.doubtful + counts.unread + counts.unwritten == 0;
    let mut ids =
        if all_in_step { Vec::new() } else { reader.items_out_of_step(client, limit / 2)? };
    for (item, _) in reader.items_moved_lately(client, limit)? {
        if !ids.contains(&item) {
            ids.push(item);
        }
    }
    let mut rows = Vec::with_capacity(STOCK_ROWS);
    for id in ids.into_iter().take(STOCK_ROWS) {
        if let Some(stock) = reader.item(client, &id.to_string())? {
            rows.push(StockRow::new(frame, &stock));
        }
    }
    if rows.is_empty() {
        let first = reader.items(client, None, "", limit)?;
        rows.extend(first.iter().map(|stock| StockRow::new(frame, stock)));
    }
    Ok(rows)
}
