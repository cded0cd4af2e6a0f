//! Pools: what they publish, how they share, who counts them, and what backs them.

use std::collections::BTreeMap;

use crossdock_domain::command::{Command, CountLine, OrderLine, PutConnection, PutItem};
use crossdock_domain::entry::{EntryKind, Outcome, OutcomeKind};
use crossdock_domain::item::Allocation;
use crossdock_domain::order::Source;
use crossdock_domain::stock::allocation::Hold;
use crossdock_domain::stock::backing::{Backing, BackingWish, NoBacking};
use crossdock_domain::stock::count::Count;
use crossdock_domain::stock::publishing::{Cap, NoCap, PublishingTerms};
use crossdock_domain::stock::terms::{Part, Role, Unexplained};
use crossdock_domain::stock::{Movement, Pool, Publishing, Reason, StockTerms};
use crossdock_domain::{Instant, RemoteId, Span};
use crossdock_sandbox::shopify::{Setup, Which};
use serde_json::{Value, json};

use crate::rig::{Rig, Terms, stamp};

pub(crate) const SKU: &str = "DEMO-001";

pub(crate) fn put(rig: &mut Rig, put: PutItem) -> Outcome {
    let outcome = rig.obey(&Command::PutItem(PutItem { sku: SKU.to_owned(), ..put }));
    rig.settle();
    outcome
}

fn publish(rig: &mut Rig, buffer: Option<i64>, cap: Option<Cap>) -> Outcome {
    let publishing = Some(PublishingTerms { buffer, cap });
    put(rig, PutItem { publishing, ..PutItem::default() })
}

fn share(rig: &mut Rig, allocation: Allocation) -> Outcome {
    put(rig, PutItem { allocation: Some(allocation), ..PutItem::default() })
}

const fn by_share(b2c_percent: u8, hold: Hold) -> Allocation {
    Allocation::Share { b2c_percent, hold }
}

const fn with_floor(b2b: i64, b2c: i64, hold: Hold) -> Allocation {
    Allocation::SharedWithFloor { b2b_floor: b2b, b2c_floor: b2c, hold }
}

/// What both pools hold: b2b first.
fn held(rig: &Rig) -> (i64, i64) {
    (rig.balance(SKU, "b2b"), rig.balance(SKU, "b2c"))
}

fn movements(rig: &Rig) -> Vec<Movement> {
    let item = rig.stock(SKU).item.id;
    rig.reader().movements(&rig.client(), item, None, 100).unwrap()
}

fn announced(rig: &Rig, name: &str) -> usize {
    let events = rig.reader().events(&rig.lane, 100).unwrap();
    events.iter().filter(|event| event.name == name).count()
}

#[test]
fn a_buffer_and_a_cap_hold_back_what_a_shop_shows() {
    let mut rig = Rig::new().linked(&[SKU]);
    publish(&mut rig, Some(3), None);
    assert_eq!((rig.available(SKU), rig.b2c(SKU)), (7, 10));
    publish(&mut rig, Some(3), Some(Cap::Units(5)));
    assert_eq!(rig.available(SKU), 5);
    rig.sell(SKU, 1);
    rig.settle();
    assert_eq!((rig.available(SKU), rig.b2c(SKU)), (5, 9), "the cap is filled up from behind");
    publish(&mut rig, None, None);
    assert_eq!(rig.available(SKU), 9);
}

#[test]
fn a_buffer_larger_than_the_pool_shows_nothing_and_not_less() {
    let mut rig = Rig::new().linked(&[SKU]);
    publish(&mut rig, Some(30), None);
    assert_eq!(rig.available(SKU), 0);
}

