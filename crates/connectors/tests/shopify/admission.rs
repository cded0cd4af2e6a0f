//! Who gets in: signatures over raw bytes, and the headers that name a delivery.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crossdock_connectors::{Admission, Delivery, Refusal};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use crate::shop::{self, DOMAIN, Ring, shopify};

const BODY: &[u8] = br#"{"inventory_item_id":1,"location_id":2,"available":3,"updated_at":null}"#;

fn signature(secret: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    STANDARD.encode(mac.chain_update(body).finalize().into_bytes())
}

/// The headers of a genuine delivery, with some changed (`Some`) or taken away (`None`).
fn headers(changes: &[(&str, Option<&str>)]) -> Vec<(String, String)> {
    let genuine = [
        ("content-type", "application/json".to_owned()),
        ("x-shopify-topic", "inventory_levels/update".to_owned()),
        ("x-shopify-hmac-sha256", signature("hush", BODY)),
        ("x-shopify-shop-domain", DOMAIN.to_owned()),
        ("x-shopify-webhook-id", "b7504392-2461-4993-848c-1b59c87c8a87".to_owned()),
        ("x-shopify-event-id", "218e46c3-e7ef-4b50-a615-56b67ba789b7".to_owned()),
    ];
    let mut pairs: Vec<(String, String)> =
        genuine.into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
    for (name, change) in changes {
        pairs.retain(|(known, _)| known != name);
        pairs.extend(change.map(|text| ((*name).to_owned(), text.to_owned())));
    }
    pairs
}

fn admitted(pairs: Vec<(String, String)>, keys: &Ring) -> Result<Admission, Refusal> {
    let headers = crossdock_connectors::Headers(pairs);
    let delivery = Delivery { headers: &headers, body: BODY, route_topic: None, has_token: false };
    shopify().admit(&delivery, &shop::connection(), keys)
}

fn hush() -> Ring {
    Ring::of("webhook_secret", &["hush"])
}

#[test]
fn a_genuine_delivery_is_named_by_its_webhook_id() {
    let admission = admitted(headers(&[]), &hush()).unwrap();
    assert_eq!(admission.dedupe_key, "b7504392-2461-4993-848c-1b59c87c8a87");
    assert_eq!(admission.topic, "inventory_levels/update");
    assert_eq!(admission.event_id.as_deref(), Some("218e46c3-e7ef-4b50-a615-56b67ba789b7"));
}

#[test]
fn while_a_secret_is_rotated_the_old_one_and_the_client_secret_count_too() {
    let rotated = Ring::of("webhook_secret", &["new", "hush"]);
    assert!(admitted(headers(&[]), &rotated).is_ok());
    let by_client_secret = Ring::of("client_secret", &["hush"]);
    assert!(admitted(headers(&[]), &by_client_secret).is_ok());
}

#[test]
fn without_any_usable_secret_the_refusal_says_so() {
    assert_eq!(admitted(headers(&[]), &Ring(vec![])), Err(Refusal::NoSecret));
    let signed_with_nothing = headers(&[("x-shopify-hmac-sha256", Some(&signature("", BODY)))]);
    let blank = Ring::of("webhook_secret", &[""]);
    assert_eq!(admitted(signed_with_nothing, &blank), Err(Refusal::NoSecret));
}

#[test]
fn a_signature_that_is_not_32_bytes_of_base64_is_none() {
    let hex = "0".repeat(64);
    let unpadded = signature("hush", BODY).trim_end_matches('=').to_owned();
    let url_safe = "-_".repeat(21) + "-=";
    for text in ["", "=", "not base64 at all", &hex, &unpadded, &url_safe, &"A".repeat(44)] {
        let pairs = headers(&[("x-shopify-hmac-sha256", Some(text))]);
        assert_eq!(admitted(pairs, &hush()), Err(Refusal::Unsigned), "{text:?}");
    }
    let none = headers(&[("x-shopify-hmac-sha256", None)]);
    assert_eq!(admitted(none, &hush()), Err(Refusal::Unsigned));
}

#[test]
fn two_signatures_are_none() {
    let genuine = signature("hush", BODY);
    let mut same = headers(&[]);
    same.push(("x-shopify-hmac-sha256".to_owned(), genuine));
    assert_eq!(admitted(same, &hush()), Err(Refusal::Unsigned));
    let mut other_spelling = headers(&[]);
    other_spelling.push(("shopify-hmac-sha256".to_owned(), signature("other", BODY)));
    assert_eq!(admitted(other_spelling, &hush()), Err(Refusal::Unsigned));
}

#[test]
fn both_spellings_of_the_headers_are_read() {
    let plain: Vec<_> = headers(&[])
        .into_iter()
        .map(|(name, text)| (name.trim_start_matches("x-").to_owned(), text))
        .collect();
    assert!(admitted(plain.clone(), &hush()).is_ok());
    let both = [headers(&[]), plain].concat();
    assert!(admitted(both, &hush()).is_ok(), "both spellings, agreeing");
}

