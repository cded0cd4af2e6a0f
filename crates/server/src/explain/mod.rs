//! Explaining an item: what makes each of its numbers, down to the bytes, and what happens next. One value, read at one
//! moment; API, command line and page are faces of it and add nothing of their own, so that they cannot differ.

mod cause;
mod handed;
mod ledger;
mod levels;
mod next;
mod orders;
mod target;

use crossdock_domain::connection::Connection;
use crossdock_domain::item::Allocation;
use crossdock_domain::{ClientId, Instant, ItemId, LaneId, Number};
use crossdock_store::reader::explain::LedgerAsked;
use crossdock_store::{Reader, StoreError};
use serde::Serialize;

use cause::Causes;
pub(crate) use handed::Sight;
pub(crate) use ledger::{AccountShown, Check, Line};
pub(crate) use levels::LevelExplained;
pub(crate) use orders::Orders;
use target::Stock;

/// All that can be said of an item's stock.
#[derive(Debug, Serialize)]
pub(crate) struct Explanation {
    /// The sentences that matter, the most urgent first.
    pub(crate) says: Vec<String>,
    /// Whether our books add up, and every partner shows what it should.
    pub(crate) agrees: bool,
    pub(crate) item: ItemId,
    pub(crate) sku: String,
    pub(crate) reference: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) sync_enabled: bool,
    pub(crate) allocation: Allocation,
    pub(crate) allocation_says: String,
    pub(crate) as_of: Instant,
    /// Units that B2B can sell.
    pub(crate) b2b: i64,
    /// Units that shops can sell.
    pub(crate) b2c: i64,
    /// Units that are committed to B2B orders.
    pub(crate) committed: i64,
    pub(crate) levels: Vec<LevelExplained>,
    pub(crate) accounts: Vec<AccountShown>,
    pub(crate) check: Check,
    /// The newest first.
    pub(crate) movements: Vec<Line>,
    /// Where the page of earlier movements begins.
    pub(crate) next: Option<Number>,
    pub(crate) orders: Orders,
}

/// Where an explanation is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ground<'r> {
    pub(crate) reader: &'r Reader,
    pub(crate) client: &'r ClientId,
    pub(crate) connections: &'r [Connection],
    pub(crate) now: Instant,
    pub(crate) sight: Sight,
}

impl Ground<'_> {
    fn lane(&self) -> LaneId {
        LaneId::Client(self.client.clone())
    }
}

impl Explanation {
    /// Explains the item that somebody calls by this name; `None` if there is none.
    pub(crate) fn read(
        ground: Ground<'_>,
        name: &str,
        asked: &LedgerAsked,
    ) -> Result<Option<Self>, StoreError> {
        let Ground { reader, client, .. } = ground;
        let Some(item) = reader.item_named(client, name)? else { return Ok(None) };
        let levels = reader.levels(client, item.id)?;
        let stock = Stock::read(ground, item, &levels)?;
        let item = &stock.item;
        let ledger = reader.ledger(client, item.id, asked)?;
        let causes = Causes::read(ground, &ledger, &levels)?;
        let levels = levels::explain(ground, &stock, levels, &causes)?;
        let orders = Orders::read(ground, item.id, &ledger, asked.before)?;
        let accounts = ledger::accounts(&ledger);
        let check = Check::of(&ledger, &accounts, asked.account.is_none());
        let agrees = check.adds_up != Some(false) && levels.iter().all(LevelExplained::agrees);
        let mut explanation = Self {
            says: Vec::new(),
            agrees,
            as_of: ground.now,
            b2b: stock.known.b2b.unwrap_or_default(),
            b2c: stock.known.b2c.unwrap_or_default(),
            committed: ledger.committed.balance,
            levels,
            accounts,
            check,
            next: ledger.next,
            movements: ledger::lines(ledger, &causes),
            orders,
            item: item.id,
            sku: item.sku.clone(),
            reference: item.reference.clone(),
            title: item.title.clone(),
            sync_enabled: item.sync_enabled,
            allocation: item.allocation,
            allocation_says: target::allocation(item.allocation),
        };
        explanation.says = explanation.sentences();
        Ok(Some(explanation))
    }

    fn sentences(&self) -> Vec<String> {
        let mut says = Vec::new();
        if self.check.adds_up == Some(false) {
            says.push(self.check.says.clone());
        }
        says.push(format!(
            "{}: {} in B2C, {} in B2B, {} taken for B2B orders.",
            self.sku, self.b2c, self.b2b, self.committed
        ));
        says.extend(self.levels.iter().map(LevelExplained::sentence));
        if self.levels.is_empty() {
            says.push("No shop counts it, so nothing is owed to any.".to_owned());
        }
        says
    }
}
