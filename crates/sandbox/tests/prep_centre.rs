//! The simulated prep centre keeps the partner's rules: who sees what, pages, books, weather.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

mod prep;

use crossdock_sandbox::exchange::Mishap;
use crossdock_sandbox::prepbusiness::{
    Happening, Ids, ItemSetup, Knob, MerchantKey, MerchantSetup, MerchantsShape, Setup, Status,
    Times, Units, Which, Work,
};
use prep::{Desk, MERCHANT, OTHER};
use serde_json::{Value, json};

fn desk() -> Desk {
    Desk::open(Setup::default())
}

/// A desk with so many inbounds of the first merchant, one a second.
fn desk_with(inbounds: usize) -> Desk {
    let mut desk = desk();
    for number in 1..=inbounds {
        let lines = [Units::of("DEMO-001", 5)];
        let now = desk.now;
        desk.centre.announce(MERCHANT, &format!("No. {number}"), &lines, now).unwrap();
        desk.wait(1);
    }
    desk
}

fn item_id(desk: &Desk, sku: &str) -> u64 {
    desk.centre.truth().iter().find(|item| item.sku.as_deref() == Some(sku)).unwrap().item_id
}

#[test]
fn a_call_without_a_good_token_is_answered_401_and_changes_nothing() {
    let mut desk = desk();
    let foreign = desk.centre.setup().foreign_token.clone();
    for token in ["", "wrong", &foreign] {
        desk.token = token.to_owned();
        let body = json!({ "name": "x", "warehouse_id": 1 });
        let (status, answer) = desk.call("POST", "/shipments/inbound", &body);
        assert_eq!((status, answer), (401, json!({ "message": "Unauthenticated." })));
    }
    assert!(desk.centre.inbounds_truth().is_empty());
}

#[test]
fn staff_see_all_merchants_until_they_select_one() {
    let mut desk = desk_with(1);
    let now = desk.now;
    let theirs = desk.centre.announce(OTHER, "theirs", &[Units::of("OTHER-001", 1)], now).unwrap();
    assert_eq!(desk.ids("/shipments/inbound"), [1]);
    assert_eq!(desk.status("GET", &format!("/shipments/inbound/{theirs}")), 404);
    desk.merchant = Some(OTHER);
    assert_eq!(desk.ids("/shipments/inbound"), [theirs]);
    desk.merchant = None;
    assert_eq!(desk.ids("/shipments/inbound"), [theirs, 1]);
    assert_eq!(desk.get("/merchants")["data"].as_array().unwrap().len(), 2);
}

#[test]
fn a_merchants_token_opens_that_merchant_only_and_needs_the_header() {
    let mut desk = desk_with(1);
    desk.token = desk.centre.setup().merchants[0].token.clone().unwrap();
    assert_eq!(desk.ids("/shipments/inbound"), [1]);
    desk.merchant = None;
    assert_eq!(desk.status("GET", "/shipments/inbound"), 403);
    assert_eq!(desk.get("/merchants")["data"][0]["id"], 2);
    desk.merchant = Some(OTHER);
    assert_eq!(desk.status("GET", "/shipments/inbound"), 403);
}

#[test]
fn goods_come_in_pages_of_the_size_that_is_asked_for_and_are_what_lies_there() {
    let mut desk = desk();
    let all = desk.get("/inventory")["data"].as_array().unwrap().clone();
    let page = desk.get("/inventory?page=2&per_page=1");
    assert_eq!((&page["current_page"], &page["per_page"]), (&json!(2), &json!(1)));
    assert_eq!((&page["data"][0]["id"], &page["last_page"]), (&all[1]["id"], &json!(all.len())));
    let id = all[0]["id"].clone();
    let found = json!({ "item_id": id, "warehouse_id": 1, "quantity": 3, "reason": "found" });
    assert_eq!(desk.call("POST", "/adjustment", &found).0, 200);
    let before = all[0]["quantity_in_stock"].as_i64().unwrap();
    let row = desk.get("/inventory")["data"][0].clone();
    assert_eq!(row["quantity_in_stock"], before + 3);
}

#[test]
fn goods_need_a_selected_merchant_even_from_staff() {
    let mut desk = desk();
    assert_eq!(desk.get("/inventory")["per_page"], 500);
    desk.merchant = None;
    let (status, answer) = desk.call("GET", "/inventory", &Value::Null);
    assert_eq!(status, 422);
    assert!(answer["errors"]["X-Selected-Client-Id"][0].is_string(), "{answer}");
}

