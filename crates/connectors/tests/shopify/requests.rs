//! What is sent to Shopify, byte for byte.

use crossdock_connectors::{Fill, Keep, Method, Place, Request};
use crossdock_domain::call::Call;
use serde_json::{Value, json};

use crate::shop::{self, LOCATION, shopify};

const KEY: &str = "0190b5c2-key";

fn sent(call: &Call) -> Request {
    shopify().request(call, KEY, &shop::connection()).unwrap()
}

fn variables(call: &Call) -> Value {
    let body: Value = serde_json::from_str(&sent(call).body).unwrap();
    body["variables"].clone()
}

fn refused(call: &Call) -> String {
    shopify().request(call, KEY, &shop::connection()).unwrap_err().why
}

#[test]
fn every_call_goes_to_the_versioned_address_with_the_token_left_to_the_wire() {
    let calls = [
        shop::set_levels(2),
        shop::read_levels(&[("1", LOCATION)]),
        shop::read_items(None, None),
        shop::TEST,
    ];
    for call in calls {
        let request = sent(&call);
        assert_eq!(request.method, Method::Post);
        assert_eq!(request.path, "/admin/api/2026-07/graphql.json");
        assert_eq!(request.headers.only("content-type"), Some("application/json"));
        let place = Place::Header("x-shopify-access-token".to_owned());
        assert_eq!(request.fills, [Fill { slot: "access_token".to_owned(), place }]);
        assert_eq!(request.keep, None);
        assert!(request.cost < 1_000, "one query may cost 1,000 points, not {}", request.cost);
    }
}

#[test]
fn a_write_names_for_every_row_what_it_must_stand_at_and_what_it_shall() {
    let call = shop::set_levels(2);
    let row = |item: &str| {
        json!({
            "inventoryItemId": format!("gid://shopify/InventoryItem/{item}"),
            "locationId": "gid://shopify/Location/106318430514",
            "quantity": 5,
            "changeFromQuantity": 0,
        })
    };
    let wanted = json!({
        "input": {
            "name": "available",
            "reason": "correction",
            "referenceDocumentUri": "gid://crossdock/Send/0190b5c2-key",
            "quantities": [row("500"), row("501")],
        },
        "key": KEY,
    });
    assert_eq!(variables(&call), wanted);
    assert!(sent(&call).body.contains("@idempotent(key: $key)"));
    assert_eq!(sent(&call), sent(&call), "the same call gives the same bytes");
}

#[test]
fn a_difference_is_added_without_a_compare_value_and_once_for_each_key() {
    let call = shop::adjust_level();
    let wanted = json!({
        "input": {
            "name": "available",
            "reason": "correction",
            "referenceDocumentUri": "gid://crossdock/Send/0190b5c2-key",
            "changes": [{
                "inventoryItemId": "gid://shopify/InventoryItem/500",
                "locationId": "gid://shopify/Location/106318430514",
                "delta": -5,
                "changeFromQuantity": null,
            }],
        },
        "key": KEY,
    });
    assert_eq!(variables(&call), wanted);
    assert!(sent(&call).body.contains("@idempotent(key: $key)"));
    assert_eq!(sent(&call), sent(&call), "the same call gives the same bytes");
}

#[test]
fn a_read_at_one_location_asks_for_its_items_in_order() {
    let call = shop::read_levels(&[("7", LOCATION), ("gid://shopify/InventoryItem/5", LOCATION)]);
    let wanted = json!({
        "items0": ["gid://shopify/InventoryItem/7", "gid://shopify/InventoryItem/5"],
        "location0": "gid://shopify/Location/106318430514",
    });
    assert_eq!(variables(&call), wanted);
}

