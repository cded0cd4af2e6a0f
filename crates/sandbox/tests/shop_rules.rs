//! The rules of the simulated shop, driven without sockets: writes, keys, versions, limits, access.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

mod support;

use crossdock_sandbox::exchange::{HttpRequest, Mishap};
use crossdock_sandbox::shopify::{
    FailedKeys, Faults, Knob, Setup, Shelf, Tokens, Units, Versions, Which,
};
use serde_json::{Value, json};
use support::{Counter, LEVELS, SET, codes};

fn open() -> Counter {
    Counter::open(Setup { items: 10, opening: 10..=10, odd: true, ..Setup::default() })
}

fn units(sku: &str, quantity: i64) -> Units {
    Units { which: Which::sku(sku), quantity }
}

fn quantities(counter: &mut Counter, sku: &str) -> Value {
    let (item, _) = counter.ids(sku);
    let answer = counter.ask(LEVELS, &json!({ "ids": [item] }));
    let level = &answer["data"]["nodes"][0]["inventoryLevels"]["nodes"][0]["quantities"];
    let pairs = level.as_array().unwrap().iter();
    pairs
        .map(|pair| (pair["name"].as_str().unwrap().to_owned(), pair["quantity"].clone()))
        .collect()
}

#[test]
fn a_write_whose_compare_is_stale_changes_nothing_and_says_so() {
    let mut counter = open();
    counter.shop.sell(&[units("DEMO-001", 1)], counter.now).unwrap();
    let refused = counter.set("DEMO-001", 10, 7, "key-1");
    assert_eq!(codes(&refused), ["CHANGE_FROM_QUANTITY_STALE"]);
    assert_eq!(refused["userErrors"][0]["field"], Value::Null);
    assert_eq!(counter.available("DEMO-001"), 9);
    assert!(codes(&counter.set("DEMO-001", 9, 7, "key-2")).is_empty());
    assert_eq!(counter.available("DEMO-001"), 7);
}

#[test]
fn one_wrong_row_refuses_the_whole_write() {
    let mut counter = open();
    let (first, location) = counter.ids("DEMO-001");
    let row = |item: &str| {
        json!({ "inventoryItemId": item, "locationId": location,
        "quantity": 3, "changeFromQuantity": 10 })
    };
    let rows = [row(&first), row("gid://shopify/InventoryItem/1")];
    let input = json!({ "name": "available", "reason": "correction", "quantities": rows });
    let answer = counter.ask(SET, &json!({ "input": input, "key": "k" }));
    assert_eq!(codes(&answer["data"]["inventorySetQuantities"]), ["INVALID_INVENTORY_ITEM"]);
    assert_eq!(counter.available("DEMO-001"), 10);
}

#[test]
fn a_repeat_under_its_key_answers_again_without_a_second_effect() {
    let mut counter = open();
    let first = counter.set("DEMO-001", 10, 7, "key");
    counter.shop.sell(&[units("DEMO-001", 1)], counter.now).unwrap();
    counter.wait(23 * 3600);
    assert_eq!(counter.set("DEMO-001", 10, 7, "key"), first);
    assert_eq!(counter.available("DEMO-001"), 6);
    let other = counter.set("DEMO-001", 6, 2, "key");
    assert_eq!(codes(&other), ["IDEMPOTENCY_KEY_PARAMETER_MISMATCH"]);
}

#[test]
fn a_key_is_forgotten_after_a_day() {
    let mut counter = open();
    counter.set("DEMO-001", 10, 7, "key");
    counter.wait(24 * 3600 + 1);
    assert_eq!(codes(&counter.set("DEMO-001", 10, 7, "key")), ["CHANGE_FROM_QUANTITY_STALE"]);
}

#[test]
fn what_a_key_remembers_of_a_refused_attempt_is_a_matter_of_the_setup() {
    for (kept, expected) in [
        (FailedKeys::Forgotten, "CHANGE_FROM_QUANTITY_STALE"),
        (FailedKeys::Remembered, "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"),
    ] {
        let mut counter = Counter::open(Setup { items: 3, failed_keys: kept, ..Setup::default() });
        counter.set("DEMO-001", -77, 7, "key");
        assert_eq!(codes(&counter.set("DEMO-001", -77, 7, "key")), [expected]);
    }
}