#[test]
fn pages_hold_twenty_inbounds_youngest_first_and_lead_to_each_other() {
    let mut desk = desk_with(45);
    let first = desk.get("/shipments/inbound");
    let page = |page: &Value| {
        ["current_page", "from", "to", "last_page", "per_page", "total"]
            .map(|key| page[key].as_u64().unwrap())
    };
    assert_eq!(page(&first), [1, 1, 20, 3, 20, 45]);
    assert_eq!(first["data"][0]["id"], 45);
    assert_eq!(first["prev_page_url"], Value::Null);
    let next = "https://demo.prep.example/api/shipments/inbound?page=2";
    assert_eq!(first["next_page_url"], next);
    assert_eq!(first["links"].as_array().unwrap().len(), 5);
    let last = desk.get("/shipments/inbound?page=3");
    assert_eq!(page(&last), [3, 41, 45, 3, 20, 45]);
    assert_eq!(last["next_page_url"], Value::Null);
    let beyond = desk.get("/shipments/inbound?page=4");
    assert_eq!((&beyond["from"], &beyond["to"]), (&Value::Null, &Value::Null));
    let small = desk.get("/shipments/inbound?per_page=7&page=2");
    assert_eq!(page(&small), [2, 8, 14, 7, 7, 45]);
    assert_eq!(desk.get("/shipments/inbound?per_page=100")["per_page"], 20);
}

#[test]
fn filters_that_nobody_documented_are_ignored() {
    let mut desk = desk_with(3);
    let now = desk.now;
    desk.centre.receive(2, now).unwrap();
    let asked = "/shipments/inbound?updated_since=2030-01-01&status=archived&from_date=x";
    assert_eq!(desk.ids(asked), [3, 2, 1]);
    assert_eq!(desk.ids("/shipments/inbound?filters%5Bnot_received%5D=1"), [3, 1]);
}

#[test]
fn a_page_repeats_or_skips_a_row_when_the_knob_says_so() {
    let mut desk = desk_with(25);
    desk.weather(|faults| faults.paging.repeated_row = Knob::next(1));
    assert_eq!(desk.ids("/shipments/inbound").len(), 20);
    assert_eq!(desk.ids("/shipments/inbound?page=2"), [6, 5, 4, 3, 2, 1]);
    desk.weather(|faults| faults.paging.skipped_row = Knob::next(1));
    assert_eq!(desk.ids("/shipments/inbound?page=2"), [4, 3, 2, 1]);
}

#[test]
fn rows_move_between_pages_when_an_inbound_is_opened_or_put_away_meanwhile() {
    let mut desk = desk_with(25);
    let first = desk.ids("/shipments/inbound");
    let now = desk.now;
    desk.centre.announce(MERCHANT, "new", &[], now).unwrap();
    assert!(first.contains(&desk.ids("/shipments/inbound?page=2")[0]), "seen twice");
    for id in [26, 25] {
        desk.centre.archive(id, now).unwrap();
    }
    assert_eq!(desk.ids("/shipments/inbound?page=2"), [4, 3, 2, 1], "5 is never seen");
    assert_eq!(desk.ids("/shipments/inbound/archived"), [26, 25]);
}

#[test]
fn an_inbound_made_by_api_is_announced_shipped_checked_in_and_put_away() {
    let mut desk = desk();
    let body = json!({ "name": "PO 7", "notes": "crossdock 7", "warehouse_id": 1,
        "eta": "2026-12-01 08:00:00" });
    let made = desk.post("/shipments/inbound", &body);
    assert_eq!(made, json!({ "message": "Shipment created", "shipment_id": "1" }));
    let item = item_id(&desk, "DEMO-003");
    desk.post("/shipments/inbound/1/add-item", &json!({ "item_id": item, "quantity": 10 }));
    desk.post("/shipments/inbound/1/update-item", &json!({ "item_id": item, "quantity": 12 }));
    let parcels = json!({ "tracking_numbers": ["1Z1", "1Z2"], "carrier": "ups" });
    desk.post("/shipments/inbound/1/submit", &parcels);
    let shown = desk.get("/shipments/inbound/1")["shipment"].clone();
    assert_eq!((&shown["status"], &shown["expected_quantity"]), (&json!("shipped"), &json!(12)));
    assert_eq!(shown["tracking_numbers"][1]["number"], "1Z2");
    assert_eq!(shown["eta"], "2026-12-01 08:00:00");
    let counted = json!({ "item_id": item, "actual": { "quantity": 9 },
        "unsellable": { "quantity": 2 } });
    desk.post("/shipments/inbound/1/update-item", &counted);
    desk.post("/shipments/inbound/1/receive", &Value::Null);
    let line = desk.get("/shipments/inbound/1/items")["items"][0].clone();
    let counts = ["expected", "actual", "unsellable"].map(|part| line[part]["quantity"].clone());
    assert_eq!(counts, [json!(12), json!(9), json!(2)]);
    assert_eq!(line["item"]["merchant_sku"], "DEMO-003");
    desk.post("/shipments/inbound/batch/archive", &json!({ "shipment_ids": ["1"] }));
    assert!(desk.ids("/shipments/inbound").is_empty());
    let truth = desk.centre.inbounds_truth();
    assert_eq!((truth[0].status, truth[0].archived), (Status::Received, true));
    assert_eq!(truth[0].tracking_numbers, ["1Z1", "1Z2"]);
}

