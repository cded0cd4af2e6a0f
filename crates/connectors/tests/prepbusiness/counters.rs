//! What the prep centre counts: a page of its goods, each with how many lie there.

use crossdock_connectors::Method;
use crossdock_domain::answer::{Failure, Receipt};
use crossdock_domain::call::Call;
use crossdock_domain::fact::CounterFact;
use crossdock_domain::{RemoteId, TaskId};

use crate::centre::{self, MERCHANT, answer, failure, prepbusiness, receipt, remote, sample};

fn counters(cursor: Option<&str>) -> Call {
    let cursor = cursor.map(str::to_owned);
    Call::ReadCounters { merchant: remote(MERCHANT), cursor, task: TaskId(1) }
}

fn rows(body: &str) -> Vec<CounterFact> {
    let Receipt::Counters { rows, .. } = receipt(&counters(None), body) else { panic!() };
    rows
}

#[test]
fn goods_are_asked_for_page_by_page_in_the_name_of_one_account() {
    for (cursor, path) in
        [(None, "/inventory?page=1&per_page=250"), (Some("3"), "/inventory?page=3&per_page=250")]
    {
        let request = prepbusiness().request(&counters(cursor), "key", &centre::reading()).unwrap();
        assert_eq!((request.method, request.path.as_str()), (Method::Get, path));
        assert_eq!(request.headers.only("x-selected-client-id"), Some(MERCHANT));
    }
    let odd = counters(Some("2&per_page=9"));
    assert!(prepbusiness().request(&odd, "key", &centre::reading()).is_err());
}

#[test]
fn the_vendors_list_of_goods_says_what_lies_there() {
    let Some(body) = sample("get_inventory_index.json") else { return };
    let counter = CounterFact {
        remote_item: Some(remote("96")),
        sku: Some("Synergist-163839".to_owned()),
        asin: Some("B014IA92I8".to_owned()),
        counted: Some(0),
        unreadable: None,
    };
    let found = receipt(&counters(None), &body);
    assert_eq!(found, Receipt::Counters { rows: vec![counter], next: None });
}

#[test]
fn a_page_with_another_behind_it_names_it() {
    let body = r#"{"current_page":1,"data":[{"id":1,"quantity_in_stock":3}],"last_page":2}"#;
    let Receipt::Counters { next, .. } = receipt(&counters(None), body) else { panic!() };
    assert_eq!(next.as_deref(), Some("2"));
    let Receipt::Counters { rows, next } =
        receipt(&counters(Some("2")), r#"{"current_page":2,"data":[],"last_page":2}"#)
    else {
        panic!()
    };
    assert_eq!((rows, next), (Vec::new(), None));
}

#[test]
fn figures_are_handed_on_as_they_stand_and_what_says_none_is_left_out() {
    let body = r#"{"data":[{"id":1,"merchant_sku":"A","quantity_in_stock":-80},
        {"id":2,"merchant_sku":"B","quantity_in_stock":"99999999999"},
        {"id":"3","merchant_sku":" ","asin":"b0x","quantity_in_stock":4},
        {"id":4,"merchant_sku":"D","quantity_in_stock":null,"available_quantity":7},
        {"id":5,"merchant_sku":"E","quantity_in_stock":99999999999999999999},
        {"id":6,"merchant_sku":"F","quantity_in_stock":1.5}]}"#;
    let rows = rows(body);
    let ids: Vec<_> =
        rows.iter().filter_map(|row| row.remote_item.as_ref().map(RemoteId::as_str)).collect();
    assert_eq!(ids, ["1", "2", "3", "5", "6"]);
    let counted: Vec<_> = rows.iter().map(|row| row.counted).collect();
    assert_eq!(counted, [Some(-80), Some(99_999_999_999), Some(4), None, None]);
    assert_eq!((&rows[2].sku, rows[2].asin.as_deref()), (&None, Some("B0X")));
    assert!(rows[3..].iter().all(|row| row.unreadable.is_some()));
}

#[test]
fn goods_of_other_accounts_are_left_out_and_said() {
    let body = r#"{"data":[{"id":1,"merchant_id":2,"quantity_in_stock":1},
        {"id":2,"team_id":"3","quantity_in_stock":1},{"name":"x"}]}"#;
    let found = answer(&counters(None), 200, body);
    let Ok(Receipt::Counters { rows, .. }) = &found.result else { panic!("{found:?}") };
    assert_eq!(rows.len(), 1);
    assert_eq!(found.warnings.len(), 2, "{:?}", found.warnings);
}

#[test]
fn what_is_no_page_of_goods_is_no_answer() {
    for body in [r#"{"data":[{"name":"x"}]}"#, r#"{"data":7}"#, "{}", "[]"] {
        let why = failure(&counters(None), 200, body);
        assert!(
            matches!(why, Failure::Unreadable { .. } | Failure::Retry { .. }),
            "{body}: {why:?}"
        );
    }
    let html = failure(&counters(None), 200, "<html>");
    assert!(matches!(html, Failure::Retry { .. }), "asked again: it changes nothing ({html:?})");
    assert!(matches!(failure(&counters(None), 403, "{}"), Failure::Refused { .. }));
}
