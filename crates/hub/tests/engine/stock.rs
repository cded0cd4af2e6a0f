//! Stock between a shop and our books, in fair weather and with deliveries in disorder.

use crossdock_domain::Span;
use crossdock_domain::call::{Call, CallKind};
use crossdock_domain::entry::{EntryKind, OutcomeKind};
use crossdock_domain::item::Allocation;
use crossdock_domain::stock::level::Standing;
use crossdock_sandbox::shopify::{ExactItem, Setup};
use serde_json::json;

use crate::rig::{Mood, Rig, Terms};

#[test]
fn a_link_that_adopts_takes_the_shops_figure_as_opening_balance() {
    let rig = Rig::new().linked(&["DEMO-001"]);
    assert_eq!((rig.b2c("DEMO-001"), rig.balance("DEMO-001", "count")), (10, -10));
}

#[test]
fn a_sale_in_the_shop_reaches_our_books() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.sell("DEMO-001", 3);
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), 7);
    assert_eq!(rig.balance("DEMO-001", "shopify:shop"), 3);
    rig.assert_in_step("DEMO-001");
}

#[test]
fn a_cancelled_sale_a_restock_and_an_edit_reach_our_books() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let sale = rig.sell("DEMO-001", 3);
    rig.settle();
    rig.cancel_sale(sale);
    rig.settle();
    rig.restock("DEMO-001", 5);
    rig.settle();
    rig.edit("DEMO-001", 2);
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), 2);
    rig.assert_in_step("DEMO-001");
}

#[test]
fn an_oversold_counter_is_booked_below_zero_and_announced() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.sell("DEMO-001", 12);
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), -2);
    let events = rig.reader().events(&rig.lane, 10).unwrap();
    assert!(events.iter().any(|event| event.name == "stock.oversold"), "{events:?}");
    assert!(rig.open_tasks().is_empty(), "nothing is owed to a counter below zero");
}

#[test]
fn an_item_that_opens_at_nothing_is_published_all_the_same() {
    let mut rig = Rig::with(Setup { items: 2, opening: 0..=0, ..Setup::default() });
    rig.link("shop", "DEMO-001", Terms::default());
    rig.settle();
    rig.allocate("DEMO-001", 5, "supplier", "b2c");
    rig.settle();
    assert_eq!(rig.available("DEMO-001"), 5);
}

#[test]
fn a_delivery_that_comes_twice_is_counted_once() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().weather(|faults| faults.webhooks.duplicate = 1.0);
    rig.sell("DEMO-001", 3);
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), 7);
    let levels = |entry: &&crossdock_store::Recorded| entry.topic == "inventory_levels/update";
    assert_eq!(rig.journal().iter().filter(levels).count(), 1, "the second is no entry");
}

#[test]
fn of_deliveries_in_disorder_only_the_newest_is_booked() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().weather(|faults| faults.webhooks.reorder = 1.0);
    rig.sell("DEMO-001", 3);
    rig.run(Span::from_s(2));
    rig.shop().weather(|faults| faults.webhooks.reorder = 0.0);
    rig.sell("DEMO-001", 1);
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), 6);
    let stale = rig.journal().iter().filter(|e| e.outcome == OutcomeKind::Stale).count();
    assert_eq!(stale, 1, "the sale that was overtaken");
}

#[test]
fn two_sales_in_one_second_make_one_read_owed() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let reads = |rig: &mut Rig| sends(rig, CallKind::ReadLevels).len();
    let before = reads(&mut rig);
    rig.sell("DEMO-001", 1);
    rig.run(Span::from_ms(100));
    rig.sell("DEMO-001", 1);
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), 8);
    assert_eq!(reads(&mut rig) - before, 1);
}

#[test]
fn a_sale_during_our_write_is_read_once_the_write_is_answered() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let before = sends(&mut rig, CallKind::ReadLevels).len();
    rig.shop().moods([Mood::Slow(Span::from_s(20))]);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.sell("DEMO-001", 1);
    rig.run(Span::from_s(15));
    assert_eq!(sends(&mut rig, CallKind::ReadLevels).len(), before, "no read outruns our write");
    assert_eq!(rig.b2c("DEMO-001"), 6, "nothing is booked during the flight");
    rig.settle();
    assert_eq!(sends(&mut rig, CallKind::ReadLevels).len(), before + 1);
    assert_eq!(rig.b2c("DEMO-001"), 5);
    rig.assert_in_step("DEMO-001");
}

#[test]
fn a_dropped_delivery_is_made_up_by_the_next() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().weather(|faults| faults.webhooks.drop = 1.0);
    rig.sell("DEMO-001", 3);
    rig.settle();
    rig.shop().weather(|faults| faults.webhooks.drop = 0.0);
    rig.sell("DEMO-001", 1);
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), 6);
}