#[test]
fn calls_that_make_no_sense_are_refused_with_the_fields_named() {
    let mut desk = desk_with(1);
    let item = item_id(&desk, "DEMO-002");
    let theirs = item_id(&desk, "OTHER-001");
    let submit = json!({ "tracking_numbers": ["1"], "carrier": "pigeon" });
    let wrong = [
        ("", json!({ "warehouse_id": 1 }), "name"),
        ("", json!({ "name": "x", "warehouse_id": 9 }), "warehouse_id"),
        ("/1/add-item", json!({ "item_id": theirs, "quantity": 1 }), "item_id"),
        ("/1/add-item", json!({ "item_id": item, "quantity": -1 }), "quantity"),
        ("/1/submit", submit, "carrier"),
        ("/batch/archive", json!({ "shipment_ids": [] }), "shipment_ids"),
    ];
    for (path, body, field) in wrong {
        let (status, answer) = desk.call("POST", &format!("/shipments/inbound{path}"), &body);
        assert_eq!(status, 422, "{path}: {answer}");
        assert!(answer["errors"][field][0].is_string(), "{path}: {answer}");
    }
    assert_eq!(desk.status("GET", "/inbounds"), 404, "the path that the vendor never had");
    let refused = |entry: &&crossdock_sandbox::prepbusiness::LogEntry| {
        matches!(entry.happening, Happening::Refused { .. })
    };
    assert_eq!(desk.centre.log(0).iter().filter(refused).count(), 7);
}

#[test]
fn only_staff_say_what_came() {
    let mut desk = desk_with(1);
    let item = item_id(&desk, "DEMO-001");
    desk.token = desk.centre.setup().merchants[0].token.clone().unwrap();
    let body = json!({ "item_id": item, "actual": { "quantity": 5 } });
    assert_eq!(desk.call("POST", "/shipments/inbound/1/update-item", &body).0, 403);
    assert_eq!(desk.status("POST", "/shipments/inbound/1/receive"), 403);
    let body = json!({ "item_id": item, "quantity": 6 });
    assert_eq!(desk.call("POST", "/shipments/inbound/1/update-item", &body).0, 200);
}

#[test]
fn the_truth_adds_up_what_was_counted_corrected_and_found_unsellable() {
    let mut desk = desk_with(2);
    let now = desk.now;
    let units = |quantity| [Units::of("DEMO-001", quantity)];
    desk.centre.check_in(1, &units(4), now).unwrap();
    desk.centre.check_in(1, &units(3), now).unwrap();
    desk.centre.find_unsellable(1, &units(1), now).unwrap();
    desk.centre.turn_unsellable(1, &units(2), now).unwrap();
    desk.centre.recount(1, &Which::Sku("DEMO-001".to_owned()), (4, 2), now).unwrap();
    desk.centre.check_in(2, &[Units::of("DEMO-009", 8)], now).unwrap();
    let truth = desk.centre.truth();
    let of = |sku: &str| truth.iter().find(|item| item.sku.as_deref() == Some(sku)).unwrap();
    let first = of("DEMO-001");
    let told = (first.announced, first.received, first.unsellable, first.taken_back);
    assert_eq!(told, (10, 4, 2, 4));
    assert_eq!((of("DEMO-009").announced, of("DEMO-009").received), (0, 8), "unlisted");
    let unlisted = |what: &Happening| matches!(what, Happening::CheckedIn { listed: false, .. });
    assert_eq!(desk.centre.log(0).iter().filter(|one| unlisted(&one.happening)).count(), 1);
}

