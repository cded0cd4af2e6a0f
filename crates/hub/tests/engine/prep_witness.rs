//! What a prep centre counts is compared with our books: what differs is told and shown, and nothing is booked or written.

use crossdock_domain::call::{Call, CallKind};
use crossdock_domain::command::{Command, PutConnection};
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::event::Event;
use crossdock_domain::fact::{CounterFact, CountersFact, Fact, ReceptionFact, ReceptionLineFact};
use crossdock_domain::merchant::Forward;
use crossdock_domain::reception::Destination;
use crossdock_domain::stock::terms::{Part, Role};
use crossdock_domain::stock::{Pool, StockTerms, Witnessed};
use crossdock_domain::{Instant, Number};
use serde_json::json;

use crate::receptions::{forward, reception as told};
use crate::rig::depot_side::{DepotSide, lane_of, reception, remote};
use crate::rig::{DEPOT, Mood, Rig};

const SKU: &str = "SKU-7";
const ASIN: &str = "B00TEST123";

fn counter(sku: &str, counted: i64) -> CounterFact {
    CounterFact {
        remote_item: Some(remote(&format!("item-{sku}"))),
        sku: Some(sku.to_owned()),
        counted: Some(counted),
        ..CounterFact::default()
    }
}

/// A depot where ten units of one item were checked in for the account 7, which is `main`'s.
fn ten_checked_in() -> (Rig, DepotSide) {
    let (mut rig, depot) = Rig::with_depot();
    depot.with(|there| there.accounts = vec![remote("7")]);
    depot.put(reception("7", "r1", rig.now.0 - 1_000_000_000, 10));
    rig.map("7", "main");
    rig.settle();
    assert_eq!(rig.b2c(SKU), 10);
    (rig, depot)
}

fn counts(rig: &mut Rig, depot: &DepotSide, rows: &[CounterFact]) {
    depot.with(|there| there.counters.insert(remote("7"), rows.to_vec()));
    rig.poll(true);
}

fn witnessed(rig: &Rig, sku: &str) -> Witnessed {
    let item = rig.stock(sku).item.id;
    let rows = rig.reader().witnessed(&rig.client(), item).unwrap();
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    row.clone()
}

fn differing(rig: &Rig) -> usize {
    rig.reader().drifts(&rig.client(), None, 500).unwrap().len()
}

fn drifts(rig: &Rig) -> Vec<Event> {
    rig.events("stock.drift")
}

fn how_many_readings(depot: &DepotSide) -> usize {
    depot.calls().iter().filter(|call| call.kind() == CallKind::ReadCounters).count()
}

#[test]
fn a_prep_centres_counter_is_compared_and_each_change_of_its_drift_is_told_once() {
    let (mut rig, depot) = ten_checked_in();
    rig.allocate(SKU, 6, "b2c", "b2b");
    rig.order("PO-1", &[(SKU, 4)]);
    rig.settle();
    counts(&mut rig, &depot, &[counter(SKU, 10)]);
    assert!(
        drifts(&rig).is_empty(),
        "4 can be sold, 2 more to businesses, 4 are taken and still there"
    );
    assert_eq!((witnessed(&rig, SKU).drift, differing(&rig)), (0, 0));

    counts(&mut rig, &depot, &[counter(SKU, 8)]);
    let since = witnessed(&rig, SKU).since;
    counts(&mut rig, &depot, &[counter(SKU, 8)]);
    let told = drifts(&rig);
    assert_eq!(told.len(), 1, "{told:?}");
    let body = &told[0].body;
    let figures = json!([body["counted"], body["held"], body["committed"], body["drift"]]);
    assert_eq!((figures, &body["merchant"]), (json!([8, 6, 4, -2]), &json!("7")));
    assert_eq!((witnessed(&rig, SKU).since, differing(&rig)), (since, 1));
    assert!(since.is_some_and(|since| since < witnessed(&rig, SKU).asked_at));

    counts(&mut rig, &depot, &[counter(SKU, 10)]);
    assert_eq!(drifts(&rig)[1].body["drift"], 0, "that it agrees again is told too");
    assert_eq!((differing(&rig), witnessed(&rig, SKU).since), (0, None));
    assert_eq!((rig.b2c(SKU), rig.balance(SKU, "b2b")), (4, 2), "nothing was booked");
    assert_eq!(rig.account("7").tally.errors, 0);
}

