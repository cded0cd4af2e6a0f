//! Who gets in, and under which name.

use crossdock_connectors::{Admission, Delivery, Headers, Refusal};
use crossdock_domain::connection::Connection;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use crate::centre::{self, Ring, headers, prepbusiness};

const SECRET: &str = "prep_test_secret_0001";
const BODY: &str = r#"{"type":"inbound_shipment.received","data":{"id":39}}"#;

fn signature(secret: &str, body: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    let digest = mac.chain_update(body).finalize().into_bytes();
    digest.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// A delivery at the door.
struct Caller<'a> {
    headers: Headers,
    body: &'a str,
    topic: Option<&'a str>,
    has_token: bool,
}

impl<'a> Caller<'a> {
    fn unsigned(body: &'a str) -> Self {
        Self { headers: Headers::default(), body, topic: None, has_token: false }
    }

    fn signed(body: &'a str) -> Self {
        let headers = headers(&[("signature", &signature(SECRET, body))]);
        Self { headers, ..Self::unsigned(body) }
    }

    fn knocks(&self, connection: &Connection, secrets: &[&str]) -> Result<Admission, Refusal> {
        let delivery = Delivery {
            headers: &self.headers,
            body: self.body.as_bytes(),
            route_topic: self.topic,
            has_token: self.has_token,
        };
        prepbusiness().admit(&delivery, connection, &Ring::of(secrets))
    }
}

fn topic(body: &str) -> String {
    Caller::signed(body).knocks(&centre::reading(), &[SECRET]).unwrap().topic
}

#[test]
fn a_signature_of_any_secret_that_is_being_rotated_gets_in() {
    let caller = Caller::signed(BODY);
    for connection in [centre::reading(), centre::manual()] {
        let admitted = caller.knocks(&connection, &["newer", SECRET, ""]).unwrap();
        assert_eq!(admitted.topic, "inbound_shipment.received");
        assert_eq!(caller.knocks(&connection, &["newer"]), Err(Refusal::BadSignature));
    }
}

#[test]
fn what_is_no_signature_or_two_is_unsigned() {
    let right = signature(SECRET, BODY);
    for wrong in ["", "sha256=00", &right[..62], &format!("{right}00"), &right.replace('a', "g")] {
        let caller = Caller { headers: headers(&[("signature", wrong)]), ..Caller::unsigned(BODY) };
        let refusal = caller.knocks(&centre::reading(), &[SECRET]).unwrap_err();
        assert_eq!(refusal, Refusal::Unsigned, "{wrong}");
    }
    let two = headers(&[("signature", &right), ("signature", &right)]);
    let caller = Caller { headers: two, ..Caller::unsigned(BODY) };
    assert_eq!(caller.knocks(&centre::reading(), &[SECRET]), Err(Refusal::Unsigned));
}

#[test]
fn a_wrong_signature_is_refused_even_with_a_token() {
    let headers = headers(&[("signature", &signature("another", BODY))]);
    let caller = Caller { headers, has_token: true, ..Caller::unsigned(BODY) };
    assert_eq!(caller.knocks(&centre::reading(), &[SECRET]), Err(Refusal::BadSignature));
}

#[test]
fn without_a_secret_a_delivery_is_a_doorbell_where_it_is_read_and_refused_where_it_is_not() {
    for caller in [Caller::unsigned(BODY), Caller::signed(BODY)] {
        for secrets in [&[][..], &[""]] {
            let admitted = caller.knocks(&centre::reading(), secrets).unwrap();
            assert_eq!(admitted.topic, "doorbell");
            assert_eq!(caller.knocks(&centre::manual(), secrets), Err(Refusal::NoSecret));
        }
    }
    assert_eq!(Refusal::NoSecret.status(), 401);
}

#[test]
fn with_a_secret_nobody_rings_unsigned() {
    let caller = Caller::unsigned(BODY);
    assert_eq!(caller.knocks(&centre::reading(), &[SECRET]), Err(Refusal::Unsigned));
}

