//! The webhook sender without sockets: bytes, headers, retries, and everything that can go wrong.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

mod support;

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crossdock_sandbox::shopify::{
    AttemptOutcome, Faults, Setup, SigningKey, Trade, Units, WebhookAttempt, WebhookFaults, Which,
};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::Value;
use sha2::Sha256;
use support::Counter;

const TOPICS: [&str; 3] = ["orders/create", "inventory_levels/update", "products/update"];

fn open(faults: WebhookFaults) -> Counter {
    let setup = Setup {
        items: 10,
        opening: 50..=50,
        old_webhook_secret: Some("the secret before".to_owned()),
        ..Setup::default()
    };
    let mut counter = Counter::open(setup);
    let topics = TOPICS.map(str::to_owned);
    counter.shop.subscribe_to(&topics, "http://127.0.0.1:9/hook", "2026-07", counter.now).unwrap();
    counter.shop.set_faults(Faults { webhooks: faults, ..Faults::default() });
    counter
}

fn sell(counter: &mut Counter) {
    let one = Units { which: Which::sku("DEMO-001"), quantity: 1 };
    counter.shop.sell(&[one], counter.now).unwrap();
}

fn header<'a>(attempt: &'a WebhookAttempt, name: &str) -> &'a str {
    &attempt.headers.iter().find(|(key, _)| key == name).unwrap().1
}

fn topics(attempts: &[WebhookAttempt]) -> Vec<String> {
    attempts.iter().map(|attempt| header(attempt, "X-Shopify-Topic").to_owned()).collect()
}

fn is_signed_with(attempt: &WebhookAttempt, secret: &str) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(&attempt.body);
    header(attempt, "X-Shopify-Hmac-Sha256") == STANDARD.encode(mac.finalize().into_bytes())
}

/// Everything due within `seconds`, accepted at once.
fn drain(counter: &mut Counter, seconds: i64) -> Vec<WebhookAttempt> {
    counter.wait(seconds);
    let attempts = counter.shop.due(counter.now);
    for attempt in &attempts {
        counter.shop.attempted(attempt.id, &AttemptOutcome::Status(200), counter.now);
    }
    attempts
}