#[test]
fn only_the_reading_of_everything_counts_and_only_what_is_somebodys() {
    let (mut rig, depot) = ten_checked_in();
    depot.with(|there| there.accounts = vec![remote("7"), remote("8")]);
    assert_eq!(
        how_many_readings(&depot),
        0,
        "an account that was just mapped is read, not counted"
    );
    rig.poll(false);
    assert_eq!(how_many_readings(&depot), 0);
    assert_eq!(rig.account("7").tally.counted_at, None);
    rig.poll(true);
    let calls = depot.calls();
    let counted: Vec<_> = calls
        .iter()
        .filter_map(|call| {
            if let Call::ReadCounters { merchant, .. } = call {
                Some(merchant.as_str())
            } else {
                None
            }
        })
        .collect();
    assert_eq!(counted, ["7"], "nobody has said whose 8 is");
    assert!(rig.account("7").tally.counted_at.is_some());
    let last = calls.last().map(Call::kind);
    assert_eq!(last, Some(CallKind::ReadCounters), "what was checked in is read before");
}

#[test]
fn figures_that_no_shelf_can_hold_are_told_once_and_not_believed() {
    let (mut rig, depot) = ten_checked_in();
    counts(&mut rig, &depot, &[counter(SKU, 9)]);
    for (said, odd) in [(-80, "-80"), (i64::from(i32::MAX) + 1, "2147483648")] {
        counts(&mut rig, &depot, &[counter(SKU, said)]);
        counts(&mut rig, &depot, &[counter(SKU, said)]);
        let row = witnessed(&rig, SKU);
        assert_eq!((row.counted, row.drift), (Some(9), -1), "what was believed stays");
        assert!(row.problem.is_some_and(|why| why.contains(odd)));
    }
    let unreadable = Some("`many` is no number".to_owned());
    let odd = CounterFact { counted: None, unreadable, ..counter(SKU, 0) };
    counts(&mut rig, &depot, &[odd]);
    assert_eq!(rig.events("stock.counter_disbelieved").len(), 3);
    assert_eq!((drifts(&rig).len(), differing(&rig)), (1, 1));
    let silent = CounterFact { counted: None, ..counter(SKU, 0) };
    counts(&mut rig, &depot, &[silent]);
    assert!(witnessed(&rig, SKU).problem.is_some(), "what says nothing settles nothing");
    counts(&mut rig, &depot, &[counter(SKU, 10)]);
    assert_eq!((witnessed(&rig, SKU).problem, differing(&rig)), (None, 0));
}

#[test]
fn counters_name_items_as_lines_do_and_make_none() {
    let (mut rig, depot) = Rig::with_depot();
    depot.with(|there| there.accounts = vec![remote("7")]);
    let line = |sku: Option<&str>, asin: Option<&str>, received| ReceptionLineFact {
        sku: sku.map(str::to_owned),
        asin: asin.map(str::to_owned),
        received: Some(received),
        ..ReceptionLineFact::default()
    };
    let lines = vec![line(Some("A"), None, 5), line(None, Some(ASIN), 3)];
    depot.put(ReceptionFact { lines, ..reception("7", "r1", rig.now.0 - 1_000_000_000, 0) });
    rig.map("7", "main");
    rig.settle();
    let by_asin = |id: &str, counted| CounterFact {
        remote_item: Some(remote(id)),
        asin: Some(ASIN.to_owned()),
        counted: Some(counted),
        ..CounterFact::default()
    };
    let stub = CounterFact { sku: Some("B".to_owned()), ..by_asin("1", 2) };
    let nameless = CounterFact { counted: Some(1), ..CounterFact::default() };
    let rows = [
        counter("A", 5),
        counter("A", 5), // The page repeats a row.
        counter("never seen", 4),
        nameless,
        stub,
        by_asin("2", 1), // Another thing there, and the same one here.
    ];
    counts(&mut rig, &depot, &rows);
    assert!(drifts(&rig).is_empty(), "{:?}", drifts(&rig));
    let items = rig.reader().items(&rig.client(), None, "", 99).unwrap();
    let skus: Vec<_> = items.iter().map(|stock| stock.item.sku.as_str()).collect();
    assert_eq!(skus, ["A", "asin:B00TEST123"], "no item was made, and no stub was named");
    assert_eq!(
        witnessed(&rig, "asin:B00TEST123").counted,
        Some(3),
        "both things that are one here"
    );
}

