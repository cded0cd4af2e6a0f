//! A simulated shop with its secrets, as a connection of the hub: what it tells us comes in here.

use std::collections::{BTreeMap, VecDeque};

use crossdock_connectors::{Admission, Delivery, Headers, Keys};
use crossdock_domain::command::{Command, PutConnection};
use crossdock_domain::{ConnectionId, Instant};
use crossdock_hub::{command_arrival, delivery_arrival};
use crossdock_store::Arrival;
use jiff::Timestamp;
use secrecy::SecretString;

use super::wire::{Happened, Mood};
use super::{Travelling, World};
use crate::finding::{Finding, Found};
use crate::partner::{self, AttemptOutcome, Faults, ItemTruth, Setup, Shop, WebhookAttempt};

/// One shop and what we hold of it.
#[derive(Debug)]
pub struct ShopSide {
    /// The shop.
    pub shop: Shop,
    /// Its secrets.
    pub vault: Vault,
    /// What befalls the next calls, one after the other.
    pub moods: VecDeque<Mood>,
    /// Deliveries that the connector refused.
    pub refused: u32,
}

/// Secrets by slot, newest first.
#[derive(Debug, Default)]
pub struct Vault(pub BTreeMap<String, Vec<SecretString>>);

impl Keys for Vault {
    fn all(&self, slot: &str) -> &[SecretString] {
        self.0.get(slot).map_or(&[], Vec::as_slice)
    }
}

impl Vault {
    /// Keeps a secret as the newest of its slot.
    pub fn keep(&mut self, slot: &str, secret: &str) {
        self.0.entry(slot.to_owned()).or_default().insert(0, SecretString::from(secret));
    }
}

/// An instant as the shop counts time.
#[must_use]
pub fn stamp(at: Instant) -> Timestamp {
    Timestamp::from_microsecond(at.0).unwrap_or(Timestamp::MAX)
}

impl ShopSide {
    /// The truth about an item of the shop.
    ///
    /// # Panics
    /// If the shop has no such item: a play names only those that it has.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a play names only items that its shop has")]
    pub fn truth(&self, sku: &str) -> ItemTruth {
        let mut all = self.shop.truth().into_iter();
        all.find(|item| item.sku.as_deref() == Some(sku)).expect("an item of the shop")
    }

    /// Turns the shop's fault knobs.
    pub fn weather(&mut self, turn: impl FnOnce(&mut Faults)) {
        let mut faults = self.shop.faults().clone();
        turn(&mut faults);
        self.shop.set_faults(faults);
    }

    /// Every call from now on befalls what befalls it, one mood after the other; then fair weather.
    pub fn moods(&mut self, moods: impl IntoIterator<Item = Mood>) {
        self.moods.extend(moods);
    }

    pub(super) fn next_due(&self) -> Option<Instant> {
        self.shop.next_due().map(|at| Instant(at.as_microsecond()))
    }
}

/// Attempts that were let in and wait for the commit, by shop.
pub(super) type Attempts = Vec<(String, WebhookAttempt)>;

impl World {
    /// Opens a shop, and connects it as `put` says, with these secrets and more settings.
    pub fn open_shop(
        &mut self,
        setup: Setup,
        secrets: &[(&str, &str)],
        mut put: PutConnection,
    ) -> Found<()> {
        let (name, now) = (put.connection.to_string(), stamp(self.now));
        let mut vault = Vault::default();
        vault.keep("webhook_secret", &setup.webhook_secret);
        for (slot, secret) in secrets {
            vault.keep(slot, secret);
        }
        partner::CONNECTOR.clone_into(&mut put.connector);
        put.secret_slots = vault.0.keys().cloned().collect();
        for (name, value) in partner::settings(&setup) {
            put.settings.entry(name).or_insert(value);
        }
        let mut shop = Shop::new(setup, now);
        let address = format!("https://hub.example/webhooks/{name}");
        shop.subscribe_to(&partner::TOPICS.map(str::to_owned), &address, partner::VERSION, now)
            .map_err(|error| Finding::Play(format!("{name} takes no subscription: {error:?}")))?;
        let side = ShopSide { shop, vault, moods: VecDeque::new(), refused: 0 };
        self.shops.insert(name, side);
        self.command(&Command::PutConnection(put), "test")?;
        Ok(())
    }

    /// Gives a command, and says how it ended.
    pub fn command(&mut self, command: &Command, by: &str) -> Found<crossdock_hub::Folded> {
        let (id, lane, now) = (self.id(), self.lane.clone(), self.now);
        self.fold(command_arrival(id, lane, command, by, None, now))
    }

