//! The page of one connection: what it would write, the button that lets it, and the brake's two.

use serde_json::{Value, json};

use super::{Hall, StatusCode, header};
use crate::page::connection::ConnectionPage;

impl Hall {
    /// Twelve items of a shop that shows ten of each, all of which were set aside: more than the brake lets pass.
    async fn set_aside() -> Self {
        let hall = Self::empty();
        let settings = json!({ "shop_domain": "main.myshopify.com", "location_id": "7" });
        let connection = json!({ "do": "put_connection", "connection": "shop", "connector": "shopify",
            "settings": settings, "secret_slots": ["access_token", "webhook_secret"] });
        for command in [json!({"do": "put_client", "name": "Main"}), connection] {
            hall.obey(command).await;
        }
        for n in 1..=12 {
            let link = json!([{ "connection": "shop", "inventory_item": format!("50{n}"), "adopt": true }]);
            let sku = format!("SKU-{n:02}");
            hall.obey(json!({ "do": "put_item", "sku": sku, "sync": true, "links": link })).await;
            let level = level(n, 10, "2026-11-20T10:00:00Z");
            hall.deliver("inventory_levels/update", &level.to_string()).await;
            let (from, to) = ("b2c", "b2b");
            hall.obey(
                json!({ "do": "allocate", "item": sku, "quantity": 10, "from": from, "to": to }),
            )
            .await;
        }
        hall
    }

    async fn pressed(&self, verb: &str, subject: &str) -> String {
        let response = self.press(verb, subject, "/connections/shop").await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{verb}");
        let back = response.headers()[header::LOCATION].to_str().unwrap().to_owned();
        self.get(&back).await.1
    }
}

fn level(n: usize, available: i64, at: &str) -> Value {
    json!({ "inventory_item_id": format!("50{n}").parse::<u64>().unwrap(), "location_id": 7,
        "available": available, "updated_at": at })
}

#[tokio::test]
async fn a_connection_that_only_observes_shows_what_it_would_write_and_goes_live_by_its_button() {
    let hall = Hall::set_aside().await;
    let (status, page) = hall.get("/connections/shop").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("only observing") && page.contains("more than the brake lets pass"));
    assert!(page.contains("value=\"shop/12/12\""), "the button names what the page shows");
    assert!(hall.get("/").await.1.contains("shop only observes"));
    hall.check::<ConnectionPage>("shop".to_owned(), json!({})).await;
    let page = hall.pressed("go-live", "shop").await;
    assert!(page.contains("say that you accept 12 and 12"), "{page}");
    assert!(page.contains("only observing"));
    let page = hall.pressed("go-live", "shop/11/11").await;
    assert!(page.contains("no longer what you saw"), "{page}");
    let page = hall.pressed("go-live", "shop/12/12").await;
    assert!(page.contains("live: 12 levels are written now"), "{page}");
    assert!(page.contains("Stop writing, only observe"));
    let page = hall.pressed("observe", "shop").await;
    assert!(page.contains("Go live"), "{page}");
}

#[tokio::test]
async fn a_brake_that_is_on_is_the_loudest_and_both_its_buttons_are_there() {
    let hall = Hall::set_aside().await;
    for n in 1..=12 {
        // Nobody believes that all of them fell to one within a second.
        let level = level(n, 1, "2026-11-20T10:00:09Z");
        hall.deliver("inventory_levels/update", &level.to_string()).await;
    }
    let (_, overview) = hall.get("/").await;
    assert!(overview.contains("shop: The brake is on: figures are not booked"), "{overview}");
    let (_, page) = hall.get("/connections/shop").await;
    assert!(page.contains("SKU-10") && page.contains("12 linked items"), "{page}");
    hall.check::<ConnectionPage>("shop".to_owned(), json!({})).await;
    let (_, item) = hall.get("/stock/SKU-12").await;
    assert!(item.contains("held back"), "{item}");
    let page = hall.pressed("approve-brake", "shop").await;
    assert!(page.contains("approved: what was held goes on") && !page.contains("The brake is on"));
    let page = hall.pressed("reject-brake", "shop").await;
    assert!(page.contains("the brake is not on"), "{page}");
}

#[tokio::test]
async fn a_button_to_go_live_that_names_half_of_what_was_seen_does_nothing() {
    let hall = Hall::set_aside().await;
    for subject in ["shop/12", "shop/x/y", "shop/1/2/3/A B", "A B"] {
        let response = hall.press("go-live", subject, "/").await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{subject}");
    }
}