#[test]
fn the_terms_of_all_items_reach_those_without_their_own() {
    let mut rig = Rig::new().linked(&[SKU, "DEMO-002", "DEMO-003"]);
    publish(&mut rig, Some(1), Some(Cap::Without(NoCap::None)));
    let publishing = Publishing { buffer: 2, cap: Some(4) };
    let set = Command::PutClientTerms { publishing, brake: None, incoming: None };
    assert_eq!(rig.obey(&set).kind, OutcomeKind::Applied);
    assert_eq!(rig.obey(&set).kind, OutcomeKind::Unchanged);
    rig.settle();
    assert_eq!(
        (rig.available(SKU), rig.available("DEMO-002"), rig.available("DEMO-003")),
        (9, 4, 4)
    );
}

#[test]
fn terms_that_cannot_be_are_refused_and_nothing_changes() {
    let mut rig = Rig::new().linked(&[SKU]);
    assert_eq!(publish(&mut rig, Some(-1), None).kind, OutcomeKind::Illegal);
    assert_eq!(publish(&mut rig, None, Some(Cap::Units(-1))).kind, OutcomeKind::Illegal);
    assert_eq!(share(&mut rig, by_share(101, Hold::Soft)).kind, OutcomeKind::Illegal);
    assert_eq!(share(&mut rig, with_floor(-1, 0, Hold::Soft)).kind, OutcomeKind::Illegal);
    let publishing = Publishing { buffer: -1, cap: None };
    assert_eq!(
        rig.obey(&Command::PutClientTerms { publishing, brake: None, incoming: None }).kind,
        OutcomeKind::Illegal
    );
    rig.settle();
    assert_eq!(rig.available(SKU), 10);
}

#[test]
fn a_soft_share_distributes_new_goods_and_takes_nothing_back() {
    let mut rig = Rig::new().linked(&[SKU]);
    share(&mut rig, by_share(60, Hold::Soft));
    assert_eq!(held(&rig), (0, 10), "what was there stays where it is");
    rig.allocate(SKU, 10, "supplier", "b2c");
    rig.settle();
    assert_eq!((held(&rig), rig.available(SKU)), ((4, 16), 16));
    rig.sell(SKU, 6);
    rig.settle();
    assert_eq!(held(&rig), (4, 10), "a sale is no goods");
    let moved = movements(&rig);
    let rebalanced: Vec<_> = moved.iter().filter(|m| m.reason == Reason::Rebalanced).collect();
    let cause = moved.iter().find(|m| m.reason == Reason::Allocated).unwrap().number;
    assert_eq!(rebalanced.len(), 1);
    assert_eq!((rebalanced[0].number, rebalanced[0].quantity), (cause, 4), "it names its cause");
}

#[test]
fn a_hard_share_is_allocated_anew_whenever_a_balance_changes() {
    let mut rig = Rig::new().linked(&[SKU]);
    share(&mut rig, by_share(60, Hold::Hard));
    assert_eq!((held(&rig), rig.available(SKU)), ((4, 6), 6), "the new terms hold at once");
    rig.sell(SKU, 5);
    rig.settle();
    assert_eq!((held(&rig), rig.available(SKU)), ((2, 3), 3));
    rig.order("PO-1", &[(SKU, 2)]);
    rig.settle();
    assert_eq!((held(&rig), rig.available(SKU)), ((1, 2), 2));
    rig.cancel("PO-1");
    rig.settle();
    assert_eq!((held(&rig), rig.available(SKU)), ((2, 3), 3));
    rig.assert_in_step(SKU);
}

#[test]
fn what_a_hard_share_would_take_back_at_once_is_not_moved_by_hand() {
    let mut rig = Rig::new().linked(&[SKU]);
    share(&mut rig, by_share(60, Hold::Hard));
    assert_eq!(rig.allocate(SKU, 1, "b2c", "b2b").kind, OutcomeKind::Illegal);
    assert_eq!(rig.allocate(SKU, 10, "supplier", "b2c").kind, OutcomeKind::Applied);
    assert_eq!(held(&rig), (8, 12));
}

