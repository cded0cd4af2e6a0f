//! Foresight: what folding a batch will look at is brought into memory before, in a bounded number of round trips whatever
//! the batch's size. It only spares time: what was not foreseen is looked up when it is needed, and comes to the same.
//!
//! Where the store is this process's own, looking something up costs next to nothing, and nothing is done here.

mod receptions;
mod routing;
mod sight;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crossdock_connectors::{Delivery, Reading, Unreadable};
use crossdock_domain::brake::{BrakeWindow, Braked, Plan, Side};
use crossdock_domain::client::Client;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::EntryKind;
use crossdock_domain::fact::{Fact, OrderFact};
use crossdock_domain::item::{Item, ItemName, NameKind};
use crossdock_domain::link::{Link, LinkKind, Mirror};
use crossdock_domain::order::{Order, SeenOrder};
use crossdock_domain::send::Send;
use crossdock_domain::stock::backing::BackingUse;
use crossdock_domain::stock::{Account, Balance, Level, LevelKey};
use crossdock_domain::task::{Task, Work};
use crossdock_domain::{ConnectionId, ItemId, LaneId};
use crossdock_store::{Pending, StoreError, Unpacked};

use super::booking::unexplained_account;
use super::stock::partner_account;
use crate::head::{self, AnswerHead, DeliveryHead};
use crate::{FindConnector, Hub};
use sight::Sight;

/// What a delivery says to a connection as it was when it was read.
#[derive(Debug)]
pub(crate) struct Foreseen {
    with: Arc<Connection>,
    said: Result<Reading, Unreadable>,
}

impl Foreseen {
    /// What it says, if the connection is still the same.
    pub(super) fn said(&self, to: &Connection) -> Option<Result<Reading, Unreadable>> {
        (*self.with == *to).then(|| self.said.clone())
    }
}

impl Hub {
    /// Looks ahead at what folding these arrivals of a lane will need.
    pub(super) fn foresee(&mut self, lane: &LaneId, pending: &[Pending]) -> Result<(), StoreError> {
        self.foreseen.clear();
        if let LaneId::Connection(id) = lane {
            return self.foresee_routing((lane, id), pending);
        }
        let Some(mut sight) = self.begin_to_see(lane) else { return Ok(()) };
        for next in pending {
            self.want_what_it_came_by(&sight, next);
        }
        self.store.fetch()?;
        for next in pending {
            self.read_ahead(&mut sight, next)?;
        }
        self.want_what_is_named(&sight);
        self.store.fetch()?;
        self.find_items(&mut sight)?;
        self.see_items(&mut sight)
    }

    /// The same for tasks that are due.
    pub(crate) fn foresee_tasks(
        &mut self,
        connection: &Connection,
        tasks: &[Task],
    ) -> Result<(), StoreError> {
        let Some(mut sight) = self.begin_to_see(&connection.lane) else { return Ok(()) };
        sight.connections.insert(connection.id.clone(), Arc::new(connection.clone()));
        for task in tasks {
            if let Work::SetLevel { item, location } | Work::ReadLevel { item, location } =
                &task.work
            {
                sight.items.insert(*item);
                sight.levels.insert((*item, connection.id.clone(), location.clone()));
            }
        }
        let items: Vec<_> = sight.items.iter().copied().collect();
        self.store.fetch_links_of(&sight.client, &items)?;
        self.see_items(&mut sight)
    }

    fn begin_to_see(&self, lane: &LaneId) -> Option<Sight> {
        let client = lane.client().filter(|_| self.store.is_shared())?;
        Some(Sight::of(client, lane))
    }

    fn want_what_it_came_by(&mut self, sight: &Sight, next: &Pending) {
        let (client, lane) = (&sight.client, &sight.lane);
        self.store.want::<Client>((client.clone(),));
        if let Some(source) = &next.source {
            self.store.want::<Connection>((lane.clone(), source.clone()));
            self.store.want::<Plan>((client.clone(), source.clone()));
            for side in [Side::Bookings, Side::Writes] {
                self.store.want::<BrakeWindow>((client.clone(), source.clone(), side));
            }
        }
        if next.kind == EntryKind::Answer
            && let Some(answer) = answer_of(&next.packed)
        {
            self.store.want::<Send>((lane.clone(), answer.send));
        }
    }

