//! Which item is meant: the one place for whoever calls items by SKU, by ASIN, or by both.
//!
//! A SKU is one item's. An ASIN may be several items'. Where nobody has told a SKU yet, the item is a *stub*: its SKU is a
//! name of ours, and it gets the first that is told for its ASIN. So whatever is told first, in the end there is one item
//! for one thing; and what cannot be told apart is never guessed, but left to a person.

use crossdock_domain::ItemId;
use crossdock_domain::item::{Item, ItemName, NameKind};
use serde_json::json;

use super::{Fold, FoldError};
use crate::plant::Plant;

/// Names of ours for one ASIN: the first is `asin:B00TEST123`; where that is taken, they are counted.
const STUBS_MAX: u32 = 100;

/// What an item is called: at least one of them, and none of them blank.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Names<'a> {
    pub(super) sku: Option<&'a str>,
    pub(super) asin: Option<&'a str>,
}

/// Which item is meant, and what has to be done to have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Identity {
    /// This one, as it is.
    Known(ItemId),
    /// This one, by its SKU; its ASIN is news.
    Enriched(ItemId),
    /// This stub, whose SKU is news.
    Named(ItemId),
    /// This one, by its SKU; and the stub of the ASIN is the same thing.
    Joined { item: ItemId, stub: ItemId },
    /// None that we have.
    New,
    /// Nobody can say.
    Conflict {
        /// The item that has the SKU, if one has.
        item: Option<ItemId>,
        /// What is wrong and what to do, in words.
        why: String,
    },
}

impl Identity {
    /// The item, if we have it.
    pub(super) const fn item(&self) -> Option<ItemId> {
        match self {
            Self::Known(item)
            | Self::Enriched(item)
            | Self::Named(item)
            | Self::Joined { item, .. } => Some(*item),
            Self::New => None,
            Self::Conflict { item, .. } => *item,
        }
    }
}