#[test]
fn an_account_stands_for_the_pool_that_its_goods_go_to_unless_its_role_says_another() {
    let (mut rig, depot) = ten_checked_in();
    rig.allocate(SKU, 3, "b2c", "b2b");
    let to_b2c = Destination { pool: Some(Pool::B2c), ..Destination::default() };
    let put = crossdock_domain::command::PutMerchant {
        connection: DEPOT.parse().unwrap(),
        merchant: remote("7"),
        client: "main".parse().unwrap(),
        destination: Some(to_b2c),
        accept_history: false,
    };
    assert_eq!(rig.ask_depot(&Command::PutMerchant(put)).kind, OutcomeKind::Applied);
    counts(&mut rig, &depot, &[counter(SKU, 7)]);
    assert_eq!((witnessed(&rig, SKU).pool, drifts(&rig).len()), (Some(Pool::B2c), 0));

    let witness = Part { role: Role::Witness, pool: Pool::B2b };
    assert_eq!(role_of_7(&mut rig, witness).kind, OutcomeKind::Applied);
    counts(&mut rig, &depot, &[counter(SKU, 7)]);
    let row = witnessed(&rig, SKU);
    assert_eq!((row.pool, row.held, row.drift), (Some(Pool::B2b), 3, 4));
}

fn role_of_7(rig: &mut Rig, part: Part) -> crossdock_domain::entry::Outcome {
    let unplanned = StockTerms {
        reconcile_changes: "never".to_owned(),
        reconcile_all: "never".to_owned(),
        ..StockTerms::default()
    };
    rig.ask_depot(&Command::PutConnection(PutConnection {
        connection: DEPOT.parse().unwrap(),
        connector: DEPOT.to_owned(),
        sandbox: false,
        settings: std::collections::BTreeMap::new(),
        secret_slots: Vec::new(),
        calls: None,
        paused: None,
        stock: Some(StockTerms { roles: [(remote("7"), part)].into(), ..unplanned }),
        live: true,
    }))
}

#[test]
fn a_connection_of_several_clients_is_a_witness_and_nothing_more() {
    let (mut rig, _) = ten_checked_in();
    for role in [Role::Owns, Role::Publishes] {
        let refused = role_of_7(&mut rig, Part { role, pool: Pool::B2c });
        assert_eq!(refused.kind, OutcomeKind::Illegal, "{refused:?}");
        assert!(refused.note.contains("witness"), "{}", refused.note);
    }
}

#[test]
fn many_counters_come_in_pages_and_are_compared_in_pieces() {
    let (mut rig, depot) = ten_checked_in();
    let mut rows: Vec<_> = (0..600).map(|n| counter(&format!("S-{n}"), n)).collect();
    rows.push(counter(SKU, 11));
    depot.with(|there| there.counters_a_page = Some(400));
    depot.moods([Mood::Fair, Mood::Fair, Mood::Fair, Mood::Status(502), Mood::LostAfter]);
    let before = forwards(&mut rig);
    counts(&mut rig, &depot, &rows);
    assert_eq!(forwards(&mut rig) - before, 3, "250 and 150 of the first page, 201 of the second");
    assert_eq!(witnessed(&rig, SKU).drift, 1);
    assert_eq!(rig.account("7").trouble, None);
}