#[test]
fn both_pools_sell_from_the_whole_and_each_keeps_its_floor() {
    let mut rig = Rig::new().linked(&[SKU]);
    rig.allocate(SKU, 10, "supplier", "b2b");
    share(&mut rig, with_floor(4, 3, Hold::Soft));
    assert_eq!(rig.available(SKU), 16, "10 of its own and 6 that b2b has above its floor");
    let refused = rig.order("PO-1", &[(SKU, 18)]);
    let line = &refused.result.unwrap()["lines"][0];
    assert_eq!(
        (&line["available"], &line["b2b"], &line["b2c"]),
        (&17.into(), &10.into(), &7.into())
    );
    assert_eq!(line["held_back"], json!({ "hints": 0, "floor": 3, "buffer": 0 }));
    assert!(line["why"].as_str().unwrap().contains("3 stay for the public"), "{line}");
    assert_eq!(rig.order("PO-2", &[(SKU, 12)]).kind, OutcomeKind::Applied);
    rig.settle();
    assert_eq!((held(&rig), rig.available(SKU)), ((0, 8), 8));
}

#[test]
fn what_a_shop_sold_beyond_its_pool_is_covered_by_the_other_and_is_no_oversell() {
    let mut rig = Rig::new().linked(&[SKU]);
    rig.allocate(SKU, 10, "supplier", "b2b");
    share(&mut rig, with_floor(4, 3, Hold::Soft));
    rig.sell(SKU, 14);
    rig.settle();
    assert_eq!((held(&rig), rig.available(SKU)), ((6, 0), 2), "and two more may be sold");
    assert_eq!(announced(&rig, "stock.oversold"), 0);
    let covered = movements(&rig).into_iter().find(|m| m.reason == Reason::Rebalanced).unwrap();
    assert_eq!(covered.quantity, 4);
}

#[test]
fn a_sale_into_the_others_floor_is_an_oversell() {
    let mut rig = Rig::new().linked(&[SKU]);
    rig.allocate(SKU, 10, "supplier", "b2b");
    share(&mut rig, with_floor(4, 0, Hold::Soft));
    rig.shop().weather(|faults| faults.webhooks.delay_ms_max = 0);
    rig.sell(SKU, 18);
    rig.settle();
    assert_eq!(held(&rig), (4, -2));
    assert_eq!(announced(&rig, "stock.oversold"), 1);
}

#[test]
fn a_buffer_in_b2c_is_not_sold_to_a_business_either() {
    let mut rig = Rig::new().linked(&[SKU]);
    publish(&mut rig, Some(3), None);
    let line = rig.order("PO-1", &[(SKU, 8)]).result.unwrap()["lines"][0].clone();
    assert_eq!((&line["available"], &line["held_back"]["buffer"]), (&7.into(), &3.into()));
    assert_eq!(rig.order("PO-2", &[(SKU, 7)]).kind, OutcomeKind::Applied);
}

/// What the system that owns a pool says stood in it.
fn count(rig: &mut Rig, quantity: i64, version: u64, taken_at: Instant) -> Outcome {
    let count = Count { quantity, version, taken_at };
    rig.obey(&Command::CountPool { item: SKU.to_owned(), pool: Pool::B2c, count })
}

#[test]
fn a_count_is_booked_as_a_difference_and_reaches_the_shop() {
    let mut rig = Rig::new().linked(&[SKU]);
    let now = rig.now;
    let outcome = count(&mut rig, 12, 1, now);
    assert_eq!(
        (outcome.kind, &outcome.result.unwrap()["difference"]),
        (OutcomeKind::Applied, &2.into())
    );
    rig.settle();
    assert_eq!((rig.b2c(SKU), rig.balance(SKU, "count"), rig.available(SKU)), (12, -12, 12));
    assert_eq!(movements(&rig)[0].reason, Reason::Counted);
}

