//! Rules 5 to 7: counters that others write as often as we do, batches with one row that spoils them, and writes of which
//! nobody can tell any more whether they were done.

use crossdock_domain::Span;
use crossdock_domain::call::CallKind;
use crossdock_domain::stock::level::Standing;
use crossdock_sandbox::shopify::{Happening, Knob, Shelf};

use crate::rig::{Mood, Rig, stamp};

/// A customer is faster than each of our next writes to DEMO-001, three times.
fn raced() -> Rig {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().weather(|faults| faults.calls.stale_storm = Knob::next(3));
    rig
}

fn adjusted(rig: &mut Rig) -> Vec<i64> {
    let calls = rig.calls(CallKind::AdjustLevel);
    calls.iter().flat_map(|(_, call)| call.writes()).map(|row| row.to - row.from).collect()
}

#[test]
fn rule_7_after_three_lost_races_a_difference_is_added_and_then_read() {
    let mut rig = raced();
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.settle();
    assert_eq!(rig.calls(CallKind::SetLevels).len(), 3, "each came too late");
    assert_eq!(adjusted(&mut rig), [-4]);
    assert_eq!((rig.b2c("DEMO-001"), rig.available("DEMO-001")), (3, 3), "10 − 3 sold − 4 taken");
    assert_eq!(rig.level("DEMO-001").stales, 0);
    rig.assert_in_step("DEMO-001");
}

#[test]
fn rule_7_a_sale_just_before_the_difference_is_booked_once_by_the_read_that_follows() {
    // The fourth customer is faster than the adjustment too: it does not care where the counter stands.
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().weather(|faults| faults.calls.stale_storm = Knob::next(4));
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.settle();
    assert_eq!(adjusted(&mut rig), [-4]);
    assert_eq!((rig.b2c("DEMO-001"), rig.available("DEMO-001")), (2, 2));
    rig.assert_in_step("DEMO-001");
}

#[test]
fn rule_7_a_difference_whose_answer_was_lost_is_added_once_under_its_key() {
    for mood in [Mood::LostAfter, Mood::LostBefore] {
        let mut rig = raced();
        // Three writes and their reads, then the adjustment.
        rig.shop().moods([Mood::Fair; 6]);
        rig.shop().moods([mood]);
        rig.order("PO-1", &[("DEMO-001", 4)]);
        rig.settle();
        assert_eq!(adjusted(&mut rig), [-4], "one decision, whatever became of its answer");
        assert_eq!((rig.b2c("DEMO-001"), rig.available("DEMO-001")), (3, 3), "{mood:?}");
        rig.assert_in_step("DEMO-001");
    }
}

#[test]
fn rule_7_a_difference_whose_key_died_is_found_out_by_a_read_and_the_orders_since() {
    for mood in [Mood::LostAfter, Mood::LostBefore] {
        let mut rig = raced();
        rig.shop().moods([Mood::Fair; 6]);
        rig.shop().moods([mood]);
        rig.order("PO-1", &[("DEMO-001", 4)]);
        while adjusted(&mut rig).is_empty() {
            rig.run(Span::from_ms(100));
        }
        rig.pause("shop");
        rig.run(Span::from_s(60));
        rig.sell("DEMO-001", 1);
        rig.run(Span::from_s(2 * 86_400));
        rig.resume("shop");
        rig.settle();
        assert_eq!((rig.b2c("DEMO-001"), rig.available("DEMO-001")), (2, 2), "{mood:?}");
        rig.assert_in_step("DEMO-001");
    }
}

#[test]
fn rule_7_where_a_lost_race_names_no_row_all_are_read_and_the_one_that_changed_goes_alone() {
    let skus = ["DEMO-001", "DEMO-002", "DEMO-003", "DEMO-004"];
    let mut rig = Rig::new().linked(&skus);
    rig.pause("shop");
    for sku in skus {
        rig.allocate(sku, 4, "b2c", "b2b");
    }
    rig.shop().weather(|faults| faults.calls.stale_storm = Knob::next(1));
    let before = rig.calls(CallKind::SetLevels).len();
    rig.resume("shop");
    rig.settle();
    let sizes: Vec<_> =
        rig.calls(CallKind::SetLevels)[before..].iter().map(|(_, c)| c.writes().len()).collect();
    assert_eq!(sizes.iter().sum::<usize>(), 8, "every row once more: {sizes:?}");
    assert_eq!(sizes[0], 4);
    for (sku, left) in skus.iter().zip([5, 6, 6, 6]) {
        assert_eq!(rig.available(sku), left, "{sku}");
        rig.assert_in_step(sku);
    }
    let hot = rig.calls(CallKind::SetLevels).into_iter().skip(before + 1);
    let hot = hot.filter(|(_, call)| call.writes().iter().any(|row| row.from == 9));
    assert_eq!(hot.map(|(_, call)| call.writes().len()).collect::<Vec<_>>(), [1], "the hot one");
}

