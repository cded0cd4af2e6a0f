//! What webhooks say: golden bodies, odd bodies, and every body that was captured.

use crossdock_connectors::{Delivery, Reading, Unreadable};
use crossdock_domain::fact::{
    Fact, ItemFact, LevelFact, OrderFact, OrderLineFact, OrderState, ReturnFact,
};

use crate::shop::{self, remote, shopify};

fn read(topic: &str, body: &str) -> Result<Reading, Unreadable> {
    read_bytes(topic, body.as_bytes())
}

fn read_bytes(topic: &str, body: &[u8]) -> Result<Reading, Unreadable> {
    let headers = crossdock_connectors::Headers::default();
    let delivery = Delivery { headers: &headers, body, route_topic: None, has_token: false };
    shopify().read(topic, &delivery, &shop::connection())
}

fn facts(topic: &str, body: &str) -> Vec<Fact> {
    let reading = read(topic, body).unwrap();
    assert_eq!(reading.note, None);
    reading.facts
}

fn level(item: &str, available: Option<i64>) -> Fact {
    Fact::Level(LevelFact {
        item: remote(item),
        location: remote("36167909473"),
        available,
        at: Some("2020-05-25T23:35:10Z".parse().unwrap()),
    })
}

const LEVEL: &str = r#"{"inventory_item_id":34269676896353,"location_id":36167909473,"available":0,"updated_at":"2020-05-26T11:35:10+12:00","admin_graphql_api_id":"gid:\/\/shopify\/InventoryLevel\/70049923169?inventory_item_id=34269676896353"}"#;

#[test]
fn a_level_is_told_as_it_stands_at_its_own_instant() {
    for topic in ["inventory_levels/update", "inventory_levels/connect"] {
        assert_eq!(facts(topic, LEVEL), [level("34269676896353", Some(0))]);
    }
}

#[test]
fn a_level_may_be_negative_and_may_be_null() {
    for (written, available) in [("-7", Some(-7)), ("null", None), ("\"12\"", Some(12))] {
        let body = LEVEL.replace("\"available\":0", &format!("\"available\":{written}"));
        assert_eq!(facts("inventory_levels/update", &body), [level("34269676896353", available)]);
    }
}

#[test]
fn an_id_of_nineteen_digits_survives_as_number_and_as_text() {
    for id in ["9007199254740993", "9223372036854775807", "18446744073709551615"] {
        for written in [id.to_owned(), format!("\"{id}\"")] {
            let body = LEVEL.replace(
                "\"inventory_item_id\":34269676896353",
                &format!("\"inventory_item_id\":{written}"),
            );
            assert_eq!(facts("inventory_levels/update", &body), [level(id, Some(0))]);
        }
    }
}

#[test]
fn a_level_without_an_instant_is_told_without_one() {
    let body = r#"{"inventory_item_id":1,"location_id":2,"available":3}"#;
    let Fact::Level(level) = &facts("inventory_levels/update", body)[0] else { panic!("no level") };
    assert_eq!(level.at, None);
}

#[test]
fn a_disconnected_level_is_gone_since_its_webhook_was_set_off_if_that_says_when() {
    let body = r#"{"inventory_item_id":1,"location_id":2}"#;
    let gone = |at| Fact::LevelGone { item: remote("1"), location: remote("2"), at };
    assert_eq!(facts("inventory_levels/disconnect", body), [gone(None)]);
    for (name, written, at) in [
        ("x-shopify-triggered-at", "2025-09-12T00:48:41.964744581Z", "2025-09-12T00:48:41.964744Z"),
        ("shopify-triggered-at", "2025-09-12T00:48:41Z", "2025-09-12T00:48:41Z"),
    ] {
        let headers = shop::headers(&[(name, written)]);
        let delivery = Delivery {
            headers: &headers,
            body: body.as_bytes(),
            route_topic: None,
            has_token: false,
        };
        let topic = "inventory_levels/disconnect";
        let reading = shopify().read(topic, &delivery, &shop::connection()).unwrap();
        assert_eq!(reading.facts, [gone(Some(at.parse().unwrap()))]);
    }
}

