//! Links: by a person's word, or by evidence. More than one candidate is never resolved by guessing.

use crossdock_domain::command::{LinkHow, LinkWish};
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::Outcome;
use crossdock_domain::fact::ItemFact;
use crossdock_domain::link::{Link, LinkKind, Mirror};
use crossdock_domain::stock::level::Standing;
use crossdock_domain::task::{Task, TaskState, Work};
use crossdock_domain::{ConnectionId, ItemId, RemoteId};
use serde_json::json;

use super::connections::no_connection;
use super::facts::Road;
use super::items::no_item;
use super::tasks::BREATH;
use super::{Fold, FoldError};

/// Items of a partner that one entry links.
const LINKS_PER_ENTRY: u32 = 250;

impl Fold<'_> {
    /// Links an item by a person's word. Whether anything changed.
    pub(super) fn link_as_wished(
        &mut self,
        item: ItemId,
        wish: LinkWish,
    ) -> Result<bool, FoldError> {
        let Some(connection) = self.connection(&wish.connection)? else { return Ok(false) };
        let changed = self.link_counter(&connection, item, &wish.inventory_item, wish.adopt)?;
        if let Some(variant) = wish.variant {
            self.put_link(&connection, LinkKind::Variant, variant, item)?;
        }
        Ok(changed)
    }

    /// Links an item with what a partner counts. A record that stood there before is unlinked, and one that belonged
    /// to another item changes hands: the level starts anew either way.
    fn link_counter(
        &mut self,
        connection: &Connection,
        item: ItemId,
        remote: &RemoteId,
        adopt: bool,
    ) -> Result<bool, FoldError> {
        let client = self.client_id()?;
        let known = self.link(connection, LinkKind::Counter, remote)?;
        if known.as_ref().is_some_and(|link| link.item == item) {
            return self.begin_disputed_anew(connection, item, adopt);
        }
        let mut plan = self.plan_of(&connection.id)?;
        for old in self.store.links_of(&client, item)? {
            if old.connection == connection.id {
                plan.linked = plan.linked.saturating_sub(u64::from(old.kind == LinkKind::Counter));
                self.store.remove::<Link>((client.clone(), old.connection, old.kind, old.remote));
            }
        }
        plan.linked += u64::from(known.is_none());
        self.store.put(plan);
        if let Some(previous) = known {
            self.suspend_levels(connection, previous.item)?;
        }
        self.put_link(connection, LinkKind::Counter, remote.clone(), item)?;
        for location in connection.parts().into_keys() {
            self.level_from_now_on(connection, item, &location, adopt)?;
        }
        Ok(true)
    }

    /// Linking again what is linked already changes nothing, unless nobody could tell what became of our last write
    /// there: then it is a person's word to begin from the partner's figure.
    fn begin_disputed_anew(
        &mut self,
        connection: &Connection,
        item: ItemId,
        adopt: bool,
    ) -> Result<bool, FoldError> {
        let mut any = false;
        for location in connection.parts().into_keys() {
            let level = self.level_of(&connection.id, item, &location)?;
            if level.is_some_and(|l| l.standing == Standing::Doubtful && l.error.is_some()) {
                self.level_from_now_on(connection, item, &location, adopt)?;
                any = true;
            }
        }
        Ok(any)
    }

    fn suspend_levels(&mut self, connection: &Connection, item: ItemId) -> Result<(), FoldError> {
        for mut level in self.levels_of(item)? {
            if level.key.connection == connection.id {
                let verdict = level.suspend();
                self.settle_level(connection, level, verdict)?;
            }
        }
        Ok(())
    }

    fn put_link(
        &mut self,
        connection: &Connection,
        kind: LinkKind,
        remote: RemoteId,
        item: ItemId,
    ) -> Result<(), FoldError> {
        let client = self.client_id()?;
        let since = self.at;
        self.store.put(Link {
            client,
            connection: connection.id.clone(),
            kind,
            remote,
            item,
            since,
        });
        Ok(())
    }

    pub(super) fn link_all(
        &mut self,
        id: &ConnectionId,
        how: LinkHow,
        create: bool,
    ) -> Result<Outcome, FoldError> {
        if self.connection(id)?.is_none() {
            return Ok(no_connection(id));
        }
        let work = Work::ReadItems { only: None, cursor: None, how, create };
        let task = self.owe(id, work, self.at)?;
        Ok(Outcome::applied("reading the partner's items").with(json!({ "task": task })))
    }

    pub(super) fn link_by_sku(
        &mut self,
        name: &str,
        id: &ConnectionId,
        how: LinkHow,
    ) -> Result<Outcome, FoldError> {
        if self.connection(id)?.is_none() {
            return Ok(no_connection(id));
        }
        let Some(item) = self.item_by_any_name(name)? else { return Ok(no_item(name)) };
        let only = Some((item.id, item.sku.clone()));
        let task =
            self.owe(id, Work::ReadItems { only, cursor: None, how, create: false }, self.at)?;
        Ok(Outcome::applied("looking for its SKU at the partner").with(json!({ "task": task })))
    }

    /// A page of the partner's items has come.
    pub(super) fn items_read(
        &mut self,
        connection: &Connection,
        task: &Task,
        items: &[ItemFact],
        next: Option<String>,
    ) -> Result<String, FoldError> {
        for fact in items {
            self.fold_item_fact(connection, fact, Road::Read)?;
        }
        let Work::ReadItems { only, how, create, .. } = task.work.clone() else {
            return Err(FoldError::Entry("a page of items for a task that reads none".to_owned()));
        };
        let note = if let Some(cursor) = next {
            let work = Work::ReadItems { only, cursor: Some(cursor), how, create };
            self.owe(&connection.id, work, self.at)?;
            format!("{} items read, more follow", items.len())
        } else if let Some((item, sku)) = only {
            return self.link_only(connection, task, item, &sku, how);
        } else {
            let linked = self.link_some(connection, None, how, create)?;
            format!("{} items read, {linked}", items.len())
        };
        self.end_task(task.id, TaskState::Done, &note)?;
        Ok(note)
    }

    fn link_only(
        &mut self,
        connection: &Connection,
        task: &Task,
        item: ItemId,
        sku: &str,
        how: LinkHow,
    ) -> Result<String, FoldError> {
        let client = self.client_id()?;
        let candidates = self.store.mirrors_by_sku(&client, &connection.id, sku)?;
        let (state, note) = match candidates.as_slice() {
            [only] => {
                if let Some(why) = self.objection_to_linking(connection, item)? {
                    (TaskState::Stuck, why)
                } else {
                    self.link_mirror(connection, only, item, how)?;
                    (TaskState::Done, format!("linked with {}", only.remote))
                }
            }
            [] => (TaskState::Stuck, format!("the partner has no item with SKU {sku}")),
            several => {
                let note = format!(
                    "{} items there have SKU {sku}: link one of them by its id",
                    several.len()
                );
                (TaskState::Stuck, note)
            }
        };
        self.end_task(task.id, state, &note)?;
        Ok(note)
    }

    /// Goes on linking where the last entry ended.
    pub(super) fn link_more(&mut self, task: &Task) -> Result<String, FoldError> {
        let Work::LinkMore { after, how, create } = &task.work else {
            return Err(FoldError::Entry("a task that links nothing".to_owned()));
        };
        let Some(connection) = self.connection(&task.connection)? else {
            self.end_task(task.id, TaskState::Dropped, "its connection is gone")?;
            return Ok("its connection is gone".to_owned());
        };
        let note = self.link_some(&connection, Some(after), *how, *create)?;
        self.end_task(task.id, TaskState::Done, &note)?;
        Ok(note)
    }

    /// Links some of the partner's items, and owes the rest to another entry: a hundred thousand at once would hold
    /// everything else up.
    fn link_some(
        &mut self,
        connection: &Connection,
        after: Option<&RemoteId>,
        how: LinkHow,
        create: bool,
    ) -> Result<String, FoldError> {
        let client = self.client_id()?;
        let mirrors =
            self.store.unlinked_mirrors(&client, &connection.id, after, LINKS_PER_ENTRY)?;
        let next = mirrors.last().map(|last| last.remote.clone());
        let next = next.filter(|_| mirrors.len() == LINKS_PER_ENTRY as usize);
        let linked = self.link_by_evidence(connection, mirrors, how, create)?;
        let Some(after) = next else { return Ok(format!("{linked} linked")) };
        let work = Work::LinkMore { after, how, create };
        self.owe(&connection.id, work, self.at.plus(BREATH))?;
        Ok(format!("{linked} linked, more follow"))
    }

    /// Links every item of the partner whose SKU is there once and here once (or not yet, if items may be made).
    fn link_by_evidence(
        &mut self,
        connection: &Connection,
        mirrors: Vec<Mirror>,
        how: LinkHow,
        create: bool,
    ) -> Result<u32, FoldError> {
        let client = self.client_id()?;
        let mut linked = 0;
        for mirror in mirrors {
            let Some(sku) = mirror.sku.clone().filter(|sku| crossdock_domain::item::is_sku(sku))
            else {
                continue;
            };
            if self.store.mirrors_by_sku(&client, &connection.id, &sku)?.len() > 1 {
                let body = json!({ "sku": sku, "remote": mirror.remote });
                self.announce("link.ambiguous", Some(&connection.id), body);
                continue;
            }
            let item = match self.item_by_sku(&sku)? {
                // A person's word, or what was linked before, goes before a SKU, as long as the partner has it.
                Some(item) if self.is_linked(connection, item)? => continue,
                Some(item) => {
                    if let Some(why) = self.objection_to_linking(connection, item)? {
                        let body = json!({ "sku": sku, "remote": mirror.remote, "why": why });
                        self.announce("link.refused", Some(&connection.id), body);
                        continue;
                    }
                    item
                }
                None if create => {
                    let mut item = self.new_item(&sku)?;
                    item.title.clone_from(&mirror.title);
                    let id = item.id;
                    self.store.put(item);
                    id
                }
                None => continue,
            };
            self.link_mirror(connection, &mirror, item, how)?;
            linked += 1;
        }
        Ok(linked)
    }

    /// Whether an item is linked with something that the partner still has.
    fn is_linked(&mut self, connection: &Connection, item: ItemId) -> Result<bool, FoldError> {
        let Some(remote) = self.counter_of(connection, item)? else { return Ok(false) };
        let key = (self.client_id()?, connection.id.clone(), remote);
        let is_gone = self.store.look(&key, |mirror: &Mirror| mirror.gone)?;
        Ok(is_gone != Some(true))
    }

    fn link_mirror(
        &mut self,
        connection: &Connection,
        mirror: &Mirror,
        item: ItemId,
        how: LinkHow,
    ) -> Result<(), FoldError> {
        let switched_on = match self.item(item)? {
            Some(mut row) if how.sync && !row.sync_enabled => {
                row.sync_enabled = true;
                self.store.put(row);
                true
            }
            _ => false,
        };
        self.link_counter(connection, item, &mirror.remote, how.adopt)?;
        if let Some(variant) = mirror.variant.clone() {
            self.put_link(connection, LinkKind::Variant, variant, item)?;
        }
        if switched_on { self.renew_item(item, None) } else { Ok(()) }
    }
}
