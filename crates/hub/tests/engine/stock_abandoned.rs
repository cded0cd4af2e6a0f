//! Writes that are no longer wanted while nobody knows whether they were done: they are not repeated, and what they may
//! have moved is booked as nobody's sale.

use crossdock_domain::call::CallKind;
use crossdock_domain::command::Command;
use crossdock_domain::send::{Send, SendState};
use crossdock_domain::stock::level::Standing;
use crossdock_domain::{Instant, Span};
use serde_json::{Value, json};

use crate::rig::{Mood, Rig};

const SKU: &str = "DEMO-001";

/// What the shop says of the item's level, in a delivery of its own making.
fn say(rig: &mut Rig, available: &Value) {
    let (name, at) = ("shop", rig.now);
    let item = rig.shops[name].truth(SKU).inventory_item_id;
    let location = rig.shops[name].shop.setup().locations[0].id;
    let updated_at = Instant::to_the_second(at).to_string();
    let body = json!({ "inventory_item_id": item, "location_id": location,
        "available": available, "updated_at": updated_at });
    let _ = rig.deliver("inventory_levels/update", &body);
}

/// Ten in the shop; a business customer takes four, and the answer to the write is lost.
fn lost(mood: Mood) -> Rig {
    let mut rig = Rig::new().linked(&[SKU]);
    rig.shop().moods([mood]);
    rig.order("PO-1", &[(SKU, 4)]);
    while rig.level(SKU).flight.is_none() {
        rig.run(Span::from_ms(50));
    }
    rig.run(Span::from_ms(100));
    rig
}

/// Sends of writes, oldest first.
fn writes(rig: &mut Rig) -> Vec<Send> {
    let lane = rig.lane.clone();
    let calls = rig.calls(CallKind::SetLevels);
    calls.into_iter().map(|(number, _)| rig.get(&(lane.clone(), number))).collect()
}

fn nothing_was_sold(rig: &mut Rig) {
    let books = (rig.b2c(SKU), rig.available(SKU), rig.balance(SKU, "shopify:shop"));
    assert_eq!(books, (6, 6, 0), "pool, shop, and what was booked against the shop");
    assert_eq!(rig.level(SKU).standing, Standing::Settled);
}

/// The counter ends and begins again before the lost write would be repeated.
fn ends_and_begins(rig: &mut Rig) {
    rig.pause("shop");
    rig.run(Span::from_s(60));
    let stands = rig.available(SKU);
    say(rig, &Value::Null);
    rig.run(Span::from_s(3));
    say(rig, &json!(stands));
    rig.run(Span::from_s(5));
    rig.shop().moods([Mood::Fair, Mood::Held(Span::from_s(2))]);
    rig.resume("shop");
    rig.settle();
    rig.settle();
}

#[test]
fn a_lost_write_is_not_repeated_once_the_counter_has_ended_and_begun_anew() {
    let mut rig = lost(Mood::LostBefore);
    ends_and_begins(&mut rig);
    let first = writes(&mut rig).remove(0);
    assert_eq!((first.attempt, first.state), (1, SendState::Settled), "{}", first.note);
    nothing_was_sold(&mut rig);
}

#[test]
fn a_lost_write_that_was_done_before_the_counter_ended_is_nobodys_sale() {
    let mut rig = lost(Mood::LostAfter);
    ends_and_begins(&mut rig);
    nothing_was_sold(&mut rig);
}

#[test]
fn a_delivery_that_is_older_than_a_write_on_its_way_is_no_baseline() {
    let mut rig = lost(Mood::Held(Span::from_s(6)));
    say(&mut rig, &Value::Null);
    rig.run(Span::from_s(2));
    assert_eq!(rig.available(SKU), 10, "the write is still on its way");
    say(&mut rig, &json!(10));
    assert_eq!(rig.level(SKU).observed, None);
    rig.settle();
    nothing_was_sold(&mut rig);
}

#[test]
fn nothing_is_repeated_that_writes_while_the_connection_only_observes() {
    let mut rig = lost(Mood::LostBefore);
    rig.obey(&Command::Observe { connection: "shop".parse().unwrap() });
    rig.settle();
    assert_eq!(rig.available(SKU), 10, "nothing is written");
    assert_eq!(writes(&mut rig).remove(0).attempt, 1);
    rig.run(Span::from_s(26 * 3_600));
    let first = writes(&mut rig).remove(0);
    assert_eq!((first.attempt, first.state), (1, SendState::Settled), "{}", first.note);
    assert_eq!(rig.level(SKU).flight, None, "a read has told what came of it");
    assert_eq!((rig.b2c(SKU), rig.available(SKU)), (6, 10));
    rig.obey(&Command::GoLive { connection: "shop".parse().unwrap(), accept: None });
    rig.settle();
    nothing_was_sold(&mut rig);
}
