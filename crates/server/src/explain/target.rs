//! What a partner's counter should stand at, with the arithmetic spelled out step by step. The figure is the domain's; here
//! it is only put into words.

use crossdock_domain::connection::Connection;
use crossdock_domain::item::{Allocation, Item};
use crossdock_domain::stock::publishing::{Known, Published, published};
use crossdock_domain::stock::terms::{Part, Role};
use crossdock_domain::stock::{Account, Level, LevelKey, Pool, Publishing};
use crossdock_store::StoreError;
use serde::Serialize;

use super::Ground;
use crate::page::words;

/// An item with what its pools hold and stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stock {
    pub(super) item: Item,
    pub(super) known: Known,
    /// The terms on which it is published.
    publishing: Publishing,
    /// Units that stand behind a pool.
    backed: Option<(Pool, i64)>,
}

impl Stock {
    pub(super) fn read(
        ground: Ground<'_>,
        item: Item,
        levels: &[Level],
    ) -> Result<Self, StoreError> {
        let Ground { reader, client, connections, now, .. } = ground;
        let b2b = reader.held(client, item.id, &Account::B2B)?;
        let b2c = reader.held(client, item.id, &Account::B2C)?;
        let client_terms = reader.client(client)?.map(|client| client.publishing);
        let publishing = client_terms.unwrap_or_default().with(item.publishing);
        let used = reader.backing_use(client, item.id)?;
        let backed = item.backing.as_ref().map(|backing| {
            let is_behind =
                |level: &&Level| backing.is_at(&level.key.connection, &level.key.location);
            let level = levels.iter().find(is_behind);
            let partner = connections.iter().find(|partner| partner.id == backing.connection);
            let units = level.map_or(0, |level| {
                backing.stands_for(part(partner, &level.key), level, used.as_ref(), now)
            });
            (backing.pool, units)
        });
        Ok(Self { known: Known { b2b, b2c }, publishing, backed, item })
    }

    fn backed(&self, pool: Pool) -> i64 {
        self.backed.filter(|(of, _)| *of == pool).map_or(0, |(_, units)| units)
    }
}

/// One step of the arithmetic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Step {
    /// What is done, in words.
    pub(crate) says: String,
    /// What that comes to.
    pub(crate) gives: i64,
}

/// What a counter should stand at; no value where we only observe.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Goal {
    pub(super) value: Option<i64>,
    pub(super) steps: Vec<Step>,
}

/// What a location is for our stock; `None` where it is observed and nothing more.
pub(super) fn part(connection: Option<&Connection>, key: &LevelKey) -> Option<Part> {
    connection?.part_at(&key.location)
}

/// What a counter should stand at.
pub(super) fn of(connection: Option<&Connection>, stock: &Stock, level: &Level) -> Goal {
    let part = part(connection, &level.key).filter(|part| part.role == Role::Publishes);
    let Some(Part { pool, .. }) = part.filter(|_| stock.item.sync_enabled) else {
        return Goal::default();
    };
    let terms = (stock.item.allocation, stock.publishing);
    match published(pool, stock.known, terms, stock.backed(pool)) {
        Some(published) => Goal { value: Some(published.figure), steps: steps(&published) },
        None => Goal::default(),
    }
}

fn steps(published: &Published) -> Vec<Step> {
    let name = |pool| words::account(&Account::Pool(pool));
    let mut sum = published.balance;
    let mut steps = vec![step(format!("{} holds", name(published.pool)), sum)];
    if published.lent > 0 {
        sum = sum.saturating_add(published.lent);
        let other = name(published.pool.other());
        steps.push(step(format!("and {} that {other} has above its floor", published.lent), sum));
    }
    if published.backed > 0 {
        sum = sum.saturating_add(published.backed);
        steps.push(step(format!("and {} behind it at the supplier", published.backed), sum));
    }
    if published.buffer > 0 {
        sum = sum.saturating_sub(published.buffer);
        steps.push(step(format!("less the buffer of {}", published.buffer), sum));
    }
    if sum < 0 {
        sum = 0;
        steps.push(step("never less than none".to_owned(), sum));
    }
    if let Some(cap) = published.cap.filter(|cap| *cap < sum) {
        steps.push(step(format!("at most {cap}, its cap"), cap));
    }
    steps
}

const fn step(says: String, gives: i64) -> Step {
    Step { says, gives }
}

/// How an item's pools share its stock, in words.
pub(super) fn allocation(allocation: Allocation) -> String {
    match allocation {
        Allocation::Fixed => "by hand: B2B orders draw on B2B only".to_owned(),
        Allocation::Shared => "by hand: B2B orders draw on B2B, then B2C".to_owned(),
        Allocation::Share { b2c_percent, .. } => format!("by share: {b2c_percent} % for B2C"),
        Allocation::SharedWithFloor { b2b_floor, b2c_floor, .. } => {
            format!("both sell from the whole: {b2b_floor} are kept for B2B, {b2c_floor} for B2C")
        }
    }
}