#[test]
fn an_older_count_is_stale_and_the_same_again_changes_nothing() {
    let mut rig = Rig::new().linked(&[SKU]);
    let now = rig.now;
    assert_eq!(count(&mut rig, 12, 5, now).kind, OutcomeKind::Applied);
    assert_eq!(count(&mut rig, 12, 5, now).kind, OutcomeKind::Unchanged);
    assert_eq!(count(&mut rig, 13, 5, now).kind, OutcomeKind::Stale);
    let stale = count(&mut rig, 3, 4, now);
    assert_eq!(stale.kind, OutcomeKind::Stale);
    assert_eq!(stale.result.unwrap()["known"], json!({ "version": 5, "quantity": 12 }));
    assert_eq!(rig.b2c(SKU), 12);
}

#[test]
fn what_was_booked_since_a_count_was_taken_happened_to_it() {
    let mut rig = Rig::new().linked(&[SKU]);
    let taken_at = rig.now;
    rig.run(Span::from_s(5));
    rig.sell(SKU, 4);
    rig.settle();
    // 10 stood there when it was counted; 4 were sold on the count's way to us.
    let outcome = count(&mut rig, 10, 1, taken_at);
    assert_eq!(outcome.result.as_ref().unwrap()["difference"], 0, "{outcome:?}");
    assert_eq!(rig.b2c(SKU), 6);
    let later = count(&mut rig, 9, 2, taken_at);
    assert_eq!(later.result.unwrap()["difference"], -1);
    assert_eq!(rig.b2c(SKU), 5);
}

#[test]
fn a_count_taken_before_its_item_was_linked_does_not_double_the_opening() {
    let mut rig = Rig::new();
    let taken_at = rig.now;
    rig.run(Span::from_s(60));
    let mut rig = rig.linked(&[SKU]);
    let outcome = count(&mut rig, 10, 1, taken_at);
    assert_eq!(outcome.result.as_ref().unwrap()["difference"], 0, "{outcome:?}");
    rig.settle();
    assert_eq!((rig.b2c(SKU), rig.available(SKU)), (10, 10));
}

#[test]
fn units_that_were_there_when_counted_and_believed_later_are_not_counted_twice() {
    let mut rig = Rig::new().linked(&[SKU]);
    rig.unexplained(Unexplained::Ask);
    rig.edit(SKU, 13);
    rig.settle();
    let with_three = rig.now;
    rig.run(Span::from_s(60));
    rig.edit(SKU, 15);
    rig.settle();
    rig.decide(SKU, true);
    rig.settle();
    assert_eq!(rig.b2c(SKU), 15);
    // 13 lay there, of which three waited for a word; two came after that.
    let outcome = count(&mut rig, 13, 1, with_three);
    assert_eq!(outcome.result.as_ref().unwrap()["difference"], 0, "{outcome:?}");
    assert_eq!(rig.b2c(SKU), 15);
}

#[test]
fn two_counts_that_were_both_late_correct_the_books_once() {
    let mut rig = Rig::new().linked(&[SKU]);
    let first = rig.now;
    rig.run(Span::from_s(5));
    let second = rig.now;
    rig.run(Span::from_s(60));
    assert_eq!(count(&mut rig, 8, 1, first).result.unwrap()["difference"], -2);
    assert_eq!(count(&mut rig, 8, 2, second).result.unwrap()["difference"], 0);
    assert_eq!(rig.b2c(SKU), 8);
}

