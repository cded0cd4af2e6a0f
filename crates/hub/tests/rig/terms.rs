//! The terms on which a shop takes part in stock, and what it is told at its other location.

use crossdock_connectors::{Admission, Headers};
use crossdock_domain::call::{Call, CallKind};
use crossdock_domain::command::{Command, PutConnection};
use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_domain::event::Event;
use crossdock_domain::stock::StockTerms;
use crossdock_domain::stock::terms::{Part, Role, Unexplained};
use crossdock_domain::stock::{Level, Pool};
use crossdock_domain::{Instant, Number, RemoteId};
use crossdock_hub::delivery_arrival;
use crossdock_sandbox::shopify::{Shelf, Units, Which};
use serde_json::{Value, json};

use super::{Rig, stamp};

/// A location of the shop that its settings do not name.
pub(crate) const ELSEWHERE: &str = "106318463282";

impl Rig {
    /// Changes the terms on which a connection takes part in stock.
    pub(crate) fn terms(&mut self, name: &str, change: impl FnOnce(&mut StockTerms)) -> Outcome {
        let lane = self.lane.clone();
        let known = self.hub().connection(&lane, &name.parse().unwrap()).unwrap().unwrap();
        let secret_slots = self.shops.get(name).unwrap().vault.0.keys().cloned().collect();
        let mut stock = known.stock;
        change(&mut stock);
        self.obey(&Command::PutConnection(PutConnection {
            connection: known.id,
            connector: known.connector,
            sandbox: known.sandbox,
            settings: known.settings,
            secret_slots,
            calls: Some(known.calls),
            paused: None,
            stock: Some(stock),
            live: true,
        }))
    }

    /// Changes the terms on which the shop takes part in stock, which is allowed.
    pub(crate) fn stock_terms(&mut self, change: impl FnOnce(&mut StockTerms)) {
        let outcome = self.terms("shop", change);
        assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    }

    pub(crate) fn unexplained(&mut self, policy: Unexplained) {
        self.terms("shop", |terms| terms.unexplained = policy);
    }

    /// Gives the location elsewhere a role.
    pub(crate) fn elsewhere(&mut self, role: Role, pool: Pool) -> Outcome {
        let location: RemoteId = ELSEWHERE.parse().unwrap();
        self.terms("shop", |terms| {
            terms.roles.insert(location, Part { role, pool });
        })
    }

    /// The shop tells a figure of the location elsewhere, at a second of this minute.
    pub(crate) fn tell_elsewhere(&mut self, sku: &str, available: i64, second: u32) -> Outcome {
        let item = self.shop().truth(sku).inventory_item_id;
        let location: u64 = ELSEWHERE.parse().unwrap();
        let body = json!({ "inventory_item_id": item, "location_id": location,
            "available": available, "updated_at": format!("2026-11-20T10:03:{second:02}Z") });
        self.deliver("inventory_levels/update", &body)
    }

    /// A genuine delivery with a header that says when it was set off.
    pub(crate) fn deliver_set_off_at(&mut self, topic: &str, body: &Value, at: Instant) -> Outcome {
        let (lane, id) = (self.lane.clone(), "shop".parse().unwrap());
        let connection = self.hub().connection(&lane, &id).unwrap().unwrap();
        let (id, now) = (self.id(), self.now);
        let dedupe_key = format!("{:?}", self.id());
        let admission = Admission { dedupe_key, topic: topic.to_owned(), event_id: None };
        let headers = Headers(vec![("x-shopify-triggered-at".to_owned(), at.to_string())]);
        let body = body.to_string();
        let arrival = delivery_arrival(id, &connection, admission, headers, body.as_bytes(), now);
        self.fold(arrival).outcome
    }

    pub(crate) fn level_elsewhere(&self, sku: &str) -> Level {
        let levels = self.stock(sku).levels;
        levels.into_iter().find(|level| level.key.location.as_str() == ELSEWHERE).unwrap()
    }

    /// Some units of a sale come back, on the shelf or not.
    pub(crate) fn refund(&mut self, order: u64, sku: &str, quantity: i64, back: Shelf) {
        let now = stamp(self.now);
        let units = Units { which: Which::sku(sku), quantity };
        self.shop().shop.refund(order, &[units], back, now).unwrap();
    }

    /// Events of a name, oldest first.
    pub(crate) fn events(&self, name: &str) -> Vec<Event> {
        let mut events = self.reader().events(&self.lane, 500).unwrap();
        events.retain(|event| event.name == name);
        events.sort_by_key(|event| (event.number, event.index));
        events
    }

    /// A person's word on what waits unexplained.
    pub(crate) fn decide(&mut self, sku: &str, accept: bool) -> Outcome {
        let connection = "shop".parse().unwrap();
        self.obey(&Command::DecideUnexplained { item: sku.to_owned(), connection, accept })
    }

    /// Calls of a kind that were recorded so far, with the number of each.
    pub(crate) fn calls(&mut self, kind: CallKind) -> Vec<(Number, Call)> {
        let lane = self.lane.clone();
        let numbers: Vec<_> = self.journal().iter().map(|entry| entry.number).collect();
        let mut calls = Vec::new();
        for number in numbers {
            let key = (lane.clone(), number);
            let send: Option<crossdock_domain::send::Send> = self.hub().store().get(&key).unwrap();
            calls.extend(send.filter(|s| s.call.kind() == kind).map(|s| (number, s.call)));
        }
        calls
    }
}
