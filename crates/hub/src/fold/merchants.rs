//! Accounts at a partner, and whose they are: a person maps them, and what waited is then handed on, piece by piece.

use crossdock_domain::command::PutMerchant;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_domain::fact::Fact;
use crossdock_domain::merchant::{Merchant, Unrouted};
use crossdock_domain::sweep::Scope;
use crossdock_domain::task::{PollRun, Task, TaskState, Work};
use crossdock_domain::{ClientId, ConnectionId, RemoteId};
use serde_json::json;

use super::connections::no_connection;
use super::forward::Place;
use super::routing::nobodys;
use super::{BREATH, Fold, FoldError};
use crate::plant::Plant;

/// Tellings that one entry hands on.
const STEP: u32 = 250;

impl Fold<'_> {
    /// An account as it is known; a new one if it is not.
    pub(super) fn merchant(
        &mut self,
        connection: &ConnectionId,
        remote: &RemoteId,
    ) -> Result<Merchant, FoldError> {
        let known = self.known_merchant(connection, remote)?;
        Ok(known.unwrap_or_else(|| Merchant::new(connection.clone(), remote.clone())))
    }

    pub(super) fn known_merchant(
        &mut self,
        connection: &ConnectionId,
        remote: &RemoteId,
    ) -> Result<Option<Merchant>, FoldError> {
        Ok(self.store.get(&(connection.clone(), remote.clone()))?)
    }

    /// The partner has an account.
    pub(super) fn meet(
        &mut self,
        connection: &ConnectionId,
        remote: &RemoteId,
        name: Option<&str>,
    ) -> Result<Outcome, FoldError> {
        let known = self.known_merchant(connection, remote)?;
        let is_new = known.is_none();
        let mut merchant = self.merchant(connection, remote)?;
        let is_renamed = name.is_some() && merchant.name.as_deref() != name;
        if is_renamed {
            merchant.name = name.map(str::to_owned);
        }
        self.store.put(merchant);
        Ok(match (is_new, is_renamed) {
            (true, _) => Outcome::applied(format!("account {remote} found")),
            (false, true) => Outcome::applied(format!("account {remote} has another name")),
            (false, false) => Outcome::unchanged(""),
        })
    }

    /// A person says whose an account is.
    pub(super) fn put_merchant(&mut self, wanted: PutMerchant) -> Result<Outcome, FoldError> {
        let Some(connection) = self.connection(&wanted.connection)? else {
            return Ok(no_connection(&wanted.connection));
        };
        let before = self.merchant(&connection.id, &wanted.merchant)?;
        let is_new_owner = before.client.as_ref() != Some(&wanted.client);
        let is_asked = !wanted.accept_history && self.plant != Some(Plant::RemapUnasked);
        if is_new_owner && is_asked {
            let elsewhere =
                self.store.routes_elsewhere(&connection.id, &before.remote, &wanted.client)?;
            if !elsewhere.is_empty() {
                return Ok(has_a_history(&before, &elsewhere));
            }
        }
        let merchant = Merchant {
            client: Some(wanted.client.clone()),
            destination: wanted.destination.unwrap_or_else(|| before.destination.clone()),
            ..before.clone()
        };
        if merchant == before && self.known_merchant(&connection.id, &before.remote)?.is_some() {
            return Ok(Outcome::unchanged(""));
        }
        self.store.put(merchant.clone());
        if is_new_owner {
            let body = json!({ "merchant": merchant.remote, "client": merchant.client,
                "before": before.client });
            self.announce("merchant.mapped", Some(&connection.id), body);
            self.begin_to_serve(&connection, &merchant)?;
        }
        let waiting = merchant.tally.waiting;
        let note = match (is_new_owner, waiting) {
            (true, 0) => format!("account {} belongs to `{}`", merchant.remote, wanted.client),
            (true, n) => format!(
                "account {} belongs to `{}`: {n} that waited are handed on now",
                merchant.remote, wanted.client
            ),
            (false, _) => "settings taken".to_owned(),
        };
        let result = json!({ "merchant": merchant.remote, "client": merchant.client,
            "waiting": waiting });
        Ok(Outcome::applied(note).with(result))
    }

    /// What waited for an account's client is handed on, and what the partner has of it is read.
    fn begin_to_serve(
        &mut self,
        connection: &Connection,
        merchant: &Merchant,
    ) -> Result<(), FoldError> {
        if merchant.tally.waiting > 0 {
            let work = Work::HandOn { merchant: merchant.remote.clone() };
            self.owe(&connection.id, work, self.at.plus(BREATH))?;
        }
        let is_read = merchant.remote != nobodys()?
            && merchant.last_sync_at.is_none()
            && self.objection_to_reading(connection)?.is_none();
        if is_read {
            let run = PollRun { scope: Scope::Changes, begun: self.at };
            self.read_account(connection, &merchant.remote, run)?;
        }
        Ok(())
    }

    /// An account has no more to do with us. What was handed on stays, and what is told of it from now on waits.
    pub(super) fn remove_merchant(
        &mut self,
        id: &ConnectionId,
        remote: &RemoteId,
    ) -> Result<Outcome, FoldError> {
        if self.connection(id)?.is_none() {
            return Ok(no_connection(id));
        }
        let Some(merchant) = self.known_merchant(id, remote)? else {
            return Ok(Outcome::unknown_entity(format!("account {remote} is not known")));
        };
        let body = json!({ "merchant": remote, "before": merchant.client });
        if merchant.tally.waiting == 0 && merchant.tally.imported == 0 {
            self.store.remove::<Merchant>((id.clone(), remote.clone()));
        } else if merchant.client.is_none() {
            return Ok(Outcome::unchanged("it belongs to nobody already"));
        } else {
            self.store.put(Merchant { client: None, ..merchant });
        }
        self.announce("merchant.removed", Some(id), body);
        Ok(Outcome::applied("it belongs to nobody: what is told of it waits"))
    }

    /// The next piece of what waited is handed on.
    pub(super) fn go_on_handing_on(&mut self, task: &Task) -> Result<String, FoldError> {
        let Work::HandOn { merchant: remote } = &task.work else {
            return Err(FoldError::Entry("a task that hands nothing on".to_owned()));
        };
        self.end_task(task.id, TaskState::Done, "")?;
        let Some(connection) = self.connection(&task.connection)? else {
            return Ok("its connection is gone".to_owned());
        };
        if self.merchant(&connection.id, remote)?.client.is_none() {
            return Ok(
                "the account belongs to nobody any more: what waits goes on waiting".to_owned()
            );
        }
        let waiting = self.store.unrouted(&connection.id, remote, STEP)?;
        let is_last = waiting.len() < usize::try_from(STEP).unwrap_or(usize::MAX);
        let (count, mut handed) = (waiting.len(), 0);
        for told in waiting {
            let place = Place { number: told.number, index: told.index };
            let mut merchant = self.merchant(&connection.id, remote)?;
            merchant.tally.waiting = merchant.tally.waiting.saturating_sub(1);
            self.store.put(merchant);
            let (connection_id, account) = (told.connection, told.merchant);
            let key = (connection_id, account.clone(), told.number, told.index);
            self.store.remove::<Unrouted>(key);
            let outcome = if let Fact::Reception(fact) = &told.fact {
                self.route_reception(&connection, account, fact, place)?
            } else if let Fact::ReceptionChanged { reception, .. } = &told.fact {
                self.route_hint(&connection, account, reception, place)?
            } else {
                return Err(FoldError::Entry("what waits is no reception".to_owned()));
            };
            handed += usize::from(outcome.kind == OutcomeKind::Applied);
        }
        if !is_last {
            let work = Work::HandOn { merchant: remote.clone() };
            self.owe(&connection.id, work, self.at.plus(BREATH))?;
        }
        let not = match count - handed {
            0 => String::new(),
            not => format!(", {not} not: nothing new, or disputed"),
        };
        let more = if is_last { "" } else { ", more follow" };
        let note = format!("{handed} handed on{not}{more}");
        self.end_task(task.id, TaskState::Done, &note)?;
        Ok(note)
    }
}

/// A refusal to give an account to another client, with what was handed to whom.
fn has_a_history(merchant: &Merchant, elsewhere: &[(ClientId, u64)]) -> Outcome {
    let told: Vec<_> =
        elsewhere.iter().map(|(client, count)| format!("{count} to `{client}`")).collect();
    let history: Vec<_> = elsewhere
        .iter()
        .map(|(client, count)| json!({ "client": client, "receptions": count }))
        .collect();
    let note = format!(
        "receptions of account {} were handed on already: {}. They stay there, with all that is told of them later. If \
         that is what you want, say that you accept the history",
        merchant.remote,
        told.join(", ")
    );
    Outcome::illegal(note).with(json!({
        "type": "history",
        "merchant": merchant.remote,
        "client": merchant.client,
        "history": history,
    }))
}