#[test]
fn many_counts_are_taken_line_by_line_and_a_bad_one_loses_no_other() {
    let mut rig = Rig::new().linked(&[SKU, "DEMO-002"]);
    let taken_at = rig.now;
    let line = |item: &str, quantity, version| CountLine::Count {
        item: item.to_owned(),
        count: Count { quantity, version, taken_at },
    };
    let lines = vec![
        line(SKU, 11, 2),
        line("NO-SUCH", 1, 1),
        CountLine::Unreadable { item: None, why: "invalid type".to_owned() },
        line("DEMO-002", -1, 1),
        line(SKU, 9, 1),
        line("DEMO-002", 7, 1),
        line("DEMO-002", 7, 1),
    ];
    let outcome = rig.obey(&Command::CountPools { pool: Pool::B2c, lines });
    assert_eq!(outcome.kind, OutcomeKind::Applied);
    let told = outcome.result.unwrap();
    let outcomes: Vec<_> =
        told["lines"].as_array().unwrap().iter().map(|l| l["outcome"].as_str().unwrap()).collect();
    let wanted =
        ["applied", "unknown_entity", "illegal", "illegal", "stale", "applied", "unchanged"];
    assert_eq!(outcomes, wanted);
    assert_eq!(told["counts"]["illegal"], 2);
    assert_eq!((rig.b2c(SKU), rig.b2c("DEMO-002")), (11, 7));
    let none = rig.obey(&Command::CountPools { pool: Pool::B2c, lines: Vec::new() });
    assert_eq!(none.kind, OutcomeKind::Illegal);
}

#[test]
fn a_pool_that_gives_back_or_has_another_owner_is_not_counted() {
    let mut rig = Rig::new().linked(&[SKU]);
    let now = rig.now;
    share(&mut rig, by_share(60, Hold::Hard));
    assert_eq!(count(&mut rig, 3, 1, now).kind, OutcomeKind::Illegal);
    share(&mut rig, Allocation::Fixed);
    assert_eq!(count(&mut rig, 3, 1, now).kind, OutcomeKind::Applied);
    assert_eq!(share(&mut rig, by_share(60, Hold::Hard)).kind, OutcomeKind::Illegal);
    let location = rig.level(SKU).key.location;
    give_role(&mut rig, "shop", &location, Part { role: Role::Owns, pool: Pool::B2c });
    assert_eq!(count(&mut rig, 4, 2, now).kind, OutcomeKind::Illegal);
    assert_eq!(rig.b2c(SKU), 3);
}

pub(crate) fn give_role(rig: &mut Rig, name: &str, location: &RemoteId, part: Part) {
    let outcome = wish_role(rig, name, location, part);
    assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    rig.settle();
}

fn wish_role(rig: &mut Rig, name: &str, location: &RemoteId, part: Part) -> Outcome {
    let lane = rig.lane.clone();
    let known = rig.hub().connection(&lane, &name.parse().unwrap()).unwrap().unwrap();
    let roles = BTreeMap::from([(location.clone(), part)]);
    rig.obey(&Command::PutConnection(PutConnection {
        connection: known.id,
        connector: known.connector,
        sandbox: known.sandbox,
        settings: known.settings,
        secret_slots: rig.shops[name].vault.0.keys().cloned().collect(),
        calls: None,
        paused: None,
        stock: Some(StockTerms { roles, ..known.stock }),
        live: true,
    }))
}

/// A shop with ten, and a supplier with twenty behind one of its pools, seen just now.
pub(crate) fn backed(pool: Pool, cap: Option<i64>) -> Rig {
    let mut rig = Rig::new().linked(&[SKU]);
    rig.add_shop("supplier", Setup { items: 8, opening: 20..=20, ..Setup::default() });
    let lane = rig.lane.clone();
    let supplier = rig.hub().connection(&lane, &"supplier".parse().unwrap()).unwrap().unwrap();
    let location = supplier.location.unwrap();
    give_role(&mut rig, "supplier", &location, Part { role: Role::Witness, pool: Pool::B2b });
    rig.link("supplier", SKU, Terms { adopt: false, ..Terms::default() });
    rig.settle();
    rig.is_truthful = false; // What a supplier does with its own stock is not in our books.
    let connection = "supplier".parse().unwrap();
    let backing = Backing { pool, connection, location, age_max_s: 3_600, cap };
    let backing = Some(BackingWish::Backing(backing));
    let allocation = Some(Allocation::Fixed);
    let outcome = put(&mut rig, PutItem { backing, allocation, ..PutItem::default() });
    assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    rig
}