    /// Reads what came, as the fold will. What does not read, or panics, is the fold's to judge.
    fn read_ahead(&mut self, sight: &mut Sight, next: &Pending) -> Result<(), StoreError> {
        if let Some(source) = &next.source
            && !sight.connections.contains_key(source)
            && let Some(connection) =
                self.seen::<Connection>(&(sight.lane.clone(), source.clone()))?
        {
            sight.connections.insert(source.clone(), Arc::new(connection));
        }
        match next.kind {
            EntryKind::Delivery => {
                let Some(with) = next.source.as_ref().and_then(|id| sight.connections.get(id))
                else {
                    return Ok(());
                };
                let find = self.find;
                let read = catch_unwind(AssertUnwindSafe(|| said_by(find, next, with)));
                let Ok(Some(said)) = read else { return Ok(()) };
                for fact in said.iter().flat_map(|reading| &reading.facts) {
                    sight.facts.push((with.id.clone(), fact.clone()));
                }
                self.foreseen.insert(next.seq, Foreseen { with: Arc::clone(with), said });
            }
            EntryKind::Command => {
                let bytes = Unpacked::to_be_folded(&next.packed).ok();
                let command = bytes.and_then(|bytes| serde_json::from_slice(bytes.body()).ok());
                sight.names_of(command);
            }
            EntryKind::Answer => {
                let Some(answer) = answer_of(&next.packed) else { return Ok(()) };
                if let Some(send) = self.seen::<Send>(&(sight.lane.clone(), answer.send))? {
                    for task in send.call.tasks() {
                        self.store.want::<Task>((sight.lane.clone(), task));
                    }
                    sight.rows_of(&send);
                }
            }
            EntryKind::Forward => self.receptions_ahead(sight, next),
            EntryKind::Send | EntryKind::Tick => {}
        }
        Ok(())
    }

    fn want_what_is_named(&mut self, sight: &Sight) {
        let client = || sight.client.clone();
        for (id, fact) in &sight.facts {
            match fact {
                Fact::Level(level) => {
                    self.store.want::<Link>((
                        client(),
                        id.clone(),
                        LinkKind::Counter,
                        level.item.clone(),
                    ));
                }
                Fact::LevelGone { item, .. } | Fact::ItemGone { item } => {
                    self.store.want::<Link>((
                        client(),
                        id.clone(),
                        LinkKind::Counter,
                        item.clone(),
                    ));
                    self.store.want::<Mirror>((client(), id.clone(), item.clone()));
                }
                Fact::Item(item) => {
                    if let Some(remote) = &item.item {
                        let link = (client(), id.clone(), LinkKind::Counter, remote.clone());
                        self.store.want::<Link>(link);
                        self.store.want::<Mirror>((client(), id.clone(), remote.clone()));
                    }
                }
                Fact::Order(order) => self.want_order(sight, id, order),
                Fact::Reception(_)
                | Fact::ReceptionChanged { .. }
                | Fact::Merchant { .. }
                | Fact::Counters(_)
                | Fact::SomethingChanged
                | Fact::AccessRevoked => {}
            }
        }
        for name in &sight.names {
            if let Ok(id) = name.parse() {
                self.store.want::<Item>((client(), id));
            }
            for kind in [NameKind::Reference, NameKind::Sku] {
                self.store.want::<ItemName>((client(), kind, name.clone()));
            }
        }
        for order in &sight.orders {
            self.store.want::<Order>((client(), order.clone()));
        }
    }

    fn want_order(&mut self, sight: &Sight, id: &ConnectionId, order: &OrderFact) {
        let client = || sight.client.clone();
        self.store.want::<SeenOrder>((client(), id.clone(), order.order.clone()));
        for line in &order.lines {
            if let Some(variant) = &line.variant {
                let link = (client(), id.clone(), LinkKind::Variant, variant.clone());
                self.store.want::<Link>(link);
            }
            if let Some(sku) = &line.sku {
                self.store.want::<ItemName>((client(), NameKind::Sku, sku.clone()));
            }
        }
    }

    /// The items of which facts and commands speak.
    fn find_items(&mut self, sight: &mut Sight) -> Result<(), StoreError> {
        for (id, fact) in std::mem::take(&mut sight.facts) {
            let counter = match &fact {
                Fact::Level(level) => Some((&level.item, Some(&level.location))),
                Fact::LevelGone { item, location, .. } => Some((item, Some(location))),
                Fact::Item(item) => item.item.as_ref().map(|item| (item, None)),
                Fact::ItemGone { item } => Some((item, None)),
                Fact::Order(order) => {
                    self.items_of_order(sight, &id, order)?;
                    None
                }
                Fact::Reception(_)
                | Fact::ReceptionChanged { .. }
                | Fact::Merchant { .. }
                | Fact::Counters(_)
                | Fact::SomethingChanged
                | Fact::AccessRevoked => None,
            };
            let Some((remote, location)) = counter else { continue };
            let key = (sight.client.clone(), id.clone(), LinkKind::Counter, remote.clone());
            let Some(link) = self.seen::<Link>(&key)? else { continue };
            sight.items.insert(link.item);
            if let Some(location) = location {
                sight.levels.insert((link.item, id, location.clone()));
            }
        }
        for name in std::mem::take(&mut sight.names) {
            sight.items.extend(name.parse::<ItemId>());
            for kind in [NameKind::Reference, NameKind::Sku] {
                let key = (sight.client.clone(), kind, name.clone());
                sight.items.extend(self.seen::<ItemName>(&key)?.map(|name| name.item));
            }
        }
        for order in &sight.orders {
            if let Some(order) = self.seen::<Order>(&(sight.client.clone(), order.clone()))? {
                sight.items.extend(order.lines.iter().map(|line| line.item));
            }
        }
        self.want_lines(sight)
    }