#[test]
fn an_item_is_told_with_its_sku_unless_that_is_blank() {
    for (written, sku) in [("\"AB\\/1\"", Some("AB/1")), ("\" \"", None), ("null", None)] {
        let body = format!(
            r#"{{"id":27,"sku":{written},"tracked":true,"updated_at":"2021-12-31T19:00:00-05:00","cost":1.5}}"#
        );
        let item = Fact::Item(ItemFact {
            item: Some(remote("27")),
            sku: sku.map(str::to_owned),
            tracked: Some(true),
            at: Some("2022-01-01T00:00:00Z".parse().unwrap()),
            ..ItemFact::default()
        });
        for topic in ["inventory_items/create", "inventory_items/update"] {
            assert_eq!(facts(topic, &body), std::slice::from_ref(&item));
        }
    }
    let gone = Fact::ItemGone { item: remote("27") };
    assert_eq!(facts("inventory_items/delete", r#"{"id":27}"#), [gone]);
}

const ORDER: &str = r##"{"id":6198432301356,"name":"#1001","created_at":"2025-01-23T01:59:37-05:00","updated_at":"2025-01-23T01:59:38-05:00","cancelled_at":null,"financial_status":"paid","fulfillment_status":null,"total_price":"394.00","line_items":[{"id":15514975502636,"variant_id":50398373085484,"sku":"","quantity":3,"current_quantity":1,"price":"99.00"},{"id":15514975502637,"variant_id":null,"sku":"CUSTOM","quantity":2}]}"##;

fn order() -> OrderFact {
    OrderFact {
        order: remote("6198432301356"),
        name: "#1001".to_owned(),
        state: OrderState::Open,
        raw_status: "paid".to_owned(),
        placed_at: Some("2025-01-23T06:59:37Z".parse().unwrap()),
        at: Some("2025-01-23T06:59:38Z".parse().unwrap()),
        lines: vec![
            OrderLineFact {
                line: remote("15514975502636"),
                variant: Some(remote("50398373085484")),
                sku: None,
                quantity: 3,
                returned: Vec::new(),
            },
            OrderLineFact {
                line: remote("15514975502637"),
                variant: None,
                sku: Some("CUSTOM".to_owned()),
                quantity: 2,
                returned: Vec::new(),
            },
        ],
    }
}

#[test]
fn an_order_stands_for_what_is_left_of_its_lines() {
    for topic in ["orders/create", "orders/updated"] {
        assert_eq!(facts(topic, ORDER), [Fact::Order(order())]);
    }
}

#[test]
fn a_cancelled_order_is_told_from_its_body_or_from_its_topic() {
    let body = ORDER.replace(
        "\"cancelled_at\":null",
        r#""cancelled_at":"2025-01-24T00:00:00Z","cancel_reason":"customer""#,
    );
    let raw_status = "paid, cancelled, customer".to_owned();
    let cancelled = OrderFact { state: OrderState::Cancelled, raw_status, ..order() };
    assert_eq!(facts("orders/updated", &body), [Fact::Order(cancelled)]);

    let by_topic = OrderFact { state: OrderState::Cancelled, ..order() };
    assert_eq!(facts("orders/cancelled", ORDER), [Fact::Order(by_topic)]);
}

/// An order with one refund; its lines as given.
fn refunded(lines: &str) -> Result<Reading, Unreadable> {
    let refund = format!(
        r#""refunds":[{{"id":1,"created_at":"2025-01-24T00:00:00Z","refund_line_items":[{lines}]}}],"line_items":"#
    );
    read("orders/updated", &ORDER.replacen("\"line_items\":", &refund, 1))
}

#[test]
fn what_a_refund_puts_back_on_the_shelf_is_told_with_its_place_and_its_instant() {
    let at = Some("2025-01-24T00:00:00Z".parse().unwrap());
    for (kind, is_back) in
        [("cancel", true), ("return", true), ("legacy_restock", true), ("no_restock", false)]
    {
        let line = format!(
            r#"{{"id":9,"line_item_id":15514975502636,"quantity":2,"restock_type":"{kind}","location_id":7,"subtotal":89.99}}"#
        );
        let Fact::Order(order) = refunded(&line).unwrap().facts.remove(0) else { panic!() };
        let location = Some(remote("7"));
        let back = ReturnFact { location, quantity: 2, at };
        assert_eq!(order.lines[0].returned, if is_back { vec![back] } else { vec![] }, "{kind}");
        assert!(order.lines[1].returned.is_empty());
    }
}

#[test]
fn an_odd_refund_is_left_out_with_a_note_and_the_order_stays() {
    for line in [
        r#"{"line_item_id":"x","quantity":1,"restock_type":"return"}"#,
        r#"{"line_item_id":15514975502636,"quantity":"two","restock_type":"return"}"#,
        "7",
    ] {
        let reading = refunded(line).unwrap();
        assert!(reading.note.as_ref().is_some_and(|note| note.contains("refunds[0]")), "{line}");
        let Fact::Order(order) = &reading.facts[0] else { panic!() };
        assert!(order.lines.iter().all(|line| line.returned.is_empty()), "{line}");
    }
    let unknown = r#"{"line_item_id":4,"quantity":1,"restock_type":"return"}"#;
    assert_eq!(refunded(unknown).unwrap().note, None, "a line that the order no longer shows");
}

#[test]
fn one_bad_line_never_loses_the_order_around_it() {
    for (good, bad) in [
        (r#""sku":"CUSTOM","quantity":2"#, r#""sku":"CUSTOM","quantity":"two""#),
        (r#""sku":"CUSTOM","quantity":2"#, r#""sku":"CUSTOM","quantity":1000000000001"#),
        (r#""sku":"CUSTOM","quantity":2"#, r#""sku":"CUSTOM","quantity":-9223372036854775808"#),
        (r#""sku":"CUSTOM","quantity":2"#, r#""sku":7,"quantity":2"#),
        (r#""sku":"CUSTOM","quantity":2"#, r#""sku":"CUSTOM""#),
        (r#""id":15514975502637"#, r#""id":null"#),
        (r#""variant_id":null"#, r#""variant_id":"gone""#),
    ] {
        let reading = read("orders/create", &ORDER.replace(good, bad));
        let Ok(Reading { facts, note: Some(note) }) = reading else { panic!("{bad}: {reading:?}") };
        let Fact::Order(order) = &facts[0] else { panic!("{facts:?}") };
        assert_eq!(order.lines.len(), 1, "{bad}");
        assert!(note.contains("line_items[1]"), "{note}");
    }
}

#[test]
fn an_uninstalled_app_has_lost_its_access_unless_the_body_names_another_shop() {
    for body in
        [r#"{"id":1,"myshopify_domain":null}"#, r#"{"myshopify_domain":"Snowdevil.myshopify.com"}"#]
    {
        assert_eq!(facts("app/uninstalled", body), [Fact::AccessRevoked]);
    }
    assert!(read("app/uninstalled", r#"{"myshopify_domain":"other.myshopify.com"}"#).is_err());
}

#[test]
fn a_topic_that_nothing_follows_from_is_kept_with_a_note() {
    for topic in ["products/update", "", "orders/edited"] {
        let reading = read(topic, "not even json").unwrap();
        assert!(reading.facts.is_empty());
        assert!(reading.note.unwrap().contains("nothing follows from topic"));
    }
}

fn assert_unreadable(topic: &str, body: &str, wanted: &str) {
    let why = read(topic, body).unwrap_err().why;
    assert!(why.to_lowercase().contains(wanted), "{topic} {body}: {why}");
    assert!(why.len() < 400, "{why}");
}

#[test]
fn a_level_that_cannot_be_read_says_what_is_wrong() {
    let body = |item: &str, location: &str, available: &str, at: &str| {
        format!(
            r#"{{"inventory_item_id":{item},"location_id":{location},"available":{available},"updated_at":{at}}}"#
        )
    };
    for id in ["1.5", "1e3", "-1", "18446744073709551616", "null", "true", "{}", r#""""#, r#""1 ""#]
    {
        assert_unreadable(
            "inventory_levels/update",
            &body(id, "2", "1", "null"),
            "`inventory_item_id`",
        );
        assert_unreadable("inventory_levels/update", &body("1", id, "1", "null"), "`location_id`");
    }
    for available in ["1.0", "true", "[]", r#""nine""#, "9223372036854775808"] {
        assert_unreadable(
            "inventory_levels/update",
            &body("1", "2", available, "null"),
            "`available`",
        );
    }
    for at in [r#""soon""#, "5", r#""2026-01-01T00:00:00""#, r#""2026-13-01T00:00:00Z""#] {
        assert_unreadable("inventory_levels/update", &body("1", "2", "1", at), "`updated_at`");
    }
}

#[test]
fn what_is_missing_or_no_json_at_all_is_named() {
    for (topic, body, wanted) in [
        ("inventory_levels/update", "<html>", "expected"),
        ("inventory_levels/update", "", "eof"),
        ("inventory_levels/update", "7", "level"),
        ("inventory_levels/update", r#"{"inventory_item_id":1,"location_id":2}"#, "`available`"),
        ("inventory_levels/connect", r#"{"location_id":2,"available":1}"#, "`inventory_item_id`"),
        ("inventory_levels/disconnect", r#"{"inventory_item_id":2}"#, "`location_id`"),
        ("inventory_items/update", r#"{"sku":"A"}"#, "`id`"),
        ("inventory_items/delete", "{}", "`id`"),
        ("orders/create", r#"{"id":1}"#, "`line_items`"),
        ("orders/create", r#"{"id":1,"line_items":null}"#, "sequence"),
        ("orders/updated", r#"{"id":null,"line_items":[]}"#, "`id`"),
        ("app/uninstalled", "gone", "expected"),
    ] {
        assert_unreadable(topic, body, wanted);
    }
}

/// File names begin with their topic, written with an underscore: `orders_create__published_2023.json`.
fn topic_of(file: &str) -> Option<String> {
    let (topic, _) = file.split_once("__")?;
    let (thing, event) = topic.rsplit_once('_')?;
    Some(format!("{thing}/{event}"))
}

#[test]
fn every_captured_webhook_is_read_or_noted() {
    let folder = shop::evidence_path("fixtures/shopify/webhooks");
    let Ok(files) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: no {}", folder.display());
        return;
    };
    let mut read_ones = 0;
    for path in files.map(|file| file.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let body = std::fs::read(&path).unwrap();
        // Whatever a body holds, no topic that it might come under may bring us down.
        for topic in [
            "inventory_levels/update",
            "inventory_items/update",
            "orders/create",
            "app/uninstalled",
        ] {
            let _ = read_bytes(topic, &body);
        }
        let Some(topic) = topic_of(&name) else { continue };
        let reading = read_bytes(&topic, &body);
        let reading = reading.unwrap_or_else(|bad| panic!("{name} as {topic}: {bad}"));
        assert_eq!(reading.facts.is_empty(), reading.note.is_some(), "{name}: {reading:?}");
        read_ones += usize::from(!reading.facts.is_empty());
    }
    assert!(read_ones >= 9, "only {read_ones} captured webhooks told anything");
}
