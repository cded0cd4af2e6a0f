//! What a person types when a shop and the books may have drifted apart, when an export was wrong, and when goods have
//! left the house.

use std::time::Duration;

use crossdock_sandbox::shopify::Which;

use crate::hub::{Hub, text};
use crate::shop::Shop;

/// Written from the start; compared only when asked, and nothing is booked unasked.
const ASKED: &str = "live = true\nstock = { repair = \"ask\", reconcile_changes = \"never\", reconcile_all = \"never\" }";

/// Younger than this, a difference may be a webhook on its way.
const LONG_AGO: Duration = Duration::from_mins(1);

/// Somebody has set an item at the shop, and nobody told us.
fn set(shop: &Shop, sku: &str, to: i64) {
    shop.running.partner.with(|shop, now| shop.edit(&Which::sku(sku), to, now - LONG_AGO)).unwrap();
}

async fn linked(items: usize, terms: Option<&'static str>) -> (Shop, Hub) {
    let mut shop = Shop::open(items).await;
    shop.terms = terms.unwrap_or(shop.terms);
    let mut hub = Hub::new(&shop);
    hub.start().await;
    hub.link_all(items).await;
    hub.calm().await;
    (shop, hub)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_is_compared_and_its_differences_are_decided_on_from_the_command_line() {
    let (shop, hub) = linked(5, Some(ASKED)).await;
    let first = hub.run(&["reconcile", "shop", "--all", "--wait"]);
    assert!(text(&first.stdout).contains("no differences"), "{}", text(&first.stdout));
    assert_eq!(first.status.code(), Some(0));

    set(&shop, "DEMO-001", 3);
    set(&shop, "DEMO-002", 2);
    let found = hub.run(&["reconcile", "shop", "--all", "--wait"]);
    let report = text(&found.stdout);
    assert_eq!(found.status.code(), Some(2), "somebody has to decide: {report}");
    assert!(report.contains("2 differ") && report.contains("they wait for you"), "{report}");
    let row = report.lines().find(|line| line.contains("DEMO-001")).unwrap_or_default();
    let cells: Vec<_> = row.split_whitespace().collect();
    assert_eq!((cells[0], cells[3]), ("1", "3"), "{report}");
    let number = report.split_whitespace().nth(1).unwrap();

    let listed = hub.say(&["reconcile", "list"]);
    assert!(listed.contains(number) && listed.contains("asking"), "{listed}");
    hub.say(&["reconcile", "apply", number, "1"]);
    hub.say(&["reconcile", "dismiss", number]);
    let after = hub.say(&["reconcile", "report", number]);
    // The shop dates it before what we knew, so what is applied is read once more before it is booked.
    assert!(after.contains("read again") && after.contains("dismissed"), "{after}");
    let refused = hub.run(&["reconcile", "apply", number]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stdout).contains("refused"), "{}", text(&refused.stdout));

    let unknown = hub.run(&["reconcile", "nobody"]);
    assert_eq!(unknown.status.code(), Some(2), "{}", text(&unknown.stdout));
    let nothing = hub.run(&["reconcile"]);
    assert!(text(&nothing.stderr).contains("CONNECTION"), "{}", text(&nothing.stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_zeros_is_held_shown_and_dropped_from_the_command_line() {
    let (shop, hub) = linked(15, None).await;
    let write = |quantity: u32, version: u32| {
        let now = shop.running.partner.with(|_, now| now);
        let lines = (1..=15).map(|n| format!("DEMO-{n:03},{quantity},{version},{now}\n"));
        let text = format!("sku,quantity,version,taken_at\n{}", lines.collect::<String>());
        let file = hub.folder().join("counts.csv");
        std::fs::write(&file, text).unwrap();
        file.to_string_lossy().into_owned()
    };
    for n in 1..=15 {
        hub.say(&["stock", "allocate", &format!("DEMO-{n:03}"), "9", "--from", "supplier"]);
    }
    let counted = hub.run(&["stock", "count", &write(0, 1), "--pool", "b2b"]);
    let told = text(&counted.stdout);
    assert_eq!(counted.status.code(), Some(2), "{told}");
    assert!(told.contains("15 held by the brake"), "{told}");
    assert!(told.contains("crossdock stock held --pool b2b"), "{told}");
    let held = hub.say(&["stock", "held", "--pool", "b2b"]);
    assert!(held.contains("holds 15 counts of b2b") && held.contains("DEMO-015"), "{held}");
    let dropped = hub.say(&["stock", "held", "--pool", "b2b", "--reject"]);
    assert!(dropped.contains("rejected: 15 counts"), "{dropped}");
    assert!(hub.say(&["stock", "held", "--pool", "b2b"]).contains("the brake is off"));
    let item = hub.get("/api/v1/clients/main/items/DEMO-001").await;
    assert_eq!(item["b2b"], 9);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_shipped_in_parts_from_the_command_line() {
    let (_shop, hub) = linked(2, None).await;
    hub.say(&["stock", "allocate", "DEMO-001", "5", "--from", "supplier"]);
    hub.say(&["order", "place", "PO-1", "DEMO-001=5"]);
    let part = hub.say(&["order", "ship", "PO-1", "DEMO-001=2", "--shipment", "S-1"]);
    assert!(part.contains("left: 3"), "{part}");
    let refused = hub.run(&["order", "ship", "PO-1", "DEMO-001=4", "--shipment", "S-2"]);
    let words = text(&refused.stdout);
    assert_eq!(refused.status.code(), Some(2), "{words}");
    assert!(words.contains("DEMO-001: wanted 4, PO-1 holds 3"), "{words}");
    let whole = hub.say(&["order", "ship", "PO-1"]);
    assert!(whole.contains("status: shipped"), "{whole}");
    let explained = hub.say(&["explain", "stock", "DEMO-001"]);
    assert!(explained.contains("shipped to the customer of a B2B order"), "{explained}");
}
