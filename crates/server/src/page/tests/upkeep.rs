//! What the overview says of reconciliation.

use axum::http::StatusCode;
use crossdock_domain::brake::BrakeWindow;
use crossdock_domain::connection::Connection;
use crossdock_domain::sweep::{Scope, Sweep, SweepState};
use crossdock_domain::{Instant, LaneId, Number, Span};
use crossdock_store::Store;
use serde_json::json;

use super::{Clock as _, Hall, Still};

const DAY: Span = Span::from_s(86_400);

/// A hub whose shop went live ten days ago.
fn hall(fill: impl FnOnce(&mut Store)) -> Hall {
    Hall::over(|store| {
        store.begin().unwrap();
        let client = crossdock_domain::client::Client::new("main".parse().unwrap(), "Main".into());
        store.put(client);
        let lane: LaneId = "client:main".parse().unwrap();
        let shop: Connection = serde_json::from_value(json!({
            "lane": lane, "id": "shop", "connector": "shopify", "base_url": "https://main.example",
            "sandbox": false, "status": { "status": "active" },
            "stage": { "stage": "live", "since": ago(10) }, "location": "7", "stock": {},
            "settings": {}, "calls": {}, "warnings": [],
        }))
        .unwrap();
        store.put(shop);
        fill(store);
        store.commit().unwrap();
    })
}

fn ago(days: u64) -> Instant {
    Still.now().minus(Span(days * DAY.0))
}

fn sweep(number: u64, days: u64, state: SweepState) -> Sweep {
    let key = ("main".parse().unwrap(), "shop".parse().unwrap());
    let begun = Sweep::begun(key, (Number(number), ago(days)), Scope::All, None, Vec::new());
    Sweep { state, ended_at: Some(ago(days)), ..begun }
}

async fn overview(hall: &Hall) -> String {
    let (status, body) = hall.get("/").await;
    assert_eq!(status, StatusCode::OK);
    body
}

const TOLD: &str = "shop is overdue for a full reconciliation";

#[tokio::test]
async fn a_shop_that_was_compared_last_night_is_not_overdue() {
    let last_night = hall(|store| store.put(sweep(1, 0, SweepState::Done)));
    assert!(!overview(&last_night).await.contains(TOLD));
}

#[tokio::test]
async fn a_shop_that_has_missed_its_nights_is_overdue() {
    let four_days_ago = hall(|store| store.put(sweep(1, 4, SweepState::Done)));
    assert!(overview(&four_days_ago).await.contains(TOLD));
    let never = hall(|_| {});
    assert!(overview(&never).await.contains(TOLD), "not once since it went live");
}

#[tokio::test]
async fn a_shop_that_only_observes_is_told_with_what_it_would_write() {
    let page = overview(&super::cost::hall(5, &json!({ "stage": "observing" }))).await;
    assert!(page.contains("shop only observes"), "{page}");
    assert!(page.contains("1 item would be written"), "{page}");
}

#[tokio::test]
async fn a_brake_that_is_on_is_told_first_with_both_ways_out() {
    let hall = hall(|store| {
        store.put(sweep(1, 4, SweepState::Done));
        store.put::<BrakeWindow>(
            serde_json::from_value(json!({
                "client": "main", "connection": "shop", "side": "writes", "began": ago(1), "linked": 100,
                "extent": { "zeroed": 40, "changed": 40 }, "is_ruled": false,
                "engaged": { "since": ago(1), "number": 7, "extent": { "zeroed": 41, "changed": 41 },
                    "why": "41 of 100 items would go to zero" },
            }))
            .unwrap(),
        );
    });
    let page = overview(&hall).await;
    let (brake, overdue) = (page.find("41 of 100 items"), page.find(TOLD));
    assert!(brake.is_some() && brake < overdue, "{page}");
    assert!(page.contains("/act/approve-brake") && page.contains("/act/reject-brake"));
}
