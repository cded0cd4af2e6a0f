//! Pages of counters: what is asked, what a page means, and how one query goes on where another must end.

use crossdock_domain::answer::{Failure, LevelReading, PageRow, Receipt};
use crossdock_domain::call::Call;
use serde_json::{Value, json};

use crate::shop::{self, LOCATION, answer, remote, shopify};

const SINCE: &str = "2026-11-20T09:55:00.75Z";

fn asked(call: &Call) -> Value {
    let request = shopify().request(call, "key", &shop::connection()).unwrap();
    serde_json::from_str::<Value>(&request.body).unwrap()["variables"].clone()
}

fn page(call: &Call, data: &Value) -> Result<(Vec<PageRow>, Option<String>), Failure> {
    match answer(call, 200, &json!({ "data": data }).to_string()).result {
        Ok(Receipt::Page { rows, next }) => Ok((rows, next)),
        Ok(other) => panic!("{other:?}"),
        Err(failure) => Err(failure),
    }
}

fn level(item: u64, available: i64) -> Value {
    json!({
        "id": format!("gid://shopify/InventoryLevel/9?inventory_item_id={item}"),
        "updatedAt": "2026-06-25T01:33:56Z",
        "quantities": [{ "name": "available", "quantity": available }],
    })
}

fn changed(item: u64, available: i64) -> Value {
    let mut level = level(item, available);
    level["isActive"] = true.into();
    level["item"] = json!({ "id": format!("gid://shopify/InventoryItem/{item}"), "tracked": true });
    level
}

fn changes(nodes: &[Value], next: Option<&str>) -> Value {
    let info = json!({ "hasNextPage": next.is_some(), "endCursor": next });
    json!({ "location": { "inventoryLevels": { "nodes": nodes, "pageInfo": info } } })
}

fn counted(item: u64, available: i64) -> Value {
    let id = format!("gid://shopify/InventoryItem/{item}");
    json!({ "id": id, "tracked": true, "inventoryLevel": level(item, available) })
}

fn all(nodes: &[Value], next: Option<&str>) -> Value {
    let info = json!({ "hasNextPage": next.is_some(), "endCursor": next });
    json!({ "inventoryItems": { "nodes": nodes, "pageInfo": info } })
}

fn row(item: &str, available: i64) -> PageRow {
    let at = Some("2026-06-25T01:33:56Z".parse().unwrap());
    PageRow { item: remote(item), reading: LevelReading::Stands { available, at } }
}

#[test]
fn what_has_changed_is_asked_for_by_whole_seconds_at_one_location() {
    let asked = asked(&shop::read_page(Some(SINCE), None));
    assert_eq!(asked["search"], "updated_at:>='2026-11-20T09:55:00Z'");
    assert_eq!(asked["location"], format!("gid://shopify/Location/{LOCATION}"));
    assert_eq!(asked["after"], Value::Null);
}

#[test]
fn everything_is_asked_for_without_a_search() {
    let asked = asked(&shop::read_page(None, None));
    assert_eq!(asked["search"], Value::Null);
}

#[test]
fn a_page_tells_each_counter_and_where_the_next_begins() {
    let call = shop::read_page(Some(SINCE), None);
    let (rows, next) =
        page(&call, &changes(&[changed(7, 70), changed(5, -5)], Some("c1"))).unwrap();
    assert_eq!(rows, [row("7", 70), row("5", -5)]);
    let next = next.unwrap();
    assert_eq!(asked(&shop::read_page(Some(SINCE), Some(&next)))["after"], "c1");

    let call = shop::read_page(None, None);
    let (rows, next) = page(&call, &all(&[counted(5, 1), counted(7, 2)], None)).unwrap();
    assert_eq!((rows, next), (vec![row("5", 1), row("7", 2)], None));
}

