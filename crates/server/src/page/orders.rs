//! Orders: ours, which take stock, and the shops', which explain it.

use std::collections::BTreeMap;

use askama::Template;
use crossdock_domain::order::{Order, OrderStatus, SeenOrder, Taken};
use crossdock_domain::{Instant, ItemId, Number};
use crossdock_store::{Reader, StoreError};
use serde::Deserialize;

use super::frame::{Frame, Section};
use super::shown::{Opened, Page, Piece, cut};
use super::words::{Chip, Tone};

const ROWS: u32 = 50;

#[derive(Template)]
#[template(path = "orders.html", blocks = ["badge", "said", "ours", "theirs"])]
pub(super) struct Orders {
    frame: Frame,
    ours: Vec<Ours>,
    theirs: Vec<Theirs>,
    next_ours: Option<String>,
    next_theirs: Option<String>,
}

/// Which pages of the two lists.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Asked {
    ours: Option<u64>,
    theirs: Option<u64>,
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
            lines.push(self.line(line.item, line.quantity(), origin(line))?);
        }
        Ok(Ours {
            key: format!("o{}", order.placed_by),
            reference: order.reference.to_string(),
            chip: match order.status {
                OrderStatus::Placed if order.lines.iter().all(|line| line.from_pools() == 0) => {
                    Chip { tone: Tone::Good, word: "a partner delivers" }
                }
                OrderStatus::Placed if !order.shipments.is_empty() => {
                    Chip { tone: Tone::Good, word: "partly shipped" }
                }
                OrderStatus::Placed => Chip { tone: Tone::Good, word: "stock taken" },
                OrderStatus::Shipped => Chip { tone: Tone::Quiet, word: "shipped" },
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

/// Where a line's units come from, unless all are of B2B.
fn origin(line: &Taken) -> String {
    if line.from_partners.is_empty() {
        return match (line.from_b2b, line.from_b2c) {
            (_, 0) => String::new(),
            (0, _) => "all from B2C".to_owned(),
            (b2b, b2c) => format!("{b2b} from B2B, {b2c} from B2C"),
        };
    }
    let pools = [("B2B", line.from_b2b), ("B2C", line.from_b2c)];
    let partners = line.from_partners.iter().map(|(partner, units)| (partner.as_str(), *units));
    let all = pools.into_iter().chain(partners).filter(|(_, units)| *units > 0);
    all.map(|(whose, units)| format!("{units} from {whose}")).collect::<Vec<_>>().join(", ")
}

impl Page for Orders {
    type Named = ();
    type Asked = Asked;
    const SECTION: Section = Section::Orders;

    fn read(reader: &Reader, frame: Frame, (): &(), asked: &Asked) -> Opened<Self> {
        let client = &frame.client.id;
        let mut ours = reader.orders_before(client, asked.ours.map(Number), ROWS + 1)?;
        let mut theirs = reader.seen_orders_before(client, asked.theirs.map(Number), ROWS + 1)?;
        let earlier = |list: &str, last: Number| frame.to(&format!("/orders?{list}={last}"));
        let next_ours = cut(&mut ours, ROWS).map(|last| earlier("ours", last.placed_by));
        let next_theirs = cut(&mut theirs, ROWS).map(|last| earlier("theirs", last.told_by));
        let mut names = Names { reader, frame: &frame, known: BTreeMap::new() };
        let ours = ours.iter().map(|order| names.ours(order)).collect::<Result<_, _>>()?;
        let theirs = theirs.iter().map(|order| names.theirs(order)).collect::<Result<_, _>>()?;
        drop(names);
        Ok(Some(Self { frame, ours, theirs, next_ours, next_theirs }))
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
