//! What the writer looks up other than by key, while everything else waits, costs no more when there is more of what it is
//! not about.
#![allow(clippy::unwrap_used, reason = "a test")]

mod fresh;

use crossdock_domain::brake::{Braked, Ruling, Side};
use crossdock_domain::call::CallKind;
use crossdock_domain::fact::Fact;
use crossdock_domain::item::{Allocation, Item};
use crossdock_domain::link::{Link, LinkKind};
use crossdock_domain::merchant::{Merchant, Unrouted};
use crossdock_domain::order::SoldLine;
use crossdock_domain::stock::publishing::PublishingTerms;
use crossdock_domain::stock::{Account, Backing, Balance, Level, LevelKey, Pool};
use crossdock_domain::task::{Task, TaskState, Work};
use crossdock_domain::{ClientId, ConnectionId, Instant, ItemId, Number, RemoteId, TaskId};
use crossdock_store::{Store, StoreError, Which};
use fresh::Fresh;

fn client() -> ClientId {
    "main".parse().unwrap()
}

fn shop() -> ConnectionId {
    "shop".parse().unwrap()
}

fn here() -> RemoteId {
    "here".parse().unwrap()
}

/// A client's stock after a while: so many items at two partners, and each that was ever ordered, held, written or backed.
fn store(items: u64) -> (Store, Fresh) {
    let place = Fresh::new();
    let mut store = place.store();
    store.begin().unwrap();
    for id in 1..=items {
        fill(&mut store, id);
    }
    // What the looks are about.
    for order in 1..=3 {
        commit(&mut store, 7, order, 2);
        sold(&mut store, 7, order, Instant(1_000));
    }
    store.commit().unwrap();
    (store, place)
}

fn item(id: u64) -> Item {
    Item {
        client: client(),
        id: ItemId(id),
        sku: format!("SKU-{id}"),
        reference: None,
        asin: None,
        is_stub: false,
        title: None,
        sync_enabled: true,
        allocation: Allocation::default(),
        publishing: PublishingTerms::default(),
        backing: Some(Backing {
            pool: Pool::B2b,
            connection: "supplier".parse().unwrap(),
            location: here(),
            age_max_s: 60,
            cap: None,
        }),
        places: Vec::new(),
    }
}

fn fill(store: &mut Store, id: u64) {
    store.put(item(id));
    let item = ItemId(id);
    for connection in ["another", "shop"] {
        let key = LevelKey {
            client: client(),
            item,
            connection: connection.parse().unwrap(),
            location: here(),
        };
        let stands = Some(i64::try_from(id).unwrap());
        store.put(Level { observed: stands, target: stands, ..Level::unseen(key) });
    }
    store.put(Link {
        client: client(),
        connection: shop(),
        kind: LinkKind::Counter,
        remote: format!("c{id}").parse().unwrap(),
        item,
        since: Instant(0),
    });
    store.put(Braked {
        client: client(),
        connection: shop(),
        side: Side::Writes,
        item,
        location: here(),
        window: Instant(10),
        from: 1,
        to: 0,
        ruling: Ruling::Counted,
        sweep: None,
    });
    store.put(Task {
        lane: "client:main".parse().unwrap(),
        id: TaskId(id),
        connection: shop(),
        work: Work::SetLevel { item, location: here() },
        state: TaskState::Waiting,
        due: Instant(5),
        attempts: 0,
        cause: Number(1),
        send: None,
        note: String::new(),
        made_at: Instant(5),
        changed_at: Instant(5),
    });
    merchant(store, id);
    // Orders of the item in question that are over, and of others that are not.
    commit(store, 7, 1_000 + id, 0);
    commit(store, 1_000_000 + id, id, 5);
    sold(store, 7, 1_000 + id, Instant(500));
    sold(store, 1_000_000 + id, id, Instant(2_000));
}

/// An account that is nobody's, unless it is one of the first two, and what waits for it.
fn merchant(store: &mut Store, id: u64) {
    let mut merchant = Merchant::new(shop(), format!("m{id:05}").parse().unwrap());
    merchant.client = (id <= 2).then(client);
    for account in [here(), merchant.remote.clone()] {
        store.put(Unrouted {
            connection: shop(),
            merchant: account,
            number: Number(id),
            index: 0,
            fact: Fact::SomethingChanged,
        });
    }
    store.put(merchant);
}

fn commit(store: &mut Store, item: u64, order: u64, quantity: i64) {
    let account = Account::Committed(format!("PO-{order}").parse().unwrap());
    store.put(Balance { client: client(), item: ItemId(item), account, quantity });
}

fn sold(store: &mut Store, item: u64, order: u64, at: Instant) {
    store.put(SoldLine {
        client: client(),
        connection: shop(),
        item: ItemId(item),
        at,
        remote: format!("o{order}").parse().unwrap(),
        placed_at: Some(at),
        gone: 1,
        told_by: Number(order),
    });
}

type Look = fn(&mut Store) -> Result<usize, StoreError>;

const LOOKS: [(&str, usize, Look); 13] = [
    ("committed", 3, |store| Ok(store.committed(&client(), ItemId(7))?.len())),
    ("sold_lines", 3, |store| {
        Ok(store.sold_lines((&client(), &shop()), ItemId(7), Instant(1_000), 200)?.len())
    }),
    ("levels_after, all", 50, |store| {
        let after = (&Some((ItemId(100), here())), 50);
        Ok(store.levels_after(&client(), &shop(), Which::All, after)?.len())
    }),
    ("levels_after, apart", 0, |store| {
        Ok(store.levels_after(&client(), &shop(), Which::Apart, (&None, 50))?.len())
    }),
    ("levels_after, held", 0, |store| {
        Ok(store.levels_after(&client(), &shop(), Which::Held, (&None, 50))?.len())
    }),
    ("braked_in", 0, |store| {
        let window = (Side::Writes, Instant(20));
        Ok(store.braked_in(&client(), &shop(), window, Ruling::Counted)?.len())
    }),
    ("held_before", 0, |store| {
        Ok(store.held_before(&client(), &shop(), (Side::Writes, Instant(20)), 50)?.len())
    }),
    ("mapped_merchants_after", 2, |store| {
        Ok(store.mapped_merchants_after(&shop(), None, 50)?.len())
    }),
    ("unrouted", 50, |store| Ok(store.unrouted(&shop(), &here(), 50)?.len())),
    ("own_work", 0, |store| Ok(store.own_work(&shop(), 64)?.len())),
    ("due_tasks", 50, |store| {
        Ok(store.due_tasks(&shop(), CallKind::SetLevels, Instant(9), 50)?.len())
    }),
    ("open_tasks of another kind", 0, |store| {
        Ok(store.open_tasks(&shop(), CallKind::RenewToken)?.len())
    }),
    ("item_backed_and_linked", 0, |store| {
        Ok(store.item_backed_and_linked(&client(), &shop(), &here())?.iter().len())
    }),
];

#[test]
fn the_writer_looks_no_longer_when_there_is_more_that_a_look_is_not_about() {
    let ((mut small, _few), (mut large, _many)) = (store(300), store(1_500));
    for (name, found, look) in LOOKS {
        let cost = |store: &mut Store| {
            let before = store.steps();
            assert_eq!(look(store).unwrap(), found, "{name}");
            store.steps() - before
        };
        let (few, many) = (cost(&mut small), cost(&mut large));
        if small.is_shared() {
            // PostgreSQL counts no steps; that it finds the same was seen.
            continue;
        }
        assert!(few > 0, "{name} is not counted");
        assert!(many <= few + 20, "{name}: {few} steps, and with more {many}");
    }
}