#[test]
fn nothing_else_is_said_to_a_sender_whose_signature_is_wrong() {
    let wrong = signature("wrong", BODY);
    for absent in ["x-shopify-topic", "x-shopify-shop-domain", "x-shopify-webhook-id"] {
        let pairs = headers(&[("x-shopify-hmac-sha256", Some(&wrong)), (absent, None)]);
        assert_eq!(admitted(pairs, &hush()), Err(Refusal::BadSignature), "{absent}");
    }
}

#[test]
fn a_body_replayed_under_another_shops_name_is_refused() {
    let pairs = headers(&[("x-shopify-shop-domain", Some("other.myshopify.com"))]);
    assert_eq!(admitted(pairs, &hush()), Err(Refusal::OtherAccount));
    let shouted = headers(&[("x-shopify-shop-domain", Some("SnowDevil.MyShopify.com"))]);
    assert!(admitted(shouted, &hush()).is_ok());
}

#[test]
fn a_header_that_every_genuine_delivery_has_must_be_there_once() {
    for absent in ["x-shopify-topic", "x-shopify-shop-domain"] {
        assert_eq!(admitted(headers(&[(absent, None)]), &hush()), Err(Refusal::Malformed));
    }
    for twice in ["x-shopify-topic", "x-shopify-shop-domain", "x-shopify-webhook-id"] {
        let mut pairs = headers(&[]);
        pairs.push((twice.to_owned(), "other".to_owned()));
        assert_eq!(admitted(pairs, &hush()), Err(Refusal::Malformed), "{twice}");
    }
    for odd in ["", "orders create", "a\nb", &"x".repeat(200)] {
        let pairs = headers(&[("x-shopify-topic", Some(odd))]);
        assert_eq!(admitted(pairs, &hush()), Err(Refusal::Malformed), "{odd:?}");
    }
}

#[test]
fn the_address_stands_in_for_a_missing_topic_but_never_overrules_one() {
    let at_route = |pairs| {
        let headers = crossdock_connectors::Headers(pairs);
        let route_topic = Some("orders/create");
        let delivery = Delivery { headers: &headers, body: BODY, route_topic, has_token: false };
        shopify().admit(&delivery, &shop::connection(), &hush()).unwrap().topic
    };
    assert_eq!(at_route(headers(&[("x-shopify-topic", None)])), "orders/create");
    assert_eq!(at_route(headers(&[])), "inventory_levels/update");
}

#[test]
fn without_a_webhook_id_the_bytes_name_a_delivery_that_carries_its_time() {
    let key = |topic| {
        let pairs = [("x-shopify-webhook-id", None), ("x-shopify-topic", Some(topic))];
        admitted(headers(&pairs), &hush()).map(|admission| admission.dedupe_key)
    };
    let level = key("inventory_levels/update").unwrap();
    assert_eq!(level.len(), "inventory_levels/update:".len() + 64);
    assert!(level.starts_with("inventory_levels/update:"), "{level}");
    assert_ne!(level, key("inventory_levels/connect").unwrap());
    for untimed in ["inventory_levels/disconnect", "inventory_items/delete", "app/uninstalled"] {
        assert_eq!(key(untimed), Err(Refusal::Malformed), "{untimed}");
    }
}

#[test]
fn the_published_signatures_match_and_re_serialised_bodies_do_not() {
    let Some(bytes) = shop::evidence("fixtures/shopify/webhooks/hmac_vectors.json") else { return };
    let vectors: Vec<Value> = serde_json::from_slice(&bytes).unwrap();
    let mut checked = 0;
    for vector in &vectors {
        let text = |key: &str| vector[key].as_str();
        let body = match (text("body_utf8"), text("body_file")) {
            (Some(body), _) => Some(body.as_bytes().to_vec()),
            (None, file) => shop::evidence(&format!("fixtures/shopify/webhooks/{}", file.unwrap())),
        };
        let Some(body) = body else { continue };
        let verdict = |signature: &str, body: &[u8]| {
            let pairs = headers(&[("x-shopify-hmac-sha256", Some(signature))]);
            let headers = crossdock_connectors::Headers(pairs);
            let delivery =
                Delivery { headers: &headers, body, route_topic: None, has_token: false };
            let keys = Ring::of("webhook_secret", &[text("secret").unwrap()]);
            shopify().admit(&delivery, &shop::connection(), &keys).map(|_| ())
        };
        let expected = text("expected_base64").unwrap();
        assert_eq!(verdict(expected, &body), Ok(()), "{vector}");
        if let Some(other) = text("reserialised_base64_must_differ") {
            assert_eq!(verdict(other, &body), Err(Refusal::BadSignature), "{vector}");
            let printed = serde_json::from_slice::<Value>(&body).unwrap().to_string();
            assert_eq!(verdict(expected, printed.as_bytes()), Err(Refusal::BadSignature));
        }
        checked += 1;
    }
    assert!(checked >= 7, "only {checked} vectors could be checked");
}