pub(crate) fn at_the_supplier(rig: &mut Rig, to: i64) {
    let now = stamp(rig.now);
    let supplier = rig.shops.get_mut("supplier").unwrap();
    supplier.shop.edit(&Which::sku(SKU), to, now).unwrap();
    rig.settle();
}

fn ticks(rig: &mut Rig) -> usize {
    rig.journal().iter().filter(|entry| entry.kind == EntryKind::Tick).count()
}

#[test]
fn what_stands_at_a_supplier_raises_what_a_pool_shows_up_to_its_cap() {
    let mut rig = backed(Pool::B2c, Some(5));
    assert_eq!((rig.available(SKU), rig.b2c(SKU)), (15, 10));
    at_the_supplier(&mut rig, 3);
    assert_eq!(rig.available(SKU), 13);
    put(
        &mut rig,
        PutItem { backing: Some(BackingWish::Without(NoBacking::None)), ..PutItem::default() },
    );
    assert_eq!(rig.available(SKU), 10);
}

#[test]
fn a_backing_that_was_not_seen_for_too_long_counts_as_nothing_all_by_itself() {
    let mut rig = backed(Pool::B2c, None);
    assert_eq!((rig.available(SKU), ticks(&mut rig)), (30, 0));
    rig.run(Span::from_s(3_000));
    at_the_supplier(&mut rig, 8);
    rig.run(Span::from_s(3_000));
    assert_eq!((rig.available(SKU), ticks(&mut rig)), (18, 0), "it was seen in between");
    rig.run(Span::from_s(900));
    assert_eq!((rig.available(SKU), ticks(&mut rig)), (10, 1));
    rig.run(Span::from_s(9_000));
    assert_eq!(ticks(&mut rig), 1, "once is enough");
    at_the_supplier(&mut rig, 2);
    assert_eq!(rig.available(SKU), 12, "and it counts again as soon as it is seen");
}

#[test]
fn a_backing_grows_too_old_while_the_process_is_down() {
    let mut rig = backed(Pool::B2c, None);
    rig.now = rig.now.plus(Span::from_s(10_000));
    rig.start_again();
    rig.settle();
    assert_eq!((rig.available(SKU), ticks(&mut rig)), (10, 1));
}

#[test]
fn what_is_in_the_books_already_backs_nothing() {
    let mut rig = Rig::new().linked(&[SKU]);
    let location = rig.level(SKU).key.location;
    let wish = |connection: &str, age_max_s| {
        let (connection, location) = (connection.parse().unwrap(), location.clone());
        let backing = Backing { pool: Pool::B2c, connection, location, age_max_s, cap: None };
        PutItem { backing: Some(BackingWish::Backing(backing)), ..PutItem::default() }
    };
    for (connection, age_max_s) in [("shop", 60), ("nobody", 60), ("shop", 0)] {
        assert_eq!(put(&mut rig, wish(connection, age_max_s)).kind, OutcomeKind::Illegal);
    }
}

#[test]
fn what_backs_a_pool_is_not_booked_later_on_either() {
    let mut rig = backed(Pool::B2c, None);
    let location = rig.level_at("supplier", SKU).key.location;
    for role in [Role::Owns, Role::Publishes] {
        let outcome = wish_role(&mut rig, "supplier", &location, Part { role, pool: Pool::B2b });
        assert_eq!(outcome.kind, OutcomeKind::Illegal, "{role:?}");
    }
    assert_eq!(rig.available(SKU), 30);
}

/// An order of one line that a partner delivers.
pub(crate) fn order_from(rig: &mut Rig, reference: &str, quantity: i64, source: Source) -> Outcome {
    let lines = vec![OrderLine { item: SKU.to_owned(), quantity, source }];
    rig.obey(&Command::PlaceOrder { order: reference.parse().unwrap(), lines })
}

pub(crate) fn from(connection: &str) -> Source {
    Source::Partner { connection: Some(connection.parse().unwrap()) }
}