#[test]
fn a_crossdock_token_vouches_for_what_is_not_signed() {
    let caller = Caller { has_token: true, ..Caller::unsigned(BODY) };
    for connection in [centre::reading(), centre::manual()] {
        for secrets in [&[][..], &[SECRET]] {
            let admitted = caller.knocks(&connection, secrets).unwrap();
            assert_eq!(admitted.topic, "inbound_shipment.received");
        }
    }
}

#[test]
fn the_address_names_the_topic_else_the_body_else_it_is_guessed() {
    let named = Caller { topic: Some("inbound_shipment.shipped"), ..Caller::signed(BODY) };
    let admitted = named.knocks(&centre::reading(), &[SECRET]).unwrap();
    assert_eq!(admitted.topic, "inbound_shipment.shipped");
    let unnamed = Caller { topic: Some(""), ..Caller::signed(BODY) };
    let admitted = unnamed.knocks(&centre::reading(), &[SECRET]).unwrap();
    assert_eq!(admitted.topic, "inbound_shipment.received");
    let odd = Caller { topic: Some("a b"), ..Caller::signed(BODY) };
    assert_eq!(odd.knocks(&centre::reading(), &[SECRET]), Err(Refusal::Malformed));

    for (body, guess) in [
        (r#"{"data":{"id":1,"reference_id":"INSH-032622-39"}}"#, "inbound_shipment"),
        (r#"{"id":1,"expected_quantity":5,"status":"open"}"#, "inbound_shipment"),
        (r#"{"inbounds":[{"id":1,"lines":[]},{"id":2,"lines":[]}]}"#, "inbound_shipment"),
        (r#"{"id":1,"ship_from_address_id":null,"status":"open"}"#, "outbound_shipment"),
        (r#"{"id":1,"name":"x","status":"closed","shipped_at":null}"#, "outbound_shipment"),
        (r#"{"id":1,"order_items":[],"status":"pending"}"#, "order"),
        (r#"[{"id":1,"lines":[]},{"id":1,"order_items":[]}]"#, "unknown"),
        (r#"{"id":1,"name":"x","status":"open"}"#, "unknown"),
        ("[]", "unknown"),
        ("hello", "unknown"),
    ] {
        assert_eq!(topic(body), guess, "{body}");
    }
}

#[test]
fn repeats_are_known_by_topic_and_bytes() {
    let key =
        |caller: &Caller<'_>| caller.knocks(&centre::reading(), &[SECRET]).unwrap().dedupe_key;
    assert_eq!(key(&Caller::signed(BODY)), key(&Caller::signed(BODY)));
    let later = BODY.replace("39", "40");
    assert_ne!(key(&Caller::signed(BODY)), key(&Caller::signed(&later)));
    let elsewhere = Caller { topic: Some("inbound_shipment.created"), ..Caller::signed(BODY) };
    assert_ne!(key(&Caller::signed(BODY)), key(&elsewhere));
    // What anybody rang with takes nothing from what the partner says in the same bytes.
    let rung = Caller::unsigned(BODY).knocks(&centre::reading(), &[]).unwrap().dedupe_key;
    assert_ne!(key(&Caller::signed(BODY)), rung);
}

#[test]
fn the_signature_vectors_pass_and_their_negatives_fail() {
    let Some(file) = centre::sample("signature_vectors_derived.json") else { return };
    let file: Value = serde_json::from_str(&file).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert!(vectors.len() >= 3);
    for vector in vectors {
        let text = |name: &str| vector[name].as_str().unwrap();
        let headers = headers(&[("signature", text("signature"))]);
        let caller = Caller { headers, ..Caller::unsigned(text("body")) };
        let admitted = caller.knocks(&centre::reading(), &[text("secret")]);
        // The vendor writes lower case; what is compared are the bytes, so capitals do no harm.
        let wanted = text("expect") != "reject";
        assert_eq!(admitted.is_ok(), wanted, "{}: {admitted:?}", text("name"));
        if !wanted {
            assert_eq!(admitted, Err(Refusal::BadSignature));
        }
    }
}
