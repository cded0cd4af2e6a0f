//! A store with items in stock at one shop, filled row by row as the fold would leave it.

use crossdock_domain::client::Client;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::{EntryKind, Outcome, OutcomeKind};
use crossdock_domain::item::Item;
use crossdock_domain::link::{Link, LinkKind};
use crossdock_domain::send::Send;
use crossdock_domain::stock::level::Standing;
use crossdock_domain::stock::{Account, Balance, Level, LevelKey, Movement, Reason};
use crossdock_domain::task::Task;
use crossdock_domain::{ClientId, Instant, ItemId, LaneId, Number, TaskId};
use crossdock_store::{Arrival, Ended, Packed, Reader, Received, Store};
use serde_json::json;

use crate::fresh::Fresh;

const NOW: Instant = Instant(1_790_000_000_000_000);

/// Items `SKU-1`, `SKU-2` and so on, with eleven units in the first's B2C pool, twelve in the second's. Each was opened by
/// a webhook.
pub(crate) struct Shelf {
    store: Store,
    pub(crate) place: Fresh,
}

fn client() -> ClientId {
    "main".parse().unwrap()
}

fn lane() -> LaneId {
    "client:main".parse().unwrap()
}

impl Shelf {
    pub(crate) fn with(items: u64) -> Self {
        let place = Fresh::new();
        let mut shelf = Self { store: place.store(), place };
        shelf.store.begin().unwrap();
        shelf.store.put(Client::new(client(), "Main".to_owned()));
        shelf.store.put(shop(&json!({})));
        for id in 1..=items {
            shelf.fill(id);
        }
        shelf.store.commit().unwrap();
        shelf
    }

    pub(crate) fn reader(&self) -> Reader {
        self.place.reader()
    }

    fn change(&mut self, change: impl FnOnce(&mut Self)) {
        self.store.begin().unwrap();
        assert!(self.store.hold(&lane()).unwrap());
        change(self);
        self.store.commit().unwrap();
    }

    fn fill(&mut self, id: u64) {
        self.store.put(item(id));
        for (kind, remote) in
            [(LinkKind::Counter, format!("c{id}")), (LinkKind::Variant, format!("v{id}"))]
        {
            self.store.put(Link {
                client: client(),
                connection: "shop".parse().unwrap(),
                kind,
                remote: remote.parse().unwrap(),
                item: ItemId(id),
                since: NOW,
            });
        }
        let held = 10 + i64::try_from(id).unwrap();
        self.store.put(Level {
            observed: Some(held),
            standing: Standing::Settled,
            synced_at: Some(NOW),
            seen_at: Some(NOW),
            ..Level::unseen(key(id, "L1"))
        });
        let number = self.webhook(&format!("wh-{id}"));
        let partner: Account = "shopify:shop".parse().unwrap();
        self.book(number, id, (partner, -held), (Account::B2C, held), (held, Reason::Opening));
        self.end(number, EntryKind::Delivery, &Outcome::applied(""));
        self.store.put(task(id, "done"));
        self.store.put(send(number));
    }

    fn book(
        &mut self,
        number: Number,
        id: u64,
        (from, from_after): (Account, i64),
        (to, to_after): (Account, i64),
        (quantity, reason): (i64, Reason),
    ) {
        for (account, quantity) in [(&from, from_after), (&to, to_after)] {
            let (client, item, account) = (client(), ItemId(id), account.clone());
            self.store.put(Balance { client, item, account, quantity });
        }
        let (client, item, at) = (client(), ItemId(id), NOW);
        self.store.add(Movement {
            client,
            number,
            index: 0,
            item,
            from,
            to,
            quantity,
            from_after,
            to_after,
            reason,
            at,
        });
    }

    /// Keeps a webhook and says which entry it becomes if it is folded next.
    fn webhook(&mut self, id: &str) -> Number {
        self.keep(EntryKind::Delivery, Some(id), "orders/create");
        self.store.next_number(&lane())
    }

    fn keep(&mut self, kind: EntryKind, delivery: Option<&str>, topic: &str) {
        let kept = self.store.receive(&Arrival {
            id: [1; 16],
            lane: lane(),
            kind,
            source: delivery.is_some().then(|| "shop".parse().unwrap()),
            topic: topic.to_owned(),
            delivery_id: delivery.map(str::to_owned),
            event_id: None,
            seen_key: None,
            received_at: NOW,
            packed: Packed::new(b"head", b"body"),
        });
        assert!(matches!(kept, Ok(Received::Kept(_))));
    }

    fn end(&mut self, number: Number, kind: EntryKind, outcome: &Outcome) {
        let arrival = self.store.pending(&lane(), 1).unwrap()[0].seq;
        let lane = &lane();
        self.store.end_entry(&Ended { lane, number, arrival, kind, at: NOW, outcome }).unwrap();
    }

    pub(crate) fn refer(&mut self, id: u64, reference: &str) {
        self.change(|shelf| {
            shelf.store.put(Item { reference: Some(reference.to_owned()), ..item(id) });
        });
    }

    /// An item that is linked nowhere.
    pub(crate) fn lonely(&mut self, id: u64) {
        self.change(|shelf| shelf.store.put(item(id)));
    }

    /// Another place of the shop's where an item is counted.
    pub(crate) fn watch(&mut self, id: u64, location: &str) {
        self.change(|shelf| shelf.store.put(Level::unseen(key(id, location))));
    }