#[test]
fn a_line_that_a_partner_delivers_takes_nothing_from_the_pools() {
    let mut rig = backed(Pool::B2b, None);
    let before = held(&rig);
    let outcome = order_from(&mut rig, "PO-1", 15, from("supplier"));
    assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    assert_eq!(outcome.result.unwrap()["lines"][0]["from_partners"], json!({ "supplier": 15 }));
    assert_eq!((held(&rig), rig.balance(SKU, "committed:PO-1")), (before, 0));
    let again = order_from(&mut rig, "PO-1", 15, from("supplier"));
    assert_eq!(again.kind, OutcomeKind::Unchanged);
    let other = order_from(&mut rig, "PO-1", 15, Source::Pool);
    assert_eq!(other.kind, OutcomeKind::Illegal, "the same units from elsewhere are another order");
    let another = order_from(&mut rig, "PO-1", 15, from("shop"));
    assert_eq!(another.kind, OutcomeKind::Illegal);
    assert_eq!(rig.cancel("PO-1").kind, OutcomeKind::Applied);
    assert_eq!(held(&rig), before, "nothing was taken, so nothing comes back");
}

#[test]
fn no_more_is_ordered_from_a_backing_than_stands_behind_it() {
    let mut rig = backed(Pool::B2b, None);
    let refused = |outcome: Outcome| -> Value {
        assert_eq!(outcome.kind, OutcomeKind::Illegal, "{outcome:?}");
        outcome.result.unwrap()["lines"][0].clone()
    };
    let line = refused(order_from(&mut rig, "PO-1", 21, from("supplier")));
    assert_eq!((&line["wanted"], &line["available"]), (&21.into(), &20.into()));
    let by_word = Source::Partner { connection: None };
    assert_eq!(order_from(&mut rig, "PO-2", 15, by_word).kind, OutcomeKind::Applied);
    let line = refused(order_from(&mut rig, "PO-3", 6, from("supplier")));
    assert_eq!(line["available"], 5, "fifteen of them are ordered already");
    rig.cancel("PO-2");
    assert_eq!(order_from(&mut rig, "PO-4", 20, from("supplier")).kind, OutcomeKind::Applied);
    at_the_supplier(&mut rig, 9);
    let line = refused(order_from(&mut rig, "PO-5", 10, from("supplier")));
    assert_eq!(line["available"], 9, "its own figure counts again");
}

#[test]
fn a_line_for_the_pools_does_not_reach_into_the_backing() {
    let mut rig = backed(Pool::B2b, None);
    let outcome = rig.order("PO-1", &[(SKU, 1)]);
    let line = outcome.result.unwrap()["lines"][0].clone();
    assert_eq!((&line["available"], &line["source"]), (&0.into(), &"pool".into()));
    assert_eq!(line["backing"], json!({ "connection": "supplier", "available": 20 }));
}

#[test]
fn one_order_may_take_from_the_pools_and_from_a_partner() {
    let mut rig = backed(Pool::B2b, None);
    rig.allocate(SKU, 4, "b2c", "b2b");
    let line = |quantity, source| OrderLine { item: SKU.to_owned(), quantity, source };
    let lines = vec![line(3, Source::Pool), line(2, from("supplier"))];
    let outcome = rig.obey(&Command::PlaceOrder { order: "PO-1".parse().unwrap(), lines });
    let told = outcome.result.unwrap()["lines"][0].clone();
    assert_eq!((&told["quantity"], &told["from_b2b"]), (&5.into(), &3.into()));
    assert_eq!(rig.balance(SKU, "committed:PO-1"), 3);
    rig.cancel("PO-1");
    rig.cancel("PO-1");
    assert_eq!(held(&rig), (4, 6));
}

