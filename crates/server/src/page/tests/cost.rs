//! What a page costs to draw, in steps of the store's machine, so that no clock is needed: each live page is drawn again
//! after every commit that it may show.

use std::sync::Arc;

use crossdock_domain::link::{Link, LinkKind};
use crossdock_domain::stock::level::Standing;
use crossdock_domain::stock::{Account, Balance, Level, LevelKey};
use crossdock_domain::{ItemId, LaneId};
use crossdock_store::Store;
use serde_json::json;

use super::super::shown::{Ask, Chosen, Drawn, Page, Visit};
use super::super::when::Told;
use super::super::{Shared, overview, stock};
use super::{Clock as _, Hall, Still};

/// A hub with so many items at one shop, all in step but one.
pub(super) fn hall(items: u64, stage: &serde_json::Value) -> Hall {
    Hall::over(|store| {
        store.begin().unwrap();
        store
            .put(crossdock_domain::client::Client::new("main".parse().unwrap(), "Main".to_owned()));
        let lane: LaneId = "client:main".parse().unwrap();
        store.put::<crossdock_domain::connection::Connection>(
            serde_json::from_value(json!({
                "lane": lane, "id": "shop", "connector": "shopify", "base_url": "https://main.example",
                "sandbox": false, "status": { "status": "active" },
                "stage": stage, "location": "7", "stock": {},
                "settings": {}, "calls": {}, "warnings": [],
            }))
            .unwrap(),
        );
        (1..=items).for_each(|id| fill(store, id));
        store.commit().unwrap();
    })
}

fn fill(store: &mut Store, id: u64) {
    let (client, item) = ("main".parse::<crossdock_domain::ClientId>().unwrap(), ItemId(id));
    store.put::<crossdock_domain::item::Item>(
        serde_json::from_value(json!({
            "client": client, "id": item, "sku": format!("SKU-{id:05}"), "sync_enabled": true,
            "allocation": "fixed", "publishing": {}, "places": [],
        }))
        .unwrap(),
    );
    for account in [Account::B2B, Account::B2C] {
        store.put(Balance { client: client.clone(), item, account, quantity: 5 });
    }
    let (connection, location) =
        ("shop".parse::<crossdock_domain::ConnectionId>().unwrap(), "7".parse().unwrap());
    store.put(Link {
        client: client.clone(),
        connection: connection.clone(),
        kind: LinkKind::Counter,
        remote: format!("c{id}").parse().unwrap(),
        item,
        since: Still.now(),
    });
    store.put(Level {
        observed: Some(5),
        target: Some(if id == 4 { 6 } else { 5 }),
        standing: Standing::Settled,
        error: (id == 3).then(|| "the shop says no".to_owned()),
        seen_at: Some(Still.now()),
        ..Level::unseen(LevelKey { client, item, connection, location })
    });
}

async fn cost<P: Page>(hall: &Hall, asked: &serde_json::Value) -> u64
where
    P::Named: Default,
{
    let visit = Visit {
        app: hall.app.clone(),
        shared: Arc::new(Shared::default()),
        chosen: Chosen::default(),
        here: "/".to_owned(),
    };
    let (named, asked) = (P::Named::default(), serde_json::from_value(asked.clone()).unwrap());
    let ask = Ask::<P> { visit, named, asked, wants_stream: false, stopping: None };
    // One page after the other is read by the same reader.
    let before = hall.app.look.at(|reader| Ok(reader.steps())).await.unwrap();
    let drawn = ask.draw(Told::Exact, |drawn| {
        let Drawn::Page(page) = drawn else { panic!("there is no page") };
        Ok(page.render()?.contains("SKU-00003"))
    });
    assert!(drawn.await.unwrap(), "the one that is not in step is shown");
    hall.app.look.at(|reader| Ok(reader.steps())).await.unwrap() - before
}

#[tokio::test]
async fn a_page_costs_no_more_to_draw_when_there_are_more_items() {
    for stage in [json!({ "stage": "live", "since": Still.now() }), json!({ "stage": "observing" })]
    {
        let (small, large) = (hall(200, &stage), hall(2_000, &stage));
        let (nothing, trouble) = (json!({}), json!({ "show": "trouble" }));
        let pairs = [
            (
                "overview",
                cost::<overview::Overview>(&small, &nothing).await,
                cost::<overview::Overview>(&large, &nothing).await,
            ),
            (
                "stock",
                cost::<stock::Stock>(&small, &nothing).await,
                cost::<stock::Stock>(&large, &nothing).await,
            ),
            (
                "stock in trouble",
                cost::<stock::Stock>(&small, &trouble).await,
                cost::<stock::Stock>(&large, &trouble).await,
            ),
        ];
        for (page, few, many) in pairs {
            let is_equal = few > 0 && many <= few + few / 20;
            assert!(is_equal, "{page}, {stage}: {few} steps, and with more items {many}");
        }
    }
}