#[test]
fn a_read_at_several_locations_asks_for_each_items_own() {
    let variables = variables(&shop::read_levels(&[("7", "1"), ("5", "2"), ("6", "1")]));
    let gids = |ids: &[&str]| -> Value {
        ids.iter().map(|id| format!("gid://shopify/InventoryItem/{id}")).collect()
    };
    assert_eq!(variables["items0"], gids(&["7", "6"]));
    assert_eq!(variables["location0"], "gid://shopify/Location/1");
    assert_eq!(variables["items1"], gids(&["5"]));
    assert_eq!(variables["location1"], "gid://shopify/Location/2");
    for group in 2..10 {
        assert_eq!(variables[format!("items{group}")], gids(&[]));
        assert!(variables[format!("location{group}")].is_string(), "a location that exists");
    }
}

#[test]
fn a_sku_is_searched_for_as_a_whole_whatever_it_holds() {
    let search = |sku: &str| variables(&shop::read_items(Some(sku), Some("c9")))["search"].clone();
    assert_eq!(search("ABC 1"), r#"sku:"ABC 1""#);
    assert_eq!(search(r#"a" OR sku:\*"#), r#"sku:"a\" OR sku:\\*""#);
    let all = variables(&shop::read_items(None, Some("c9")));
    assert_eq!(all, json!({ "first": 100, "after": "c9", "search": null }));
}

#[test]
fn the_test_asks_for_the_location_that_is_set() {
    assert_eq!(
        variables(&shop::TEST),
        json!({ "location": "gid://shopify/Location/106318430514" })
    );
}

#[test]
fn a_token_is_fetched_with_a_form_whose_secret_the_wire_fills_in_and_keeps() {
    let request = shopify().request(&shop::RENEW, KEY, &shop::fetching()).unwrap();
    assert_eq!(request.path, "/admin/oauth/access_token");
    assert_eq!(request.headers.only("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(request.body, "grant_type=client_credentials&client_id=a1b2%2Fc3");
    let place = Place::Form("client_secret".to_owned());
    assert_eq!(request.fills, [Fill { slot: "client_secret".to_owned(), place }]);
    let keep = Keep { pointer: "/access_token".to_owned(), slot: "fetched_token".to_owned() };
    assert_eq!(request.keep, Some(keep));
}

#[test]
fn no_token_is_fetched_without_a_client_id() {
    assert!(refused(&shop::RENEW).contains("client_id"));
}

#[test]
fn an_id_that_is_not_shopifys_is_not_sent() {
    for id in ["ABC", "gid://shopify/ProductVariant/5", "1?x", "-1", "99999999999999999999"] {
        let call = shop::read_levels(&[(id, LOCATION)]);
        assert!(refused(&call).contains(id), "{id}");
    }
}

#[test]
fn the_rows_whose_ids_are_not_shopifys_are_named_so_that_the_others_can_go() {
    let call =
        shop::read_levels(&[("1", LOCATION), ("B", LOCATION), ("3", "here"), ("4", LOCATION)]);
    let unsendable = shopify().request(&call, KEY, &shop::connection()).unwrap_err();
    assert_eq!(unsendable.rows, [1, 2]);
}

#[test]
fn every_row_may_lie_at_a_location_of_its_own() {
    let places: Vec<String> = (1..=50).map(|n: u32| n.to_string()).collect();
    for count in [2, 10, 11, 50] {
        let rows: Vec<_> = places.iter().take(count).map(|place| ("7", place.as_str())).collect();
        let call = shop::read_levels(&rows);
        let variables = variables(&call);
        for (group, place) in places.iter().take(count).enumerate() {
            assert_eq!(
                variables[format!("items{group}")],
                json!(["gid://shopify/InventoryItem/7"])
            );
            let location = format!("gid://shopify/Location/{place}");
            assert_eq!(variables[format!("location{group}")], location);
        }
        assert!(sent(&call).cost < 1_000, "{}", sent(&call).cost);
    }
}

#[test]
fn no_rows_or_more_than_one_request_takes_are_not_sent() {
    assert!(refused(&shop::set_levels(251)).contains("250"));
    assert!(refused(&shop::read_levels(&[("1", LOCATION); 51])).contains("50"));
    assert!(refused(&shop::set_levels(0)).contains("no rows"));
    assert!(refused(&shop::read_levels(&[])).contains("no rows"));
}