#[test]
fn a_write_to_an_item_that_is_not_stocked_is_refused_until_2026_10_and_stocks_it_from_then_on() {
    for (version, expected) in
        [("2026-07", vec!["ITEM_NOT_STOCKED_AT_LOCATION"]), ("2026-10", vec![])]
    {
        let mut counter = open();
        counter.version = version.to_owned();
        let (item, _) = counter.ids("DEMO-001");
        let row = json!({ "inventoryItemId": item, "locationId": "gid://shopify/Location/106318463282",
            "quantity": 4, "changeFromQuantity": null });
        let input = json!({ "name": "available", "reason": "correction", "quantities": [row] });
        let answer = counter.ask(SET, &json!({ "input": input, "key": "k" }));
        assert_eq!(codes(&answer["data"]["inventorySetQuantities"]), expected);
    }
}

#[test]
fn an_old_version_compares_by_its_own_field_and_knows_no_keys() {
    let supported = ["2025-10", "2026-01"].map(str::to_owned).to_vec();
    let versions = Versions { supported, candidate: "2026-04".to_owned() };
    let mut counter =
        Counter::open(Setup { items: 3, opening: 10..=10, versions, ..Setup::default() });
    counter.version = "2025-10".to_owned();
    let (item, location) = counter.ids("DEMO-001");
    let mut codes_of = |compare: Value| {
        let mut row = json!({ "inventoryItemId": item, "locationId": location, "quantity": 4 });
        if !compare.is_null() {
            row["compareQuantity"] = compare;
        }
        let input = json!({ "name": "available", "reason": "correction", "quantities": [row] });
        let document = SET.replace("@idempotent(key: $key)", "");
        codes(
            &counter.ask(&document, &json!({ "input": input, "key": "k" }))["data"]["inventorySetQuantities"],
        )
    };
    assert_eq!(codes_of(Value::Null), ["COMPARE_QUANTITY_REQUIRED"]);
    assert_eq!(codes_of(json!(9)), ["COMPARE_QUANTITY_STALE"]);
    assert!(codes_of(json!(10)).is_empty());
}

#[test]
fn an_unsupported_version_falls_forward_and_the_header_tells() {
    let mut counter = open();
    counter.version = "2025-07".to_owned();
    let answer = counter.send("{ shop { id } }", &Value::Null);
    let told = answer.headers.iter().find(|(name, _)| name == "x-shopify-api-version").unwrap();
    assert_eq!(told.1, "2026-01");
}

#[test]
fn orders_move_stock_between_available_committed_and_on_hand() {
    let mut counter = open();
    let order = counter.shop.sell(&[units("DEMO-001", 4)], counter.now).unwrap();
    let expected = json!({ "available": 6, "on_hand": 10, "committed": 4 });
    assert_eq!(quantities(&mut counter, "DEMO-001"), expected);
    counter.shop.refund(order, &[units("DEMO-001", 1)], Shelf::Restock, counter.now).unwrap();
    let expected = json!({ "available": 7, "on_hand": 10, "committed": 3 });
    assert_eq!(quantities(&mut counter, "DEMO-001"), expected);
    counter.shop.fulfil(order, counter.now).unwrap();
    let expected = json!({ "available": 7, "on_hand": 7, "committed": 0 });
    assert_eq!(quantities(&mut counter, "DEMO-001"), expected);
    counter.shop.refund(order, &[units("DEMO-001", 1)], Shelf::Restock, counter.now).unwrap();
    let expected = json!({ "available": 8, "on_hand": 8, "committed": 0 });
    assert_eq!(quantities(&mut counter, "DEMO-001"), expected);
    counter.shop.refund(order, &[units("DEMO-001", 1)], Shelf::Keep, counter.now).unwrap();
    assert_eq!(quantities(&mut counter, "DEMO-001"), expected);
}

#[test]
fn a_cancelled_order_gives_its_goods_back_once() {
    let mut counter = open();
    let order = counter.shop.sell(&[units("DEMO-002", 4)], counter.now).unwrap();
    counter.shop.cancel(order, Shelf::Restock, counter.now).unwrap();
    assert!(counter.shop.cancel(order, Shelf::Restock, counter.now).is_err());
    assert_eq!(counter.available("DEMO-002"), 10);
}

