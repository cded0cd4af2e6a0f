//! What is known so far of what will be looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crossdock_domain::call::Call;
use crossdock_domain::command::Command;
use crossdock_domain::connection::Connection;
use crossdock_domain::fact::Fact;
use crossdock_domain::send::Send;
use crossdock_domain::stock::{Account, LevelKey};
use crossdock_domain::{ClientId, ConnectionId, ItemId, LaneId, OrderRef, RemoteId};

/// As far as it can be told from what came, and from what was found since.
#[derive(Debug)]
pub(super) struct Sight {
    pub(super) client: ClientId,
    pub(super) lane: LaneId,
    pub(super) connections: BTreeMap<ConnectionId, Arc<Connection>>,
    pub(super) facts: Vec<(ConnectionId, Fact)>,
    /// Lines of receptions, each by the SKU that was told.
    pub(super) lines: Vec<((ClientId, String, RemoteId), String)>,
    /// What commands call items by.
    pub(super) names: BTreeSet<String>,
    pub(super) orders: BTreeSet<OrderRef>,
    /// Accounts that commands speak of.
    pub(super) accounts: BTreeSet<Account>,
    pub(super) items: BTreeSet<ItemId>,
    pub(super) levels: BTreeSet<(ItemId, ConnectionId, RemoteId)>,
}

impl Sight {
    /// Nothing is known yet.
    pub(super) fn of(client: &ClientId, lane: &LaneId) -> Self {
        Self {
            client: client.clone(),
            lane: lane.clone(),
            connections: BTreeMap::new(),
            facts: Vec::new(),
            lines: Vec::new(),
            names: BTreeSet::new(),
            orders: BTreeSet::new(),
            accounts: BTreeSet::new(),
            items: BTreeSet::new(),
            levels: BTreeSet::new(),
        }
    }

    pub(super) fn names_of(&mut self, command: Option<Command>) {
        match command {
            Some(Command::PlaceOrder { order, lines }) => {
                self.orders.insert(order);
                self.names.extend(lines.into_iter().map(|line| line.item));
            }
            Some(Command::CancelOrder { order } | Command::ShipOrder { order, .. }) => {
                self.orders.insert(order);
            }
            Some(Command::PutItem(wanted)) => {
                self.names.insert(wanted.sku);
                self.names.extend(wanted.reference);
            }
            Some(Command::Allocate { item, from, to, .. }) => {
                self.names.insert(item);
                self.accounts.extend([from, to]);
            }
            Some(Command::CountPool { item, .. }) => {
                self.names.insert(item);
                self.accounts.insert(Account::Count);
            }
            Some(
                Command::LinkItem { item, .. }
                | Command::SetSync { item, .. }
                | Command::DecideUnexplained { item, .. }
                | Command::Sync { item: Some(item) },
            ) => {
                self.names.insert(item);
            }
            // The others are rare, or go through too much to be foreseen.
            _ => {}
        }
    }

    pub(super) fn rows_of(&mut self, send: &Send) {
        let connection = &send.connection;
        let mut see = |item: ItemId, location: &RemoteId| {
            self.items.insert(item);
            self.levels.insert((item, connection.clone(), location.clone()));
        };
        for row in send.call.writes() {
            see(row.item, &row.location);
        }
        if let Call::ReadLevels { rows } = &send.call {
            for row in rows {
                see(row.item, &row.location);
            }
        }
    }

    pub(super) fn level_keys(&self) -> Vec<LevelKey> {
        let key = |(item, connection, location): &(ItemId, ConnectionId, RemoteId)| LevelKey {
            client: self.client.clone(),
            item: *item,
            connection: connection.clone(),
            location: location.clone(),
        };
        self.levels.iter().map(key).collect()
    }
}