#[test]
fn what_is_untracked_inactive_or_not_stocked_there_is_not_counted() {
    let is_none = |row: &PageRow| matches!(row.reading, LevelReading::NotCounted { .. });
    let (mut untracked, mut inactive) = (changed(5, 0), changed(6, 3));
    untracked["item"]["tracked"] = false.into();
    inactive["isActive"] = false.into();
    let call = shop::read_page(Some(SINCE), None);
    let (rows, _) = page(&call, &changes(&[untracked, inactive], None)).unwrap();
    assert!(rows.iter().all(is_none), "{rows:?}");

    let (mut untracked, mut elsewhere) = (counted(5, 0), counted(6, 3));
    untracked["tracked"] = false.into();
    elsewhere["inventoryLevel"] = Value::Null;
    let (rows, _) =
        page(&shop::read_page(None, None), &all(&[untracked, elsewhere], None)).unwrap();
    assert!(rows.iter().all(is_none), "{rows:?}");
}

/// Reads pages of 250 until `pages` of them are read, and returns the cursor of the next.
fn after_pages(pages: u64, item: impl Fn(u64) -> u64) -> Result<Option<String>, Failure> {
    let mut cursor: Option<String> = None;
    for number in 0..pages {
        let nodes: Vec<_> = (0..250).map(|row| counted(item(number * 250 + row), 1)).collect();
        let call = shop::read_page(None, cursor.as_deref());
        cursor = page(&call, &all(&nodes, Some(&format!("c{number}"))))?.1;
    }
    Ok(cursor)
}

#[test]
fn before_shopify_ends_a_query_the_next_one_goes_on_behind_the_last_id() {
    let cursor = after_pages(95, |n| 1_000 + n).unwrap();
    let before = asked(&shop::read_page(None, cursor.as_deref()));
    assert_eq!((&before["after"], &before["search"]), (&json!("c94"), &Value::Null));

    let cursor = after_pages(96, |n| 1_000 + n).unwrap();
    let behind = asked(&shop::read_page(None, cursor.as_deref()));
    assert_eq!((&behind["after"], &behind["search"]), (&Value::Null, &json!("id:>24999")));
}

#[test]
fn items_out_of_the_order_of_ids_cannot_be_gone_on_with() {
    assert!(after_pages(95, |n| 100_000 - n).is_ok(), "one query needs no order");
    let failure = after_pages(96, |n| 100_000 - n).unwrap_err();
    assert_eq!(failure.class(), "refused");
}

#[test]
fn more_changes_than_one_query_gives_are_refused_in_words() {
    let cursor = r#"{"after":"c","from":null,"read":23900,"last":null}"#;
    let call = shop::read_page(Some(SINCE), Some(cursor));
    let nodes: Vec<_> = (0..250).map(|n| changed(1_000 + n, 1)).collect();
    let failure = page(&call, &changes(&nodes, Some("d"))).unwrap_err();
    assert!(failure.why().contains("compare everything"), "{}", failure.why());
}

#[test]
fn a_search_that_shopify_ignored_is_no_answer() {
    let warning = json!({ "field": "updated_at", "message": "Invalid search field" });
    let body = json!({
        "data": changes(&[changed(7, 1)], None),
        "extensions": { "search": [{ "warnings": [warning] }] },
    });
    let result = answer(&shop::read_page(Some(SINCE), None), 200, &body.to_string()).result;
    assert_eq!(result.unwrap_err().class(), "refused");
}

#[test]
fn a_page_that_does_not_fit_the_question_is_never_taken_for_data() {
    let call = shop::read_page(Some(SINCE), None);
    let mut other = changed(7, 1);
    other["item"]["id"] = "gid://shopify/InventoryItem/8".into();
    let mut blank = changed(7, 1);
    blank["quantities"] = json!([]);
    let mut silent = changed(7, 1);
    silent.as_object_mut().unwrap().remove("isActive");
    for lie in [
        json!({}),
        json!({ "location": { "inventoryLevels": null } }),
        changes(&[other], None),
        changes(&[blank], None),
        changes(&[silent], None),
        json!({ "location": { "inventoryLevels": { "nodes": [], "pageInfo": { "hasNextPage": true } } } }),
    ] {
        let failure = page(&call, &lie).unwrap_err();
        assert_eq!(failure.class(), "unreadable", "{lie}");
    }
    let gone = page(&call, &json!({ "location": null })).unwrap_err();
    assert_eq!(gone.class(), "refused", "{}", gone.why());
}