impl Fold<'_> {
    /// Which item is meant. Changes nothing.
    pub(super) fn identify(&mut self, names: Names<'_>) -> Result<Identity, FoldError> {
        match (names.sku, names.asin) {
            (Some(sku), asin) => match (self.item_by_sku(sku)?, asin) {
                (Some(item), Some(asin)) => self.identify_by_both(item, sku, asin),
                (Some(_), None) if self.plant == Some(Plant::NullIsAnother) => Ok(Identity::New),
                (Some(item), None) => Ok(Identity::Known(item)),
                (None, Some(asin)) => {
                    Ok(self.stub_of(asin)?.map_or(Identity::New, |stub| Identity::Named(stub.id)))
                }
                (None, None) => Ok(Identity::New),
            },
            (None, Some(asin)) => self.identify_by_asin(asin),
            (None, None) => Ok(conflict(None, "neither a SKU nor an ASIN says what it is")),
        }
    }

    fn identify_by_asin(&mut self, asin: &str) -> Result<Identity, FoldError> {
        let client = self.client_id()?;
        Ok(match self.store.items_by_asin(&client, asin, 3)?.as_slice() {
            [] => Identity::New,
            [only] => Identity::Known(only.id),
            [first, second, ..] => {
                let (first, second) = (&first.sku, &second.sku);
                let why = format!(
                    "ASIN {asin} is that of several items ({first}, {second}): tell the SKU, or take the \
                     ASIN away from all but one"
                );
                conflict(None, why)
            }
        })
    }

    fn identify_by_both(
        &mut self,
        id: ItemId,
        sku: &str,
        asin: &str,
    ) -> Result<Identity, FoldError> {
        let key = (self.client_id()?, id);
        let known = self.store.look(&key, |item: &Item| item.asin.clone())?.flatten();
        if let Some(known) = known {
            if known == asin {
                return Ok(Identity::Known(id));
            }
            let why = format!(
                "{sku} has ASIN {known} here, and {asin} was told: if {known} is wrong, take it away (put the item \
                 with the ASIN `none`); if {asin} is, correct it where it was entered"
            );
            return Ok(conflict(Some(id), why));
        }
        let Some(stub) = self.stub_of(asin)? else { return Ok(Identity::Enriched(id)) };
        if self.is_only_received(&stub)? {
            return Ok(Identity::Joined { item: id, stub: stub.id });
        }
        let stub = &stub.sku;
        let why = format!(
            "{sku} is an item here, and so is `{stub}` with ASIN {asin}, which has a history of its own: take the ASIN \
             away from `{stub}` (put it with the ASIN `none`) if they are one, and move its stock by hand"
        );
        Ok(conflict(Some(id), why))
    }

    /// The stub of an ASIN. There is one at the most, and as long as nothing has its name there is none: most are asked for in vain,
    /// so that is looked up first.
    fn stub_of(&mut self, asin: &str) -> Result<Option<Item>, FoldError> {
        let Some(named) = self.item_by_sku(&name_of_ours(asin, 1))? else { return Ok(None) };
        let is_of = |item: &Item| item.is_stub && item.asin.as_deref() == Some(asin);
        if let Some(stub) = self.item(named)?.filter(is_of) {
            return Ok(Some(stub));
        }
        let client = self.client_id()?;
        Ok(self.store.items_by_asin(&client, asin, STUBS_MAX)?.into_iter().find(is_of))
    }

    /// Does what has to be done to have the item that is meant; `None` where nobody can say which. A title is taken where it
    /// has none.
    pub(super) fn take_item(
        &mut self,
        names: Names<'_>,
        identity: &Identity,
        title: Option<&str>,
    ) -> Result<Option<ItemId>, FoldError> {
        let id = match identity {
            Identity::Known(id) => *id,
            Identity::Enriched(id) => {
                self.give_asin(*id, names.asin)?;
                *id
            }
            Identity::Named(id) => {
                self.name_stub(*id, names.sku.unwrap_or_default())?;
                *id
            }
            Identity::Joined { item, stub } => {
                self.join_stub(*item, *stub)?;
                self.give_asin(*item, names.asin)?;
                let body = json!({ "item": item, "stub": stub, "asin": names.asin });
                self.announce("item.joined", None, body);
                *item
            }
            Identity::New => self.make_item(names)?,
            Identity::Conflict { .. } => return Ok(None),
        };
        if let Some(title) = title {
            self.title_where_it_has_none(id, title)?;
        }
        Ok(Some(id))
    }

    fn make_item(&mut self, names: Names<'_>) -> Result<ItemId, FoldError> {
        let name = match (names.sku, names.asin) {
            (Some(sku), _) => sku.to_owned(),
            (None, asin) => self.free_name_of_ours(asin.unwrap_or_default())?,
        };
        let mut item = self.new_item(&name)?;
        item.asin = names.asin.map(str::to_owned);
        item.is_stub = names.sku.is_none();
        let id = item.id;
        self.store.put(item);
        Ok(id)
    }

    /// A name for an item of which only the ASIN is known.
    fn free_name_of_ours(&mut self, asin: &str) -> Result<String, FoldError> {
        for count in 1..=STUBS_MAX {
            let name = name_of_ours(asin, count);
            if self.item_by_sku(&name)?.is_none() {
                return Ok(name);
            }
        }
        Err(FoldError::Entry(format!("there are {STUBS_MAX} items called asin:{asin} already")))
    }

    fn give_asin(&mut self, id: ItemId, asin: Option<&str>) -> Result<(), FoldError> {
        if let Some(mut item) = self.item(id)? {
            item.asin = asin.map(str::to_owned);
            self.store.put(item);
        }
        Ok(())
    }

    fn name_stub(&mut self, id: ItemId, sku: &str) -> Result<(), FoldError> {
        let Some(mut item) = self.item(id)? else { return Ok(()) };
        let (client, kind) = (item.client.clone(), NameKind::Sku);
        let ours = std::mem::replace(&mut item.sku, sku.to_owned());
        item.is_stub = false;
        self.store.remove::<ItemName>((client.clone(), kind, ours));
        self.store.put(ItemName { client, kind, name: sku.to_owned(), item: id });
        self.store.put(item);
        Ok(())
    }

    fn title_where_it_has_none(&mut self, id: ItemId, title: &str) -> Result<(), FoldError> {
        let key = (self.client_id()?, id);
        if self.store.look(&key, |item: &Item| item.title.is_some())? == Some(false)
            && let Some(mut item) = self.item(id)?
        {
            item.title = Some(title.to_owned());
            self.store.put(item);
        }
        Ok(())
    }
}

/// How we call an item of which only the ASIN is known.
pub(super) fn name_of_ours(asin: &str, count: u32) -> String {
    if count == 1 { format!("asin:{asin}") } else { format!("asin:{asin}:{count}") }
}

fn conflict(item: Option<ItemId>, why: impl Into<String>) -> Identity {
    Identity::Conflict { item, why: why.into() }
}
