//! For looking at the pages by eye: a filled hub with a simulated shop, served until stopped.
//!
//! `PAGE_PORT=7900 cargo test -p crossdock-server --lib serve_for_looking -- --ignored`

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossdock_connectors::{Admission, Headers};
use crossdock_domain::call::Call;
use crossdock_domain::{Instant, LaneId};
use crossdock_hub::{
    AnswerHead, Outgoing, WireResult, answer_arrival, command_arrival, delivery_arrival,
};
use crossdock_store::Store;
use crossdock_store::operations::Tally;
use crossdock_store::vault::MasterKey;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::access::Admin;
use crate::app::{App, Parts};
use crate::engine::{self, Clock, Engine, Start};
use crate::limits::Limits;
use crate::look::Look;
use crate::random;

struct Wall;
impl Clock for Wall {
    #[expect(clippy::disallowed_methods, reason = "a harness for the eye")]
    fn now(&self) -> Instant {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Instant(i64::try_from(now.as_micros()).unwrap())
    }
}

type Shop = Arc<Mutex<BTreeMap<u64, i64>>>;

async fn obey(engine: &Engine, client: &str, command: Value) {
    let lane: LaneId = format!("client:{client}").parse().unwrap();
    let command = serde_json::from_value(command).unwrap();
    let arrival = command_arrival(random::id(), lane, &command, "harness", None, engine.now());
    let (_, folded) = engine.keep_and_fold(arrival).await.unwrap();
    let folded = folded.await.unwrap();
    println!("{} {:?} {}", folded.number, folded.outcome.kind, folded.outcome.note);
}

async fn deliver(engine: &Engine, connection: &str, topic: &str, body: &str) {
    let directory = engine.directory();
    let known = directory.connection(&connection.parse().unwrap()).unwrap();
    let admission = Admission {
        dedupe_key: random::word(),
        topic: topic.to_owned(),
        event_id: Some(random::word()),
    };
    let headers = Headers(vec![
        ("x-shopify-topic".into(), topic.into()),
        ("x-shopify-shop-domain".into(), "nordlicht.myshopify.com".into()),
        ("content-type".into(), "application/json".into()),
    ]);
    let arrival = delivery_arrival(
        random::id(),
        &known.connection,
        admission,
        headers,
        body.as_bytes(),
        engine.now(),
    );
    engine.keep(arrival).await.unwrap();
}

fn level(item: u64, available: i64, at: Instant) -> String {
    let at = super::when::exact(at).replace(' ', "T").replace("TUTC", "Z");
    json!({"inventory_item_id": 5_000_000 + item, "location_id": 36_167_909_473_u64, "available": available, "updated_at": at}).to_string()
}

async fn answers(
    engine: Engine,
    look: Look,
    mut outbox: mpsc::UnboundedReceiver<Outgoing>,
    shop: Shop,
) {
    while let Some(out) = outbox.recv().await {
        let send = look
            .at({
                let (lane, n) = (out.lane.clone(), out.number);
                move |r| r.send(&lane, n)
            })
            .await
            .unwrap()
            .unwrap();
        tokio::time::sleep(Duration::from_millis(180)).await;
        let at = super::when::exact(engine.now()).replace(' ', "T").replace("TUTC", "Z");
        let response = |status: u16, body: Value| {
            (
                WireResult::Response { status, headers: Headers::default(), retry_after: None },
                body.to_string(),
            )
        };
        let (result, body) = if out.connection.as_str() == "outlet" {
            (
                WireResult::NotSent { why: "outlet.example refused the connection".into() },
                String::new(),
            )
        } else {
            match &send.call {
                Call::SetLevels { rows } if rows.iter().any(|r| r.item.0 == 7) => {
                    let at = rows.iter().position(|r| r.item.0 == 7).unwrap().to_string();
                    response(
                        200,
                        json!({"data":{"inventorySetQuantities":{"inventoryAdjustmentGroup":null,"userErrors":[{"field":["input","quantities",at,"inventoryItemId"],"message":"The specified inventory item could not be found.","code":"INVALID_INVENTORY_ITEM"}]}}}),
                    )
                }
                Call::SetLevels { rows } if rows.iter().any(|r| r.item.0 == 9) => {
                    (WireResult::Lost { why: "no answer within 30 s".into() }, String::new())
                }
                Call::SetLevels { rows } => {
                    for row in rows {
                        shop.lock().unwrap().insert(row.item.0, row.to);
                    }
                    response(
                        200,
                        json!({"data":{"inventorySetQuantities":{"inventoryAdjustmentGroup":{"id":"gid://x","createdAt":at},"userErrors":[]}}}),
                    )
                }
                Call::ReadLevels { rows } => {
                    let nodes: Vec<_> = rows.iter().map(|r| json!({"id":format!("gid://shopify/InventoryItem/{}", r.remote_item),"tracked":true,"inventoryLevel":{"id":format!("gid://shopify/InventoryLevel/9?inventory_item_id={}", r.remote_item),"updatedAt":at,"quantities":[{"name":"available","quantity":shop.lock().unwrap().get(&r.item.0).copied().unwrap_or(5)}]}})).collect();
                    response(200, json!({"data":{"at0":nodes}}))
                }
                Call::ReadItems { .. } | Call::RenewToken { .. } | Call::Test { .. } => response(
                    200,
                    json!({"data":{"shop":{"name":"Nordlicht","myshopifyDomain":"nordlicht.myshopify.com"}}}),
                ),
            }
        };
        let head = AnswerHead { send: out.number, attempt: out.attempt, took_ms: 181, result };
        let arrival = answer_arrival(
            random::id(),
            out.lane,
            out.connection,
            out.kind.word(),
            &head,
            body.as_bytes(),
            engine.now(),
        );
        let _ = engine.keep_for_sure(arrival).await;
    }
}

