//! Routing: whose it is that something was told. What a delivery, a command or an answer tells in a shared connection's lane
//! passes here, all of it, and goes on to its client's lane, or waits until a person says whose the account is.

use crossdock_domain::command::ToldReception;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_domain::fact::{Fact, ReceptionFact};
use crossdock_domain::merchant::{Merchant, Remembered, Route, Unrouted};
use crossdock_domain::{ClientId, ConnectionId, Number, RemoteId};
use serde_json::{Value, json};

use super::connections::no_connection;
use super::digests::Digest;
use super::facts::weight;
use super::forward::Place;
use super::{Fold, FoldError};
use crate::plant::Plant;

/// The account of what was told without one, where several may be meant.
const NOBODYS: &str = "?";
/// Receptions that one command may tell.
const TOLD_MAX: usize = 5_000;

/// Whose a telling is.
enum Whose {
    /// This client's.
    Client(ClientId, Option<Box<Route>>),
    /// Nobody has said yet.
    Nobodys,
    /// Of no one that it may go to, and why.
    Disputed(String),
}

impl Fold<'_> {
    /// What one entry of a shared connection's lane tells, in order. The outcome is the weightiest.
    pub(super) fn tell_all(
        &mut self,
        connection: &Connection,
        facts: &[Fact],
    ) -> Result<Outcome, FoldError> {
        let mut whole = Outcome::unchanged("");
        for fact in facts {
            let outcome = self.tell(connection, fact)?;
            if weight(outcome.kind) > weight(whole.kind) {
                whole = outcome;
            }
        }
        Ok(whole)
    }

    /// One thing that is told in a shared connection's lane.
    pub(super) fn tell(
        &mut self,
        connection: &Connection,
        fact: &Fact,
    ) -> Result<Outcome, FoldError> {
        let place = Place { number: self.number, index: self.tellings };
        self.tellings += 1;
        match fact {
            Fact::Reception(told) => {
                let account =
                    self.account_of(&connection.id, told.merchant.as_ref(), &told.reception)?;
                self.route_reception(connection, account, told, place)
            }
            Fact::ReceptionChanged { merchant, reception } => {
                let account = self.account_of(&connection.id, merchant.as_ref(), reception)?;
                if account == nobodys()? {
                    // Read under no account it cannot be; the next reading of all accounts finds it.
                    return self.poll_sooner(connection);
                }
                self.route_hint(connection, account, reception, place)
            }
            Fact::Merchant { remote, name } => self.meet(&connection.id, remote, name.as_deref()),
            Fact::SomethingChanged => self.poll_sooner(connection),
            Fact::AccessRevoked => self.fold_access_revoked(connection),
            Fact::Level(_)
            | Fact::LevelGone { .. }
            | Fact::Item(_)
            | Fact::ItemGone { .. }
            | Fact::Counters(_)
            | Fact::Order(_) => Ok(Outcome::unknown_entity(
                "a connection of several clients keeps no stock or orders",
            )),
        }
    }

    /// The account that is meant: the one that is named; that of the reception, if it is known; the only one that there is.
    fn account_of(
        &mut self,
        connection: &ConnectionId,
        named: Option<&RemoteId>,
        reception: &RemoteId,
    ) -> Result<RemoteId, FoldError> {
        if let Some(named) = named {
            return Ok(named.clone());
        }
        if let Some(route) = self.route(connection, reception)? {
            return Ok(route.merchant);
        }
        let nobodys = nobodys()?;
        let mut known = self.store.merchants_after(connection, None, 3)?;
        known.retain(|merchant| merchant.remote != nobodys);
        match known.as_slice() {
            [only] => Ok(only.remote.clone()),
            _ => Ok(nobodys),
        }
    }

    /// Hands a reception on to whose it is, or lets it wait.
    pub(super) fn route_reception(
        &mut self,
        connection: &Connection,
        account: RemoteId,
        told: &ReceptionFact,
        place: Place,
    ) -> Result<Outcome, FoldError> {
        let mut merchant = self.merchant(&connection.id, &account)?;
        let told = ReceptionFact { merchant: Some(account), ..told.clone() };
        let outcome = match self.whose(&merchant, &told.reception)? {
            Whose::Nobodys => self.let_wait(&mut merchant, Fact::Reception(told), place),
            Whose::Disputed(why) => self.disputed(&mut merchant, &told.reception, why)?,
            Whose::Client(client, route) => {
                let route = route.map(|route| self.agreed(*route)).transpose()?;
                let known = route.as_ref().map(|route| &route.digests);
                let (dated, note) = self.dated_soberly(&told, known.and_then(|known| known.ahead));
                // Read again, the same is no news, though it holds as of another instant.
                let digest = Digest::of(if told.reading.is_zero() { &dated } else { &told })?;
                // What waits in the client's lane may be settled by now, though nothing else is said of it.
                let is_owed = !told.lines.is_empty() && known.is_some_and(|known| known.unsettled);
                if !is_owed && known.is_some_and(|known| digest.is_known(&known.said)) {
                    merchant.tally.repeated += 1;
                    Outcome::unchanged("told before, word for word")
                } else {
                    let mut route = route.unwrap_or_else(|| {
                        merchant.tally.imported += 1;
                        first_route(&merchant, &told.reception, &client)
                    });
                    digest.remember(&mut route.digests.said);
                    route.digests.unsettled &= !is_owed;
                    route.digests.ahead =
                        route.digests.ahead.max(dated.at).filter(|at| *at > self.at);
                    self.store.put(route);
                    merchant = merchant.relieved();
                    let fact = Fact::Reception(dated);
                    self.hand_on((connection, &merchant), &client, fact, place)?;
                    Outcome::applied(format!("handed to `{client}`{note}"))
                }
            }
        };
        self.store.put(merchant);
        Ok(outcome)
    }

    /// Something has changed about a reception: it is read, once it is known whose it is.
    pub(super) fn route_hint(
        &mut self,
        connection: &Connection,
        account: RemoteId,
        reception: &RemoteId,
        place: Place,
    ) -> Result<Outcome, FoldError> {
        let mut merchant = self.merchant(&connection.id, &account)?;
        let outcome = match self.whose(&merchant, reception)? {
            Whose::Nobodys => {
                let reception = reception.clone();
                let fact = Fact::ReceptionChanged { merchant: Some(account), reception };
                self.let_wait(&mut merchant, fact, place)
            }
            Whose::Disputed(why) => self.disputed(&mut merchant, reception, why)?,
            Whose::Client(..) => match self.objection_to_reading(connection)? {
                Some(why) => Outcome::unchanged(why),
                None if self.fetch(connection, (&account, reception), None)? => {
                    Outcome::applied("it is read")
                }
                None => {
                    merchant.tally.repeated += 1;
                    Outcome::applied("it is being read already")
                }
            },
        };
        self.store.put(merchant);
        Ok(outcome)
    }

    fn whose(&mut self, merchant: &Merchant, reception: &RemoteId) -> Result<Whose, FoldError> {
        let route = self.route(&merchant.connection, reception)?;
        Ok(match (route, &merchant.client) {
            // What was handed on once stays with whom it was handed to, whoever has the account now.
            (Some(route), Some(_)) if route.merchant == merchant.remote => {
                Whose::Client(route.client.clone(), Some(Box::new(route)))
            }
            // It was told without an account before, and is with whom this account belongs to.
            (Some(route), Some(client))
                if route.merchant == nobodys()? && route.client == *client =>
            {
                let route = Route { merchant: merchant.remote.clone(), ..route };
                Whose::Client(client.clone(), Some(Box::new(route)))
            }
            (Some(route), _) if route.merchant != merchant.remote => Whose::Disputed(format!(
                "reception {reception} came under account {} before and belongs to `{}`: now it comes under account {}. \
                 Look at the partner's which one is right",
                route.merchant, route.client, merchant.remote
            )),
            (None, Some(client)) => Whose::Client(client.clone(), None),
            (None, None) if self.plant == Some(Plant::GuessClient) => {
                self.whoever_is_first(&merchant.connection)?
            }
            (Some(_) | None, None) | (Some(_), Some(_)) => Whose::Nobodys,
        })
    }

    /// Only for a planted fault: whose an account is, is never guessed.
    fn whoever_is_first(&mut self, connection: &ConnectionId) -> Result<Whose, FoldError> {
        let first = self.store.mapped_merchants_after(connection, None, 1)?.pop();
        let client = first.and_then(|merchant| merchant.client);
        Ok(client.map_or(Whose::Nobodys, |client| Whose::Client(client, None)))
    }

    fn let_wait(&mut self, merchant: &mut Merchant, fact: Fact, place: Place) -> Outcome {
        if merchant.tally.waiting == 0 {
            let body = json!({ "merchant": merchant.remote, "name": merchant.name });
            let connection = merchant.connection.clone();
            self.announce("merchant.waiting", Some(&connection), body);
        }
        merchant.tally.waiting += 1;
        self.store.put(Unrouted {
            connection: merchant.connection.clone(),
            merchant: merchant.remote.clone(),
            number: place.number,
            index: place.index,
            fact,
        });
        let note = format!(
            "nobody has said whose account {} is: it waits, and is handed on once somebody does",
            merchant.remote
        );
        Outcome::new(OutcomeKind::Unroutable, note)
    }

    fn disputed(
        &mut self,
        merchant: &mut Merchant,
        reception: &RemoteId,
        why: String,
    ) -> Result<Outcome, FoldError> {
        if let Some(route) = self.route(&merchant.connection, reception)?
            && route.digests.disputed.as_ref() != Some(&merchant.remote)
        {
            let mut route = self.agreed(route)?;
            route.digests.disputed = Some(merchant.remote.clone());
            self.store.put(route);
            merchant.tally.disputes += 1;
        }
        merchant.tally.errors += 1;
        merchant.trouble = Some(why.clone());
        let connection = merchant.connection.clone();
        let body = json!({ "merchant": merchant.remote, "reception": reception, "why": why });
        self.announce("reception.disputed", Some(&connection), body);
        Ok(Outcome::illegal(why))
    }

    /// A reception came under its own account again, or under a third one: what another claimed is over.
    fn agreed(&mut self, mut route: Route) -> Result<Route, FoldError> {
        if let Some(other) = route.digests.disputed.take() {
            self.store.put(route.clone());
            if let Some(mut other) = self.known_merchant(&route.connection, &other)? {
                other.tally.disputes = other.tally.disputes.saturating_sub(1);
                self.store.put(other);
            }
        }
        Ok(route)
    }

    /// To whom a reception was handed.
    pub(super) fn route(
        &mut self,
        connection: &ConnectionId,
        reception: &RemoteId,
    ) -> Result<Option<Route>, FoldError> {
        Ok(self.store.get(&(connection.clone(), reception.clone()))?)
    }

    /// Receptions as a person or a program tells them, each with its own outcome.
    pub(super) fn tell_receptions(
        &mut self,
        id: &ConnectionId,
        receptions: &[ToldReception],
    ) -> Result<Outcome, FoldError> {
        let Some(connection) = self.connection(id)? else { return Ok(no_connection(id)) };
        if receptions.len() > TOLD_MAX {
            let why = format!(
                "{} receptions at once are too many: {TOLD_MAX} may be told",
                receptions.len()
            );
            return Ok(Outcome::illegal(why));
        }
        let mut kind = OutcomeKind::Unchanged;
        let (mut handed, mut lines) = (0, Vec::with_capacity(receptions.len()));
        for told in receptions {
            let (named, outcome) = match told {
                ToldReception::Reception(fact) => {
                    // What is told by hand is none of our readings, whatever it says.
                    let told = ReceptionFact { reading: Number(0), ..(**fact).clone() };
                    let outcome = self.tell(&connection, &Fact::Reception(told))?;
                    (Some(fact.reception.as_str()), outcome)
                }
                ToldReception::Unreadable { reception, why } => {
                    (reception.as_deref(), Outcome::new(OutcomeKind::Unreadable, why.clone()))
                }
            };
            handed += u64::from(outcome.kind == OutcomeKind::Applied);
            // What reads is not held back by what does not.
            if weight_of_command(outcome.kind) > weight_of_command(kind) {
                kind = outcome.kind;
            }
            lines.push(line(named, &outcome));
        }
        let note = format!("{handed} of {} handed on", receptions.len());
        Ok(Outcome::new(kind, note).with(json!({ "receptions": lines })))
    }
}

/// What the caller gets of one reception.
fn line(reception: Option<&str>, outcome: &Outcome) -> Value {
    let is_handed_on = outcome.kind == OutcomeKind::Applied;
    let word = if is_handed_on { "forwarded" } else { outcome.kind.word() };
    json!({ "reception": reception, "outcome": word, "why": outcome.note })
}

/// Which outcome of many receptions stands for the whole command: that something was handed on, if anything was.
const fn weight_of_command(kind: OutcomeKind) -> u8 {
    if matches!(kind, OutcomeKind::Applied) { u8::MAX } else { weight(kind) }
}

fn first_route(merchant: &Merchant, reception: &RemoteId, client: &ClientId) -> Route {
    Route {
        connection: merchant.connection.clone(),
        remote: reception.clone(),
        merchant: merchant.remote.clone(),
        client: client.clone(),
        read_at: None,
        unsure: false,
        digests: Remembered::default(),
    }
}

/// The reserved account.
pub(super) fn nobodys() -> Result<RemoteId, FoldError> {
    NOBODYS.parse().map_err(|bad: crossdock_domain::id::BadId| FoldError::Entry(bad.to_string()))
}
