//! Pools: how an item's stock is shared out among them, and the terms on which it is published.

use crossdock_domain::ItemId;
use crossdock_domain::brake;
use crossdock_domain::entry::Outcome;
use crossdock_domain::item::Item;
use crossdock_domain::stock::allocation::{Arrived, Held};
use crossdock_domain::stock::ledger::QUANTITY_MAX;
use crossdock_domain::stock::terms::Brake;
use crossdock_domain::stock::{Account, Pool, Publishing, Reason};
use crossdock_domain::task::Errand;
use serde_json::json;

use super::stock::Transfer;
use super::{Fold, FoldError};

impl Fold<'_> {
    /// What an item's pools hold.
    pub(super) fn held(&mut self, item: ItemId) -> Result<Held, FoldError> {
        let b2b = self.balance(item, &Account::B2B)?.unwrap_or_default();
        let b2c = self.balance(item, &Account::B2C)?.unwrap_or_default();
        Ok(Held { b2b, b2c })
    }

    /// Moves between the pools what the item's allocation says, now that a balance has changed.
    pub(super) fn rebalance(
        &mut self,
        item: ItemId,
        arrived: Option<Arrived>,
    ) -> Result<(), FoldError> {
        let key = (self.client_id()?, item);
        let Some(allocation) = self.store.look(&key, |item: &Item| item.allocation)? else {
            return Ok(());
        };
        let Some(shift) = allocation.shift(self.held(item)?, arrived) else { return Ok(()) };
        self.move_units(Transfer {
            item,
            from: Account::Pool(shift.from),
            to: Account::Pool(shift.to),
            quantity: shift.quantity.min(QUANTITY_MAX),
            reason: Reason::Rebalanced,
        })
    }

    /// Sets the terms of all items that have none of their own, and where received goods go.
    pub(super) fn put_client_terms(
        &mut self,
        publishing: Publishing,
        brake: Option<Brake>,
        incoming: Option<Pool>,
    ) -> Result<Outcome, FoldError> {
        let objection = brake.as_ref().and_then(brake::objection);
        if let Some(why) = publishing.objection().or(objection) {
            return Ok(Outcome::illegal(why));
        }
        let mut client = self.client()?;
        let brake = brake.unwrap_or(client.brake);
        let incoming = incoming.unwrap_or(client.incoming);
        let result = json!({ "publishing": publishing, "brake": brake, "incoming": incoming });
        let is_published_alike = client.publishing == publishing;
        if is_published_alike && client.brake == brake && client.incoming == incoming {
            return Ok(Outcome::unchanged("").with(result));
        }
        (client.publishing, client.brake, client.incoming) = (publishing, brake, incoming);
        self.store.put(client);
        if is_published_alike {
            return Ok(Outcome::applied("terms taken").with(result));
        }
        let mut more = false;
        for connection in self.connections_of_lane()? {
            more |= self.go_through(&connection, Errand::Renew)?.more;
        }
        let rest = if more { ": what is owed is worked out anew" } else { "" };
        Ok(Outcome::applied(format!("terms taken{rest}")).with(result))
    }
}