#[test]
fn a_partner_that_backs_nothing_is_taken_at_its_word_and_one_that_is_not_there_is_not() {
    let mut rig = Rig::new().linked(&[SKU]);
    assert_eq!(order_from(&mut rig, "PO-1", 500, from("shop")).kind, OutcomeKind::Applied);
    assert_eq!(order_from(&mut rig, "PO-2", 1, from("nobody")).kind, OutcomeKind::UnknownEntity);
    let by_word = Source::Partner { connection: None };
    assert_eq!(order_from(&mut rig, "PO-3", 1, by_word).kind, OutcomeKind::Illegal);
    assert_eq!(rig.b2c(SKU), 10);
}

#[test]
fn an_order_keeps_who_delivers_it() {
    let mut rig = backed(Pool::B2b, None);
    order_from(&mut rig, "PO-1", 2, from("supplier"));
    let order = rig.reader().order(&rig.client(), &"PO-1".parse().unwrap()).unwrap().unwrap();
    assert_eq!(order.lines[0].from_partners, BTreeMap::from([("supplier".parse().unwrap(), 2)]));
}

/// A roll of dice that is the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: i64) -> i64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap() % end
    }
}

fn any_allocation(dice: &mut Dice) -> Allocation {
    let hold = if dice.below(2) == 0 { Hold::Soft } else { Hold::Hard };
    match dice.below(4) {
        0 => Allocation::Fixed,
        1 => Allocation::Shared,
        2 => by_share(u8::try_from(dice.below(101)).unwrap(), hold),
        _ => with_floor(dice.below(8), dice.below(8), hold),
    }
}

/// Something that may happen to pools. What changes the whole of both says by how much.
fn any_happening(rig: &mut Rig, dice: &mut Dice, step: usize) -> i64 {
    let units = 1 + dice.below(6);
    match dice.below(8) {
        0 => {
            let allocation = Some(any_allocation(dice));
            let sku = SKU.to_owned();
            rig.obey(&Command::PutItem(PutItem { sku, allocation, ..PutItem::default() }));
            0
        }
        1 => {
            let to = if dice.below(2) == 0 { "b2b" } else { "b2c" };
            rig.allocate(SKU, units, "supplier", to);
            units
        }
        2 => {
            rig.allocate(SKU, units, "b2b", "b2c");
            0
        }
        3 | 4 => {
            let before = held(rig);
            let outcome = rig.order(&format!("PO-{step}"), &[(SKU, units)]);
            let after = held(rig);
            if outcome.kind != OutcomeKind::Applied {
                assert_eq!(before, after, "what is refused takes nothing");
                return 0;
            }
            assert!(
                after.0 >= before.0.min(0) && after.1 >= before.1.min(0),
                "{before:?} {after:?}"
            );
            -units
        }
        5 => {
            let order = format!("PO-{}", dice.below(i64::try_from(step).unwrap() + 1));
            let outcome = rig.cancel(&order);
            let order = rig.reader().order(&rig.client(), &order.parse().unwrap()).unwrap();
            if outcome.kind == OutcomeKind::Applied {
                order.unwrap().lines[0].quantity()
            } else {
                0
            }
        }
        6 => {
            let (before, now) = (held(rig), rig.now);
            count(rig, units, u64::try_from(step).unwrap(), now);
            let after = held(rig);
            after.0 + after.1 - before.0 - before.1
        }
        _ => {
            rig.sell(SKU, units);
            rig.settle();
            -units
        }
    }
}

#[test]
fn whatever_happens_to_pools_no_unit_is_lost_or_made() {
    for seed in 1..=6 {
        let (mut rig, mut dice) = (Rig::new().linked(&[SKU]), Dice(seed));
        let mut whole = 10;
        for step in 0..40 {
            whole += any_happening(&mut rig, &mut dice, step);
            let (b2b, b2c) = held(&rig);
            assert_eq!(b2b + b2c, whole, "seed {seed}, step {step}");
        }
        rig.settle();
        let shown = rig.available(SKU);
        assert!(shown <= whole.max(0), "seed {seed}: {shown} of {whole}");
    }
}
