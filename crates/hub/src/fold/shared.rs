//! A shared connection's lane: one connection that serves several clients. It routes, and has no goods of its own; what may be
//! asked of it is said here.

use crossdock_connectors::Connector;
use crossdock_domain::command::{Command, PutConnection};
use crossdock_domain::connection::{Connection, Stage};
use crossdock_domain::entry::Outcome;
use crossdock_domain::merchant::SharedConnection;
use crossdock_domain::stock::StockTerms;
use crossdock_domain::{ConnectionId, LaneId, TaskId};
use serde_json::json;

use super::{Fold, FoldError};

impl Fold<'_> {
    /// Whether this is the lane of a connection that serves several clients.
    pub(super) const fn is_shared(&self) -> bool {
        matches!(self.lane, LaneId::Connection(_))
    }

    /// The id of the lane's next task.
    pub(super) fn next_task(&mut self) -> Result<TaskId, FoldError> {
        if let LaneId::Connection(id) = self.lane {
            let mut shared = self.shared(id)?;
            let task = shared.next_task();
            self.store.put(shared);
            return Ok(task);
        }
        let mut client = self.client()?;
        let task = client.next_task();
        self.store.put(client);
        Ok(task)
    }

    /// A shared connection's own counters.
    pub(super) fn shared(&mut self, id: &ConnectionId) -> Result<SharedConnection, FoldError> {
        let known = self.store.get(&(id.clone(),))?;
        Ok(known.unwrap_or_else(|| SharedConnection::new(id.clone())))
    }

    /// Why a command cannot be obeyed in this lane, if it cannot: what concerns goods is asked of a client, what concerns
    /// accounts of their connection.
    pub(super) fn objection_to_place(&self, command: &Command) -> Option<String> {
        let is_about_accounts = matches!(
            command,
            Command::PutMerchant(_)
                | Command::RemoveMerchant { .. }
                | Command::Poll { .. }
                | Command::TellReceptions { .. }
                | Command::PutReception { .. }
                | Command::MarkShipped(_)
        );
        let is_about_either = matches!(
            command,
            Command::PutConnection(_)
                | Command::PauseConnection { .. }
                | Command::ResumeConnection { .. }
                | Command::GoLive { .. }
                | Command::Observe { .. }
                | Command::TestConnection { .. }
                | Command::RetryEntry { .. }
                | Command::RetryTask { .. }
        );
        match (is_about_accounts, self.is_shared()) {
            _ if is_about_either => None,
            (true, false) => {
                Some(format!("accounts are a connection's own, and this is the lane {}", self.lane))
            }
            (false, true) => Some(format!(
                "the lane {} serves several clients: this is asked of one of them",
                self.lane
            )),
            (true, true) | (false, false) => None,
        }
    }

    /// Why a connection cannot be in this lane, if it cannot.
    pub(super) fn objection_to_lane(
        &self,
        connector: &dyn Connector,
        wanted: &PutConnection,
    ) -> Option<String> {
        let (id, name) = (&wanted.connection, &wanted.connector);
        match (connector.offers().is_shared, self.lane) {
            (true, LaneId::Connection(lane)) if lane == id => None,
            (true, _) => Some(format!(
                "a connection of `{name}` serves several clients: it has a lane of its own, `connection:{id}`"
            )),
            (false, LaneId::Connection(_)) => Some(format!(
                "a connection of `{name}` serves one client: it belongs into that client's lane"
            )),
            (false, LaneId::Client(_) | LaneId::House) => None,
        }
    }

    /// The terms of a new connection that serves several clients, where nobody has said any.
    pub(super) fn first_terms(connector: &dyn Connector) -> StockTerms {
        let offers = connector.offers();
        if !offers.is_shared {
            return StockTerms::default();
        }
        StockTerms {
            reconcile_changes: offers.schedules.changes.to_owned(),
            reconcile_all: offers.schedules.all.to_owned(),
            ..StockTerms::default()
        }
    }

    /// A connection of several clients has no stock of its own, so going live zeroes nothing: it lets what people ask for go out.
    pub(super) fn set_stage(&mut self, connection: Connection, stage: Stage) -> Outcome {
        let is_live = matches!(stage, Stage::Live { .. });
        let id = connection.id.clone();
        self.store.put(Connection { stage, ..connection });
        let (event, note) = if is_live {
            ("connection.went_live", "live: receptions are announced and changed at the partner")
        } else {
            ("connection.observing", "it reads, and changes nothing at the partner any more")
        };
        self.announce(event, Some(&id), json!({}));
        Outcome::applied(note)
    }
}
