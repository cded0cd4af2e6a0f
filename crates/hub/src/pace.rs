//! Pace: how fast calls may go out to a connection. Two buckets, both in the store: our own rate, and the partner's
//! budget as its last answer showed it. Operational: no part of the state.

use crossdock_domain::answer::Budget;
use crossdock_domain::call::CallKind;
use crossdock_domain::connection::Connection;
use crossdock_domain::{Instant, Span};
use crossdock_store::operations::Rate;
use crossdock_store::{Store, StoreError};

const THOUSANDTHS: i64 = 1_000;

/// A connection's pace now, refilled since it was last counted.
pub(crate) fn now(store: &Store, connection: &Connection, at: Instant) -> Result<Rate, StoreError> {
    let full = i64::from(connection.calls.burst.max(1)) * THOUSANDTHS;
    let Some(mut rate) = store.rate(&connection.id)? else {
        return Ok(Rate { calls: full, calls_at: at, budget: None, budget_at: at });
    };
    let waited = at.since(rate.calls_at).as_ms();
    let refill = waited.saturating_mul(u64::from(connection.calls.rate_per_s));
    rate.calls = rate.calls.saturating_add_unsigned(refill).min(full);
    rate.calls_at = at;
    if let Some(budget) = &mut rate.budget {
        let waited = at.since(rate.budget_at).as_ms();
        let points = waited.saturating_mul(u64::from(budget.restored_per_s)) / 1_000;
        let points = u32::try_from(points).unwrap_or(u32::MAX);
        if points > 0 {
            budget.available = budget.available.saturating_add(points).min(budget.maximum);
            rate.budget_at = at;
        }
    }
    Ok(rate)
}

/// A page of a reconciliation waits until so many percent of the partner's budget are there: the rest is for live writes,
/// and for whoever else calls the partner in our name.
const LEFT_FOR_OTHERS_PERCENT: u64 = 70;

/// Takes one call of a kind and a cost out of the pace, if it leaves enough to others; `Err` is how long to wait for it.
pub(crate) fn spend_on(
    kind: CallKind,
    rate: &mut Rate,
    connection: &Connection,
    cost: u32,
) -> Result<(), Span> {
    makes_room(rate, kind)?;
    spend(rate, connection, cost)
}

/// Whether a call of this kind leaves enough of the partner's budget to others; `Err` is how long to wait for that.
fn makes_room(rate: &Rate, kind: CallKind) -> Result<(), Span> {
    let Some(budget) = rate.budget.filter(|_| kind == CallKind::ReadPage) else { return Ok(()) };
    let kept = u64::from(budget.maximum) * LEFT_FOR_OTHERS_PERCENT / 100;
    let missing = kept.saturating_sub(u64::from(budget.available));
    if missing == 0 {
        return Ok(());
    }
    Err(Span::from_ms(missing * 1_000 / u64::from(budget.restored_per_s.max(1)) + 1))
}

/// Takes one call of a cost out of the pace; `Err` is how long to wait for it.
pub(crate) fn spend(rate: &mut Rate, connection: &Connection, cost: u32) -> Result<(), Span> {
    if rate.calls < THOUSANDTHS {
        let missing = u64::try_from(THOUSANDTHS - rate.calls).unwrap_or_default();
        return Err(Span::from_ms(missing / u64::from(connection.calls.rate_per_s.max(1)) + 1));
    }
    if let Some(budget) = &mut rate.budget {
        // A call dearer than the whole bucket goes out when the bucket is full.
        let needed = cost.min(budget.maximum);
        if budget.available < needed {
            let missing = u64::from(needed - budget.available) * 1_000;
            return Err(Span::from_ms(missing / u64::from(budget.restored_per_s.max(1)) + 1));
        }
        budget.available = budget.available.saturating_sub(cost);
    }
    rate.calls -= THOUSANDTHS;
    Ok(())
}

/// Takes over what the partner's answer showed of its budget.
pub(crate) fn learn(
    store: &mut Store,
    connection: &Connection,
    budget: Budget,
    at: Instant,
) -> Result<(), StoreError> {
    let mut rate = now(store, connection, at)?;
    rate.budget = Some(budget);
    rate.budget_at = at;
    store.keep_rate(&connection.id, &rate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossdock_domain::connection::{CallSettings, ConnectionStatus};

    fn connection() -> Connection {
        Connection {
            lane: "client:main".parse().unwrap(),
            id: "shop".parse().unwrap(),
            connector: "x".to_owned(),
            base_url: String::new(),
            sandbox: true,
            status: ConnectionStatus::Active,
            stage: crossdock_domain::connection::Stage::Observing,
            location: None,
            stock: crossdock_domain::stock::StockTerms::default(),
            settings: std::collections::BTreeMap::new(),
            calls: CallSettings { rate_per_s: 2, burst: 3, ..Default::default() },
            warnings: Vec::new(),
            roles_since: std::collections::BTreeMap::new(),
            token: None,
        }
    }

    #[test]
    fn a_page_of_a_reconciliation_waits_while_less_than_seventy_percent_of_the_budget_are_there() {
        let (mut store, shop) = (Store::in_memory().unwrap(), connection());
        let budget = Budget { available: 600, maximum: 1_000, restored_per_s: 100 };
        learn(&mut store, &shop, budget, Instant(0)).unwrap();
        let rate = now(&store, &shop, Instant(0)).unwrap();
        assert_eq!(makes_room(&rate, CallKind::ReadPage), Err(Span::from_ms(1_001)));
        assert_eq!(makes_room(&rate, CallKind::SetLevels), Ok(()), "live writes go first");
        let rate = now(&store, &shop, Instant(1_001_000)).unwrap();
        assert_eq!(makes_room(&rate, CallKind::ReadPage), Ok(()));
    }

    #[test]
    fn after_the_burst_calls_go_out_at_the_rate() {
        let (store, shop) = (Store::in_memory().unwrap(), connection());
        let mut rate = now(&store, &shop, Instant(0)).unwrap();
        for _ in 0..3 {
            assert_eq!(spend(&mut rate, &shop, 1), Ok(()));
        }
        assert_eq!(spend(&mut rate, &shop, 1), Err(Span::from_ms(501)));
    }

    #[test]
    fn the_partners_budget_holds_calls_back_until_it_is_restored() {
        let (mut store, shop) = (Store::in_memory().unwrap(), connection());
        let budget = Budget { available: 5, maximum: 100, restored_per_s: 10 };
        learn(&mut store, &shop, budget, Instant(0)).unwrap();
        let mut rate = now(&store, &shop, Instant(0)).unwrap();
        assert_eq!(spend(&mut rate, &shop, 15), Err(Span::from_ms(1_001)));
        let mut rate = now(&store, &shop, Instant(1_000_000)).unwrap();
        assert_eq!(spend(&mut rate, &shop, 15), Ok(()));
    }
}
