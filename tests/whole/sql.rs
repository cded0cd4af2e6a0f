//! `crossdock sql`: reports from the running hub's store, in three forms, and nothing but reports.

use crate::hub::{Hub, text};
use crate::shop::Shop;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_are_read_while_the_hub_runs_and_while_it_does_not() {
    let shop = Shop::open(3).await;
    let mut hub = Hub::new(&shop);
    assert!(text(&hub.run(&["sql", "SELECT 1"]).stderr).contains("no store"), "before the start");
    hub.start().await;
    shop.subscribe(hub.public);
    hub.say(&["link"]);
    let settled =
        "SELECT count(*) FROM product_inventory WHERE sync_status IN ('synced', 'observed')";
    hub.until("three items", async || hub.say(&["sql", settled, "--csv"]).ends_with("\n3\n")).await;
    let stock = "SELECT sku, b2c_stock, sync_error FROM product_inventory ORDER BY sku LIMIT 2";
    let table = hub.say(&["sql", stock]);
    let heading: Vec<_> = table.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(heading, ["sku", "b2c_stock", "sync_error"], "{table}");
    assert!(table.contains("DEMO-001"), "{table}");
    let rows: serde_json::Value =
        serde_json::from_str(&hub.say(&["sql", stock, "--json"])).unwrap();
    assert_eq!(rows[1]["sku"], "DEMO-002");
    hub.kill();
    let csv = hub.say(&["sql", stock, "--csv"]);
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!(lines[0], "sku,b2c_stock,sync_error");
    let held = rows[0]["b2c_stock"].to_string();
    assert_eq!(lines[1], format!("DEMO-001,{held},"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_would_write_or_never_end_is_refused_with_the_reason() {
    let shop = Shop::open(1).await;
    let mut hub = Hub::new(&shop);
    hub.start().await;
    let refused = hub.run(&["sql", "DELETE FROM webhook_events"]);
    assert_eq!(refused.status.code(), Some(1));
    let says = ["it is a view", "cannot delete from view"];
    let refusal = text(&refused.stderr);
    assert!(says.iter().any(|says| refusal.contains(says)), "{refusal}");
    let refused = hub.run(&["sql", "DELETE FROM items"]);
    assert!(text(&refused.stderr).contains("nothing was changed"), "{}", text(&refused.stderr));
    let endless =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
    let ended = hub.run(&["sql", endless, "--seconds", "1"]);
    assert!(text(&ended.stderr).contains("not answered within 1 s"), "{}", text(&ended.stderr));
}