    fn items_of_order(
        &mut self,
        sight: &mut Sight,
        id: &ConnectionId,
        order: &OrderFact,
    ) -> Result<(), StoreError> {
        for line in &order.lines {
            if let Some(variant) = &line.variant {
                let key = (sight.client.clone(), id.clone(), LinkKind::Variant, variant.clone());
                sight.items.extend(self.seen::<Link>(&key)?.map(|link| link.item));
            }
            if let Some(sku) = &line.sku {
                let key = (sight.client.clone(), NameKind::Sku, sku.clone());
                sight.items.extend(self.seen::<ItemName>(&key)?.map(|name| name.item));
            }
        }
        Ok(())
    }

    /// The items with all that is kept of them: balances, levels everywhere, what is owed there.
    fn see_items(&mut self, sight: &mut Sight) -> Result<(), StoreError> {
        self.want_items(sight);
        self.want_levels(sight);
        self.store.fetch()?;
        for item in sight.items.clone() {
            let key = (sight.client.clone(), item);
            let Some(item) = self.seen::<Item>(&key)? else { continue };
            let places = item.places.into_iter().map(|place| (place.connection, place.location));
            let backing = item.backing.map(|backing| (backing.connection, backing.location));
            for (connection, location) in places.chain(backing) {
                self.store.want::<Connection>((sight.lane.clone(), connection.clone()));
                sight.levels.insert((item.id, connection, location));
            }
        }
        self.want_levels(sight);
        self.store.fetch()?;
        for (_, id, _) in sight.levels.clone() {
            if !sight.connections.contains_key(&id)
                && let Some(connection) =
                    self.seen::<Connection>(&(sight.lane.clone(), id.clone()))?
            {
                sight.connections.insert(id, Arc::new(connection));
            }
        }
        self.want_items(sight);
        for key in sight.level_keys() {
            let Some(level) = self.seen::<Level>(&key)? else { continue };
            for task in [level.write_task, level.read_task].into_iter().flatten() {
                self.store.want::<Task>((sight.lane.clone(), task));
            }
        }
        self.store.fetch()
    }

    fn want_items(&mut self, sight: &Sight) {
        for item in &sight.items {
            let key = || (sight.client.clone(), *item);
            self.store.want::<Item>(key());
            self.store.want::<BackingUse>(key());
            let mut accounts = vec![Account::B2B, Account::B2C];
            for connection in sight.connections.values() {
                accounts.extend([partner_account(connection), unexplained_account(connection)]);
            }
            accounts.extend(sight.accounts.iter().cloned());
            accounts.extend(sight.orders.iter().map(|order| Account::Committed(order.clone())));
            for account in accounts {
                self.store.want::<Balance>((sight.client.clone(), *item, account));
            }
        }
    }

    fn want_levels(&mut self, sight: &Sight) {
        for key in sight.level_keys() {
            let LevelKey { client, item, connection, location } = key.clone();
            self.store.want::<Level>(key);
            for side in [Side::Bookings, Side::Writes] {
                let key = (client.clone(), connection.clone(), side, item, location.clone());
                self.store.want::<Braked>(key);
            }
            for side in [Side::Bookings, Side::Writes] {
                self.store.want::<BrakeWindow>((client.clone(), connection.clone(), side));
            }
            self.store.want::<Plan>((client, connection));
        }
    }

    /// A row that was fetched. One that does not read is for whoever needs it.
    fn seen<R: crossdock_store::Kept>(&mut self, key: &R::Key) -> Result<Option<R>, StoreError> {
        match self.store.get::<R>(key) {
            Err(StoreError::Unreadable { .. }) => Ok(None),
            other => other,
        }
    }
}

fn answer_of(packed: &[u8]) -> Option<AnswerHead> {
    head::read(Unpacked::to_be_folded(packed).ok()?.head()).ok()
}

/// What a delivery says; `None` if that has to be found out in the fold.
fn said_by(
    find: FindConnector,
    next: &Pending,
    connection: &Connection,
) -> Option<Result<Reading, Unreadable>> {
    let bytes = Unpacked::to_be_folded(&next.packed).ok()?;
    let head: DeliveryHead = head::read(bytes.head()).ok()?;
    let delivery = Delivery::kept(&head.headers, bytes.body());
    Some(find(&connection.connector)?.read(&next.topic, &delivery, connection))
}