#[test]
fn rule_7_where_a_refusal_names_no_row_the_halves_go_apart_until_the_row_is_found() {
    let skus: Vec<_> = (1..=8).map(|n| format!("DEMO-{n:03}")).collect();
    let names: Vec<_> = skus.iter().map(String::as_str).collect();
    let mut rig = Rig::new().linked(&names);
    rig.pause("shop");
    for sku in &names {
        rig.allocate(sku, 4, "b2c", "b2b");
    }
    // Refused are all eight, the first four, the first two, the first one.
    rig.shop().moods([Mood::Status(422)]);
    let before = rig.calls(CallKind::SetLevels).len();
    rig.resume("shop");
    rig.turn();
    rig.shop().moods([Mood::Status(422), Mood::Fair]);
    rig.shop().moods([Mood::Status(422), Mood::Fair, Mood::Fair, Mood::Status(422)]);
    rig.settle();
    let sizes: Vec<_> =
        rig.calls(CallKind::SetLevels)[before..].iter().map(|(_, c)| c.writes().len()).collect();
    assert_eq!(sizes, [8, 4, 4, 2, 2, 1, 1], "{sizes:?}");
    let stuck = rig.stuck_tasks();
    assert_eq!(stuck.len(), 1, "{stuck:?}");
    let through = names.iter().filter(|sku| rig.shop().truth(sku).available == 6).count();
    assert_eq!(through, 7, "one row never holds the others up");
    assert!(rig.level("DEMO-002").apart == 0, "they may travel with any others again");
}

#[test]
fn rule_6_a_level_says_which_entry_touched_it_last() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let sale = json_of_sale(&mut rig, 9);
    let arrival = rig.delivery("inventory_levels/update", &sale);
    let folded = rig.fold(arrival);
    assert_eq!(rig.level("DEMO-001").touched, folded.number, "it booked there");
    let arrival = rig.delivery("inventory_levels/update", &sale);
    let again = rig.fold(arrival);
    assert!(rig.level("DEMO-001").touched < again.number, "nothing was news");
    rig.order("PO-1", &[("DEMO-001", 2)]);
    rig.run(Span::from_ms(10));
    let (number, _) = rig.calls(CallKind::SetLevels).pop().unwrap();
    assert_eq!(rig.level("DEMO-001").touched, number, "our write took off");
    rig.is_truthful = false; // The sale was never made in the shop.
    rig.settle();
}

fn json_of_sale(rig: &mut Rig, available: i64) -> String {
    let item = rig.shop().truth("DEMO-001").inventory_item_id;
    let location = rig.shop().shop.setup().locations.first().unwrap().id;
    serde_json::json!({ "inventory_item_id": item, "location_id": location,
        "available": available, "updated_at": "2026-11-20T10:03:00Z" })
    .to_string()
}

#[test]
fn rule_6_a_read_that_our_write_overtook_is_read_again() {
    // The read's answer takes long; meanwhile an order is written. What the read saw was before it.
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().moods([Mood::Slow(Span::from_s(10))]);
    rig.sync(Some("DEMO-001"));
    rig.run(Span::from_s(1));
    assert_eq!(rig.level("DEMO-001").standing, Standing::Hinted);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.settle();
    assert_eq!((rig.b2c("DEMO-001"), rig.available("DEMO-001")), (6, 6));
    assert_eq!(rig.balance("DEMO-001", "shopify:shop"), 0, "the old figure was not booked");
}

