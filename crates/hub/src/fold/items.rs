//! Items: made, named, given their terms, switched on and off, and their stock moved by hand.

use crossdock_domain::ItemId;
use crossdock_domain::command::PutItem;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::Outcome;
use crossdock_domain::item::{Allocation, Item, ItemName, NameKind, is_asin, is_sku};
use crossdock_domain::stock::allocation::Hold;
use crossdock_domain::stock::backing::{Backing, BackingWish};
use crossdock_domain::stock::count::PoolCount;
use crossdock_domain::stock::ledger::QUANTITY_MAX;
use crossdock_domain::stock::publishing::PublishingTerms;
use crossdock_domain::stock::terms::Part;
use crossdock_domain::stock::{Account, Pool, Reason};
use serde_json::json;

use super::connections::no_connection;
use super::identity::{Identity, Names};
use super::stock::Transfer;
use super::{Fold, FoldError};

impl Fold<'_> {
    pub(super) fn put_item(&mut self, wanted: PutItem) -> Result<Outcome, FoldError> {
        if let Some(why) = objection_to_names(&wanted) {
            return Ok(Outcome::illegal(why));
        }
        if wanted.reference.as_ref().is_some_and(|reference| !is_sku(reference)) {
            return Ok(Outcome::illegal("a reference is 1 to 190 bytes, without blanks around it"));
        }
        let names = names_of(&wanted);
        let identity = self.identify(names)?;
        if let Identity::Conflict { item, why } = identity {
            let names = json!({ "sku": names.sku, "asin": names.asin });
            let taken = json!({ "type": "names_conflict", "item": item, "names": names });
            return Ok(Outcome::illegal(why).with(taken));
        }
        let same = identity.item();
        if let Some(objection) = self.objection_to(&wanted, same)? {
            return Ok(objection);
        }
        if let Some(why) = self.objection_to_terms(&wanted, same)? {
            return Ok(Outcome::illegal(why));
        }
        let before = same.map(|id| self.item(id)).transpose()?.flatten();
        let taken = self.take_item(names, &identity, None)?;
        let Some(mut item) = taken.map(|id| self.item(id)).transpose()?.flatten() else {
            return Err(FoldError::Entry("an item that was taken is not there".to_owned()));
        };
        let is_new = before.is_none();
        if wanted.asin.as_deref() == Some("") {
            item.asin = None;
        }
        if let Some(reference) = wanted.reference {
            self.rename(&mut item, reference);
        }
        item.title = wanted.title.or(item.title);
        item.allocation = wanted.allocation.unwrap_or(item.allocation);
        item.publishing = wanted.publishing.unwrap_or(item.publishing);
        if let Some(wish) = wanted.backing {
            item.backing = wish.into_backing();
        }
        item.sync_enabled = wanted.sync.unwrap_or(item.sync_enabled);
        let (id, sku, asin) = (item.id, item.sku.clone(), item.asin.clone());
        let changed = before.as_ref() != Some(&item);
        self.store.put(item);
        let mut linked = false;
        for wish in wanted.links {
            linked |= self.link_as_wished(id, wish)?;
        }
        if changed {
            self.terms_changed(id)?;
        }
        let settled = self.settle_parked_of(before.as_ref(), (&sku, asin.as_deref()))?;
        let mut outcome = match (is_new, changed || linked || settled > 0) {
            (true, _) => Outcome::applied("item made"),
            (false, true) => Outcome::applied("item changed"),
            (false, false) => Outcome::unchanged(""),
        };
        if settled > 0 {
            outcome.note = format!("{}; {settled} lines of receptions settled", outcome.note);
        }
        Ok(outcome.with(json!({ "item": id, "sku": sku })))
    }

    /// Lines of receptions that waited for what an item is called now, or is called no longer.
    fn settle_parked_of(
        &mut self,
        before: Option<&Item>,
        (sku, asin): (&str, Option<&str>),
    ) -> Result<u32, FoldError> {
        let had = before.and_then(|item| item.asin.as_deref());
        if had == asin {
            return Ok(0);
        }
        let (now, then) = (Names { sku: Some(sku), asin }, Names { sku: None, asin: had });
        Ok(self.settle_parked(now)? + self.settle_parked(then)?)
    }

    pub(super) fn new_item(&mut self, sku: &str) -> Result<Item, FoldError> {
        let mut client = self.client()?;
        let item = Item {
            client: client.id.clone(),
            id: client.next_item(),
            sku: sku.to_owned(),
            reference: None,
            asin: None,
            is_stub: false,
            title: None,
            sync_enabled: false,
            allocation: Allocation::default(),
            publishing: PublishingTerms::default(),
            backing: None,
            places: Vec::new(),
        };
        self.store.put(ItemName {
            client: client.id.clone(),
            kind: NameKind::Sku,
            name: sku.to_owned(),
            item: item.id,
        });
        self.store.put(client);
        Ok(item)
    }

    /// Why an item cannot be put as wanted, if it cannot. Asked before anything is changed.
    fn objection_to(
        &mut self,
        wanted: &PutItem,
        same: Option<ItemId>,
    ) -> Result<Option<Outcome>, FoldError> {
        for wish in &wanted.links {
            if self.connection(&wish.connection)?.is_none() {
                return Ok(Some(no_connection(&wish.connection)));
            }
        }
        if let Some(why) = self.objection_to_wishes(same, &wanted.links)? {
            return Ok(Some(Outcome::illegal(why)));
        }
        // A backing that comes with the links, or goes with them, is judged with the terms.
        if let Some(item) = same.filter(|_| wanted.backing.is_none()) {
            for wish in &wanted.links {
                if let Some(connection) = self.connection(&wish.connection)?
                    && let Some(why) = self.objection_to_booking(&connection, item)?
                {
                    return Ok(Some(Outcome::illegal(why)));
                }
            }
        }
        let Some(reference) = &wanted.reference else { return Ok(None) };
        let owner = self.item_by_name(NameKind::Reference, reference)?;
        let other = owner.filter(|owner| same != Some(*owner));
        Ok(other.map(|other| {
            let taken = json!({ "type": "reference_taken", "reference": reference, "item": other });
            Outcome::illegal(format!("`{reference}` is {other} already")).with(taken)
        }))
    }

    /// Why the terms of an item cannot be as wanted, if they cannot.
    fn objection_to_terms(
        &mut self,
        wanted: &PutItem,
        same: Option<ItemId>,
    ) -> Result<Option<String>, FoldError> {
        let client = self.client_id()?;
        if let Some(why) = wanted.allocation.and_then(Allocation::objection) {
            return Ok(Some(why.to_owned()));
        }
        if let Some(own) = wanted.publishing
            && let Some(why) = self.client_terms(client.clone())?.with(own).objection()
        {
            return Ok(Some(why.to_owned()));
        }
        if let Some(BackingWish::Backing(backing)) = &wanted.backing
            && let Some(why) = self.objection_to_backing(backing)?
        {
            return Ok(Some(why));
        }
        let Some(item) = same else { return Ok(None) };
        if !wanted.allocation.is_some_and(Allocation::takes_back) {
            return Ok(None);
        }
        for pool in Pool::ALL {
            if self.store.get::<PoolCount>(&(client.clone(), item, pool))?.is_some() {
                let why = "is counted by the system that owns it: nothing is taken back from it";
                let name =
                    if wanted.sku.is_empty() { item.to_string() } else { wanted.sku.clone() };
                return Ok(Some(format!("{} of {name} {why}", pool.word())));
            }
        }
        Ok(None)
    }

    fn objection_to_backing(&mut self, backing: &Backing) -> Result<Option<String>, FoldError> {
        if let Some(why) = backing.objection() {
            return Ok(Some(why.to_owned()));
        }
        let Some(connection) = self.connection(&backing.connection)? else {
            return Ok(Some(format!("there is no connection `{}`", backing.connection)));
        };
        Ok(is_booked(&connection, backing).then(|| {
            format!(
                "what `{}` counts at {} is in the books already: it cannot back a pool too",
                backing.connection, backing.location
            )
        }))
    }

    /// Why an item cannot be linked at a connection of these roles, if it cannot: what backs it would be booked too.
    pub(super) fn objection_to_booking(
        &mut self,
        wanted: &Connection,
        item: ItemId,
    ) -> Result<Option<String>, FoldError> {
        let Some(item) = self.item(item)? else { return Ok(None) };
        let Some(backing) = item.backing.filter(|backing| backing.connection == wanted.id) else {
            return Ok(None);
        };
        Ok(is_booked(wanted, &backing).then(|| {
            format!("{} backs {}: its stock cannot be booked too", backing.location, item.sku)
        }))
    }

    /// New terms hold at once: pools are shared out by them, and what is owed is renewed.
    fn terms_changed(&mut self, item: ItemId) -> Result<(), FoldError> {
        self.rebalance(item, None)?;
        self.set_timer(item)?;
        self.renew_item(item, None)
    }

    fn rename(&mut self, item: &mut Item, reference: String) {
        let client = item.client.clone();
        if let Some(old) = item.reference.replace(reference.clone()) {
            self.store.remove::<ItemName>((client.clone(), NameKind::Reference, old));
        }
        let kind = NameKind::Reference;
        self.store.put(ItemName { client, kind, name: reference, item: item.id });
    }

    pub(super) fn item(&mut self, id: ItemId) -> Result<Option<Item>, FoldError> {
        let client = self.client_id()?;
        Ok(self.store.get(&(client, id))?)
    }

    pub(super) fn item_by_sku(&mut self, sku: &str) -> Result<Option<ItemId>, FoldError> {
        self.item_by_name(NameKind::Sku, sku)
    }

    fn item_by_name(&mut self, kind: NameKind, name: &str) -> Result<Option<ItemId>, FoldError> {
        let client = self.client_id()?;
        let row: Option<ItemName> = self.store.get(&(client, kind, name.to_owned()))?;
        Ok(row.map(|row| row.item))
    }

    /// The item that somebody calls by our id, by his own reference, or by its SKU, in this order.
    pub(super) fn item_by_any_name(&mut self, name: &str) -> Result<Option<Item>, FoldError> {
        if let Ok(id) = name.parse()
            && let Some(item) = self.item(id)?
        {
            return Ok(Some(item));
        }
        for kind in [NameKind::Reference, NameKind::Sku] {
            if let Some(id) = self.item_by_name(kind, name)? {
                return self.item(id);
            }
        }
        Ok(None)
    }

    pub(super) fn set_sync(&mut self, name: &str, enabled: bool) -> Result<Outcome, FoldError> {
        let Some(mut item) = self.item_by_any_name(name)? else { return Ok(no_item(name)) };
        if item.sync_enabled == enabled {
            return Ok(Outcome::unchanged(""));
        }
        item.sync_enabled = enabled;
        let id = item.id;
        self.store.put(item);
        self.renew_item(id, None)?;
        Ok(Outcome::applied(if enabled { "written from now on" } else { "only observed now" }))
    }

    pub(super) fn allocate(
        &mut self,
        name: &str,
        quantity: i64,
        from: Account,
        to: Account,
    ) -> Result<Outcome, FoldError> {
        let Some(item) = self.item_by_any_name(name)?.map(|item| item.id) else {
            return Ok(no_item(name));
        };
        if !(1..=QUANTITY_MAX).contains(&quantity) {
            return Ok(Outcome::illegal("the quantity must be more than zero"));
        }
        if from == to || !from.is_by_hand() || !to.is_by_hand() {
            return Ok(Outcome::illegal(format!(
                "stock cannot be moved from {from} to {to} by hand: use b2b, b2c, unsellable, supplier, customer, count"
            )));
        }
        let held = self.balance(item, &from)?.unwrap_or_default();
        if from.is_pool() && held < quantity {
            return Ok(Outcome::illegal(format!("{from} holds {held}, not {quantity}"))
                .with(json!({ "type": "insufficient_stock", "account": from, "held": held,
                        "wanted": quantity })));
        }
        if from.is_pool() && to.is_pool() && self.is_shared_out(item)? {
            return Ok(Outcome::illegal(
                "the pools are shared out anew at every change, so it would be taken back at once: \
                 change the share, or make it soft",
            ));
        }
        let note = format!("{quantity} from {from} to {to}");
        self.transfer(Transfer { item, from, to, quantity, reason: Reason::Allocated })?;
        self.renew_item(item, None)?;
        let b2b = self.balance(item, &Account::B2B)?.unwrap_or_default();
        let b2c = self.balance(item, &Account::B2C)?.unwrap_or_default();
        Ok(Outcome::applied(note).with(json!({ "item": item, "b2b": b2b, "b2c": b2c })))
    }

    /// Whether an item's pools are shared out by a hard share.
    fn is_shared_out(&mut self, item: ItemId) -> Result<bool, FoldError> {
        let key = (self.client_id()?, item);
        let is_hard =
            |item: &Item| matches!(item.allocation, Allocation::Share { hold: Hold::Hard, .. });
        Ok(self.store.look(&key, is_hard)? == Some(true))
    }
}