#[test]
fn untracked_items_are_sold_without_moving_stock() {
    let mut counter = open();
    counter.shop.sell(&[units("ODD-UNTRACKED", 3)], counter.now).unwrap();
    assert_eq!(counter.available("ODD-UNTRACKED"), 0);
    assert!(counter.shop.sell(&[units("ODD-DUPLICATE", 1)], counter.now).is_err());
}

#[test]
fn items_are_found_by_sku_and_paged_by_cursor() {
    let mut counter = open();
    let one = "query($q: String) { inventoryItems(first: 5, query: $q) { nodes { sku duplicateSkuCount } } }";
    let found = counter.ask(one, &json!({ "q": "sku:ODD-DUPLICATE" }));
    let nodes = found["data"]["inventoryItems"]["nodes"].as_array().unwrap().clone();
    assert_eq!(nodes.len(), 2);
    assert_eq!(nodes[0]["duplicateSkuCount"], 2);
    let page = "query($after: String) { inventoryItems(first: 7, after: $after) {
        edges { node { id } } pageInfo { hasNextPage endCursor } } }";
    let mut seen = std::collections::BTreeSet::new();
    let mut after = Value::Null;
    loop {
        let answer = counter.ask(page, &json!({ "after": after }));
        let items = &answer["data"]["inventoryItems"];
        for edge in items["edges"].as_array().unwrap() {
            assert!(seen.insert(edge["node"]["id"].as_str().unwrap().to_owned()));
        }
        after = items["pageInfo"]["endCursor"].clone();
        if items["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(seen.len(), 18);
}

#[test]
fn a_connection_without_a_size_is_refused_and_more_than_250_rows_are_too_many() {
    let mut counter = open();
    let answer = counter.ask("{ inventoryItems { nodes { id } } }", &Value::Null);
    assert_eq!(answer["errors"][0]["message"], "you must provide one of first or last");
    let answer = counter.ask("{ inventoryItems(first: 251) { nodes { id } } }", &Value::Null);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST");
    let (item, location) = counter.ids("DEMO-001");
    let row = json!({ "inventoryItemId": item, "locationId": location, "quantity": 1, "changeFromQuantity": 1 });
    let input =
        json!({ "name": "available", "reason": "correction", "quantities": vec![row; 251] });
    let answer = counter.ask(SET, &json!({ "input": input, "key": "k" }));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "MAX_INPUT_SIZE_EXCEEDED");
}

#[test]
fn levels_of_a_location_are_read_from_a_moment_on() {
    let mut counter = open();
    let start = counter.now.to_string();
    counter.wait(10);
    counter.shop.sell(&[units("DEMO-003", 1)], counter.now).unwrap();
    let query =
        "query($id: ID!, $q: String) { location(id: $id) { inventoryLevels(first: 50, query: $q) {
        nodes { item { sku } } } } }";
    let (_, location) = counter.ids("DEMO-001");
    let filter = format!("updated_at:>'{start}'");
    let answer = counter.ask(query, &json!({ "id": location, "q": filter }));
    let nodes = &answer["data"]["location"]["inventoryLevels"]["nodes"];
    assert_eq!(nodes, &json!([{ "item": { "sku": "DEMO-003" } }]));
}

#[test]
fn a_field_that_does_not_exist_stops_a_mutation_before_it_writes() {
    let mut counter = open();
    let (item, location) = counter.ids("DEMO-001");
    let row = json!({ "inventoryItemId": item, "locationId": location, "quantity": 1, "changeFromQuantity": 10 });
    let input = json!({ "name": "available", "reason": "correction", "quantities": [row] });
    let document = SET.replace("createdAt", "madeAt");
    let answer = counter.ask(&document, &json!({ "input": input, "key": "k" }));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "undefinedField");
    assert!(answer.get("data").is_none());
    assert_eq!(counter.available("DEMO-001"), 10);
}

