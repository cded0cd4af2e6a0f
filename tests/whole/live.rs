//! Going live as the README has it: connect, link, look at the plan, say the word; and a brake that waits for one.

use serde_json::{Value, json};

use crate::hub::{Hub, text};
use crate::shop::Shop;

const ITEMS: usize = 30;
/// More than a brake lets pass of so few items.
const MANY: usize = 12;

async fn take_away(hub: &Hub, skus: &[String]) {
    for sku in skus {
        let item = hub.get(&format!("/api/v1/clients/main/items/{sku}")).await;
        let all = json!({ "quantity": item["b2c"], "from": "b2c", "to": "b2b" });
        let path = format!("/api/v1/clients/main/items/{sku}/allocate");
        let (status, told) = hub.post(&path, all).await;
        assert_eq!(status, 200, "{told}");
    }
}

/// SKUs of which the shop has some, and what it has.
fn stocked(shop: &Shop) -> Vec<String> {
    let truth = shop.truth().into_iter().filter(|item| item.tracked && item.available > 2);
    truth.filter_map(|item| item.sku).collect()
}

fn shows(shop: &Shop, sku: &str) -> i64 {
    let truth = shop.truth();
    truth.iter().find(|item| item.sku.as_deref() == Some(sku)).map_or(-1, |item| item.available)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_is_connected_looked_at_and_lets_itself_be_written_only_after_the_word() {
    let mut shop = Shop::open(ITEMS).await;
    shop.terms = "";
    let mut hub = Hub::new(&shop);
    hub.start().await;
    shop.subscribe(hub.public);
    hub.link_all(ITEMS).await;
    let skus = stocked(&shop);
    assert!(skus.len() >= 2 * MANY, "{}", skus.len());
    let (first, second) = (&skus[..MANY], &skus[MANY..2 * MANY]);
    take_away(&hub, first).await;
    hub.calm().await;
    assert!(shop.writes().is_empty());
    assert!(hub.say(&["connection", "list"]).contains("observing"));

    let plan = hub.say(&["live", "plan", "shop"]);
    assert!(plan.contains("12 would be written if it went live"), "{plan}");
    assert!(plan.contains("--accept-zeroed 12 --accept-changed 12"), "{plan}");
    assert!(plan.contains(&first[0]), "{plan}");
    let refused = hub.run(&["live", "start", "shop"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stdout).contains("take 12 of 30"), "{}", text(&refused.stdout));
    assert!(shop.writes().is_empty());
    hub.say(&["live", "start", "shop", "--accept-zeroed", "12", "--accept-changed", "12"]);
    hub.calm().await;
    assert_eq!((shop.writes().len(), shows(&shop, &first[0])), (MANY, 0));

    assert!(hub.say(&["brake", "show", "shop"]).contains("is off"));
    hub.say(&["connection", "pause", "shop"]);
    take_away(&hub, second).await;
    hub.say(&["connection", "resume", "shop"]);
    hub.until("the brake", async || {
        hub.get("/api/v1/clients/main/connections/shop/brake").await["engaged"] == Value::Bool(true)
    })
    .await;
    let held = hub.say(&["brake", "show", "shop"]);
    assert!(held.contains("is ON") && held.contains(&second[0]), "{held}");
    assert!(held.contains("crossdock brake approve shop"), "{held}");
    assert_eq!(shop.writes().len(), MANY, "not one of them went out");
    hub.say(&["brake", "approve", "shop"]);
    hub.calm().await;
    assert_eq!((shop.writes().len(), shows(&shop, &second[0])), (2 * MANY, 0));
    hub.say(&["live", "stop", "shop"]);
    assert!(hub.say(&["live", "plan", "shop"]).contains("only observing"));
    let rebuilt = hub.say(&["rebuild"]);
    assert!(rebuilt.contains("equal: "), "{rebuilt}");
}