#[test]
fn counting_the_same_again_is_no_news_in_the_log() {
    let mut desk = desk_with(1);
    let now = desk.now;
    desk.centre.check_in(1, &[Units::of("DEMO-001", 5)], now).unwrap();
    let before = desk.centre.log(0).len();
    let which = Which::Sku("DEMO-001".to_owned());
    desk.centre.recount(1, &which, (5, 0), now).unwrap();
    assert_eq!(desk.centre.log(0).len(), before);
}

#[test]
fn odd_goods_lack_their_names_and_stock_can_be_less_than_nothing() {
    let mut desk = Desk::open(Setup { odd: true, ..Setup::default() });
    let rows = desk.get("/inventory")["data"].as_array().unwrap().clone();
    let found = |wanted: fn(&Value) -> bool| rows.iter().filter(|row| wanted(row)).count();
    assert_eq!(found(|row| row["asin"].is_null() && row["merchant_sku"].is_string()), 2);
    assert_eq!(found(|row| row["asin"] == ""), 1);
    assert_eq!(found(|row| row["merchant_sku"].is_null() && row["asin"].is_string()), 1);
    assert_eq!(found(|row| row["merchant_sku"].is_null() && row["asin"].is_null()), 1);
    assert!(rows.iter().all(|row| row["actual_quantity"].is_null()));
    let id = item_id(&desk, "ODD-NEGATIVE-2");
    let shown = desk.get(&format!("/inventory/{id}"))["item"].clone();
    assert_eq!(shown["available_quantity"], -80);
    assert_eq!(shown["quantity_in_stock"], 0);
}

#[test]
fn ids_and_the_merchants_name_are_spelt_as_the_setup_says() {
    let setup = Setup {
        ids: Ids::Texts,
        merchant_key: MerchantKey::TeamId,
        merchants_shape: MerchantsShape::Object,
        ..Setup::default()
    };
    let mut desk = Desk::open(setup);
    let now = desk.now;
    desk.centre.announce(MERCHANT, "x", &[Units::of("DEMO-001", 1)], now).unwrap();
    let row = desk.get("/shipments/inbound")["data"][0].clone();
    assert_eq!((&row["id"], &row["team_id"]), (&json!("1"), &json!("2")));
    assert!(row.get("merchant_id").is_none());
    assert_eq!(desk.get("/merchants")["data"]["name"], "Stanton-Koss");
}

#[test]
fn the_time_of_a_change_is_spelt_in_four_ways_when_the_setup_says_so() {
    let mut desk = Desk::open(Setup { times: Times::Mixed, ..Setup::default() });
    let now = desk.now;
    for _ in 0..4 {
        desk.centre.announce(MERCHANT, "x", &[], now).unwrap();
    }
    let page = desk.get("/shipments/inbound");
    let times: Vec<&str> = page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["updated_at"].as_str().unwrap())
        .collect();
    let expected = [
        "2026-11-20T10:00:00.000000Z",
        "2026-11-20T06:00:00-04:00",
        "2026-11-20T10:00:00Z",
        "2026-11-20 10:00:00",
    ];
    assert_eq!(times, expected);
}

#[test]
fn quantities_may_be_larger_than_anybody_believes() {
    let mut desk = desk();
    let now = desk.now;
    let many = i64::from(u32::MAX) + 1;
    let id = desk.centre.announce(MERCHANT, "x", &[Units::of("DEMO-001", many)], now).unwrap();
    desk.centre.check_in(id, &[Units::of("DEMO-001", i64::MAX)], now).unwrap();
    desk.centre.check_in(id, &[Units::of("DEMO-001", i64::MAX)], now).unwrap();
    let line = desk.get("/shipments/inbound/1/items")["items"][0].clone();
    assert_eq!(line["expected"]["quantity"], json!(many));
    assert_eq!(line["actual"]["quantity"], json!(i64::MAX));
}

#[test]
fn an_inbound_can_come_under_another_account() {
    let mut desk = desk_with(1);
    let now = desk.now;
    desk.centre.reassign(1, OTHER, now).unwrap();
    assert!(desk.ids("/shipments/inbound").is_empty());
    desk.merchant = Some(OTHER);
    assert_eq!(desk.get("/shipments/inbound/1")["shipment"]["merchant_id"], OTHER);
}

#[test]
fn two_merchants_may_have_the_same_sku_and_one_merchant_may_not_twice() {
    let merchants = [2, 3].map(|id| MerchantSetup::numbered(id, "Same", "SAME", 2));
    let mut desk = Desk::open(Setup { merchants: merchants.to_vec(), ..Setup::default() });
    let truth = desk.centre.truth();
    assert_eq!(truth[0].sku, truth[2].sku);
    assert_eq!(truth[0].asin, truth[2].asin);
    let body = json!({ "merchant_sku": "SAME-001", "title": "Once more" });
    let (status, answer) = desk.call("POST", "/inventory", &body);
    assert_eq!(status, 422, "{answer}");
    let goods = ItemSetup::numbered("SAME", 9);
    let now = desk.now;
    assert!(desk.centre.keep(MERCHANT, &goods, now).is_ok());
}

