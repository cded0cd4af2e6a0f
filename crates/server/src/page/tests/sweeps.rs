//! The pages of reconciliations.

use crossdock_domain::brake::Extent;
use crossdock_domain::sweep::{
    Evidence, Finding, FindingState, Found, Repair, Scope, Sweep, SweepState,
};
use crossdock_domain::{ItemId, Number};

use super::*;

const RUN: u64 = 5;

/// A run that asks, with two findings of which one is decided.
fn asking(store: &mut Store) {
    let (client, shop) = ("main".parse().unwrap(), "shop".parse().unwrap());
    let begun = (Number(RUN), Still.now());
    let places = vec!["7".parse().unwrap()];
    let mut sweep = Sweep::begun((client, shop), begun, Scope::All, None, places);
    (sweep.state, sweep.findings, sweep.rows) = (SweepState::Asking, 2, 12_345);
    SCRIPT.clone_into(&mut sweep.note);
    sweep.extent = Extent::default();
    let finding = |id, state| Finding {
        client: sweep.client.clone(),
        sweep: sweep.number,
        id,
        item: ItemId(u64::from(id)),
        connection: sweep.connection.clone(),
        location: "7".parse().unwrap(),
        found: Found::Figure,
        ours: Some(10),
        theirs: Some(7),
        theirs_at: Some(Still.now()),
        difference: Some(-3),
        evidence: Evidence::Foreign,
        rests_on: vec![Number(3), Number(4)],
        repair: Some(Repair {
            from: "b2c".parse().unwrap(),
            to: "acme:shop".parse().unwrap(),
            quantity: 3,
        }),
        state,
        epoch: 0,
        bookings: 0,
        touched: Number(0),
        found_at: Still.now(),
        ended_by: None,
    };
    let (first, second) = (finding(1, FindingState::Open), finding(2, FindingState::Dismissed));
    store.begin().unwrap();
    store.put(first);
    store.put(second);
    store.put(sweep);
    store.put(crossdock_domain::client::Client::new("main".parse().unwrap(), "Main".to_owned()));
    store.commit().unwrap();
}

#[tokio::test]
async fn a_report_says_what_differs_and_what_speaks_for_it_and_offers_to_book_what_is_open() {
    let hall = Hall::over(asking);
    let (status, body) = hall.get("/reconciliation/5").await;
    assert_eq!(status, StatusCode::OK);
    let compared = crate::page::words::thousands(12_345);
    for words in [
        compared.as_str(),
        "changed there",
        "3 from B2C to at shop",
        "waits for you",
        "left as it is",
    ] {
        assert!(body.contains(words), "{words}: {body}");
    }
    assert!(!body.contains(SCRIPT));
    assert_eq!(body.matches("/act/apply-findings").count(), 2, "all, and the open one");
    assert!(body.contains("value=\"5/1\"") && !body.contains("value=\"5/2\""));
    hall.check::<sweep::SweepPage>(RUN, json!({})).await;
    assert_eq!(hall.get("/reconciliation/99").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_list_tells_of_runs_and_lets_each_connection_be_compared_now() {
    let hall = Hall::over(asking);
    hall.obey(json!({"do": "put_connection", "connection": "shop", "connector": "shopify",
        "settings": {"shop_domain": "main.myshopify.com", "location_id": "7"}}))
        .await;
    let (status, body) = hall.get("/reconciliation").await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("/reconciliation/5") && body.contains("*/5 * * * *"), "{body}");
    hall.check::<crate::page::sweeps::Sweeps>((), json!({})).await;
    let pressed = hall.press("reconcile-all", "shop", "/reconciliation").await;
    assert_eq!(pressed.status(), StatusCode::SEE_OTHER);
    let (_, body) = hall.get("/reconciliation?all=1").await;
    assert!(body.contains("comparing"), "the run that the button began");
}

#[tokio::test]
async fn discrepancies_that_wait_are_trouble_on_the_overview() {
    let hall = Hall::over(asking);
    let (_, body) = hall.get("/").await;
    assert!(body.contains("Discrepancies wait for you"), "{body}");
}
