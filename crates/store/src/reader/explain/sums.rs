//! Sums that run over an item's movements, the newest first: forward to compare them with the balances, backwards from the
//! balances for what an account held after each.

use crossdock_domain::stock::{Account, Balance, Movement};

use super::AccountSum;
use crate::StoreError;

/// What is added up while the movements pass by, the newest first.
pub(super) struct Sums {
    accounts: Vec<Running>,
    /// Whether every account but those of orders is followed, or only the one that was asked for.
    follows_all: bool,
    pub(super) committed: i64,
}

struct Running {
    name: String,
    account: Account,
    balance: i64,
    /// What it held after the line that comes next.
    after: i64,
    later: i64,
    total: i64,
}

impl Running {
    fn new(account: Account, balance: i64) -> Self {
        Self { name: account.to_string(), account, balance, after: balance, later: 0, total: 0 }
    }

    fn without_balance(name: &str) -> Result<Self, StoreError> {
        let account = name.parse().map_err(|error: crossdock_domain::id::BadId| {
            StoreError::Unreadable { table: "movements", why: error.to_string() }
        })?;
        Ok(Self::new(account, 0))
    }
}

impl Sums {
    pub(super) fn open(balances: Vec<Balance>, follows_all: bool) -> Self {
        let running = |balance: Balance| Running::new(balance.account, balance.quantity);
        Self { accounts: balances.into_iter().map(running).collect(), follows_all, committed: 0 }
    }

    pub(super) fn add(&mut self, name: &str, units: i64, is_later: bool) -> Result<(), StoreError> {
        let is_committed = name.starts_with("committed:");
        if is_committed {
            self.committed += units;
        }
        let mut found = self.accounts.iter_mut().find(|running| running.name == name);
        if found.is_none() && self.follows_all && !is_committed {
            // Movements without a balance: the books are wrong, and that must show.
            self.accounts.push(Running::without_balance(name)?);
            found = self.accounts.last_mut();
        }
        if let Some(found) = found {
            found.total += units;
            if is_later {
                found.later += units;
                found.after -= units;
            }
        }
        Ok(())
    }

    /// Takes a movement off, the newest first. Whether what it says of its accounts is what they come to.
    pub(super) fn step_back(&mut self, line: &Movement) -> bool {
        let to = self.take_off(&line.to, line.quantity);
        let from = self.take_off(&line.from, -line.quantity);
        to.is_none_or(|held| held == line.to_after)
            && from.is_none_or(|held| held == line.from_after)
    }

    /// What a followed account held after the movement that is taken off.
    fn take_off(&mut self, account: &Account, units: i64) -> Option<i64> {
        let running = self.accounts.iter_mut().find(|running| running.account == *account)?;
        let held = running.after;
        running.after -= units;
        Some(held)
    }

    pub(super) fn end(self, is_whole: bool) -> Vec<AccountSum> {
        let sum = |running: Running| AccountSum {
            balance: running.balance,
            opening: running.after,
            shown: running.balance - running.later - running.after,
            later: running.later,
            total: is_whole.then_some(running.total),
            account: running.account,
        };
        self.accounts.into_iter().map(sum).collect()
    }
}