    /// The arrivals of this instant: deliveries that fall due, and what was travelling.
    pub(super) fn arrivals_now(&mut self) -> Found<(Vec<Arrival>, Attempts)> {
        let (mut arrivals, mut attempts) = (Vec::new(), Vec::new());
        let now = self.now;
        let mut due: Attempts = Vec::new();
        for (name, side) in &mut self.shops {
            due.extend(side.shop.due(stamp(now)).into_iter().map(|one| (name.clone(), one)));
        }
        for (name, partner) in &mut self.partners {
            due.extend(partner.due(now).into_iter().map(|one| (name.clone(), one)));
        }
        for (name, attempt) in due {
            if let Some(arrival) = self.admit(&name, &attempt)? {
                arrivals.push(arrival);
                attempts.push((name, attempt));
            }
        }
        let mut rest = std::mem::take(&mut self.travelling);
        rest.sort_by_key(|travelling| travelling.arrives);
        for travelling in rest {
            let Travelling { arrives, arrival } = travelling;
            if arrives <= now {
                arrivals.push(arrival);
            } else {
                self.travelling.push(Travelling { arrives, arrival });
            }
        }
        Ok((arrivals, attempts))
    }

    /// A delivery at the door: let in, or refused and reported as such.
    fn admit(&mut self, name: &str, attempt: &WebhookAttempt) -> Found<Option<Arrival>> {
        let arrival = if self.partners.contains_key(name) {
            self.knock_from(name, attempt)?
        } else {
            self.knock(name, &attempt.headers, &attempt.body)?
        };
        if let Err(status) = &arrival {
            self.report(name, attempt.id, &AttemptOutcome::Status(*status));
            if let Some(side) = self.shops.get_mut(name) {
                side.refused += 1;
            }
        }
        Ok(arrival.ok())
    }

    /// A request at the door of a connection: what is let in, or the status with which it is turned away.
    pub fn knock(
        &mut self,
        name: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Found<Result<Arrival, u16>> {
        let lower = |(key, value): &(String, String)| (key.to_lowercase(), value.clone());
        let headers = Headers(headers.iter().map(lower).collect());
        let delivery = Delivery { headers: &headers, body, route_topic: None, has_token: false };
        let id: ConnectionId = name.parse().map_err(|e| Finding::Play(format!("{e}")))?;
        let (lane, find) = (self.lane.clone(), self.find);
        let connection = self.hub().connection(&lane, &id)?;
        let connector = find(partner::CONNECTOR);
        let (Some(connection), Some(connector), Some(side)) =
            (connection, connector, self.shops.get(name))
        else {
            return Err(Finding::Play(format!("{name} is not connected")));
        };
        match connector.admit(&delivery, &connection, &side.vault) {
            Ok(admission) => {
                let (id, now) = (self.id(), self.now);
                Ok(Ok(delivery_arrival(id, &connection, admission, headers, body, now)))
            }
            Err(refusal) => Ok(Err(refusal.status())),
        }
    }

    /// A delivery that the shop signed at another time: genuine, so it is let in.
    pub fn arrive_signed(&mut self, name: &str, topic: &str, body: &str) -> Found<()> {
        let id: ConnectionId = name.parse().map_err(|e| Finding::Play(format!("{e}")))?;
        let lane = self.lane.clone();
        let Some(connection) = self.hub().connection(&lane, &id)? else {
            return Err(Finding::Play(format!("{name} is not connected")));
        };
        let (id, now) = (self.id(), self.now);
        let dedupe_key = format!("signed-{}", u128::from_be_bytes(id));
        let admission = Admission { dedupe_key, topic: topic.to_owned(), event_id: None };
        let headers = Headers::default();
        self.arrive(delivery_arrival(id, &connection, admission, headers, body.as_bytes(), now));
        Ok(())
    }

    /// The attempts are answered 200.
    pub(super) fn acknowledge(&mut self, attempts: Attempts) {
        for (shop, attempt) in attempts {
            self.report(&shop, attempt.id, &AttemptOutcome::Status(200));
            self.note(Happened::Acknowledged { shop, attempt });
        }
    }

    /// The process died over the attempts: the shop has no answer.
    pub(super) fn refuse(&mut self, attempts: Attempts) {
        for (shop, attempt) in attempts {
            let failed = AttemptOutcome::Failed("connection reset".to_owned());
            self.report(&shop, attempt.id, &failed);
        }
    }

    /// Whoever sent a webhook learns what came of it.
    fn report(&mut self, name: &str, attempt: u64, outcome: &AttemptOutcome) {
        let now = self.now;
        if let Some(partner) = self.partners.get_mut(name) {
            partner.attempted(attempt, outcome, now);
        } else if let Some(side) = self.shops.get_mut(name) {
            side.shop.attempted(attempt, outcome, stamp(now));
        }
    }
}