#[test]
fn the_bucket_runs_dry_with_http_200_and_refills() {
    let mut counter = Counter::open(Setup { items: 3, bucket_points: 15, ..Setup::default() });
    counter.set("DEMO-001", 0, 1, "a");
    let answer = counter.ask(
        "mutation { inventoryDeactivate(inventoryLevelId: \"gid://shopify/InventoryLevel/1\")
        { userErrors { message } } }",
        &Value::Null,
    );
    assert_eq!(answer["errors"][0]["extensions"]["code"], "THROTTLED");
    assert!(answer.get("data").is_none());
    assert_eq!(answer["extensions"]["cost"]["actualQueryCost"], Value::Null);
    counter.wait(1);
    assert_eq!(codes(&counter.set("DEMO-001", 0, 1, "b")).len(), 1);
}

#[test]
fn tokens_are_granted_expire_and_die_with_the_app() {
    let mut counter = open();
    let setup = counter.shop.setup().clone();
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        setup.client_id, setup.client_secret
    );
    let request = HttpRequest {
        method: "POST".to_owned(),
        path: "/admin/oauth/access_token".to_owned(),
        headers: Vec::new(),
        body: form.into_bytes(),
    };
    let answer = counter.shop.answer(&request, counter.now);
    let granted: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(granted["expires_in"], 86_399);
    let token = granted["access_token"].as_str().unwrap().to_owned();
    let ask = |counter: &mut Counter, token: &str| {
        counter.send_as(token, "{ shop { id } }", &Value::Null).status
    };
    assert_eq!(ask(&mut counter, &token), 200);
    assert_eq!(ask(&mut counter, "shpat_wrong"), 401);
    counter.wait(86_400);
    assert_eq!(ask(&mut counter, &token), 401);
    assert_eq!(ask(&mut counter, &setup.access_token), 200);
    counter.shop.expire_tokens(Tokens::All);
    assert_eq!(ask(&mut counter, &setup.access_token), 401);
    counter.shop.install();
    assert_eq!(ask(&mut counter, &setup.access_token), 200);
    counter.shop.uninstall(counter.now);
    assert_eq!(ask(&mut counter, &setup.access_token), 401);
}

fn weather(counter: &mut Counter, set: impl FnOnce(&mut Faults)) {
    let mut faults = Faults::default();
    set(&mut faults);
    counter.shop.set_faults(faults);
}

type Turn = fn(&mut Faults);

#[test]
fn faults_before_the_work_leave_no_trace_and_faults_after_it_leave_it_done() {
    let mut counter = open();
    let before: [(Turn, u16); 5] = [
        (|faults| faults.calls.too_many_requests = Knob::next(1), 429),
        (|faults| faults.calls.internal_error = Knob::next(1), 500),
        (|faults| faults.calls.bad_gateway = Knob::next(1), 502),
        (|faults| faults.calls.unavailable = Knob::next(1), 503),
        (|faults| faults.calls.html_page = Knob::next(1), 200),
    ];
    let (item, location) = counter.ids("DEMO-001");
    let row = json!({ "inventoryItemId": item, "locationId": location, "quantity": 3, "changeFromQuantity": 10 });
    let input = json!({ "name": "available", "reason": "correction", "quantities": [row] });
    let variables = json!({ "input": input, "key": "k" });
    for (turn, status) in before {
        weather(&mut counter, turn);
        assert_eq!(counter.send(SET, &variables).status, status);
        assert_eq!(counter.available("DEMO-001"), 10);
    }
    weather(&mut counter, |faults| faults.calls.timeout_after_work = Knob::next(1));
    assert_eq!(counter.send(SET, &variables).mishap, Mishap::Held { milliseconds: 60_000 });
    assert_eq!(counter.available("DEMO-001"), 3);
    weather(&mut counter, |faults| faults.calls.truncated_json = Knob::next(1));
    let torn = counter.send(SET, &variables);
    assert!(serde_json::from_slice::<Value>(&torn.body).is_err());
    assert_eq!(counter.available("DEMO-001"), 3);
}

#[test]
fn in_a_stale_storm_a_customer_is_always_a_moment_faster() {
    let mut counter = open();
    weather(&mut counter, |faults| faults.calls.stale_storm = Knob::next(2));
    assert_eq!(codes(&counter.set("DEMO-001", 10, 7, "a")), ["CHANGE_FROM_QUANTITY_STALE"]);
    assert_eq!(codes(&counter.set("DEMO-001", 9, 7, "b")), ["CHANGE_FROM_QUANTITY_STALE"]);
    assert!(codes(&counter.set("DEMO-001", 8, 7, "c")).is_empty());
    let truth = counter.shop.truth();
    let item = truth.iter().find(|item| item.sku.as_deref() == Some("DEMO-001")).unwrap();
    assert_eq!((item.sold, item.written_delta, item.available), (2, -1, 7));
}

