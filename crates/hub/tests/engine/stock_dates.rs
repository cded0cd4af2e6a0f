//! Dates that cannot be: a partner's clock that stands elsewhere than ours, or was set back.

use crossdock_domain::call::CallKind;
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::order::SeenOrder;
use crossdock_domain::stock::level::Standing;
use crossdock_domain::{Instant, Span};
use crossdock_sandbox::shopify::Which;
use serde_json::{Value, json};

use crate::rig::{Rig, stamp};

const SKU: &str = "DEMO-001";
const TEN_YEARS: Span = Span::from_s(10 * 365 * 86_400);

fn figure(rig: &mut Rig, available: i64, at: Instant) -> Value {
    let item = rig.shop().truth(SKU).inventory_item_id;
    let location = rig.shop().shop.setup().locations.first().unwrap().id;
    json!({ "inventory_item_id": item, "location_id": location, "available": available,
        "updated_at": at.to_the_second().to_string() })
}

fn reads(rig: &mut Rig) -> usize {
    rig.calls(CallKind::ReadLevels).len()
}

#[test]
fn a_figure_from_years_ahead_is_read_and_the_sales_after_it_are_booked() {
    let mut rig = Rig::new().linked(&[SKU]);
    rig.run(Span::from_s(60));
    let before = reads(&mut rig);
    let ahead = rig.now.plus(TEN_YEARS);
    let body = figure(&mut rig, 10, ahead);
    let outcome = rig.deliver("inventory_levels/update", &body);
    assert!(outcome.note.contains("a read is owed"), "{}", outcome.note);
    rig.settle();
    assert!(rig.level(SKU).observed_at < Some(rig.now.plus(Span::from_s(300))));
    rig.sell(SKU, 3);
    rig.run(Span::from_s(600));
    assert_eq!(rig.b2c(SKU), 7);
    assert!(reads(&mut rig) <= before + 2, "{} reads", reads(&mut rig) - before);
    rig.assert_in_step(SKU);
}

#[test]
fn a_sale_after_the_partners_clock_was_set_back_a_little_is_read() {
    let mut rig = Rig::new().linked(&[SKU]);
    rig.run(Span::from_s(60));
    let ahead = rig.now.plus(Span::from_s(200));
    let body = figure(&mut rig, 10, ahead);
    rig.deliver("inventory_levels/update", &body);
    rig.sell(SKU, 3);
    rig.run(Span::from_s(1_200));
    assert_eq!(rig.b2c(SKU), 7);
    rig.assert_in_step(SKU);
}

#[test]
fn a_read_that_says_the_same_again_and_again_is_believed_whatever_its_date() {
    // A figure that the shop never had, dated after all that the shop can say.
    let mut rig = Rig::new().linked(&[SKU]);
    rig.run(Span::from_s(60));
    let now = rig.now;
    let body = figure(&mut rig, 7, now);
    rig.deliver("inventory_levels/update", &body);
    assert_eq!(rig.b2c(SKU), 7);
    let before = reads(&mut rig);
    rig.sync(Some(SKU));
    rig.run(Span::from_s(1_200));
    assert_eq!((rig.b2c(SKU), rig.level(SKU).standing), (10, Standing::Settled));
    let asked = reads(&mut rig) - before;
    assert!((3..=6).contains(&asked), "{asked} reads");
    rig.assert_in_step(SKU);
}

/// The shop changes a counter at a time of its own, and does not tell.
fn edit_unheard(rig: &mut Rig, to: i64, at: Instant) {
    rig.shop().weather(|faults| faults.webhooks.delay_ms_max = 0);
    rig.lose_levels();
    rig.shop().shop.edit(&Which::sku(SKU), to, stamp(at)).unwrap();
}

#[test]
fn a_finding_from_years_ahead_is_read_again_within_a_minute() {
    let mut rig = Rig::new().linked(&[SKU]);
    rig.run(Span::from_s(60));
    let ahead = rig.now.plus(TEN_YEARS);
    edit_unheard(&mut rig, 7, ahead);
    rig.begin(true);
    rig.run(Span::from_s(60));
    assert_eq!((rig.b2c(SKU), rig.level(SKU).standing), (7, Standing::Settled));
    assert!(rig.level(SKU).observed_at <= Some(rig.now), "{:?}", rig.level(SKU).observed_at);
    assert!(rig.open_tasks().is_empty(), "{:?}", rig.open_tasks());
}

#[test]
fn a_page_that_confirms_a_figure_with_a_date_from_years_ahead_leaves_what_we_know_dated() {
    let mut rig = Rig::new().linked(&[SKU]);
    rig.run(Span::from_s(60));
    let ahead = rig.now.plus(TEN_YEARS);
    edit_unheard(&mut rig, 7, ahead);
    edit_unheard(&mut rig, 10, ahead);
    rig.begin(true);
    rig.run(Span::from_s(60));
    assert!(rig.level(SKU).observed_at <= Some(rig.now), "{:?}", rig.level(SKU).observed_at);
}

#[test]
fn a_hint_brings_a_read_forward_that_was_planned_for_later() {
    let mut rig = Rig::new().linked(&[SKU]);
    rig.run(Span::from_s(60));
    let now = rig.now;
    edit_unheard(&mut rig, 7, now);
    rig.begin(true);
    rig.run(Span::from_s(5));
    assert!(rig.open_tasks()[0].due > rig.now, "planned: {:?}", rig.open_tasks());
    let ahead = rig.now.plus(TEN_YEARS);
    let body = figure(&mut rig, 7, ahead);
    rig.deliver("inventory_levels/update", &body);
    rig.run(Span::from_s(5));
    assert_eq!((rig.b2c(SKU), rig.open_tasks().len()), (7, 0));
}