const TITLES: [&str; 6] = [
    "Trail Runner 2 / 43 / Moss",
    "Merino Base Layer / L",
    "Dry Bag 20 l",
    "Titanium Mug 450 ml",
    "Down Jacket Women / M / Ink",
    "Trekking Pole, pair",
];

async fn fill(engine: &Engine, shop: &Shop) {
    obey(engine, "nordlicht", json!({"do":"put_client","name":"Nordlicht Outdoor"})).await;
    obey(engine, "atelier", json!({"do":"put_client","name":"Atelier Sud"})).await;
    for id in ["main-shop", "outlet"] {
        let domain = format!("{id}-nordlicht.myshopify.com");
        obey(engine, "nordlicht", json!({"do":"put_connection","connection":id,"connector":"shopify","sandbox":false,"secret_slots":["access_token","webhook_secret"],
            "settings":{"shop_domain":domain,"location_id":"36167909473"}})).await;
    }
    obey(engine, "atelier", json!({"do":"put_connection","connection":"atelier-shop","connector":"shopify","secret_slots":["access_token","webhook_secret"], "settings":{"shop_domain":"atelier.myshopify.com"}})).await;
    for n in 1..=64_u64 {
        let connection = if n % 21 == 20 { "outlet" } else { "main-shop" };
        shop.lock().unwrap().insert(n, i64::try_from(n % 17 + 2).unwrap());
        obey(engine, "nordlicht", json!({"do":"put_item","sku":format!("NL-{:04}", 1000 + n * 7),"title":TITLES[usize::try_from(n % 6).unwrap()],"sync":n % 13 != 0,
            "allocation": if n % 2 == 0 {"shared"} else {"fixed"},
            "links":[{"connection":connection,"inventory_item":(5_000_000 + n).to_string(),"variant":(8_000_000 + n).to_string(),"adopt":true}]})).await;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    for n in [2, 3, 5, 7, 9, 11, 20, 41] {
        obey(engine, "nordlicht", json!({"do":"allocate","item":format!("itm_{n}"),"quantity":12,"from":"supplier","to":"b2c"})).await;
        obey(engine, "nordlicht", json!({"do":"allocate","item":format!("itm_{n}"),"quantity":40,"from":"supplier","to":"b2b"})).await;
    }
    obey(engine, "nordlicht", json!({"do":"place_order","order":"SO-2026-0417","lines":[{"item":"itm_2","quantity":12},{"item":"itm_3","quantity":3}]})).await;
    obey(
        engine,
        "nordlicht",
        json!({"do":"place_order","order":"SO-2026-0418","lines":[{"item":"itm_5","quantity":4}]}),
    )
    .await;
    obey(engine, "nordlicht", json!({"do":"cancel_order","order":"SO-2026-0418"})).await;
    deliver(
        engine,
        "main-shop",
        "inventory_levels/update",
        "{\"inventory_item_id\": <script>alert(1)</script>",
    )
    .await;
    for _ in 0..23 {
        engine.count(
            Tally { connection: "outlet".into(), what: "refused", detail: "bad_signature".into() },
            "orders/create".into(),
        );
    }
    engine.count(
        Tally { connection: "main-shop".into(), what: "duplicate", detail: "delivery".into() },
        "orders/create".into(),
    );
}

async fn trade(engine: Engine, shop: Shop) {
    for round in 0_u64.. {
        tokio::time::sleep(Duration::from_millis(900)).await;
        let item = [2, 3, 5, 11, 13, 17, 19, 23][usize::try_from(round % 8).unwrap()];
        let available = {
            let mut shop = shop.lock().unwrap();
            let left = shop.entry(item).or_default();
            *left -= 1;
            *left
        };
        deliver(
            &engine,
            "main-shop",
            "inventory_levels/update",
            &level(item, available, engine.now()),
        )
        .await;
        let order = json!({"id": 900_000 + round, "name": format!("#{}", 1001 + round), "financial_status":"paid", "fulfillment_status":null, "created_at": super::when::exact(engine.now()).replace(' ', "T").replace("TUTC", "Z"), "updated_at": super::when::exact(engine.now()).replace(' ', "T").replace("TUTC", "Z"), "line_items":[{"id": round + 1, "variant_id": 8_000_000 + item, "quantity":1, "current_quantity":1, "sku": format!("NL-{:04}", 1000 + item * 7)}]});
        deliver(&engine, "main-shop", "orders/create", &order.to_string()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "for the eye"]
async fn serve_for_looking() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("hub.sqlite");
    let (outbox, out) = mpsc::unbounded_channel();
    let running = engine::start(Start {
        store: Store::open(&path).unwrap(),
        find: crossdock_connectors::find,
        key: MasterKey::new(vec![7; 32]).unwrap(),
        fresh_salt: [1; 16],
        clock: Arc::new(Wall),
        outbox: Some(outbox),
    })
    .unwrap();
    let look = Look::new(&path);
    let shop = Shop::default();
    tokio::spawn(answers(running.engine.clone(), look.clone(), out, Arc::clone(&shop)));
    fill(&running.engine, &shop).await;
    tokio::spawn(trade(running.engine.clone(), shop));
    let admin = Admin::new(&SecretString::from("operator"), Vec::new());
    let parts = Parts { engine: running.engine, look, admin, limits: Limits::default() };
    let app = App::new(parts, crossdock_connectors::all());
    let policy = axum::middleware::map_response(|mut response: axum::response::Response| async {
        let csp = axum::http::HeaderValue::from_static(
            "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
        );
        response.headers_mut().insert("content-security-policy", csp);
        response
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:7900").await.unwrap();
    println!("http://127.0.0.1:7900");
    axum::serve(listener, super::router().with_state(app).layer(policy)).await.unwrap();
}