#[test]
fn a_repeat_can_be_told_that_the_first_is_still_running() {
    let mut counter = open();
    counter.set("DEMO-001", 10, 7, "k");
    weather(&mut counter, |faults| faults.calls.still_running = Knob::next(1));
    assert_eq!(codes(&counter.set("DEMO-001", 10, 7, "k")), ["IDEMPOTENCY_CONCURRENT_REQUEST"]);
    assert!(codes(&counter.set("DEMO-001", 10, 7, "k")).is_empty());
}

#[test]
fn a_torn_document_is_answered_and_changes_nothing() {
    let mut counter = open();
    let torn = SET.char_indices().map(|(position, _)| &SET[..position]);
    let mut refused = 0;
    for document in torn.clone().skip(1) {
        let answer = counter.ask(document, &json!({ "input": null, "key": 3 }));
        refused += usize::from(answer.get("errors").is_some());
    }
    assert_eq!(refused, torn.count() - 1);
    assert_eq!(counter.available("DEMO-001"), 10);
}

#[test]
fn a_body_that_is_not_json_is_a_400_and_an_unknown_path_a_404() {
    let mut counter = open();
    let token = counter.shop.setup().access_token.clone();
    let mut status = |path: &str, body: &[u8]| {
        let request = HttpRequest {
            method: "POST".to_owned(),
            path: path.to_owned(),
            headers: vec![("x-shopify-access-token".to_owned(), token.clone())],
            body: body.to_vec(),
        };
        counter.shop.answer(&request, counter.now).status
    };
    assert_eq!(status("/admin/api/2026-07/graphql.json", b"{\"query\":"), 400);
    assert_eq!(status("/admin/api/2026-07/products.json", b"{}"), 404);
}

#[test]
fn points_that_a_query_did_not_need_come_back() {
    let mut counter = open();
    let answer = counter.ask(
        "{ inventoryItems(first: 250, query: \"sku:NONE\") { nodes { variant { id } } } }",
        &Value::Null,
    );
    let cost = &answer["extensions"]["cost"];
    let points = |key: &str| cost[key].as_i64().unwrap();
    assert!(points("actualQueryCost") < points("requestedQueryCost"));
    let left = cost["throttleStatus"]["currentlyAvailable"].as_i64().unwrap();
    assert_eq!(left, 2000 - points("actualQueryCost"));
}

#[test]
fn a_sleeping_level_is_hidden_unless_asked_for_and_the_last_one_cannot_sleep() {
    let mut counter = open();
    let (item, location) = counter.ids("DEMO-001");
    let number = item.rsplit('/').next().unwrap().to_owned();
    let level =
        |place: u64| format!("gid://shopify/InventoryLevel/{place}?inventory_item_id={number}");
    let sleep = "mutation($id: ID!) { inventoryDeactivate(inventoryLevelId: $id) { userErrors { message } } }";
    let errors = |counter: &mut Counter, id: String| {
        let answer = counter.ask(sleep, &json!({ "id": id }));
        answer["data"]["inventoryDeactivate"]["userErrors"].as_array().unwrap().len()
    };
    assert_eq!(errors(&mut counter, level(143_273_001_266)), 1);
    let wake = "mutation($item: ID!, $place: ID!) { inventoryActivate(inventoryItemId: $item, locationId: $place)
        @idempotent(key: \"wake\") { inventoryLevel { id } userErrors { message } } }";
    let second = "gid://shopify/Location/106318463282";
    counter.ask(wake, &json!({ "item": item, "place": second }));
    assert_eq!(errors(&mut counter, level(143_273_001_266)), 0);
    let read = "query($item: ID!, $place: ID!) { inventoryItem(id: $item) {
        shown: inventoryLevel(locationId: $place) { isActive }
        all: inventoryLevel(locationId: $place, includeInactive: true) { isActive } } }";
    let answer = counter.ask(read, &json!({ "item": item, "place": location }));
    assert_eq!(
        answer["data"]["inventoryItem"],
        json!({ "shown": null, "all": { "isActive": false } })
    );
}
