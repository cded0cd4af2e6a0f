//! The ledger's part: movements with their running sums, and whether they come to what the books say.

use crossdock_domain::stock::{Account, Movement, Reason};
use crossdock_domain::{Instant, Number};
use crossdock_store::reader::explain::{AccountSum, Ledger};
use serde::Serialize;

use super::cause::{Caused, Causes};
use crate::page::words;

/// One movement.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    pub(crate) entry: Number,
    pub(crate) index: u32,
    pub(crate) at: Instant,
    pub(crate) from: Account,
    pub(crate) from_name: String,
    pub(crate) to: Account,
    pub(crate) to_name: String,
    pub(crate) quantity: i64,
    /// By how much what the pools hold changes: zero where units only change pools.
    pub(crate) change: i64,
    /// What there was left where it came from.
    pub(crate) from_after: i64,
    /// What there was then where it went to.
    pub(crate) to_after: i64,
    pub(crate) reason: Reason,
    /// The reason in plain words.
    pub(crate) why: &'static str,
    pub(crate) cause: Option<Caused>,
}

/// An account on the page: `opening + shown + later = balance`.
#[derive(Debug, Serialize)]
pub(crate) struct AccountShown {
    pub(crate) account: Account,
    pub(crate) name: String,
    pub(crate) balance: i64,
    /// Before the oldest movement shown.
    pub(crate) opening: i64,
    /// What the movements shown add.
    pub(crate) shown: i64,
    /// What later movements add that are not shown; zero on the first page.
    pub(crate) later: i64,
    /// The sum of all its movements, where they were added up.
    pub(crate) sum: Option<i64>,
    pub(crate) adds_up: Option<bool>,
}

/// Whether the movements come to the balances.
#[derive(Debug, Serialize)]
pub(crate) struct Check {
    /// Whether they do; `None` where the history is so long that it is added up only when asked for (`check=all`).
    pub(crate) adds_up: Option<bool>,
    /// How many movements were added up.
    pub(crate) movements: Option<u64>,
    /// All accounts together, which must be zero; `None` where only one was asked for.
    pub(crate) all_accounts: Option<i64>,
    pub(crate) says: String,
}

/// The lines of a page.
pub(super) fn lines(ledger: Ledger, causes: &Causes) -> Vec<Line> {
    let line = |movement: Movement| Line {
        entry: movement.number,
        index: movement.index,
        at: movement.at,
        from_name: words::account(&movement.from),
        to_name: words::account(&movement.to),
        change: change(&movement),
        why: why(&movement),
        from: movement.from,
        to: movement.to,
        quantity: movement.quantity,
        from_after: movement.from_after,
        to_after: movement.to_after,
        reason: movement.reason,
        cause: causes.of(movement.number),
    };
    ledger.lines.into_iter().map(line).collect()
}

/// The reason in plain words. A partner's counter says only by how much it changed, and units beside the pools may be too
/// many or too few: the direction says what for.
fn why(movement: &Movement) -> &'static str {
    let is_lower = matches!(movement.from, Account::Unexplained(_));
    match (movement.reason, change(movement)) {
        (Reason::Unexplained, 0) if is_lower => {
            "the shop's counter fell, and a person did not believe it"
        }
        (Reason::Restored, 0) if !is_lower => "not believed, and put back on the shop's counter",
        (Reason::Observed, 1..) => "more at the shop: it came back, or was raised there",
        (Reason::Observed, ..=-1) => "fewer at the shop: sold, or lowered there",
        (reason, _) => words::reason(reason),
    }
}

/// By how much what the pools hold changes.
fn change(movement: &Movement) -> i64 {
    let pool = |account: &Account| i64::from(matches!(account, Account::Pool(_)));
    movement.quantity * (pool(&movement.to) - pool(&movement.from))
}

/// The accounts of a page.
pub(super) fn accounts(ledger: &Ledger) -> Vec<AccountShown> {
    let shown = |sum: &AccountSum| AccountShown {
        name: words::account(&sum.account),
        account: sum.account.clone(),
        balance: sum.balance,
        opening: sum.opening,
        shown: sum.shown,
        later: sum.later,
        sum: sum.total,
        adds_up: sum.total.map(|total| total == sum.balance),
    };
    ledger.sums.iter().map(shown).collect()
}

impl Check {
    /// The check of a page's accounts; of all of them together, too, where all are there.
    pub(super) fn of(ledger: &Ledger, accounts: &[AccountShown], has_all: bool) -> Self {
        let inside: i64 = accounts.iter().map(|account| account.balance).sum();
        let all_accounts = has_all.then_some(inside + ledger.committed.balance);
        let wrong = wrongs(ledger, accounts, all_accounts);
        let Some(counted) = ledger.counted else {
            let says =
                "The history is long, so it was not added up: ask with check=all.".to_owned();
            let adds_up = (!wrong.is_empty()).then_some(false);
            return Self { adds_up, movements: None, all_accounts, says };
        };
        let says = if wrong.is_empty() {
            let movements = words::count(counted, "movement");
            format!("Checked: {movements} added up, and every account holds what they come to.")
        } else {
            format!("THE BOOKS DO NOT ADD UP: {}.", wrong.join("; "))
        };
        Self { adds_up: Some(wrong.is_empty()), movements: Some(counted), all_accounts, says }
    }
}

fn wrongs(ledger: &Ledger, accounts: &[AccountShown], all: Option<i64>) -> Vec<String> {
    let mut wrong = Vec::new();
    for account in accounts {
        if let (Some(false), Some(sum)) = (account.adds_up, account.sum) {
            let (name, balance) = (&account.name, account.balance);
            wrong.push(format!("{name} holds {balance}, its movements come to {sum}"));
        }
    }
    if let Some(number) = ledger.broken.first() {
        wrong.push(format!("activity {number} says something else of what its accounts held"));
    }
    let committed = ledger.committed;
    if let Some(sum) = committed.total.filter(|sum| *sum != committed.balance) {
        let balance = committed.balance;
        wrong.push(format!("B2B orders hold {balance}, their movements come to {sum}"));
    }
    if let Some(all) = all.filter(|all| *all != 0) {
        wrong.push(format!("all accounts together come to {all}, not to zero"));
    }
    wrong
}
