//! The prep centre's webhooks without sockets: envelopes, signatures, and everything that can go wrong on the way.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

mod prep;

use std::collections::BTreeSet;

use crossdock_sandbox::exchange::{AttemptOutcome, WebhookAttempt};
use crossdock_sandbox::prepbusiness::{
    EVENTS, Envelope, Happening, Setup, SigningKey, Units, WebhookFaults,
};
use hmac::{Hmac, KeyInit, Mac};
use prep::{Desk, MERCHANT, OTHER, told};
use serde_json::{Value, json};
use sha2::Sha256;

const HOOK: &str = "http://127.0.0.1:9/hook";

fn open(setup: Setup, knobs: WebhookFaults) -> Desk {
    let mut desk = Desk::open(setup);
    let now = desk.now;
    desk.centre.subscribe(&EVENTS, HOOK, now).unwrap();
    desk.weather(|faults| faults.webhooks = knobs);
    desk
}

fn fair() -> Desk {
    open(Setup::default(), WebhookFaults::default())
}

fn announce(desk: &mut Desk) -> u64 {
    let now = desk.now;
    desk.centre.announce(MERCHANT, "x", &[Units::of("DEMO-001", 5)], now).unwrap()
}

fn signature(attempt: &WebhookAttempt) -> &str {
    &attempt.headers.iter().find(|(name, _)| name == "Signature").unwrap().1
}

fn is_signed_with(attempt: &WebhookAttempt, secret: &str) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(&attempt.body);
    let told = signature(attempt).as_bytes().chunks(2);
    let read = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    mac.verify_slice(&told.map(read).collect::<Vec<u8>>()).is_ok()
}

#[test]
fn every_act_on_an_inbound_is_told_and_putting_it_away_is_not() {
    let mut desk = fair();
    let id = announce(&mut desk);
    let now = desk.now;
    desk.centre.ship(id, "ups", &["1Z1".to_owned()], now).unwrap();
    desk.centre.track(id, now).unwrap();
    desk.centre.check_in(id, &[Units::of("DEMO-001", 5)], now).unwrap();
    desk.centre.receive(id, now).unwrap();
    desk.centre.archive(id, now).unwrap();
    let types: BTreeSet<String> =
        desk.drain(1).iter().map(|one| told(one)["type"].as_str().unwrap().to_owned()).collect();
    let expected = [
        "inbound_shipment.created",
        "inbound_shipment.shipped",
        "transportation_tracking.data_updated",
        "inbound_shipment.items_updated",
        "item.stock_updated",
        "inbound_shipment.received",
    ];
    assert_eq!(types, expected.map(str::to_owned).into());
    assert_eq!(desk.centre.undelivered(), 0);
}

#[test]
fn bodies_are_signed_in_lower_case_hex_and_carry_neither_id_nor_time_in_headers() {
    let mut desk = fair();
    announce(&mut desk);
    let attempts = desk.drain(1);
    let secret = &desk.centre.setup().webhook_secret;
    assert!(attempts.iter().all(|one| is_signed_with(one, secret)));
    assert_eq!(signature(&attempts[0]), signature(&attempts[0]).to_lowercase());
    assert_eq!(attempts[0].headers.len(), 2);
}

#[test]
fn all_three_envelopes_hold_the_same_data() {
    let envelopes = vec![Envelope::Typed, Envelope::Bare, Envelope::DataOnly];
    let mut desk = open(Setup { envelopes, ..Setup::default() }, WebhookFaults::default());
    let (mut typed, mut bare, mut unnamed) = (0, 0, 0);
    for _ in 0..40 {
        let id = announce(&mut desk);
        let body = told(&desk.drain(1)[0]);
        let data = if body.get("type").is_some() {
            typed += 1;
            assert_eq!(body["type"], "inbound_shipment.created");
            body["data"].clone()
        } else if body.get("data").is_some() {
            unnamed += 1;
            body["data"].clone()
        } else {
            bare += 1;
            body
        };
        assert_eq!((&data["id"], &data["merchant_id"]), (&json!(id), &json!(MERCHANT)));
    }
    assert!(typed > 0 && bare > 0 && unnamed > 0);
}

#[test]
fn lines_are_told_only_where_the_setup_says_so() {
    let mut desk = fair();
    announce(&mut desk);
    assert_eq!(told(&desk.drain(1)[0])["data"].get("items"), None);
    let setup = Setup { webhook_lines: true, ..Setup::default() };
    let mut desk = open(setup, WebhookFaults::default());
    announce(&mut desk);
    let items = told(&desk.drain(1)[0])["data"]["items"].clone();
    assert_eq!(items[0]["expected"]["quantity"], 5);
}