fn order_dated(rig: &mut Rig, placed: Instant, at: Instant, units: i64) -> Value {
    let variant = rig.shop().truth(SKU).variant_id;
    json!({ "id": 77, "name": "#77", "created_at": placed.to_the_second().to_string(),
        "updated_at": at.to_the_second().to_string(),
        "line_items": [{ "id": 1, "variant_id": variant, "quantity": units }] })
}

fn seen_order(rig: &mut Rig) -> SeenOrder {
    let (client, remote) = (rig.client(), "77".parse().unwrap());
    rig.get(&(client, "shop".parse().unwrap(), remote))
}

#[test]
fn an_order_dated_years_ahead_makes_none_of_its_later_states_stale() {
    let mut rig = Rig::new().linked(&[SKU]);
    rig.run(Span::from_s(60));
    let (now, ahead) = (rig.now, rig.now.plus(TEN_YEARS));
    let told = order_dated(&mut rig, now, ahead, 3);
    assert_eq!(rig.deliver("orders/create", &told).kind, OutcomeKind::Applied);
    rig.run(Span::from_s(60));
    let later = rig.now;
    let told = order_dated(&mut rig, now, later, 1);
    assert_eq!(rig.deliver("orders/updated", &told).kind, OutcomeKind::Applied);
    let order = seen_order(&mut rig);
    assert_eq!((order.at, order.units[0].1), (Some(later.to_the_second()), 1));
    let told = order_dated(&mut rig, now, now, 3);
    assert_eq!(rig.deliver("orders/updated", &told).kind, OutcomeKind::Stale, "dates hold still");
    let told = order_dated(&mut rig, now, ahead, 2);
    rig.deliver("orders/updated", &told);
    let order = seen_order(&mut rig);
    assert_eq!((order.at, order.units[0].1), (Some(later.to_the_second()), 2));
}

#[test]
fn an_order_placed_years_ahead_was_placed_when_we_first_heard_of_it() {
    let mut rig = Rig::new().linked(&[SKU]);
    rig.run(Span::from_s(60));
    let (heard, ahead) = (rig.now, rig.now.plus(TEN_YEARS));
    let told = order_dated(&mut rig, ahead, heard, 3);
    rig.deliver("orders/create", &told);
    rig.run(Span::from_s(7_200));
    let later = rig.now;
    let told = order_dated(&mut rig, ahead, later, 2);
    rig.deliver("orders/updated", &told);
    assert_eq!(seen_order(&mut rig).placed_at, Some(heard));
}

#[test]
fn a_record_dated_years_ahead_makes_none_of_its_later_states_stale() {
    let mut rig = Rig::new().linked(&[SKU]);
    rig.run(Span::from_s(60));
    let id = rig.shop().truth(SKU).inventory_item_id;
    let (now, ahead) = (rig.now, rig.now.plus(TEN_YEARS));
    for (at, tracked) in [(ahead, false), (now.plus(Span::from_s(1)), true)] {
        let told = json!({ "id": id, "sku": SKU, "tracked": tracked,
            "updated_at": at.to_the_second().to_string() });
        let outcome = rig.deliver("inventory_items/update", &told);
        assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    }
    rig.settle();
    rig.assert_in_step(SKU);
}

#[test]
fn an_item_that_was_not_counted_and_counted_in_one_second_is_read_in_whichever_order_it_is_told() {
    for order in [[false, true], [true, false]] {
        let mut rig = Rig::new().linked(&[SKU]);
        rig.run(Span::from_s(60));
        let (id, now) = (rig.shop().truth(SKU).inventory_item_id, rig.now.to_the_second());
        for tracked in order {
            let told =
                json!({ "id": id, "sku": SKU, "tracked": tracked, "updated_at": now.to_string() });
            let outcome = rig.deliver("inventory_items/update", &told);
            assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
        }
        assert_eq!(rig.level(SKU).standing, Standing::Hinted, "told {order:?}");
        rig.settle();
        assert_eq!(rig.level(SKU).standing, Standing::Settled, "told {order:?}");
        rig.sell(SKU, 3);
        rig.settle();
        assert_eq!(rig.b2c(SKU), 7, "a sale after it is a sale");
        rig.assert_in_step(SKU);
    }
}

#[test]
fn an_item_that_is_counted_again_a_second_later_is_read_again() {
    let mut rig = Rig::new().linked(&[SKU]);
    rig.run(Span::from_s(60));
    rig.set_tracked(SKU, false);
    let (id, now) = (rig.shop().truth(SKU).inventory_item_id, rig.now.to_the_second());
    for (tracked, at) in [(true, now), (false, now)] {
        let told =
            json!({ "id": id, "sku": SKU, "tracked": tracked, "updated_at": at.to_string() });
        rig.deliver("inventory_items/update", &told);
    }
    rig.settle();
    assert_eq!(rig.level(SKU).standing, Standing::Suspended, "the read said so");
    rig.run(Span::from_s(60));
    rig.set_tracked(SKU, true);
    rig.settle();
    assert_eq!(rig.level(SKU).standing, Standing::Settled);
    rig.assert_in_step(SKU);
}
