//! Clients and connections: settings come in as commands, checked and completed by the connector.

use crossdock_connectors::{Configured, Connector, Given};
use crossdock_domain::brake;
use crossdock_domain::call::CallKind;
use crossdock_domain::command::PutConnection;
use crossdock_domain::connection::{Connection, ConnectionStatus, Stage};
use crossdock_domain::entry::Outcome;
use crossdock_domain::stock::terms::Role;
use crossdock_domain::task::{Errand, Work};
use crossdock_domain::{ConnectionId, RemoteId};
use serde_json::json;

use super::{Fold, FoldError, sweeps};

impl Fold<'_> {
    pub(super) fn put_client(&mut self, name: String) -> Result<Outcome, FoldError> {
        let id = self.client_id()?;
        let mut client = self.client()?;
        let is_new = self.store.get::<crossdock_domain::client::Client>(&(id,))?.is_none();
        if !is_new && client.name == name {
            return Ok(Outcome::unchanged(""));
        }
        client.name = name;
        self.store.put(client);
        Ok(Outcome::applied(if is_new { "client made" } else { "client renamed" }))
    }

    pub(super) fn put_connection(&mut self, wanted: PutConnection) -> Result<Outcome, FoldError> {
        let Some(connector) = (self.find)(&wanted.connector) else {
            return Ok(Outcome::illegal(format!("there is no connector `{}`", wanted.connector)));
        };
        if let Some(why) = self.objection_to_lane(connector, &wanted) {
            return Ok(Outcome::illegal(why));
        }
        let given = Given {
            settings: &wanted.settings,
            secret_slots: &wanted.secret_slots,
            sandbox: wanted.sandbox,
        };
        let configured = match connector.configure(&given) {
            Ok(configured) => configured,
            Err(bad) => return Ok(Outcome::illegal(bad.to_string())),
        };
        let known = self.connection(&wanted.connection)?;
        let fetches_token = configured.fetches_token;
        let mut connection = self.as_wanted(connector, wanted, configured, known.as_ref());
        if known.as_ref() == Some(&connection) {
            return Ok(Outcome::unchanged(""));
        }
        // Of a shared connection no level is kept that could begin anew.
        let is_anew = |old: &Connection| !self.is_shared() && old.parts() != connection.parts();
        let before = known.clone().filter(is_anew);
        if let Some(why) = self.objection_to_stock(&connection, known.as_ref())? {
            return Ok(Outcome::illegal(why));
        }
        let is_planned = known
            .as_ref()
            .is_some_and(|old| sweeps::is_planned_alike(&old.stock, &connection.stock));
        // A token that was fetched for other settings may be another shop's.
        let is_other = known.is_none_or(|old| old.settings != connection.settings);
        if !self.is_shared() {
            let client = self.client()?;
            self.store.put(client);
        }
        if let Some(before) = &before {
            self.mark_new_roles(before, &mut connection);
        }
        self.store.put(connection.clone());
        if fetches_token && (is_other || connection.token.is_none()) {
            self.renew_token(&connection.id)?;
        }
        if before.is_some() {
            self.go_through(&connection, Errand::BeginAnew)?;
        }
        if self.is_shared() {
            // Whether anything can be read depends on all of its settings.
            self.plan_polls(&connection)?;
        } else if !is_planned {
            self.plan_sweeps(&connection)?;
        }
        let result = json!({ "connection": connection.id, "warnings": connection.warnings });
        Ok(Outcome::applied("settings taken").with(result))
    }

    /// A connection as it is wanted, with what is not said taken from what is known, or from the connector.
    fn as_wanted(
        &self,
        connector: &dyn Connector,
        wanted: PutConnection,
        configured: Configured,
        known: Option<&Connection>,
    ) -> Connection {
        let status = match (wanted.paused, known) {
            (Some(true), Some(old)) if !old.status.sends() => old.status.clone(),
            (Some(true), _) => {
                ConnectionStatus::Paused { since: self.at, why: "its settings say so".to_owned() }
            }
            (Some(false), _) | (None, None) => ConnectionStatus::Active,
            (None, Some(old)) => old.status.clone(),
        };
        let stage = match known.map(|old| &old.stage) {
            None if wanted.live => Stage::Live { since: self.at },
            None => Stage::Observing,
            Some(stage) => stage.clone(),
        };
        Connection {
            lane: self.lane.clone(),
            id: wanted.connection,
            connector: wanted.connector,
            base_url: configured.base_url,
            sandbox: wanted.sandbox,
            status,
            stage,
            location: configured.location,
            stock: wanted
                .stock
                .or_else(|| known.map(|old| old.stock.clone()))
                .unwrap_or_else(|| Self::first_terms(connector)),
            settings: configured.settings,
            calls: wanted.calls.unwrap_or_else(connector.offers().call_defaults),
            warnings: configured.warnings,
            roles_since: known.map(|old| old.roles_since.clone()).unwrap_or_default(),
            token: known.and_then(|old| old.token).filter(|_| configured.fetches_token),
        }
    }

    /// Why the terms on which a connection takes part in stock cannot be, if they cannot.
    fn objection_to_stock(
        &mut self,
        wanted: &Connection,
        known: Option<&Connection>,
    ) -> Result<Option<String>, FoldError> {
        if let Some(why) = brake::objection(&wanted.stock.brake) {
            return Ok(Some(why.to_owned()));
        }
        let is_more = wanted.parts().into_values().any(|part| part.role != Role::Witness);
        if self.is_shared() && is_more {
            let why = "a connection that serves several clients is a witness of their stock and nothing more: a role names an \
                       account there, and is `witness`";
            return Ok(Some(why.to_owned()));
        }
        let has_new_roles = known.is_none_or(|old| old.parts() != wanted.parts());
        match sweeps::check(&wanted.stock) {
            Err(bad) => Ok(Some(bad.to_string())),
            Ok(()) if has_new_roles && !self.is_shared() => self.objection_to_roles(wanted),
            Ok(()) => Ok(None),
        }
    }

    /// Makes sure that a fresh token is being fetched.
    pub(super) fn renew_token(&mut self, connection: &ConnectionId) -> Result<(), FoldError> {
        let open = self.store.open_tasks(connection, CallKind::RenewToken)?;
        match open.first() {
            Some(task) if task.state == crossdock_domain::task::TaskState::Sent => Ok(()),
            Some(task) => self.postpone(task.id, self.at, ""),
            None => self.owe(connection, Work::RenewToken, self.at).map(|_| ()),
        }
    }

    pub(super) fn pause_connection(
        &mut self,
        id: &ConnectionId,
        why: &str,
    ) -> Result<Outcome, FoldError> {
        match self.connection(id)? {
            None => Ok(no_connection(id)),
            Some(connection) if !connection.status.sends() => {
                Ok(Outcome::unchanged("it is paused already"))
            }
            Some(connection) => {
                self.pause(&connection.id, why)?;
                Ok(Outcome::applied("paused: it receives, and sends nothing"))
            }
        }
    }

    pub(super) fn resume_connection(&mut self, id: &ConnectionId) -> Result<Outcome, FoldError> {
        let Some(mut connection) = self.connection(id)? else { return Ok(no_connection(id)) };
        if connection.status.sends() {
            return Ok(Outcome::unchanged("it is not paused"));
        }
        connection.status = ConnectionStatus::Active;
        self.announce("connection.resumed", Some(id), json!({}));
        self.store.put(connection);
        Ok(Outcome::applied("resumed: what is owed goes out now"))
    }

    pub(super) fn test_connection(&mut self, id: &ConnectionId) -> Result<Outcome, FoldError> {
        if self.connection(id)?.is_none() {
            return Ok(no_connection(id));
        }
        let task = self.owe(id, Work::Test, self.at)?;
        Ok(Outcome::applied("the partner is being asked").with(json!({ "task": task })))
    }

    /// Remembers where a partner counts an item.
    pub(super) fn add_place(
        &mut self,
        key: &crossdock_domain::stock::LevelKey,
    ) -> Result<(), FoldError> {
        let row =
            self.store.get::<crossdock_domain::item::Item>(&(key.client.clone(), key.item))?;
        if let Some(mut item) = row {
            let place = crossdock_domain::item::Place {
                connection: key.connection.clone(),
                location: key.location.clone(),
            };
            if let Err(index) = item.places.binary_search_by(|p| {
                (&p.connection, &p.location).cmp(&(&place.connection, &place.location))
            }) {
                item.places.insert(index, place);
                self.store.put(item);
            }
        }
        Ok(())
    }

    /// A level that is read from now on, and published to if the item says so.
    pub(super) fn level_from_now_on(
        &mut self,
        connection: &Connection,
        item: crossdock_domain::ItemId,
        location: &RemoteId,
        adopt: bool,
    ) -> Result<(), FoldError> {
        let key = crossdock_domain::stock::LevelKey {
            client: self.client_id()?,
            item,
            connection: connection.id.clone(),
            location: location.clone(),
        };
        let known = self.store.get::<crossdock_domain::stock::Level>(&key)?;
        let mut level = if let Some(level) = known {
            level
        } else {
            self.add_place(&key)?;
            crossdock_domain::stock::Level::unseen(key)
        };
        level.begin_anew(adopt, self.at);
        level.began = self.number;
        self.recover_if_over(&mut level)?;
        if let Some(stuck) = level.read_task {
            self.hurry(stuck)?;
        }
        self.renew_owed(connection, level)
    }
}

/// The outcome of a command that names a connection that is not there.
pub(super) fn no_connection(id: &ConnectionId) -> Outcome {
    Outcome::unknown_entity(format!("there is no connection `{id}`"))
}