#[test]
fn one_action_is_one_event_with_a_webhook_id_each() {
    let mut counter = open(WebhookFaults::default());
    sell(&mut counter);
    let attempts = drain(&mut counter, 1);
    let told: BTreeSet<_> = topics(&attempts).into_iter().collect();
    assert_eq!(told, TOPICS.map(str::to_owned).into());
    let ids =
        |name| attempts.iter().map(|one| header(one, name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(ids("X-Shopify-Event-Id").len(), 1);
    assert_eq!(ids("X-Shopify-Webhook-Id").len(), 3);
    assert!(attempts.iter().all(|one| is_signed_with(one, "shpss_sandbox_secret")));
    assert_eq!(ids("X-Shopify-Triggered-At"), ["2026-11-20T10:00:00.123456789Z".to_owned()].into());
}

#[test]
fn deliveries_of_an_action_come_in_any_order() {
    // Without delays, so that nothing but the shuffling can change the order.
    let mut counter = open(WebhookFaults { delay_ms_max: 0, ..WebhookFaults::default() });
    let mut orders = BTreeSet::new();
    for _ in 0..30 {
        sell(&mut counter);
        orders.insert(topics(&drain(&mut counter, 1)));
    }
    assert!(orders.len() > 3, "{orders:?}");
}

#[test]
fn a_level_is_told_in_the_bytes_of_the_real_thing() {
    let mut counter = open(WebhookFaults::default());
    sell(&mut counter);
    let attempts = drain(&mut counter, 1);
    let level = attempts.iter().find(|one| header(one, "X-Shopify-Topic") == TOPICS[1]).unwrap();
    let body = std::str::from_utf8(&level.body).unwrap();
    let item = counter.shop.truth()[0].inventory_item_id;
    let expected = format!(
        r#"{{"inventory_item_id":{item},"location_id":106318430514,"available":49,"updated_at":"2026-11-20T05:00:00-05:00","admin_graphql_api_id":"gid:\/\/shopify\/InventoryLevel\/143273001266?inventory_item_id={item}"}}"#
    );
    assert_eq!(body, expected);
}

#[test]
fn bodies_escape_what_the_partner_escapes_and_keep_other_scripts() {
    let mut counter = open(WebhookFaults::default());
    let skus: Vec<_> = counter.shop.truth().into_iter().filter_map(|item| item.sku).collect();
    let mut text = String::new();
    for sku in skus {
        let one = Units { which: Which::sku(&sku), quantity: 1 };
        counter.shop.sell(&[one], counter.now).unwrap();
        for attempt in drain(&mut counter, 1) {
            text.push_str(std::str::from_utf8(&attempt.body).unwrap());
        }
    }
    assert!(
        text.contains(r"20\/25") && text.contains(r"\u003cp\u003e") && text.contains(r"\u0026")
    );
    assert!(text.contains('é') && !text.contains('\n') && !text.contains('<'));
}

#[test]
fn a_retry_carries_the_old_body_and_the_same_id_and_after_eight_the_subscription_is_gone() {
    let mut counter = open(WebhookFaults::default());
    sell(&mut counter);
    counter.wait(1);
    let first = counter.shop.due(counter.now);
    let watched = first.iter().find(|one| header(one, "X-Shopify-Topic") == TOPICS[1]).unwrap();
    for attempt in &first {
        let taken = attempt.id != watched.id;
        let outcome = AttemptOutcome::Status(if taken { 200 } else { 302 });
        counter.shop.attempted(attempt.id, &outcome, counter.now);
    }
    sell(&mut counter);
    let mut tries = 1;
    while let Some(due) = counter.shop.next_due() {
        counter.now = due;
        for attempt in counter.shop.due(counter.now) {
            let is_retry = attempt.id == watched.id;
            let outcome = if is_retry {
                AttemptOutcome::Failed("timed out".to_owned())
            } else {
                AttemptOutcome::Status(200)
            };
            if is_retry {
                tries += 1;
                assert_eq!(attempt.body, watched.body);
                assert_eq!(
                    header(&attempt, "X-Shopify-Webhook-Id"),
                    header(watched, "X-Shopify-Webhook-Id")
                );
            }
            counter.shop.attempted(attempt.id, &outcome, counter.now);
        }
    }
    assert_eq!(tries, 9);
    let left: Vec<_> = counter.shop.subscribed().iter().map(|one| one["topic"].clone()).collect();
    assert_eq!(left, ["ORDERS_CREATE", "PRODUCTS_UPDATE"]);
}

#[test]
fn a_duplicate_has_the_same_id_and_a_dropped_one_never_comes() {
    let mut counter = open(WebhookFaults { duplicate: 1.0, ..WebhookFaults::default() });
    sell(&mut counter);
    let attempts = drain(&mut counter, 10);
    let ids: BTreeSet<_> = attempts.iter().map(|one| header(one, "X-Shopify-Webhook-Id")).collect();
    assert_eq!((attempts.len(), ids.len()), (6, 3));
    let mut counter = open(WebhookFaults { drop: 1.0, ..WebhookFaults::default() });
    sell(&mut counter);
    assert!(drain(&mut counter, 1000).is_empty());
    assert_eq!(counter.shop.undelivered(), 0);
}

#[test]
fn signatures_can_be_wrong_or_made_with_the_secret_before() {
    let mut counter = open(WebhookFaults { wrong_signature: 1.0, ..WebhookFaults::default() });
    sell(&mut counter);
    let attempts = drain(&mut counter, 1);
    assert!(attempts.iter().all(|one| !is_signed_with(one, "shpss_sandbox_secret")));
    let mut counter =
        open(WebhookFaults { signed_with: SigningKey::Old, ..WebhookFaults::default() });
    sell(&mut counter);
    assert!(drain(&mut counter, 1).iter().all(|one| is_signed_with(one, "the secret before")));
}

#[test]
fn malformed_bodies_are_signed_like_any_other() {
    let mut counter = open(WebhookFaults { malformed: 1.0, ..WebhookFaults::default() });
    sell(&mut counter);
    for attempt in drain(&mut counter, 1) {
        assert!(is_signed_with(&attempt, "shpss_sandbox_secret"));
        let body: Result<Value, _> = serde_json::from_slice(&attempt.body);
        assert!(body.is_err() || body.unwrap().get("id").is_none());
    }
}

#[test]
fn a_burst_gathers_and_goes_out_at_once() {
    let mut counter = open(WebhookFaults { burst: 6, ..WebhookFaults::default() });
    sell(&mut counter);
    assert!(drain(&mut counter, 1).is_empty());
    sell(&mut counter);
    assert_eq!(drain(&mut counter, 0).len(), 6);
}

#[test]
fn a_reordered_delivery_is_overtaken_by_later_ones() {
    let mut counter = open(WebhookFaults { reorder: 0.5, ..WebhookFaults::default() });
    let mut values = Vec::new();
    for _ in 0..20 {
        sell(&mut counter);
        for attempt in drain(&mut counter, 1) {
            if header(&attempt, "X-Shopify-Topic") == TOPICS[1] {
                let body: Value = serde_json::from_slice(&attempt.body).unwrap();
                values.push(body["available"].as_i64().unwrap());
            }
        }
    }
    assert!(values.windows(2).any(|pair| pair[0] < pair[1]), "{values:?}");
}

#[test]
fn the_last_webhook_says_that_the_app_is_gone() {
    let mut counter = open(WebhookFaults::default());
    let topics_of_app = ["app/uninstalled".to_owned()];
    let url = "http://127.0.0.1:9/hook";
    counter.shop.subscribe_to(&topics_of_app, url, "2026-07", counter.now).unwrap();
    sell(&mut counter);
    counter.shop.uninstall(counter.now);
    assert_eq!(topics(&drain(&mut counter, 1)), ["app/uninstalled"]);
    sell(&mut counter);
    assert!(drain(&mut counter, 1).is_empty());
}

/// A day of trade in bad weather; what was sent, byte for byte.
fn a_day(seed: u64) -> Vec<(Timestamp, Vec<u8>, String)> {
    let mut counter = Counter::open(Setup { seed, items: 20, ..Setup::default() });
    let topics = TOPICS.map(str::to_owned);
    counter.shop.subscribe_to(&topics, "http://127.0.0.1:9/hook", "2026-07", counter.now).unwrap();
    let webhooks =
        WebhookFaults { duplicate: 0.2, drop: 0.1, reorder: 0.2, ..WebhookFaults::default() };
    counter.shop.set_faults(Faults { webhooks, ..Faults::default() });
    let trade = Trade { cancel_share: 0.2, edit_share: 0.1, ..Trade::default() };
    let mut sent = Vec::new();
    for _ in 0..200 {
        counter.shop.trade_once(&trade, counter.now).unwrap();
        for attempt in drain(&mut counter, 60) {
            let id = header(&attempt, "X-Shopify-Webhook-Id").to_owned();
            sent.push((counter.now, attempt.body, id));
        }
    }
    assert_eq!(counter.shop.truth().len(), 20);
    sent
}

#[test]
fn one_seed_gives_one_day_byte_for_byte() {
    assert_eq!(a_day(7), a_day(7));
    assert_ne!(a_day(7), a_day(8));
}

#[test]
fn a_subscription_gets_the_fields_and_the_orders_it_asked_for() {
    let mut counter = open(WebhookFaults::default());
    counter.shop.uninstall(counter.now);
    counter.shop.install();
    let wish = serde_json::json!({ "topic": "ORDERS_CREATE", "wish": {
        "uri": "http://localhost:9/hook", "includeFields": ["id", "line_items"],
        "filter": "line_items.quantity:>=2" } });
    let document = "mutation($topic: WebhookSubscriptionTopic!, $wish: WebhookSubscriptionInput!) {
        webhookSubscriptionCreate(topic: $topic, webhookSubscription: $wish) {
            webhookSubscription { uri apiVersion { handle } } userErrors { message } } }";
    let made = counter.ask(document, &wish);
    let payload = &made["data"]["webhookSubscriptionCreate"];
    assert_eq!(payload["webhookSubscription"]["apiVersion"]["handle"], "2026-07");
    let again = counter.ask(document, &wish);
    let errors = &again["data"]["webhookSubscriptionCreate"]["userErrors"];
    assert_eq!(errors[0]["message"], "Address for this topic has already been taken");
    sell(&mut counter);
    assert!(drain(&mut counter, 1).is_empty());
    let two = Units { which: Which::sku("DEMO-001"), quantity: 2 };
    counter.shop.sell(&[two], counter.now).unwrap();
    let attempts = drain(&mut counter, 1);
    let body: Value = serde_json::from_slice(&attempts[0].body).unwrap();
    let keys: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["id", "line_items"]);
}

#[test]
fn an_attempt_counts_once_however_often_it_is_reported() {
    let mut counter = open(WebhookFaults::default());
    sell(&mut counter);
    counter.wait(1);
    let attempts = counter.shop.due(counter.now);
    for _ in 0..20 {
        counter.shop.attempted(attempts[0].id, &AttemptOutcome::Status(500), counter.now);
    }
    let log = serde_json::to_value(counter.shop.log(0)).unwrap();
    let told = log.as_array().unwrap().iter().filter(|entry| entry["kind"] == "attempt");
    assert_eq!(told.count(), 1);
    assert_eq!(counter.shop.undelivered(), 3);
}
