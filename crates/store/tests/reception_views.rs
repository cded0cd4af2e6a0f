//! The reporting views of prep centres: what they show of accounts, connections and receptions, and that the same statements
//! run on both engines.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod fresh;

use std::ops::ControlFlow;

use crossdock_domain::ClientId;
use crossdock_domain::client::Client;
use crossdock_domain::merchant::Merchant;
use crossdock_domain::reception::{Reception, ReceptionLine, Totals};
use crossdock_store::Store;
use crossdock_store::reader::receptions::{ReceptionFilter, ReceptionPlace};
use serde_json::{Value, json};

use fresh::Fresh;

const DAY: &str = "2026-11-20T10:00:00Z";

fn rows(place: &Fresh, sql: &str) -> Vec<Vec<Value>> {
    let reader = place.reader();
    let mut rows = Vec::new();
    let mut question = reader.question(sql).unwrap();
    question
        .each(|row| {
            rows.push(row);
            ControlFlow::Continue(())
        })
        .unwrap();
    rows
}

fn connection() -> crossdock_domain::connection::Connection {
    serde_json::from_value(json!({
        "lane": "connection:prep", "id": "prep", "connector": "depot",
        "base_url": "https://depot.example/api", "sandbox": false,
        "status": { "status": "paused", "since": DAY, "why": "the token was revoked" },
        "stage": { "stage": "observing" }, "location": null, "stock": {},
        "settings": { "sync_mode": "api" }, "calls": {}, "warnings": [], "token": null,
    }))
    .unwrap()
}

fn merchant(remote: &str, client: Option<&str>) -> Merchant {
    serde_json::from_value(json!({
        "connection": "prep", "remote": remote, "client": client, "name": "Acme",
        "destination": { "country": "DE", "pool": "b2b" }, "last_sync_at": DAY,
        "watermark": null, "tally": { "imported": 3, "repeated": 2, "errors": 1, "waiting": 4 },
        "trouble": null,
    }))
    .unwrap()
}

fn line(id: &str, (sku, problem): (&str, Option<&str>), received: i64) -> ReceptionLine {
    serde_json::from_value(json!({
        "client": "main", "source": "depot", "source_id": id, "line": sku, "item": null,
        "problem": problem, "gone": false, "booked": 0, "booked_unsellable": 0, "told_by": 7,
        "told": { "is_there": [DAY, null], "sku": [DAY, sku], "requested": [DAY, 10],
            "received": [DAY, received], "unsellable": [DAY, 1] },
    }))
    .unwrap()
}

fn reception(id: &str, changed_at: &str, lines: &[ReceptionLine]) -> Reception {
    let mut totals = Totals::default();
    for line in lines {
        totals.replace(None, Some(line));
    }
    serde_json::from_value(json!({
        "client": "main", "source": "depot", "source_id": id, "connection": "prep",
        "merchant": "101", "totals": totals, "destination": { "country": "DE" }, "pool": "b2b",
        "made_by": 5, "made_at": DAY, "changed_at": changed_at,
        "told": { "name": [DAY, format!("Pallet {id}")], "raw_status": [DAY, { "rank": "submitted", "word": "open" }],
            "status": [DAY, "shipped"], "country": [DAY, "DE"],
            "tracking": [DAY, [{ "number": "1Z9" }, { "number": "1Z8", "carrier": "ups" }]] },
    }))
    .unwrap()
}

/// Two receptions of `main`: one with a line that nobody understood, one of which nothing has come.
fn filled() -> Fresh {
    let place = Fresh::new();
    let mut store: Store = place.store();
    store.begin().unwrap();
    store.put(Client::new("main".parse().unwrap(), "Main".to_owned()));
    store.put(connection());
    for (remote, client) in [("101", Some("main")), ("102", None)] {
        store.put(merchant(remote, client));
    }
    let parts = [line("22", ("RED", None), 4), line("22", ("", Some("it names nothing")), 2)];
    store.put(reception("22", "2026-11-20T12:00:00Z", &parts));
    for part in parts {
        store.put(part);
    }
    store.put(reception("23", "2026-11-20T11:00:00Z", &[]));
    store.commit().unwrap();
    place
}

#[test]
fn an_account_is_shown_with_whose_it_is_and_what_was_done_for_it() {
    let sql = "SELECT merchant_id, client_id, name, integration_id, destination_country, destination_pool, \
        last_sync_at, imported, duplicates_prevented, errors, waiting, last_error FROM prep_merchants \
        ORDER BY merchant_id";
    let shown = |merchant: &str, client: Value| {
        let row = json!([
            merchant,
            client,
            "Acme",
            "prep",
            "DE",
            "b2b",
            "2026-11-20T10:00:00.000000Z",
            3,
            2,
            1,
            4,
            null
        ]);
        row.as_array().unwrap().clone()
    };
    let place = filled();
    assert_eq!(rows(&place, sql), [shown("101", json!("main")), shown("102", Value::Null)]);
}

