//! One item: what makes each number, and what stands behind it.

use askama::Template;
use crossdock_domain::Number;
use crossdock_domain::item::Item;
use crossdock_domain::link::{Link, LinkKind};
use crossdock_domain::stock::{Account, Movement};
use crossdock_store::reader::items::ItemStock;
use crossdock_store::{Reader, StoreError};
use serde::Deserialize;

use super::frame::{Frame, Section};
use super::shown::{Page, Piece};
use super::standing::{self, Judged};
use super::words::{self, Chip};
use super::wrong::Press;

const MOVEMENTS: u32 = 30;

#[derive(Template)]
#[template(path = "item.html", blocks = ["badge", "said", "figures", "levels", "movements"])]
pub(super) struct ItemPage {
    frame: Frame,
    item: Item,
    chip: Chip,
    b2b: i64,
    b2c: i64,
    committed: i64,
    accounts: Vec<(String, i64)>,
    judged: Vec<Judged>,
    movements: Vec<MovementRow>,
    links: Vec<Link>,
    presses: Vec<Press>,
    next: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Asked {
    before: Option<u64>,
}

struct MovementRow {
    key: String,
    at: crossdock_domain::Instant,
    from: String,
    to: String,
    quantity: i64,
    /// Whether what can be sold grew or shrank.
    sign: &'static str,
    reason: &'static str,
    number: Number,
}

impl MovementRow {
    fn new(movement: &Movement) -> Self {
        let is_pool = |account: &Account| matches!(account, Account::Pool(_));
        let sign = match (is_pool(&movement.from), is_pool(&movement.to)) {
            (true, false) => "−",
            (false, true) => "+",
            _ => "",
        };
        Self {
            key: format!("m{}.{}", movement.number, movement.index),
            at: movement.at,
            from: words::account(&movement.from),
            to: words::account(&movement.to),
            quantity: movement.quantity,
            sign,
            reason: words::reason(movement.reason),
            number: movement.number,
        }
    }
}

impl Page for ItemPage {
    type Named = String;
    type Asked = Asked;
    const SECTION: Section = Section::Stock;

    fn read(
        reader: &Reader,
        frame: Frame,
        named: &String,
        asked: &Asked,
    ) -> Result<Option<Self>, StoreError> {
        let client = frame.client.id.clone();
        let Some(stock) = reader.item(&client, named)? else { return Ok(None) };
        let before = asked.before.map(Number);
        let movements = reader.movements(&client, stock.item.id, before, MOVEMENTS)?;
        let is_full = movements.len() >= usize::try_from(MOVEMENTS).unwrap_or(usize::MAX);
        let last = movements.last().filter(|_| is_full);
        let next = last.map(|m| frame.to(&format!("/stock/{named}?before={}", m.number)));
        let judged = standing::judge_all(&frame, &stock);
        Ok(Some(Self {
            chip: standing::of_item(&stock.item, &judged),
            b2b: standing::held(&stock.balances, &Account::B2B).unwrap_or_default(),
            b2c: standing::held(&stock.balances, &Account::B2C).unwrap_or_default(),
            committed: committed(&stock),
            accounts: accounts(&stock),
            links: reader.links(&client, stock.item.id)?,
            movements: movements.iter().map(MovementRow::new).collect(),
            presses: presses(&stock.item),
            item: stock.item,
            judged,
            next,
            frame,
        }))
    }

    fn pieces(&self) -> askama::Result<Vec<Piece>> {
        Ok(vec![
            Piece("badge", self.as_badge().render()?),
            Piece("said", self.as_said().render()?),
            Piece("figures", self.as_figures().render()?),
            Piece("levels", self.as_levels().render()?),
            Piece("movements", self.as_movements().render()?),
        ])
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
impl ItemPage {
    fn kind(&self, kind: &LinkKind) -> &'static str {
        let _ = self;
        match kind {
            LinkKind::Counter => "stock counter",
            LinkKind::Variant => "variant",
        }
    }
}

fn committed(stock: &ItemStock) -> i64 {
    let taken = stock.balances.iter().filter(|b| matches!(b.account, Account::Committed(_)));
    taken.map(|balance| balance.quantity).sum()
}

/// Accounts that hold anything, but for the two pools, which stand apart.
fn accounts(stock: &ItemStock) -> Vec<(String, i64)> {
    let others = stock.balances.iter().filter(|b| !matches!(b.account, Account::Pool(_)));
    others.filter(|b| b.quantity != 0).map(|b| (words::account(&b.account), b.quantity)).collect()
}

fn presses(item: &Item) -> Vec<Press> {
    let switch = if item.sync_enabled {
        Press::new("stop-writing", &item.id, "Stop writing stock")
    } else {
        Press::new("start-writing", &item.id, "Write stock to shops")
    };
    vec![Press::new("sync-item", &item.id, "Sync now"), switch]
}