#[test]
fn deliveries_with_a_wrong_signature_are_refused_and_their_retries_get_in() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().weather(|faults| faults.webhooks.wrong_signature = 1.0);
    rig.sell("DEMO-001", 3);
    rig.run(Span::from_s(5));
    assert!(rig.shop().refused > 0);
    assert_eq!(rig.b2c("DEMO-001"), 10);
    rig.shop().weather(|faults| faults.webhooks.wrong_signature = 0.0);
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), 7);
}

#[test]
fn an_untracked_item_has_no_figure_and_owes_nothing_until_it_is_counted_again() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.set_tracked("DEMO-001", false);
    rig.settle();
    assert_eq!(
        (rig.level("DEMO-001").standing, rig.level("DEMO-001").observed),
        (Standing::Suspended, None)
    );
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.settle();
    assert_eq!(rig.available("DEMO-001"), 10, "nothing is written to it");
    rig.set_tracked("DEMO-001", true);
    rig.settle();
    assert_eq!(rig.available("DEMO-001"), 6);
    rig.assert_in_step("DEMO-001");
}

#[test]
fn a_level_without_a_figure_is_suspended() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let item = rig.shop().truth("DEMO-001").inventory_item_id;
    let body = json!({ "inventory_item_id": item, "location_id": location(&mut rig),
        "available": null, "updated_at": "2026-11-20T10:03:00Z" });
    assert_eq!(rig.deliver("inventory_levels/update", &body).kind, OutcomeKind::Applied);
    assert_eq!(rig.level("DEMO-001").observed, None);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    assert!(rig.open_tasks().is_empty(), "{:?}", rig.open_tasks());
}

#[test]
fn a_disconnected_item_is_suspended_and_read_anew_when_connected() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let item = rig.shop().truth("DEMO-001").inventory_item_id;
    let location = location(&mut rig);
    let gone = json!({ "inventory_item_id": item, "location_id": location });
    let set_off = rig.now;
    rig.deliver_set_off_at("inventory_levels/disconnect", &gone, set_off);
    assert_eq!(rig.level("DEMO-001").standing, Standing::Suspended);
    let back = json!({ "inventory_item_id": item, "location_id": location, "available": 10,
        "updated_at": "2026-11-20T10:05:00Z" });
    rig.deliver("inventory_levels/connect", &back);
    assert_eq!(rig.level("DEMO-001").observed, Some(10));
    assert_eq!(rig.b2c("DEMO-001"), 10, "a baseline books nothing");
}

#[test]
fn a_disconnect_that_its_own_connect_overtook_suspends_nothing() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let item = rig.shop().truth("DEMO-001").inventory_item_id;
    let location = location(&mut rig);
    let gone = json!({ "inventory_item_id": item, "location_id": location });
    let back = json!({ "inventory_item_id": item, "location_id": location, "available": 10,
        "updated_at": "2026-11-20T10:03:05Z" });
    let at = |text: &str| text.parse().unwrap();
    rig.now = at("2026-11-20T10:33:00Z");
    rig.deliver("inventory_levels/connect", &back);
    let earlier = at("2026-11-20T10:03:03.5Z");
    let stale = rig.deliver_set_off_at("inventory_levels/disconnect", &gone, earlier);
    assert_eq!(stale.kind, OutcomeKind::Stale, "{stale:?}");
    // Within the second, or undated: nobody can tell, so it is read.
    let same_second = at("2026-11-20T10:03:05.2Z");
    rig.deliver_set_off_at("inventory_levels/disconnect", &gone, same_second);
    assert_eq!(rig.level("DEMO-001").standing, Standing::Hinted);
    rig.settle();
    rig.deliver("inventory_levels/disconnect", &gone);
    assert_eq!(rig.level("DEMO-001").standing, Standing::Hinted);
    rig.settle();
    assert_eq!(
        (rig.level("DEMO-001").standing, rig.level("DEMO-001").observed),
        (Standing::Settled, Some(10))
    );
}

#[test]
fn a_disconnect_dated_in_the_future_makes_nothing_that_follows_stale() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let item = rig.shop().truth("DEMO-001").inventory_item_id;
    let gone = json!({ "inventory_item_id": item, "location_id": location(&mut rig) });
    let future = "2031-01-01T00:00:00Z".parse().unwrap();
    rig.deliver_set_off_at("inventory_levels/disconnect", &gone, future);
    rig.settle();
    rig.sell("DEMO-001", 2);
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), 8);
}

#[test]
fn figures_of_other_locations_are_observed_and_booked_nowhere() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let item = rig.shop().truth("DEMO-001").inventory_item_id;
    for (available, second) in [(50, "01"), (40, "02")] {
        let body = json!({ "inventory_item_id": item, "location_id": 106_318_463_282_u64,
            "available": available, "updated_at": format!("2026-11-20T10:03:{second}Z") });
        rig.deliver("inventory_levels/update", &body);
    }
    let levels = rig.stock("DEMO-001").levels;
    assert_eq!(levels.iter().map(|l| l.observed).collect::<Vec<_>>(), [Some(10), Some(40)]);
    assert_eq!(rig.b2c("DEMO-001"), 10);
}