#[test]
fn a_connection_of_several_clients_is_shown_with_how_it_is() {
    let sql = "SELECT id, source, base_url, sync_mode, status, status_reason, merchants, merchants_mapped, \
        last_sync_at FROM prep_business_integrations";
    let wanted = json!([
        "prep",
        "depot",
        "https://depot.example/api",
        "api",
        "paused",
        "the token was revoked",
        2,
        1,
        "2026-11-20T10:00:00.000000Z"
    ]);
    assert_eq!(rows(&filled(), sql), [wanted.as_array().unwrap().clone()]);
}

#[test]
fn a_reception_is_shown_with_its_key_its_figures_and_what_is_wrong_with_it() {
    let place = filled();
    let sql = "SELECT source, source_id, client_id, merchant_id, integration_id, name, status, raw_status, shelved, \
        destination_country, destination_pool, tracking_numbers, lines, lines_in_error, error, imported_at, \
        updated_at FROM prep_business_imports ORDER BY updated_at DESC";
    let found = rows(&place, sql);
    let wanted = json!([
        "depot",
        "22",
        "main",
        "101",
        "prep",
        "Pallet 22",
        "partly_received",
        "open",
        null,
        "DE",
        "b2b",
        "1Z9 1Z8",
        2,
        1,
        "it names nothing",
        "2026-11-20T10:00:00.000000Z",
        "2026-11-20T12:00:00.000000Z"
    ]);
    assert_eq!(found[0], *wanted.as_array().unwrap());
    assert_eq!((&found[1][6], &found[1][12]), (&json!("shipped"), &json!(0)));
    let sums = "SELECT requested_qty, received_qty, unsellable_qty, missing_qty FROM prep_business_imports \
        WHERE source_id = '22'";
    assert_eq!(rows(&place, sums), [[json!(20), json!(6), json!(2), json!(12)]]);
    let key = "SELECT count(*) FROM prep_business_imports WHERE id = 'main.depot.22'";
    assert_eq!(rows(&place, key), [[json!(1)]]);
}

#[test]
fn receptions_are_read_in_the_order_of_their_last_change_and_narrowed_on_both_engines() {
    let place = filled();
    let (reader, main) = (place.reader(), "main".parse::<ClientId>().unwrap());
    let read = |filter: ReceptionFilter| {
        let filter = ReceptionFilter { limit: 10, ..filter };
        let found = reader.receptions(&main, &filter).unwrap();
        found.into_iter().map(|r| r.source_id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(read(ReceptionFilter::default()), ["22", "23"]);
    let search = |text: &str| ReceptionFilter {
        search: Some(text.to_owned()),
        ..ReceptionFilter::default()
    };
    assert_eq!(read(search("red")), ["22"]);
    assert_eq!(read(search("PALLET 23")), ["23"]);
    assert_eq!(read(search("%")), Vec::<String>::new());
    assert_eq!(read(ReceptionFilter { in_trouble: true, ..ReceptionFilter::default() }), ["22"]);
    let first =
        reader.receptions(&main, &ReceptionFilter { limit: 1, ..search("pallet") }).unwrap();
    let before = Some(ReceptionPlace::of(&first[0]));
    assert_eq!(read(ReceptionFilter { before, ..ReceptionFilter::default() }), ["23"]);
    assert_eq!(reader.count_lines_in_trouble(&main).unwrap(), 1);
    assert_eq!(reader.lines_in_trouble(&main, 5).unwrap()[0].source_id.as_str(), "22");
    assert_eq!(reader.shared_connections().unwrap().len(), 1);
    let id = "prep".parse().unwrap();
    assert_eq!(reader.merchants(Some(&id)).unwrap().len(), 2);
    assert_eq!(reader.routes_of(&id, &"101".parse().unwrap()).unwrap(), 0);
    assert!(reader.unrouted(&id, &"101".parse().unwrap(), 5).unwrap().is_empty());
    let (_, lines) = reader.reception(&main, "depot", &"22".parse().unwrap()).unwrap().unwrap();
    assert!(lines[0].problem.is_some(), "what needs a person stands first");
    assert!(reader.skus_of_reception(&main, "depot", &"22".parse().unwrap()).unwrap().is_empty());
}
