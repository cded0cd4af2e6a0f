//! `crossdock copy`: a hub moves from SQLite to a server and back, with everything, and goes on where it was.

use crate::fresh::{Fresh, server};
use crate::hub::{Hub, text};
use crate::kill::assert_books_agree;
use crate::shop::Shop;

const ITEMS: usize = 5;

/// What stands behind a word at the beginning of a line.
fn after<'t>(word: &str, told: &'t str) -> &'t str {
    let line = told
        .lines()
        .find_map(|line| line.strip_prefix(word))
        .unwrap_or_else(|| panic!("no {word}: {told}"));
    line.split_whitespace().next().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_moves_to_a_server_and_back_and_goes_on_where_it_was() {
    if server().is_none() {
        eprintln!("skipped: CROSSDOCK_TEST_POSTGRES names no server to move to");
        return;
    }
    let shop = Shop::open(ITEMS).await;
    let mut hub = Hub::new(&shop);
    hub.environment.clear();
    hub.start().await;
    shop.subscribe(hub.public);
    hub.link_all(ITEMS).await;
    hub.say(&["stock", "allocate", "DEMO-001", "4"]);
    hub.say(&["stock", "allocate", "DEMO-002", "4"]);
    hub.say(&["order", "place", "PO-1", "DEMO-001=1"]);
    hub.calm().await;

    let (there, url) = {
        let there = Fresh::new();
        let url = there.url().unwrap();
        (there, url)
    };
    let data = format!("sqlite:{}", hub.folder().join("data").display());
    let refused = hub.run(&["copy", "--from", &data, "--to", &url]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("a hub runs in"), "{}", text(&refused.stderr));
    hub.kill();
    let before = hub.say(&["rebuild"]);
    let told = hub.say(&["copy", "--from", &data, "--to", &url]);
    assert_eq!(after("state now", &before), after("state", &told));

    hub.environment.push(("CROSSDOCK_DATABASE_URL", url.clone()));
    hub.start().await;
    let known = hub.get("/api/v1/clients/main/orders/PO-1").await;
    assert_eq!(known["order"], "PO-1", "{known}");
    hub.say(&["order", "place", "PO-2", "DEMO-002=2"]);
    hub.calm().await;
    let mut items = Vec::new();
    for item in hub.items().await {
        let sku = item["sku"].as_str().unwrap().to_owned();
        items.push(hub.get(&format!("/api/v1/clients/main/items/{sku}")).await);
    }
    assert_books_agree(&shop, &items);
    let back = format!("sqlite:{}", hub.folder().join("back").display());
    let refused = hub.run(&["copy", "--from", &url, "--to", &back]);
    assert!(text(&refused.stderr).contains("a hub runs on"), "{}", text(&refused.stderr));
    hub.kill();
    let told = hub.say(&["copy", "--from", &url, "--to", &back]);
    assert!(hub.say(&["rebuild"]).contains(after("state", &told)), "{told}");
    hub.environment.clear();
    let folder = hub.folder().join("back");
    let rebuilt = hub.say(&["--data", &folder.display().to_string(), "rebuild"]);
    assert!(rebuilt.contains("equal: ") && rebuilt.contains(after("state", &told)), "{rebuilt}");
    drop(there);
}
