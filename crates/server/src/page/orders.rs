//! Orders: ours, which take stock, and the shops', which explain it.

use std::collections::BTreeMap;

use askama::Template;
use crossdock_domain::order::{Order, OrderStatus, SeenOrder};
use crossdock_domain::{Instant, ItemId, Number};
use crossdock_store::{Reader, StoreError};

use super::frame::{Frame, Section};
use super::overview::Nothing;
use super::shown::{Page, Piece};
use super::words::{Chip, Tone};

const ROWS: u32 = 50;

#[derive(Template)]
#[template(path = "orders.html", blocks = ["badge", "said", "ours", "theirs"])]
pub(super) struct Orders {
    frame: Frame,
    ours: Vec<Ours>,
    theirs: Vec<Theirs>,
}

struct Ours {
    key: String,
    reference: String,
    chip: Chip,
    lines: Vec<Line>,
    placed_at: Instant,
    placed_by: Number,
    cancelled_at: Option<Instant>,
}

struct Theirs {
    key: String,
    name: String,
    connection: String,
    status: String,
    chip: Option<Chip>,
    lines: Vec<Line>,
    placed_at: Option<Instant>,
    told_by: Number,
}

/// So many of an item.
struct Line {
    sku: String,
    href: String,
    quantity: i64,
    /// From which allocation, where that is known.
    from: String,
}

/// SKUs, each looked up once.
struct Names<'r> {
    reader: &'r Reader,
    frame: &'r Frame,
    known: BTreeMap<ItemId, String>,
}

impl Names<'_> {
    fn line(&mut self, item: ItemId, quantity: i64, from: String) -> Result<Line, StoreError> {
        if !self.known.contains_key(&item) {
            let found = self.reader.item_alone(&self.frame.client.id, item)?;
            let sku = found.map_or_else(|| item.to_string(), |item| item.sku);
            self.known.insert(item, sku);
        }
        let sku = self.known.get(&item).cloned().unwrap_or_default();
        Ok(Line { sku, href: self.frame.to(&format!("/stock/{item}")), quantity, from })
    }

    fn ours(&mut self, order: &Order) -> Result<Ours, StoreError> {
        let mut lines = Vec::with_capacity(order.lines.len());
        for line in &order.lines {
            let from = match (line.from_b2b, line.from_b2c) {
                (_, 0) => String::new(),
                (0, _) => "all from B2C".to_owned(),
                (b2b, b2c) => format!("{b2b} from B2B, {b2c} from B2C"),
            };
            lines.push(self.line(line.item, line.quantity(), from)?);
        }
        Ok(Ours {
            key: format!("o{}", order.placed_by),
            reference: order.reference.to_string(),
            chip: match order.status {
                OrderStatus::Placed => Chip { tone: Tone::Good, word: "stock taken" },
                OrderStatus::Cancelled => Chip { tone: Tone::Quiet, word: "cancelled" },
            },
            lines,
            placed_at: order.placed_at,
            placed_by: order.placed_by,
            cancelled_at: order.cancelled_at,
        })
    }

    fn theirs(&mut self, order: &SeenOrder) -> Result<Theirs, StoreError> {
        let mut lines = Vec::with_capacity(order.units.len());
        for (item, units) in &order.units {
            lines.push(self.line(*item, *units, String::new())?);
        }
        Ok(Theirs {
            key: format!("s{}.{}", order.connection, order.remote),
            name: order.name.clone(),
            connection: order.connection.to_string(),
            status: order.raw_status.clone(),
            chip: order.cancelled.then_some(Chip { tone: Tone::Quiet, word: "cancelled" }),
            lines,
            placed_at: order.placed_at,
            told_by: order.told_by,
        })
    }
}

impl Page for Orders {
    type Named = ();
    type Asked = Nothing;
    const SECTION: Section = Section::Orders;

    fn read(
        reader: &Reader,
        frame: Frame,
        (): &(),
        _: &Nothing,
    ) -> Result<Option<Self>, StoreError> {
        let client = &frame.client.id;
        let (ours, theirs) = (reader.orders(client, ROWS)?, reader.seen_orders(client, ROWS)?);
        let mut names = Names { reader, frame: &frame, known: BTreeMap::new() };
        let ours = ours.iter().map(|order| names.ours(order)).collect::<Result<_, _>>()?;
        let theirs = theirs.iter().map(|order| names.theirs(order)).collect::<Result<_, _>>()?;
        drop(names);
        Ok(Some(Self { frame, ours, theirs }))
    }

    fn pieces(&self) -> askama::Result<Vec<Piece>> {
        Ok(vec![
            Piece("badge", self.as_badge().render()?),
            Piece("said", self.as_said().render()?),
            Piece("ours", self.as_ours().render()?),
            Piece("theirs", self.as_theirs().render()?),
        ])
    }
}