#[test]
fn an_id_of_nineteen_digits_survives() {
    let exact = ExactItem {
        item_id: 9_007_199_254_740_993_123,
        variant_id: 1_234_567_890_123_456_789,
        product_id: 7,
        title: "Beyond".to_owned(),
        sku: Some("BIG".to_owned()),
        tracked: true,
        levels: vec![(106_318_430_514, 9)],
    };
    let mut rig = Rig::with(Setup { items: 0, exact: vec![exact], ..Setup::default() });
    rig.link("shop", "BIG", Terms::default());
    rig.settle();
    rig.sell("BIG", 2);
    rig.order("PO-1", &[("BIG", 3)]);
    rig.settle();
    assert_eq!((rig.available("BIG"), rig.b2c("BIG")), (4, 4));
    let links = rig.reader().links(&rig.client(), rig.stock("BIG").item.id).unwrap();
    assert!(links.iter().any(|link| link.remote.as_str() == "9007199254740993123"), "{links:?}");
}

#[test]
fn two_shops_on_one_pool_do_not_double_the_opening_balance() {
    let mut rig = Rig::new();
    rig.add_shop("second", Setup { domain: "second.myshopify.com".to_owned(), ..small() });
    rig.link("shop", "DEMO-001", Terms::default());
    rig.settle();
    rig.link("second", "DEMO-001", Terms::default());
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), 10);
    rig.sell("DEMO-001", 4);
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), 6);
    assert_eq!(rig.shops["second"].truth("DEMO-001").available, 6, "a sale here is shown there");
    assert_eq!(rig.balance("DEMO-001", "shopify:second"), 0, "and is not sold there");
}

#[test]
fn an_item_that_is_switched_off_is_observed_and_not_written() {
    let mut rig = Rig::new();
    rig.link("shop", "DEMO-001", Terms { sync: false, ..Terms::default() });
    rig.settle();
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.sell("DEMO-001", 1);
    rig.settle();
    assert_eq!((rig.available("DEMO-001"), rig.b2c("DEMO-001")), (9, 5));
    rig.obey(&crossdock_domain::command::Command::SetSync {
        item: "DEMO-001".to_owned(),
        enabled: true,
    });
    rig.settle();
    assert_eq!(rig.available("DEMO-001"), 5);
}

#[test]
fn hundreds_of_levels_are_written_in_gathered_sends() {
    let mut rig = Rig::with(Setup { items: 300, opening: 10..=10, ..Setup::default() });
    rig.link_all("shop");
    let before = sends(&mut rig, CallKind::SetLevels).len();
    for item in 1..=300 {
        let sku = format!("DEMO-{item:03}");
        rig.allocate(&sku, 1, "b2c", "b2b");
    }
    rig.pause("shop");
    for item in 1..=300 {
        rig.allocate(&format!("DEMO-{item:03}"), 2, "b2c", "b2b");
    }
    rig.resume("shop");
    rig.settle();
    let sizes: Vec<_> = sends(&mut rig, CallKind::SetLevels)[before..]
        .iter()
        .map(|call| call.tasks().len())
        .collect();
    assert!(sizes.contains(&250), "{sizes:?}");
    rig.assert_in_step("DEMO-300");
}

#[test]
fn allocated_stock_leaves_the_shop_and_fixed_items_keep_b2b_to_it() {
    let mut rig = Rig::new();
    rig.link("shop", "DEMO-001", Terms { allocation: Allocation::Fixed, ..Terms::default() });
    rig.settle();
    rig.allocate("DEMO-001", 3, "b2c", "b2b");
    rig.settle();
    assert_eq!(rig.available("DEMO-001"), 7);
    assert_eq!(rig.order("PO-1", &[("DEMO-001", 4)]).kind, OutcomeKind::Illegal);
    assert_eq!(rig.order("PO-2", &[("DEMO-001", 3)]).kind, OutcomeKind::Applied);
    rig.settle();
    assert_eq!(rig.available("DEMO-001"), 7, "the shop's share is as it was");
}

/// Calls of one kind that were recorded so far.
pub(crate) fn sends(rig: &mut Rig, kind: CallKind) -> Vec<Call> {
    let lane = rig.lane.clone();
    let numbers: Vec<_> = rig
        .journal()
        .iter()
        .filter(|entry| entry.kind == EntryKind::Send && entry.topic == kind.word())
        .map(|entry| entry.number)
        .collect();
    let known = numbers.into_iter().filter_map(|number| {
        rig.hub().store().get::<crossdock_domain::send::Send>(&(lane.clone(), number)).unwrap()
    });
    known.map(|send| send.call).collect()
}

pub(crate) fn location(rig: &mut Rig) -> u64 {
    rig.shop().shop.setup().locations.first().unwrap().id
}

fn small() -> Setup {
    Setup { items: 8, opening: 10..=10, ..Setup::default() }
}
