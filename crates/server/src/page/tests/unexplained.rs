//! The pages where units wait that no order explains.

use crossdock_domain::item::Item;
use crossdock_domain::link::{Link, LinkKind};
use crossdock_domain::stock::level::Standing;
use crossdock_domain::stock::{Account, Balance, Level, LevelKey, Movement, Reason};
use crossdock_domain::{ClientId, ConnectionId, ItemId, Number, Span};

use super::*;

const ITEM: ItemId = ItemId(1);

fn main() -> ClientId {
    "main".parse().unwrap()
}

/// Two units came in at the shop three hours ago; its terms ask, or say otherwise.
fn waiting(policy: &str) -> Hall {
    Hall::over(|store| {
        store.begin().unwrap();
        store.put(crossdock_domain::client::Client::new(main(), "Main".to_owned()));
        store.put::<crossdock_domain::connection::Connection>(
            serde_json::from_value(json!({
                "lane": "client:main", "id": "shop", "connector": "shopify",
                "base_url": "https://main.example", "sandbox": false, "status": { "status": "active" },
                "stage": { "stage": "live", "since": Still.now() }, "location": "7",
                "stock": { "unexplained": policy }, "settings": {}, "calls": {}, "warnings": [],
            }))
            .unwrap(),
        );
        link(store);
        let aside: Account = "unexplained:shop".parse().unwrap();
        book(store, 0, (Account::Count, Account::B2C, 10, Reason::Opening));
        book(store, 1, ("shopify:shop".parse().unwrap(), aside, 2, Reason::Unexplained));
        store.commit().unwrap();
    })
}

/// An item whose counter shows two more than it should.
fn link(store: &mut Store) {
    let connection: ConnectionId = "shop".parse().unwrap();
    store.put::<Item>(
        serde_json::from_value(json!({
            "client": main(), "id": ITEM, "sku": "SKU-1", "sync_enabled": true,
            "allocation": "fixed", "publishing": {},
            "places": [{ "connection": "shop", "location": "7" }],
        }))
        .unwrap(),
    );
    store.put(Link {
        client: main(),
        connection: connection.clone(),
        kind: LinkKind::Counter,
        remote: "500".parse().unwrap(),
        item: ITEM,
        since: Still.now(),
    });
    let location = "7".parse().unwrap();
    store.put(Level {
        observed: Some(12),
        target: Some(10),
        standing: Standing::Settled,
        ..Level::unseen(LevelKey { client: main(), item: ITEM, connection, location })
    });
}

fn book(store: &mut Store, index: u32, moved: (Account, Account, i64, Reason)) {
    let (from, to, quantity, reason) = moved;
    for (account, quantity) in [(from.clone(), -quantity), (to.clone(), quantity)] {
        store.put(Balance { client: main(), item: ITEM, account, quantity });
    }
    store.add(Movement {
        client: main(),
        number: Number(900),
        index,
        item: ITEM,
        from,
        to,
        quantity,
        from_after: -quantity,
        to_after: quantity,
        reason,
        at: Still.now().minus(Span::from_s(3 * 3_600)),
    });
}

#[tokio::test]
async fn an_item_with_units_that_no_order_explains_offers_both_words_and_says_what_each_does() {
    let hall = waiting("ask");
    let (status, body) = hall.get("/stock/itm_1").await;
    assert_eq!(status, StatusCode::OK);
    for words in [
        "2 units</strong> at shop that no order explains, for ",
        "datetime=\"2027-01-15T05:00:00Z\"",
        "Accept: they can be sold",
        "Set back: the shop&#39;s counter is set back",
        "waits for a person: 2 units at shop that no order explains: accept or set back, \
         crossdock stock unexplained itm_1 --connection shop --accept (or --restore)",
    ] {
        assert!(body.contains(words), "{words}: {body}");
    }
    hall.check::<item::ItemPage>("itm_1".to_owned(), json!({})).await;
}

#[tokio::test]
async fn the_overview_counts_items_that_wait_for_a_word_and_leads_to_them() {
    let hall = waiting("ask");
    let (_, body) = hall.get("/").await;
    assert!(body.contains("1 item has units that no order explains"), "{body}");
    assert!(body.contains("SKU-1 at shop") && body.contains("/stock/itm_1"), "{body}");
    hall.check::<overview::Overview>((), json!({})).await;
    let (_, body) = waiting("restore").get("/").await;
    assert!(!body.contains("that no order explains"), "nobody is asked, they are set back");
    let (_, body) = waiting("accept").get("/").await;
    assert!(body.contains("1 item has units"), "they came in before the terms believed any");
}

#[tokio::test]
async fn units_that_are_accepted_are_sold_and_wait_no_longer() {
    let hall = waiting("ask");
    let pressed = hall.press("accept-unexplained", "itm_1/shop", "/stock/itm_1").await;
    let (_, body) = hall.get(pressed.headers()[header::LOCATION].to_str().unwrap()).await;
    assert!(body.contains("2 believed: they can be sold"), "{body}");
    assert!(body.contains("<dd data-key=\"b2c\">12</dd>"), "{body}");
    assert!(!body.contains("/act/accept-unexplained"));
    assert!(!hall.get("/").await.1.contains("that no order explains"));
}

#[tokio::test]
async fn once_they_are_to_be_set_back_nobody_is_asked_again_and_the_write_is_next() {
    let hall = waiting("ask");
    hall.obey(json!({"do": "pause_connection", "connection": "shop", "why": "stock-taking"})).await;
    assert!(hall.get("/stock/itm_1").await.1.contains("waits for a person"));
    let pressed = hall.press("set-back-unexplained", "itm_1/shop", "/stock/itm_1").await;
    let (_, body) = hall.get(pressed.headers()[header::LOCATION].to_str().unwrap()).await;
    assert!(body.contains("counter is set back"), "{body}");
    assert!(!body.contains("/act/set-back-unexplained"), "{body}");
    assert!(body.contains("set from 12 to 10 once shop is resumed"), "{body}");
    assert!(!hall.get("/").await.1.contains("that no order explains"));
    let response = hall.press("set-back-unexplained", "itm_1", "/").await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST, "it names no connection");
}

#[tokio::test]
async fn units_that_wait_at_another_merchant_account_are_told_of() {
    let told = |hall: Hall| async move {
        let lane = "client:other".parse().unwrap();
        let make = serde_json::from_value(json!({"do": "put_client", "name": "Other"})).unwrap();
        let engine = &hall.app.engine;
        let arrival = command_arrival(random::id(), lane, &make, "test", None, engine.now());
        engine.keep_and_fold(arrival).await.unwrap().1.await.unwrap();
        hall.get("/?client=other").await.1.contains("Main needs you")
    };
    assert!(told(waiting("ask")).await);
    assert!(!told(waiting("restore")).await, "our next write sets them back, unasked");
}
