//! `/health` and `/metrics`.

use reqwest::Method;

use crate::house::{House, Says, told};

#[tokio::test]
async fn a_house_that_has_started_is_healthy_on_both_listeners() {
    let house = House::new().await;
    let (status, health) = told(house.public(Method::GET, "/health")).await;
    assert_eq!((status, &health["status"]), (200, &"ok".into()));
    assert_eq!(health["ready"], true);
    for path in ["/health/live", "/health/ready"] {
        assert_eq!(house.at_admin(Method::GET, path).send().await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn how_connections_are_kept_honest_is_told_to_the_operator_alone() {
    let house = House::furnished(Says(None)).await;
    let (status, health) = told(house.at_admin(Method::GET, "/health")).await;
    let connections = &health["connections"];
    assert_eq!((status, &connections["all"]), (200, &1.into()), "{health}");
    assert_eq!(connections["reconciled_at"], serde_json::Value::Null);
    for count in ["paused", "brake_on", "reconciliation_failed", "discrepancies_waiting"] {
        assert_eq!(connections[count], 0, "{count}: {health}");
    }
    let (_, public) = told(house.public(Method::GET, "/health")).await;
    assert!(public.get("connections").is_none(), "{public}");
    let page = house.admin(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    assert!(page.contains("crossdock_brake_on{connection=\"shop\"} 0\n"), "{page}");
}

#[tokio::test]
async fn metrics_count_what_came_and_are_not_for_everybody() {
    let house = House::furnished(Says(None)).await;
    house.webhook("/webhooks/shop", "1").send().await.unwrap();
    let page = house.admin(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    // Two items, one connection, one webhook.
    assert!(page.contains("crossdock_arrivals_total 4\n"), "{page}");
    assert!(page.contains("crossdock_connections{connection=\"shop\",connector=\"acme\""));
    assert_eq!(house.at_admin(Method::GET, "/metrics").send().await.unwrap().status(), 401);
    assert_eq!(house.public(Method::GET, "/metrics").send().await.unwrap().status(), 404);
    let limited = house.token(&["admin"], Some("main")).await;
    let asked = house.at_admin(Method::GET, "/metrics").bearer_auth(limited);
    assert_eq!(asked.send().await.unwrap().status(), 403);
}