fn forwards(rig: &mut Rig) -> usize {
    let entries = rig.journal_of(&lane_of("main"));
    entries.iter().filter(|entry| entry.kind == crossdock_domain::entry::EntryKind::Forward).count()
}

#[test]
fn where_goods_are_not_shown_the_account_says_so_and_inbounds_are_read_all_the_same() {
    let (mut rig, depot) = ten_checked_in();
    depot.put(reception("7", "r2", rig.now.0, 5));
    // The accounts, the list, the head, its lines, the archived list; then the goods.
    let fair = std::iter::repeat_n(Mood::Fair, 5);
    depot.moods(fair.chain([Mood::Status(404)]));
    counts(&mut rig, &depot, &[counter(SKU, 15)]);
    let account = rig.account("7");
    assert!(account.trouble.is_some() && account.tally.errors == 1, "{account:?}");
    assert_eq!(rig.b2c(SKU), 15);
    counts(&mut rig, &depot, &[counter(SKU, 15)]);
    assert_eq!((rig.account("7").trouble, drifts(&rig).len()), (None, 0));
}

#[test]
fn a_page_that_comes_late_says_nothing_of_now() {
    let mut rig = Rig::empty();
    rig.takes_in(told("22", Some(0), &json!([{ "sku": "A", "received": 5 }])));
    let page = |at: i64, counted: i64| Forward {
        facts: vec![Fact::Counters(CountersFact {
            pool: None,
            asked_at: Instant(at),
            rows: vec![counter("A", counted)],
        })],
        ..forward(told("22", None, &json!([])))
    };
    assert_eq!(rig.hears(&page(20, 5)).kind, OutcomeKind::Applied);
    rig.hears(&page(10, 2));
    let [row] = kept(&mut rig, "A").try_into().unwrap();
    assert_eq!((row.counted, row.asked_at, drifts(&rig).len()), (Some(5), Instant(20), 0));
    assert_ne!(row.told_by, Number(0));
}

#[test]
fn what_was_counted_of_a_stub_goes_with_it() {
    let mut rig = Rig::empty();
    rig.takes_in(told("22", Some(0), &json!([{ "sku": "A", "received": 5 }])));
    rig.takes_in(told("23", Some(1), &json!([{ "asin": ASIN, "received": 2 }])));
    let row =
        CounterFact { asin: Some(ASIN.to_owned()), counted: Some(1), ..CounterFact::default() };
    let page = CountersFact { pool: None, asked_at: Instant(1), rows: vec![row] };
    let page =
        Forward { facts: vec![Fact::Counters(page)], ..forward(told("22", None, &json!([]))) };
    rig.hears(&page);
    let stub = rig.stock("asin:B00TEST123").item.id;
    assert_eq!(kept(&mut rig, "asin:B00TEST123").len(), 1);
    let both = json!([{ "sku": "A", "asin": ASIN, "requested": 1 }]);
    rig.takes_in(told("24", Some(2), &both));
    assert_eq!(rig.b2c("A"), 7, "it was no hindrance");
    let client = rig.client();
    assert!(rig.hub().store().witnessed_of(&client, stub, 9).unwrap().is_empty(), "it is no more");
}

/// What is kept of an item, whoever has the account.
fn kept(rig: &mut Rig, sku: &str) -> Vec<Witnessed> {
    let (client, item) = (rig.client(), rig.stock(sku).item.id);
    rig.hub().store().witnessed_of(&client, item, 9).unwrap()
}

#[test]
fn what_was_counted_in_an_account_is_no_concern_of_whoever_had_it_before() {
    let (mut rig, depot) = ten_checked_in();
    counts(&mut rig, &depot, &[counter(SKU, 7)]);
    assert_eq!((differing(&rig), rig.map_as("7", "other", true).kind), (1, OutcomeKind::Applied));
    rig.settle();
    assert_eq!(differing(&rig), 0);
    counts(&mut rig, &depot, &[counter(SKU, 7)]);
    assert_eq!((differing(&rig), drifts(&rig).len()), (0, 1), "`other` has no such item");
}