#[test]
fn an_order_leaves_once_and_takes_its_goods_along() {
    let mut desk = desk();
    let body = json!({ "channel_id": 1, "orders": [{ "order_id": "R-1",
        "items": [{ "merchant_sku": "DEMO-001", "quantity": 2, "title": "x" }] }] });
    desk.post("/orders/upload", &body);
    assert_eq!(desk.call("POST", "/orders/upload", &body).0, 422, "a reference once");
    let path = "/orders/1/markAsShipped";
    let parcel = json!({ "carrier": "ontrac", "tracking_number": "C1" });
    assert_eq!(desk.post(path, &parcel), json!({ "message": "Order marked as shipped" }));
    assert_eq!(desk.call("POST", path, &parcel).0, 422);
    let order = desk.get("/orders/1")["order"].clone();
    assert_eq!((&order["status"], &order["order_id"]), (&json!("shipped"), &json!("R-1")));
    let first = desk.centre.truth()[0].clone();
    assert_eq!((first.shipped_out, first.in_stock), (2, -2));
}

#[test]
fn weather_strikes_before_or_after_the_work_as_its_knob_says() {
    let mut desk = desk();
    let body = json!({ "name": "x", "warehouse_id": 1 });
    let mut strike = |turn: fn(&mut crossdock_sandbox::prepbusiness::CallFaults)| {
        desk.weather(|faults| turn(&mut faults.calls));
        let before = desk.centre.inbounds_truth().len();
        let answer = desk.send("POST", "/shipments/inbound", &body);
        (answer, desk.centre.inbounds_truth().len() - before)
    };
    let (answer, done) = strike(|knobs| knobs.too_many_requests = Knob::next(1));
    assert_eq!((answer.status, done), (429, 0));
    assert!(answer.headers.contains(&("retry-after".to_owned(), "2".to_owned())));
    assert_eq!(strike(|knobs| knobs.internal_error = Knob::next(1)).0.status, 500);
    assert_eq!(strike(|knobs| knobs.unavailable = Knob::next(1)).0.status, 503);
    let (page, done) = strike(|knobs| knobs.html_page = Knob::next(1));
    assert_eq!((page.status, page.body.starts_with(b"<!DOCTYPE"), done), (200, true, 0));
    let held = Mishap::Held { milliseconds: 60_000 };
    let (answer, done) = strike(|knobs| knobs.timeout_before_work = Knob::next(1));
    assert_eq!((answer.mishap, done), (held, 0));
    let (answer, done) = strike(|knobs| knobs.timeout_after_work = Knob::next(1));
    assert_eq!((answer.mishap, done), (held, 1));
    let (answer, done) = strike(|knobs| knobs.cut_before_work = Knob::next(1));
    assert_eq!((answer.mishap, done), (Mishap::CutBeforeWork, 0));
    let (answer, done) = strike(|knobs| knobs.cut_after_work = Knob::next(1));
    assert_eq!((answer.mishap, done), (Mishap::CutAfterWork, 1));
    let (answer, done) = strike(|knobs| knobs.truncated_json = Knob::next(1));
    assert!(serde_json::from_slice::<Value>(&answer.body).is_err() && done == 1);
}

#[test]
fn a_days_work_is_the_same_for_the_same_seed_and_its_sums_add_up() {
    let day = |seed| {
        let mut desk = Desk::open(Setup { seed, odd: true, ..Setup::default() });
        for _ in 0..2_000 {
            desk.wait(1);
            let now = desk.now;
            desk.centre.work_once(&Work::default(), now).unwrap();
        }
        (desk.centre.truth(), serde_json::to_string(desk.centre.log(0)).unwrap())
    };
    let (truth, log) = day(7);
    assert_eq!(day(7).1, log);
    assert_ne!(day(8).1, log);
    assert!(truth.iter().map(|item| item.received).sum::<i64>() > 100);
    for kind in ["opened", "shipped", "checked_in", "corrected", "received", "archived"] {
        assert!(log.contains(&format!("\"kind\":\"{kind}\"")), "nothing was {kind}");
    }
    assert!(truth.iter().any(|item| item.unsellable > 0 && item.taken_back > 0));
}
