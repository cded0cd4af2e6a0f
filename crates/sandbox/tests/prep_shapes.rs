//! Answers and webhooks have the shapes of the vendor's samples: the same fields of the same types.
//!
//! The samples lie outside the product; where they are missing the tests say so and do nothing. Null in either stands for
//! any type, and an empty list for any list.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]
#![allow(clippy::print_stderr, reason = "a skipped test must be seen")]

mod prep;

use std::path::Path;

use crossdock_sandbox::prepbusiness::{EVENTS, MerchantsShape, Setup, Units};
use prep::{Desk, MERCHANT, told};
use serde_json::{Value, json};

/// Places where ours has less or other than the sample, and why: `file: path`.
const DIFFERENCES: &[(&str, &str, &str)] = &[
    ("get_webhooks_shape_synthetic", "/_note", "a remark of whoever wrote the sample"),
    ("get_webhooks_shape_synthetic", "/webhooks/types", "the sample shows only some events"),
];

fn sample(name: &str) -> Option<Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/fixtures/prepbusiness");
    let path = Path::new(folder).join(format!("{name}.json"));
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: no sample at {}", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

/// Compares ours with the sample of that name.
fn compare(name: &str, ours: &Value) {
    let Some(theirs) = sample(name) else { return };
    let mut found = Vec::new();
    differences("", ours, &theirs, &mut found);
    let allowed =
        |path: &str| DIFFERENCES.iter().any(|(file, at, _)| *file == name && path.starts_with(at));
    found.retain(|(path, _)| !allowed(path));
    assert!(found.is_empty(), "{name}: {found:#?}");
}

fn differences(path: &str, ours: &Value, theirs: &Value, found: &mut Vec<(String, String)>) {
    match (ours, theirs) {
        (Value::Null, _) | (_, Value::Null) => {}
        (Value::Object(left), Value::Object(right)) => {
            for key in left.keys().filter(|key| !right.contains_key(*key)) {
                found.push((format!("{path}/{key}"), "only ours has it".to_owned()));
            }
            for (key, right) in right {
                match left.get(key) {
                    Some(left) => differences(&format!("{path}/{key}"), left, right, found),
                    None => found.push((format!("{path}/{key}"), "ours lacks it".to_owned())),
                }
            }
        }
        (Value::Array(left), Value::Array(right)) => {
            if let (Some(left), Some(right)) = (left.first(), right.first()) {
                differences(path, left, right, found);
            }
        }
        (left, right) if std::mem::discriminant(left) != std::mem::discriminant(right) => {
            found.push((path.to_owned(), format!("{left} and not {right}")));
        }
        _ => {}
    }
}

/// A desk with an inbound that was shipped and partly checked in, and an order.
fn desk() -> Desk {
    let mut desk = Desk::open(Setup::default());
    let now = desk.now;
    let lines = [Units::of("DEMO-001", 5)];
    let id = desk.centre.announce(MERCHANT, "x", &lines, now).unwrap();
    desk.centre.ship(id, "ups", &["1Z1".to_owned()], now).unwrap();
    desk.centre.check_in(id, &[Units::of("DEMO-001", 3)], now).unwrap();
    desk.centre.order(MERCHANT, "R-1", &lines, now).unwrap();
    desk.centre.ship_out(MERCHANT, &lines, now).unwrap();
    desk
}

#[test]
fn lists_and_objects_have_the_fields_of_the_samples() {
    let mut desk = desk();
    for (path, name) in [
        ("/shipments/inbound", "get_inbound_index"),
        ("/shipments/inbound/1", "get_inbound_show"),
        ("/shipments/inbound/1/items", "get_inbound_items"),
        ("/shipments/outbound", "get_outbound_index"),
        ("/inventory", "get_inventory_index"),
        ("/inventory/1", "get_inventory_show"),
        ("/orders", "get_orders_index"),
        ("/orders/1", "get_order_show"),
        ("/warehouses", "get_warehouses"),
        ("/services", "get_services"),
    ] {
        compare(name, &desk.get(path));
    }
}

