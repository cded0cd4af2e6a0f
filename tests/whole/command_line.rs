//! The command line, with a hub running and without.

use crate::hub::{Hub, text};
use crate::shop::Shop;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_and_stock_can_be_worked_from_the_command_line() {
    let shop = Shop::open(5).await;
    let mut hub = Hub::new(&shop);
    hub.start().await;
    shop.subscribe(hub.public);
    let linked = hub.say(&["link", "--sync"]);
    assert!(linked.contains("linked") || linked.contains("read"), "{linked}");
    hub.until("five items", async || hub.items().await.len() == 5).await;
    hub.calm().await;
    hub.say(&["stock", "allocate", "DEMO-001", "4"]);
    let placed = hub.say(&["order", "place", "PO-1", "DEMO-001=3"]);
    assert!(placed.contains("PO-1"), "{placed}");
    let refused = hub.run(&["order", "place", "PO-2", "DEMO-001=3"]);
    assert_eq!(refused.status.code(), Some(2));
    let words = text(&refused.stdout);
    assert!(words.contains("wanted 3") && words.contains("there are 1"), "{words}");
    hub.say(&["order", "cancel", "PO-1"]);
    hub.calm().await;
    let shown = hub.say(&["stock", "show", "DEMO-001"]);
    let row: Vec<_> = shown.lines().nth(1).unwrap_or_default().split_whitespace().collect();
    assert_eq!(row[1], "4", "{shown}");
    assert_eq!(row[2], row[3], "the shop shows what we publish: {shown}");
    let synced = hub.say(&["sync", "DEMO-001"]);
    assert!(synced.contains("not_owed") || synced.contains("written"), "{synced}");
    let tested = hub.say(&["connection", "test", "shop"]);
    assert!(tested.contains("crossdock-demo"), "{tested}");
    assert!(hub.say(&["connection", "list"]).contains("shopify"));
    assert!(
        hub.say(&["entries"]).contains("delivery") || hub.say(&["entries"]).contains("command")
    );
    assert!(hub.say(&["tasks", "--all"]).contains("set_levels"));
    assert!(hub.say(&["sign-in"]).contains("/sign-in?token="));
    assert!(hub.say(&["check"]).contains("settings are accepted"));
    assert!(hub.say(&["rebuild"]).contains("equal: "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_work_before_the_first_start_and_send_nothing() {
    let shop = Shop::open(5).await;
    let mut hub = Hub::new(&shop);
    let token = hub.say(&["token", "create", "cron", "--scope", "sync"]);
    assert!(token.starts_with("cdk_"), "{token}");
    let linked = hub.say(&["link"]);
    assert!(linked.contains("no hub is running"), "{linked}");
    assert!(hub.say(&["tasks"]).contains("read_items"));
    assert!(shop.running.partner.with(|shop, _| shop.log(0).is_empty()), "nothing was sent");
    hub.start().await;
    hub.until("the items to come", async || hub.items().await.len() == 5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_that_finds_nothing_changed_leaves_no_entry() {
    let shop = Shop::open(1).await;
    let mut hub = Hub::new(&shop);
    hub.start().await;
    hub.calm().await;
    hub.kill();
    let entries = hub.store().count_entries().unwrap();
    assert!(entries > 1, "the first start tells what the configuration says");
    hub.start().await;
    hub.calm().await;
    hub.kill();
    assert_eq!(hub.store().count_entries().unwrap(), entries);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hubs_cannot_hold_one_folder() {
    let shop = Shop::open(1).await;
    let mut hub = Hub::new(&shop);
    hub.start().await;
    let second = hub.run(&["serve", "--public", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
    assert!(!second.status.success());
    assert!(text(&second.stderr).contains("in use"), "{}", text(&second.stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_in_the_store_the_log_or_the_output() {
    let shop = Shop::open(2).await;
    let mut hub = Hub::new(&shop);
    hub.start_with(|command| {
        command.env("CROSSDOCK_LOG", "trace");
    })
    .await;
    shop.subscribe(hub.public);
    hub.link_all(2).await;
    let said =
        [hub.say(&["connection", "list", "--json"]), hub.say(&["entries", "--json"])].concat();
    hub.kill();
    let mut kept = said.into_bytes();
    kept.extend(std::fs::read(hub.folder().join("log")).unwrap());
    kept.extend(hub.stored());
    for secret in [&shop.setup.access_token, &shop.setup.webhook_secret] {
        let found = kept.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "a secret lies open");
    }
}