/// What a command calls its item. An empty ASIN is not a name: it takes away what the item has.
fn names_of(wanted: &PutItem) -> Names<'_> {
    Names {
        sku: Some(wanted.sku.as_str()).filter(|sku| !sku.is_empty()),
        asin: wanted.asin.as_deref().filter(|asin| !asin.is_empty()),
    }
}

fn objection_to_names(wanted: &PutItem) -> Option<&'static str> {
    let names = names_of(wanted);
    if names.sku.is_none() && names.asin.is_none() {
        return Some("an item needs a SKU or an ASIN");
    }
    if names.sku.is_some_and(|sku| !is_sku(sku)) {
        return Some("a SKU is 1 to 190 bytes, without blanks around it");
    }
    let is_wrong = names.asin.is_some_and(|asin| !is_asin(asin));
    is_wrong.then_some("an ASIN is 1 to 64 bytes, without blanks around it")
}

/// Whether a backing's level is one whose differences are booked.
fn is_booked(connection: &Connection, backing: &Backing) -> bool {
    let part = connection.part_at(&backing.location);
    part.is_some_and(Part::is_booked)
}

/// The outcome of a command that names an item that is not there.
pub(super) fn no_item(name: &str) -> Outcome {
    Outcome::unknown_entity(format!("no item is called `{name}`"))
}