#[test]
fn orders_and_outbounds_look_much_like_inbounds_and_may_have_the_same_id() {
    let mut desk = fair();
    let now = desk.now;
    let units = [Units::of("DEMO-001", 1)];
    let inbound = announce(&mut desk);
    let order = desk.centre.order(MERCHANT, "R-1", &units, now).unwrap();
    let outbound = desk.centre.ship_out(MERCHANT, &units, now).unwrap();
    assert_eq!((inbound, order, outbound), (1, 1, 1));
    let bodies: Vec<Value> = desk.drain(1).iter().map(told).collect();
    let of = |kind: &str| bodies.iter().find(|body| body["type"] == kind).unwrap()["data"].clone();
    assert_eq!(of("outbound_shipment.closed")["id"], 1);
    let bare = bodies.iter().find(|body| body.get("type").is_none()).unwrap();
    assert_eq!((&bare["id"], &bare["order_id"]), (&json!(1), &json!("R-1")), "as the sample is");
}

#[test]
fn a_merchants_address_hears_of_that_merchant_only_and_of_what_it_asked_for() {
    let mut desk = Desk::open(Setup::default());
    let wish = json!({ "url": HOOK, "types": { "inbound_shipment": { "created": true,
        "shipped": false }, "unheard": { "of": true } } });
    let made = desk.post("/merchants/2/webhooks", &wish);
    let id = made["webhook"]["id"].as_u64().unwrap();
    announce(&mut desk);
    let now = desk.now;
    desk.centre.announce(OTHER, "y", &[], now).unwrap();
    desk.centre.ship(1, "ups", &["1".to_owned()], now).unwrap();
    assert_eq!(desk.drain(1).len(), 1);
    let listed = desk.get("/merchants/2/webhooks")["webhooks"][0].clone();
    assert_eq!(listed["types"]["inbound_shipment"]["created"], true);
    assert_eq!(desk.get("/webhooks")["webhooks"], json!([]));
    let change = json!({ "types": { "inbound_shipment": { "shipped": true } } });
    assert_eq!(desk.call("PUT", &format!("/merchants/2/webhooks/{id}"), &change).0, 200);
    announce(&mut desk);
    assert!(desk.drain(1).is_empty());
    assert_eq!(desk.status("DELETE", &format!("/merchants/2/webhooks/{id}")), 200);
    assert_eq!(desk.status("DELETE", &format!("/merchants/2/webhooks/{id}")), 404);
}

#[test]
fn an_address_must_be_https_or_this_machine() {
    let mut desk = Desk::open(Setup::default());
    for url in ["http://example.com/hook", "ftp://127.0.0.1/", "hook"] {
        let wish = json!({ "url": url, "types": { "order": { "created": true } } });
        let (status, answer) = desk.call("POST", "/webhooks", &wish);
        assert_eq!(status, 422, "{answer}");
    }
}

#[test]
fn deliveries_are_duplicated_dropped_held_back_and_wrongly_signed() {
    let always = |turn: fn(&mut WebhookFaults)| {
        let mut knobs = WebhookFaults::default();
        turn(&mut knobs);
        let mut desk = open(Setup::default(), knobs);
        announce(&mut desk);
        desk
    };
    let bodies: Vec<_> =
        always(|knobs| knobs.duplicate = 1.0).drain(5).into_iter().map(|one| one.body).collect();
    assert!(bodies.len() == 2 && bodies[0] == bodies[1]);
    let mut lost = always(|knobs| knobs.drop = 1.0);
    assert!(lost.drain(60).is_empty());
    assert!(matches!(lost.centre.log(0).last().unwrap().happening, Happening::Lost { .. }));
    let mut late = always(|knobs| knobs.reorder = 1.0);
    assert!(late.drain(5).is_empty());
    assert_eq!(late.drain(6).len(), 1);
    let mut wrong = always(|knobs| knobs.wrong_signature = 1.0);
    let attempt = wrong.drain(1).remove(0);
    assert!(!is_signed_with(&attempt, &wrong.centre.setup().webhook_secret));
    let mut broken = always(|knobs| knobs.malformed = 1.0);
    let attempt = broken.drain(1).remove(0);
    let body: Value = serde_json::from_slice(&attempt.body).unwrap_or_default();
    assert!(body["data"]["id"].is_null());
}

#[test]
fn the_secret_before_still_signs_when_the_knob_says_so() {
    let setup = Setup { old_webhook_secret: Some("before".to_owned()), ..Setup::default() };
    let knobs = WebhookFaults { signed_with: SigningKey::Old, ..WebhookFaults::default() };
    let mut desk = open(setup, knobs);
    announce(&mut desk);
    assert!(is_signed_with(&desk.drain(1)[0], "before"));
}

#[test]
fn a_delivery_that_nobody_takes_is_tried_three_times() {
    let mut desk = fair();
    announce(&mut desk);
    let mut bodies = Vec::new();
    while let Some(due) = desk.centre.next_due() {
        desk.now = due;
        for attempt in desk.centre.due(due) {
            desk.centre.attempted(attempt.id, &AttemptOutcome::Status(500), due);
            bodies.push((attempt.attempt, attempt.body));
        }
    }
    let tries: Vec<u32> = bodies.iter().map(|(attempt, _)| *attempt).collect();
    assert_eq!(tries, [1, 2, 3]);
    assert!(bodies.iter().all(|(_, body)| *body == bodies[0].1));
    assert_eq!(desk.centre.undelivered(), 0);
}
