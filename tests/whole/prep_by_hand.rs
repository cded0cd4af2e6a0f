//! A prep centre that is told by hand: by the document's environment names, its two addresses, a file, and the command line.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::hub::{Hub, text};
use crate::shop::Shop;

const SECRET: &str = "prep-canary";

/// A hub with a shop and, by the environment alone, a prep centre that is told by hand.
async fn started(shop: &Shop) -> Hub {
    let mut hub = Hub::new(shop);
    hub.environment.push(("PREPBUSINESS_SYNC_MODE", "manual".to_owned()));
    hub.environment.push(("PREPBUSINESS_WEBHOOK_SECRET", SECRET.to_owned()));
    hub.start().await;
    hub
}

fn inbound(received: i64, at: &str) -> Value {
    json!({ "merchant_id": 405, "id": "IN-1", "status": "received", "destination": "DE",
        "updated_at": at, "tracking_numbers": ["1Z9"], "carrier": "ups",
        "lines": [{ "asin": "B03Z7PEHQ4", "sku": "MUG", "qty": 10, "received_qty": received,
            "name": "Mug", "notes": "red" }] })
}

async fn in_stock(hub: &Hub, units: i64) {
    hub.until("goods to be in stock", async || {
        hub.items().await.iter().any(|item| item["sku"] == "MUG" && item["b2c"] == units)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goods_come_into_stock_by_webhook_by_hand_and_by_file_and_once_only() {
    let shop = Shop::open(1).await;
    let mut hub = started(&shop).await;

    // Nobody's account: kept, and loud.
    let file = hub.folder().join("inbounds.csv");
    let table = "merchant_id,id,sku,asin,name,qty,received_qty,updated_at\n\
        405,IN-1,MUG,B03Z7PEHQ4,Mug,10,4,2026-11-20 09:00:00\n";
    std::fs::write(&file, table).unwrap();
    let import = ["receptions", "import", file.to_str().unwrap()];
    assert!(hub.say(&import).contains("unroutable"));
    let listed = hub.say(&["merchants", "list"]);
    assert!(listed.contains("nobody yet") && listed.contains("merchants map 405"), "{listed}");
    let nobody = hub.run(&["merchants", "map", "405", "nobody"]);
    assert_eq!(nobody.status.code(), Some(2), "{}", text(&nobody.stdout));
    hub.say(&["merchants", "map", "405", "main", "--country", "DE"]);
    in_stock(&hub, 4).await;

    // By the document's address, signed as the partner signs.
    let body = serde_json::to_vec(&inbound(7, "2026-11-20 10:00:00")).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(&body);
    let signature = hex::encode(mac.finalize().into_bytes());
    let path = "/api/webhooks/prepbusiness";
    assert_eq!(hub.deliver(path, &[], &body).await, 401, "unsigned");
    assert_eq!(hub.deliver(path, &[("Signature", signature)], &body).await, 200);
    in_stock(&hub, 7).await;

    // By the document's other address, as a cron job would; repeats and what is older change nothing.
    let token = hub.say(&["token", "create", "cron", "--scope", "write"]);
    let token = token.lines().next().unwrap().to_owned();
    let bearer = [("authorization", format!("Bearer {token}"))];
    let told = json!({ "inbounds": [inbound(9, "2026-11-20 11:00:00")] });
    let told = serde_json::to_vec(&told).unwrap();
    for _ in 0..2 {
        assert_eq!(hub.deliver("/api/sync/prepbusiness", &bearer, &told).await, 200);
    }
    assert_eq!(hub.deliver("/api/sync/prepbusiness", &[], &told).await, 401);
    hub.say(&import);
    in_stock(&hub, 9).await;

    let shown = hub.say(&["receptions", "show", "IN-1"]);
    assert!(shown.contains("1Z9") && shown.contains("received"), "{shown}");
    assert!(hub.say(&["receptions", "list", "--search", "mug"]).contains("IN-1"));
    assert!(hub.say(&["connection", "list"]).contains("reads only"));
    let journal = hub.say(&["entries", "--shared", "prepbusiness"]);
    assert!(journal.contains("tell_receptions") && journal.contains("delivery"), "{journal}");
    let refused = hub.run(&["poll"]);
    assert_eq!(refused.status.code(), Some(2), "nothing is read by hand");

    let ask = |sql: &str| hub.say(&["sql", "--json", sql]);
    let sql = "SELECT source, source_id, client_id, merchant_id, status, lines, requested_qty, received_qty, missing_qty, \
        tracking_numbers, destination_country FROM prep_business_imports";
    let found: Value = serde_json::from_str(&ask(sql)).unwrap();
    let wanted = json!([{
        "source": "prepbusiness", "source_id": "IN-1", "client_id": "main", "merchant_id": "405",
        "status": "received", "lines": 1, "requested_qty": 10, "received_qty": 9, "missing_qty": 1,
        "tracking_numbers": "1Z9", "destination_country": "DE",
    }]);
    assert_eq!(found, wanted);
    let accounts =
        ask("SELECT merchant_id, client_id, imported, destination_country FROM prep_merchants");
    assert!(accounts.contains("405") && accounts.contains("main"), "{accounts}");
    let connections =
        ask("SELECT id, sync_mode, status, merchants_mapped FROM prep_business_integrations");
    assert!(connections.contains("manual") && connections.contains("active"), "{connections}");
    hub.kill();
    assert!(hub.say(&["rebuild"]).contains("equal: "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prep_centre_belongs_to_no_merchant_and_the_configuration_is_told_so() {
    let shop = Shop::open(1).await;
    let hub = Hub::new(&shop);
    let file = hub.folder().join("crossdock.toml");
    let before = std::fs::read_to_string(&file).unwrap();
    let prep = "\n[connections.prep]\nclient = \"main\"\nconnector = \"prepbusiness\"\n";
    std::fs::write(&file, format!("{before}{prep}")).unwrap();
    let checked = hub.run(&["check"]);
    assert_eq!(checked.status.code(), Some(2));
    let words = text(&checked.stdout);
    assert!(words.contains("crossdock merchants map"), "{words}");
    std::fs::write(&file, format!("{before}{}", prep.replace("client = \"main\"\n", ""))).unwrap();
    assert!(hub.say(&["check"]).contains("prep: settings are accepted"));
}
