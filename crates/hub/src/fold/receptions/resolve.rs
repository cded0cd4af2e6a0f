//! Which item each line of a telling is about. What one telling says of an item in several lines is added up.

use std::collections::BTreeMap;

use crossdock_domain::ItemId;
use crossdock_domain::fact::{ReceptionFact, ReceptionLineFact};
use crossdock_domain::item::{is_asin, is_sku};
use crossdock_domain::reception::LineTold;

use super::super::identity::{Identity, Names};
use super::super::{Fold, FoldError};
use super::ReceptionKey;

/// What a telling says of one thing.
#[derive(Debug)]
pub(in super::super) struct Resolved {
    /// The item, if it can be told.
    pub(super) item: Option<ItemId>,
    /// Why it cannot.
    pub(super) why: Option<String>,
    /// What was told.
    pub(super) told: LineTold,
    /// It was told only that the line is there: nothing is made of it where it is not known.
    pub(super) only_there: bool,
}

/// Which item a line is.
enum Which {
    Item(ItemId),
    /// Nobody can say; of the item that has the SKU, if one has, the line is still there.
    Nobody {
        why: String,
        item: Option<ItemId>,
    },
}

impl Fold<'_> {
    /// The things that a telling is about, by the names of their lines.
    pub(super) fn resolve(
        &mut self,
        key: &ReceptionKey,
        fact: &ReceptionFact,
    ) -> Result<BTreeMap<String, Resolved>, FoldError> {
        let mut lines: Vec<&ReceptionLineFact> = fact.lines.iter().collect();
        // What is called by more names says what those are that are called by fewer.
        lines.sort_by_key(|line| match (&line.sku, &line.asin) {
            (Some(_), Some(_)) => 0,
            (Some(_), None) => 1,
            (None, Some(_)) => 2,
            (None, None) => 3,
        });
        let (mut resolved, mut nameless) = (BTreeMap::new(), 0_u32);
        for line in lines {
            let told = LineTold::of(line, fact.moment());
            let (item, why) = match self.which_item(key, &told)? {
                Which::Item(item) => (Some(item), None),
                Which::Nobody { why, item } => {
                    if let Some(item) = item {
                        let is_there = told.is_there.clone();
                        let there = LineTold { is_there, ..LineTold::default() };
                        gather(&mut resolved, item.to_string(), (Some(item), None), there, true);
                    }
                    (None, Some(why))
                }
            };
            let name = match item {
                Some(item) => item.to_string(),
                None => told.names().into_iter().next().unwrap_or_else(|| {
                    nameless += 1;
                    format!("line:{nameless}")
                }),
            };
            gather(&mut resolved, name, (item, why), told, false);
        }
        Ok(resolved)
    }

    /// Under which SKUs we have what lines call otherwise, line by line: lines of one item stay in one piece.
    pub(super) fn skus_here(
        &mut self,
        key: &ReceptionKey,
        fact: &ReceptionFact,
    ) -> Result<Vec<Option<String>>, FoldError> {
        let mut skus = Vec::with_capacity(fact.lines.len());
        for line in &fact.lines {
            let told = LineTold::of(line, fact.moment());
            let names = names_of(&told);
            let item = match (names.sku, names.asin) {
                (Some(_), _) => None,
                (None, Some(_)) => self.identify(names)?.item(),
                (None, None) => self.item_of_remote(key, &told)?,
            };
            skus.push(match item {
                Some(item) => self.item(item)?.map(|item| item.sku),
                None => None,
            });
        }
        Ok(skus)
    }

    /// Which item a line is. One that we do not have is made.
    fn which_item(&mut self, key: &ReceptionKey, told: &LineTold) -> Result<Which, FoldError> {
        let nobody = |why: String| Ok(Which::Nobody { why, item: None });
        let names = names_of(told);
        if let Some(sku) = names.sku.filter(|sku| !is_sku(sku)) {
            let sku: String = sku.chars().take(40).collect();
            return nobody(format!(
                "`{sku}` cannot be a SKU (1 to 190 bytes, nothing unprintable): correct it where it was entered"
            ));
        }
        if let Some(asin) = names.asin.filter(|asin| !is_asin(asin)) {
            let asin: String = asin.chars().take(40).collect();
            return nobody(format!("`{asin}` cannot be an ASIN: correct it where it was entered"));
        }
        if names.sku.is_none() && names.asin.is_none() {
            return Ok(match self.item_of_remote(key, told)? {
                Some(item) => Which::Item(item),
                None => Which::Nobody {
                    why: "neither a SKU nor an ASIN says what it is: add one where it was entered"
                        .to_owned(),
                    item: None,
                },
            });
        }
        let identity = self.identify(names)?;
        if identity == Identity::New && matches!(told.unreadable.get(), Some(Some(_))) {
            return nobody("it could not be read".to_owned());
        }
        if let Identity::Conflict { item, why } = identity {
            return Ok(Which::Nobody { why, item });
        }
        let title = told.title.get().map(String::as_str);
        match self.take_item(names, &identity, title)? {
            Some(item) => Ok(Which::Item(item)),
            None => nobody("nobody can say which item it is".to_owned()),
        }
    }

    /// The item that this reception has under the partner's id, if it is one.
    fn item_of_remote(
        &mut self,
        key: &ReceptionKey,
        told: &LineTold,
    ) -> Result<Option<ItemId>, FoldError> {
        let Some(remote) = told.remote_item.get() else { return Ok(None) };
        let found = self.store.lines_by_remote_item(key, remote, 2)?;
        Ok(match found.as_slice() {
            [only] => only.item,
            _ => None,
        })
    }
}

/// What a line calls its item.
pub(super) fn names_of(told: &LineTold) -> Names<'_> {
    Names { sku: told.sku.get().map(String::as_str), asin: told.asin.get().map(String::as_str) }
}

fn gather(
    resolved: &mut BTreeMap<String, Resolved>,
    name: String,
    (item, why): (Option<ItemId>, Option<String>),
    told: LineTold,
    only_there: bool,
) {
    match resolved.get_mut(&name) {
        Some(known) => {
            known.told.add(&told);
            known.why = known.why.take().or(why);
            known.only_there &= only_there;
        }
        None => {
            resolved.insert(name, Resolved { item, why, told, only_there });
        }
    }
}
