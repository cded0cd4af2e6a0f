//! Roles of locations: which of them can go together, and what changes when they do.

use std::collections::{BTreeMap, BTreeSet};

use crossdock_domain::command::LinkWish;
use crossdock_domain::connection::Connection;
use crossdock_domain::stock::Pool;
use crossdock_domain::stock::terms::{Part, Role};
use crossdock_domain::{ConnectionId, ItemId, RemoteId};

use super::{Fold, FoldError};

impl Fold<'_> {
    /// Why a connection's roles cannot be as wanted, if they cannot: a pool of an item has one publishing location at a
    /// connection, and one owner at all (rule 9).
    pub(super) fn objection_to_roles(
        &mut self,
        wanted: &Connection,
    ) -> Result<Option<String>, FoldError> {
        let publishing = locations(wanted, |part| part.role == Role::Publishes);
        if let [first, second, ..] = publishing.as_slice() {
            return Ok(Some(format!("{first} and {second} both publish: one location may")));
        }
        for pool in Pool::ALL {
            if let [first, second, ..] = owners(wanted, pool).as_slice() {
                let word = pool.word();
                return Ok(Some(format!("{first} and {second} both own {word}: one location may")));
            }
        }
        for item in self.items_linked_at(wanted)? {
            if let Some(why) = self.objection_to_linking(wanted, item)? {
                return Ok(Some(why));
            }
        }
        Ok(None)
    }

    /// Why an item cannot be linked at a connection, if it cannot: another connection owns the same pool of it, or what backs
    /// it would be booked too.
    pub(super) fn objection_to_linking(
        &mut self,
        wanted: &Connection,
        item: ItemId,
    ) -> Result<Option<String>, FoldError> {
        match self.objection_to_owner(wanted, item)? {
            Some(why) => Ok(Some(why)),
            None => self.objection_to_booking(wanted, item),
        }
    }

    /// Why an item cannot be linked at a connection, if another one owns the same pool of it.
    fn objection_to_owner(
        &mut self,
        wanted: &Connection,
        item: ItemId,
    ) -> Result<Option<String>, FoldError> {
        let owned = Pool::ALL.into_iter().filter(|pool| owns(wanted, *pool));
        let owned: Vec<_> = owned.collect();
        if owned.is_empty() {
            return Ok(None);
        }
        let client = self.client_id()?;
        for link in self.store.links_of(&client, item)? {
            if link.connection == wanted.id {
                continue;
            }
            let Some(other) = self.connection(&link.connection)? else { continue };
            if let Some(pool) = owned.iter().find(|pool| owns(&other, **pool)) {
                let (pool, theirs) = (pool.word(), other.id);
                return Ok(Some(format!(
                    "`{theirs}` owns {pool} of {item} already: an item's pool has one owner"
                )));
            }
        }
        Ok(None)
    }

    /// Why an item cannot be linked as wished, if it cannot.
    pub(super) fn objection_to_wishes(
        &mut self,
        item: Option<ItemId>,
        wishes: &[LinkWish],
    ) -> Result<Option<String>, FoldError> {
        let mut owners: BTreeMap<Pool, ConnectionId> = BTreeMap::new();
        for wish in wishes {
            let Some(connection) = self.connection(&wish.connection)? else { continue };
            if let Some(item) = item
                && let Some(why) = self.objection_to_owner(&connection, item)?
            {
                return Ok(Some(why));
            }
            for pool in Pool::ALL.into_iter().filter(|pool| owns(&connection, *pool)) {
                let first = owners.entry(pool).or_insert_with(|| connection.id.clone());
                if *first != connection.id {
                    let (word, second) = (pool.word(), &connection.id);
                    return Ok(Some(format!(
                        "`{first}` and `{second}` both own {word}: an item's pool has one owner"
                    )));
                }
            }
        }
        Ok(None)
    }

    /// Roles have changed: what is owed at the old places is owed no longer, and every linked item gets a fresh level where
    /// a location has become something else for us.
    pub(super) fn roles_changed(
        &mut self,
        old: &Connection,
        connection: &Connection,
    ) -> Result<(), FoldError> {
        let items = self.items_linked_at(connection)?;
        let client = self.client_id()?;
        for level in self.store.levels_of_connection(&client, &connection.id)? {
            self.renew_owed(connection, level)?;
        }
        for (location, part) in connection.parts() {
            if old.part_at(&location) == Some(part) {
                continue;
            }
            for item in &items {
                self.level_from_now_on(connection, *item, &location, false)?;
            }
        }
        Ok(())
    }

    /// The items that are linked at a connection, as far as it has a level of them.
    fn items_linked_at(&mut self, connection: &Connection) -> Result<BTreeSet<ItemId>, FoldError> {
        let client = self.client_id()?;
        let levels = self.store.levels_of_connection(&client, &connection.id)?;
        let mut items: BTreeSet<_> = levels.iter().map(|level| level.key.item).collect();
        for item in items.clone() {
            if self.counter_of(connection, item)?.is_none() {
                items.remove(&item);
            }
        }
        Ok(items)
    }
}

fn locations(connection: &Connection, is_one: impl Fn(&Part) -> bool) -> Vec<RemoteId> {
    let parts = connection.parts().into_iter();
    parts.filter(|(_, part)| is_one(part)).map(|(location, _)| location).collect()
}

fn owners(connection: &Connection, pool: Pool) -> Vec<RemoteId> {
    locations(connection, |part| part.role == Role::Owns && part.pool == pool)
}

fn owns(connection: &Connection, pool: Pool) -> bool {
    !owners(connection, pool).is_empty()
}
