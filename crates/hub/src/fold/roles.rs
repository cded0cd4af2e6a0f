//! Roles of locations: which of them can go together, and what changes when they do.

use std::collections::BTreeMap;

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
        self.objection_by_links(wanted)
    }

    /// The same of the items that are linked already, all of them, without looking at each.
    fn objection_by_links(&mut self, wanted: &Connection) -> Result<Option<String>, FoldError> {
        let client = self.client_id()?;
        for other in self.connections_of_lane()?.into_iter().filter(|other| other.id != wanted.id) {
            let both = |pool: &Pool| owns(wanted, *pool) && owns(&other, *pool);
            if Pool::ALL.iter().any(both)
                && let Some(item) =
                    self.store.item_linked_at_both(&client, (&wanted.id, &other.id))?
            {
                return self.objection_to_linking(wanted, item);
            }
        }
        for (location, part) in wanted.parts() {
            if part.is_booked()
                && let Some(item) =
                    self.store.item_backed_and_linked(&client, &wanted.id, &location)?
            {
                return self.objection_to_linking(wanted, item);
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

    /// Notes which locations are something else for our stock from now on: what was seen there before counts for nothing, and
    /// every linked item gets a fresh level there.
    pub(super) fn mark_new_roles(&self, old: &Connection, connection: &mut Connection) {
        let parts = connection.parts();
        connection.roles_since.retain(|location, _| parts.contains_key(location));
        for (location, part) in parts {
            if old.part_at(&location) != Some(part) {
                connection.roles_since.insert(location, self.number);
            }
        }
    }

    /// The connections of this lane, in the order of their ids.
    pub(super) fn connections_of_lane(&mut self) -> Result<Vec<Connection>, FoldError> {
        let mut connections = self.store.connections()?;
        connections.retain(|connection| connection.lane == *self.lane);
        Ok(connections)
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