#[test]
fn rule_6_a_read_that_is_overtaken_again_and_again_is_repeated_soon_all_the_same() {
    const RACES: usize = 6;
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let reads = |rig: &mut Rig| rig.calls(CallKind::ReadLevels).len();
    let mut next = reads(&mut rig);
    let last = next + RACES;
    rig.shop().moods([Mood::Slow(Span::from_ms(500)); RACES]);
    rig.sync(Some("DEMO-001"));
    // Of the sales up to a read nothing is told; the one right after it is, in the same second.
    for _ in 0..300 {
        rig.shop().weather(|faults| faults.webhooks.drop = 1.0);
        rig.sell("DEMO-001", 1);
        rig.run(Span::from_ms(100));
        if reads(&mut rig) > next && next < last {
            next += 1;
            rig.shop().weather(|faults| faults.webhooks.drop = 0.0);
            rig.sell("DEMO-001", 1);
            rig.run(Span::from_ms(600));
        }
    }
    assert_eq!(next, last, "six races within half a minute");
    rig.shop().weather(|faults| faults.webhooks.drop = 0.0);
    rig.sell("DEMO-001", 1);
    rig.settle();
    rig.assert_in_step("DEMO-001");
}

#[test]
fn rule_5_a_sale_that_nobody_told_us_of_before_a_write_in_doubt_is_not_taken_for_it() {
    // One is sold, and its level is never told; we write 10 → 9, which loses the race, and that answer is lost too. 9
    // stands there: it is not our write, as the order shows.
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().weather(|faults| faults.webhooks.drop = 1.0);
    rig.run(Span::from_s(30));
    rig.sell("DEMO-001", 1);
    rig.run(Span::from_s(30));
    let order = rig.shop().shop.log(0).iter().rev().find_map(|entry| {
        let Happening::Sale { order_id, .. } = &entry.happening else { return None };
        Some((*order_id, entry.at))
    });
    let (id, at) = order.unwrap();
    let variant = rig.shop().truth("DEMO-001").variant_id;
    let told = serde_json::json!({ "id": id, "name": "#1", "created_at": at.to_string(),
        "updated_at": at.to_string(), "line_items": [{ "id": 1, "variant_id": variant, "quantity": 1 }] });
    rig.deliver("orders/create", &told);
    rig.shop().moods([Mood::LostAfter]);
    rig.allocate("DEMO-001", 1, "b2c", "b2b");
    rig.pause("shop");
    rig.run(Span::from_s(2 * 86_400));
    rig.resume("shop");
    rig.settle();
    assert_eq!((rig.b2c("DEMO-001"), rig.available("DEMO-001")), (8, 8), "sold and allocated");
    rig.assert_in_step("DEMO-001");
}

#[test]
fn rule_5_goods_of_a_cancelled_sale_that_never_came_back_explain_a_figure_still() {
    // We write 10 → 12, it is done, its answer is lost. Two are sold, the order is cancelled, the goods are gone: 10.
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().moods([Mood::LostAfter]);
    rig.allocate("DEMO-001", 2, "supplier", "b2c");
    rig.pause("shop");
    rig.run(Span::from_s(40));
    let sale = rig.sell("DEMO-001", 2);
    rig.run(Span::from_s(60));
    let now = stamp(rig.now);
    rig.shop().shop.cancel(sale, Shelf::Keep, now).unwrap();
    rig.run(Span::from_s(2 * 86_400));
    rig.resume("shop");
    rig.settle();
    assert_eq!((rig.b2c("DEMO-001"), rig.available("DEMO-001")), (10, 10), "two are gone");
    rig.assert_in_step("DEMO-001");
}

#[test]
fn an_oversell_is_told_with_its_cause_and_its_figures() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.order("PO-1", &[("DEMO-001", 7)]);
    // The shop sells five before our write arrives.
    rig.sell("DEMO-001", 5);
    rig.settle();
    let told = rig.events("stock.oversold");
    assert_eq!(told.len(), 1, "{told:?}");
    let (event, body) = (&told[0], &told[0].body);
    assert_eq!(event.connection.as_ref().map(crossdock_domain::ConnectionId::as_str), Some("shop"));
    assert_eq!(body["entry"], event.number.0);
    let figures = serde_json::json!([
        body["pool"],
        body["sold"],
        body["had"],
        body["left"],
        body["oversold"]
    ]);
    assert_eq!(figures, serde_json::json!(["b2c", 5, 3, -2, 2]));
    assert_eq!(rig.b2c("DEMO-001"), -2);
}