#[test]
fn the_list_of_merchants_has_the_documented_shape_when_the_setup_says_so() {
    let setup = Setup { merchants_shape: MerchantsShape::Object, ..Setup::default() };
    compare("get_merchants_index_documented_shape", &Desk::open(setup).get("/merchants"));
}

#[test]
fn what_is_written_is_answered_as_in_the_samples() {
    let mut desk = desk();
    let made = json!({ "name": "PO 7", "warehouse_id": 1 });
    let submit = json!({ "tracking_numbers": ["1"], "carrier": "ups" });
    let code = json!({ "identifier": "1234567890", "identifier_type": "CUSTOM" });
    let goods = json!({ "merchant_sku": "NEW-1", "title": "Test" });
    let lost = json!({ "item_id": 1, "warehouse_id": 1, "quantity": -1, "reason": "lost" });
    let parcel = json!({ "carrier": "ups", "tracking_number": "1" });
    let merchant = json!({ "name": "Test", "primary_email": "buyer006@example.com" });
    for (path, body, name) in [
        ("/shipments/inbound", made, "post_inbound_create_response"),
        ("/shipments/inbound/2/submit", submit, "post_inbound_submit_response"),
        ("/shipments/inbound/2/receive", Value::Null, "post_inbound_receive_response"),
        (
            "/shipments/inbound/batch/archive",
            json!({ "shipment_ids": [2] }),
            "post_inbound_batch_archive_response",
        ),
        ("/inventory", goods, "post_inventory_create_response"),
        ("/inventory/search", json!({ "q": "DEMO-001" }), "post_inventory_search_response"),
        ("/inventory/1/identifier", code, "post_inventory_identifier_response"),
        ("/adjustment", lost, "post_adjustment_response"),
        ("/orders/1/markAsShipped", parcel, "post_order_mark_as_shipped_response"),
        ("/merchants", merchant, "post_merchant_response"),
    ] {
        compare(name, &desk.post(path, &body));
    }
    let (_, changed) = desk.call("PUT", "/shipments/inbound/1", &json!({ "notes": "n" }));
    compare("put_inbound_update_response", &changed);
    let (_, changed) = desk.call("PUT", "/inventory/1", &json!({ "title": "Test Title" }));
    compare("put_inventory_update_response", &changed);
}

#[test]
fn webhooks_and_their_list_look_as_in_the_samples() {
    let mut desk = Desk::open(Setup::default());
    let now = desk.now;
    desk.centre.subscribe(&EVENTS, "http://127.0.0.1:9/hook", now).unwrap();
    compare("get_webhooks_shape_synthetic", &{
        desk.merchant = None;
        desk.get("/webhooks")
    });
    desk.merchant = Some(MERCHANT);
    let lines = [Units::of("DEMO-001", 1)];
    let id = desk.centre.announce(MERCHANT, "x", &lines, now).unwrap();
    desk.centre.ship(id, "ups", &["1Z1".to_owned()], now).unwrap();
    desk.centre.track(id, now).unwrap();
    desk.centre.order(MERCHANT, "R-1", &lines, now).unwrap();
    let parcel = json!({ "carrier": "ups", "tracking_number": "1" });
    desk.post("/orders/1/markAsShipped", &parcel);
    let bodies: Vec<Value> = desk.drain(1).iter().map(told).collect();
    let of = |kind: &str| bodies.iter().find(|body| body["type"] == kind).unwrap();
    let bare = bodies.iter().find(|body| body.get("type").is_none()).unwrap();
    compare("webhook_order_created_bare", bare);
    compare("webhook_order_shipped", of("order.shipped"));
    compare(
        "webhook_transportation_tracking_data_updated",
        of("transportation_tracking.data_updated"),
    );
}