    /// From now on the shop's stock is published there as well.
    pub(crate) fn publish_at(&mut self, location: &str) {
        let roles = json!({ location: { "role": "publishes" } });
        self.change(|shelf| shelf.store.put(shop(&roles)));
    }

    /// Something is wrong with an item's level.
    pub(crate) fn fail(&mut self, id: u64, why: &str) {
        self.change(|shelf| {
            let level: Level = shelf.store.get(&key(id, "L1")).unwrap().unwrap();
            shelf.store.put(Level { error: Some(why.to_owned()), ..level });
        });
    }

    /// A read of an item's level is owed.
    pub(crate) fn hint(&mut self, id: u64) {
        self.change(|shelf| {
            let level: Level = shelf.store.get(&key(id, "L1")).unwrap().unwrap();
            shelf.store.put(Level { standing: Standing::Hinted, ..level });
        });
    }

    /// A call that is stuck, and one that was tried in vain and waits.
    pub(crate) fn stall(&mut self) {
        self.change(|shelf| {
            shelf.store.put(task(1_000_001, "stuck"));
            shelf.store.put(task(1_000_002, "waiting"));
        });
    }

    /// More was sold of an item than there was.
    pub(crate) fn oversell(&mut self, id: u64) {
        self.change(|shelf| {
            let (client, item, account) = (client(), ItemId(id), Account::B2C);
            shelf.store.put(Balance { client, item, account, quantity: -2 });
        });
    }

    /// Units came back that nothing explains.
    pub(crate) fn unexplained(&mut self, id: u64, quantity: i64) {
        self.change(|shelf| {
            let (client, item) = (client(), ItemId(id));
            let account = Account::Unexplained("shop".parse().unwrap());
            shelf.store.put(Balance { client, item, account, quantity });
        });
    }

    /// Moves units from B2C to B2B.
    pub(crate) fn allocate(&mut self, id: u64, quantity: i64) {
        self.change(|shelf| {
            shelf.keep(EntryKind::Command, None, "allocate");
            let number = shelf.store.next_number(&lane());
            let left = 10 + i64::try_from(id).unwrap() - quantity;
            let why = (quantity, Reason::Allocated);
            shelf.book(number, id, (Account::B2C, left), (Account::B2B, quantity), why);
            shelf.end(number, EntryKind::Command, &Outcome::applied(""));
        });
    }

    /// A webhook that waits.
    pub(crate) fn deliver(&mut self, id: &str) {
        self.change(|shelf| {
            shelf.webhook(id);
        });
    }

    /// A webhook that could not be folded, after those that wait.
    pub(crate) fn park(&mut self, id: &str, why: &str) {
        self.change(|shelf| {
            shelf.keep(EntryKind::Delivery, Some(id), "orders/create");
            let arrival = shelf.store.pending(&lane(), 100).unwrap().last().unwrap().seq;
            let (number, at) = (shelf.store.next_number(&lane()), NOW);
            let (lane, kind) = (&lane(), EntryKind::Delivery);
            let outcome = &Outcome::new(OutcomeKind::Failed, why);
            let ended = Ended { lane, number, arrival, kind, at, outcome };
            shelf.store.end_entry(&ended).unwrap();
        });
    }

    /// Folds the last entry again, and this time it goes well.
    pub(crate) fn retry_last(&mut self) {
        self.change(|shelf| {
            shelf.keep(EntryKind::Command, None, "retry_entry");
            let number = shelf.store.next_number(&lane());
            shelf.end(number, EntryKind::Command, &Outcome::applied("again"));
            shelf.store.mark_retried(&lane(), Number(number.0 - 1), number).unwrap();
        });
    }
}

fn key(id: u64, location: &str) -> LevelKey {
    let (connection, location) = ("shop".parse().unwrap(), location.parse().unwrap());
    LevelKey { client: client(), item: ItemId(id), connection, location }
}

fn item(id: u64) -> Item {
    serde_json::from_value(json!({
        "client": "main", "id": ItemId(id), "sku": format!("SKU-{id}"), "sync_enabled": true,
        "allocation": "fixed", "publishing": {}, "places": [],
    }))
    .unwrap()
}

fn task(id: u64, state: &str) -> Task {
    serde_json::from_value(json!({
        "lane": lane(), "id": TaskId(id), "connection": "shop", "work": { "work": "test" }, "state": state, "due": NOW,
        "attempts": 2, "cause": 1, "send": null, "note": "the shop is away", "made_at": NOW, "changed_at": NOW,
    }))
    .unwrap()
}

fn send(number: Number) -> Send {
    serde_json::from_value(json!({
        "lane": lane(), "number": number, "connection": "shop", "call": { "call": "test", "task": TaskId(1) },
        "key": "k", "attempt": 1, "state": "settled", "first_at": NOW, "sent_at": NOW, "deadline": NOW, "note": "",
    }))
    .unwrap()
}

fn shop(roles: &serde_json::Value) -> Connection {
    serde_json::from_value(json!({
        "lane": "client:main", "id": "shop", "connector": "shopify", "base_url": "https://main.example",
        "sandbox": false, "status": { "status": "active" }, "stage": { "stage": "live", "since": NOW },
        "location": "L1", "stock": { "roles": roles }, "settings": { "shop_domain": "main.example" },
        "calls": {}, "warnings": [],
    }))
    .unwrap()
}
