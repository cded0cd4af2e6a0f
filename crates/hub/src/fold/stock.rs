//! The ledger's only pen: every movement of stock is written here, with its cause, and both balances with it.

use crossdock_domain::connection::Connection;
use crossdock_domain::stock::allocation::Arrived;
use crossdock_domain::stock::ledger::QUANTITY_MAX;
use crossdock_domain::stock::{Account, Balance, Movement, Reason};
use crossdock_domain::{ClientId, ItemId};

use super::{Fold, FoldError};

/// What is to be moved.
pub(super) struct Transfer {
    pub(super) item: ItemId,
    pub(super) from: Account,
    pub(super) to: Account,
    pub(super) quantity: i64,
    pub(super) reason: Reason,
}

impl Fold<'_> {
    /// Moves stock; then the item's allocation has its say.
    pub(super) fn transfer(&mut self, what: Transfer) -> Result<(), FoldError> {
        let item = what.item;
        let arrived = Arrived::by(&what.from, &what.to, what.quantity, what.reason);
        self.move_units(what)?;
        self.rebalance(item, arrived)
    }

    /// Moves stock and nothing else: for those who move several things before the allocation is asked.
    pub(super) fn move_units(&mut self, what: Transfer) -> Result<(), FoldError> {
        if !(1..=QUANTITY_MAX).contains(&what.quantity) {
            return Err(FoldError::Entry(format!(
                "a movement of {} units is out of range",
                what.quantity
            )));
        }
        let client = self.client_id()?;
        let from_after = self.change(&client, what.item, &what.from, -what.quantity)?;
        let to_after = self.change(&client, what.item, &what.to, what.quantity)?;
        self.store.add(Movement {
            client,
            number: self.number,
            index: self.movements,
            item: what.item,
            from: what.from,
            to: what.to,
            quantity: what.quantity,
            from_after,
            to_after,
            reason: what.reason,
            at: self.at,
        });
        self.movements += 1;
        Ok(())
    }

    /// What an account holds of an item; `None` if nothing ever moved there.
    pub(super) fn balance(
        &mut self,
        item: ItemId,
        account: &Account,
    ) -> Result<Option<i64>, FoldError> {
        let client = self.client_id()?;
        let key = (client, item, account.clone());
        Ok(self.store.look(&key, |balance: &Balance| balance.quantity)?)
    }

    /// Gives an item an account that holds nothing yet.
    pub(super) fn open_account(
        &mut self,
        item: ItemId,
        account: &Account,
    ) -> Result<(), FoldError> {
        let client = self.client_id()?;
        self.change(&client, item, account, 0)?;
        Ok(())
    }

    /// Books a difference, and says what the account holds then.
    fn change(
        &mut self,
        client: &ClientId,
        item: ItemId,
        account: &Account,
        by: i64,
    ) -> Result<i64, FoldError> {
        let before = self.balance(item, account)?.unwrap_or_default();
        let quantity = before
            .checked_add(by)
            .ok_or_else(|| FoldError::Entry(format!("account {account} would overflow")))?;
        self.store.put(Balance {
            client: client.clone(),
            item,
            account: account.clone(),
            quantity,
        });
        Ok(quantity)
    }
}

/// The outside account of what a partner sells, takes back or changes at its own counter.
pub(super) fn partner_account(connection: &Connection) -> Account {
    Account::Partner { connector: connection.connector.clone(), connection: connection.id.clone() }
}
