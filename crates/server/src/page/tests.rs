//! The pages over a small hub: every address answers, nothing breaks out of its place, buttons do what they say.

mod cost;
mod counts;
#[path = "../../tests/http/depot.rs"]
mod depot;
mod inbounds;
mod live;
mod sweeps;
mod unexplained;
mod upkeep;

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use crossdock_connectors::{Admission, Headers};
use crossdock_domain::{Instant, LaneId};
use crossdock_hub::{FindConnector, command_arrival, delivery_arrival};
use crossdock_store::Store;
use crossdock_store::operations::Tally;
use crossdock_store::vault::MasterKey;
use http_body_util::BodyExt as _;
use secrecy::SecretString;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::shown::{Ask, Chosen, Drawn, Page, Visit};
use super::when::Told;
use super::{
    Shared, activity, calls, connections, entry, item, orders, overview, send, stock, sweep,
};
use crate::access::Admin;
use crate::app::{App, Connectors, Parts};
use crate::engine::{self, Clock, Start};
use crate::limits::Limits;
use crate::look::Look;
use crate::random;

struct Still;
impl Clock for Still {
    fn now(&self) -> Instant {
        Instant(1_800_000_000_000_000)
    }
}

const SCRIPT: &str = "<script>alert(1)</script>";

/// A hub with one shop, one linked item, one order, and trouble of several kinds. Its calls go nowhere.
struct Hall {
    app: App,
    _outbox: tokio::sync::mpsc::UnboundedReceiver<crossdock_hub::Outgoing>,
    _dir: tempfile::TempDir,
}

impl Hall {
    fn empty() -> Self {
        Self::over(|_| {})
    }

    /// A hub over a store that was filled before.
    fn over(fill: impl FnOnce(&mut Store)) -> Self {
        Self::speaking(crossdock_connectors::find, crossdock_connectors::all(), fill)
    }

    /// The same with these connectors.
    fn speaking(
        find: FindConnector,
        connectors: Connectors,
        fill: impl FnOnce(&mut Store),
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("hub.sqlite");
        let mut store = Store::open(&path).unwrap();
        fill(&mut store);
        let (outbox, outgoing) = tokio::sync::mpsc::unbounded_channel();
        let running = engine::start(Start {
            store,
            find,
            key: MasterKey::new(vec![7; 32]).unwrap(),
            fresh_salt: [1; 16],
            clock: Arc::new(Still),
            outbox: Some(outbox),
        })
        .unwrap();
        let parts = Parts {
            engine: running.engine,
            look: Look::new(crossdock_store::Place::file(&path)),
            admin: Admin::new(&SecretString::from("operator"), Vec::new()),
            limits: Limits::default(),
        };
        let app = App::new(parts, connectors);
        Self { app, _outbox: outgoing, _dir: dir }
    }

    async fn filled() -> Self {
        let hall = Self::empty();
        for command in [
            json!({"do": "put_client", "name": "Main"}),
            json!({"do": "put_connection", "connection": "shop", "connector": "shopify",
                   "settings": {"shop_domain": "main.myshopify.com", "location_id": "7"}}),
            json!({"do": "put_item", "sku": "SKU-1", "title": SCRIPT, "sync": true,
                   "links": [{"connection": "shop", "inventory_item": "500", "adopt": true}]}),
            json!({"do": "allocate", "item": "SKU-1", "quantity": 9, "from": "supplier", "to": "b2b"}),
            json!({"do": "place_order", "order": "PO-1", "lines": [{"item": "SKU-1", "quantity": 2}]}),
            json!({"do": "pause_connection", "connection": "shop", "why": SCRIPT}),
        ] {
            hall.obey(command).await;
        }
        hall.deliver("inventory_levels/update", SCRIPT).await;
        let refused =
            Tally { connection: "shop".into(), what: "refused", detail: "bad_signature".into() };
        hall.app.engine.count(refused, SCRIPT.to_owned());
        hall.obey(json!({"do": "test_connection", "connection": "shop"})).await;
        hall
    }

    async fn obey(&self, command: Value) {
        self.obey_in("client:main", command).await;
    }

    async fn obey_in(&self, lane: &str, command: Value) {
        let lane: LaneId = lane.parse().unwrap();
        let command = serde_json::from_value(command).unwrap();
        let engine = &self.app.engine;
        let arrival = command_arrival(random::id(), lane, &command, "test", None, engine.now());
        engine.keep_and_fold(arrival).await.unwrap().1.await.unwrap();
    }

    async fn deliver(&self, topic: &str, body: &str) {
        let directory = self.app.engine.directory();
        let known = directory.connection(&"shop".parse().unwrap()).unwrap();
        let admission =
            Admission { dedupe_key: random::word(), topic: topic.to_owned(), event_id: None };
        let headers = Headers(vec![("x-shopify-topic".to_owned(), SCRIPT.to_owned())]);
        let now = self.app.engine.now();
        let id = random::id();
        let arrival =
            delivery_arrival(id, &known.connection, admission, headers, body.as_bytes(), now);
        self.app.engine.keep(arrival).await.unwrap();
    }

    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        super::router().with_state(self.app.clone()).oneshot(request).await.unwrap()
    }

    async fn get(&self, address: &str) -> (StatusCode, String) {
        let response = self.answer(Request::get(address).body(Body::empty()).unwrap()).await;
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn press(&self, verb: &str, subject: &str, back: &str) -> Response<Body> {
        self.send(verb, format!("subject={subject}&client=main&back={back}")).await
    }

    async fn send(&self, verb: &str, form: String) -> Response<Body> {
        let request = Request::post(format!("/act/{verb}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form));
        self.answer(request.unwrap()).await
    }

    /// Whether what is sent live is, piece by piece, what stands in the page under the same name.
    async fn check<P: Page>(&self, named: P::Named, asked: Value)
    where
        P::Named: std::fmt::Debug,
    {
        let visit = Visit {
            app: self.app.clone(),
            shared: Arc::new(Shared::default()),
            chosen: Chosen::default(),
            here: "/".to_owned(),
        };
        let asked = serde_json::from_value(asked).unwrap();
        let ask = Ask::<P> { visit, named, asked, wants_stream: false, stopping: None };
        let drawn = ask.draw(Told::Exact, |drawn| {
            let Drawn::Page(page) = drawn else { panic!("there is no page") };
            Ok((page.render()?, page.pieces()?))
        });
        let (whole, pieces) = drawn.await.unwrap();
        assert_eq!(whole.matches("data-live=").count(), pieces.len(), "a place without a piece");
        for piece in pieces {
            let place = format!("data-live=\"{}\"", piece.0);
            let at = whole.find(&place).unwrap_or_else(|| panic!("no place for {}", piece.0));
            let inside = whole[at..].split_once('>').unwrap().1;
            let rest = inside.strip_prefix(piece.1.as_str());
            assert!(rest.is_some_and(|rest| rest.starts_with("</")), "{} differs", piece.0);
        }
    }
}

#[tokio::test]
async fn every_page_is_there_and_what_others_wrote_stays_text() {
    let hall = Hall::filled().await;
    for address in [
        "/",
        "/stock",
        "/stock?search=sku",
        "/stock?show=trouble",
        "/stock/itm_1",
        "/stock/SKU-1",
        "/activity",
        "/activity?trouble=1&outcome=unreadable&kind=delivery",
        "/activity/1",
        "/activity/7",
        "/calls",
        "/calls?state=stuck",
        "/calls?over=1",
        "/orders",
        "/connections",
        "/connections/shop",
    ] {
        let (status, body) = hall.get(address).await;
        assert_eq!(status, StatusCode::OK, "{address}");
        assert!(!body.contains(SCRIPT), "{address} lets a script through");
        assert!(!body.contains(" style="), "{address} has inline style");
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_to_be_missing() {
    let hall = Hall::filled().await;
    for address in [
        "/stock/itm_99",
        "/connections/nobody",
        "/activity/99",
        "/activity/x",
        "/calls/sends/99",
        "/assets/x.css",
    ] {
        assert_eq!(hall.get(address).await.0, StatusCode::NOT_FOUND, "{address}");
    }
}

#[tokio::test]
async fn before_there_is_anything_a_page_says_so() {
    let (status, body) = Hall::empty().get("/").await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("Nothing is connected yet"));
}

#[tokio::test]
async fn what_is_sent_live_is_what_stands_in_the_page() {
    let hall = Hall::filled().await;
    hall.check::<overview::Overview>((), json!({})).await;
    hall.check::<stock::Stock>((), json!({})).await;
    hall.check::<item::ItemPage>("itm_1".to_owned(), json!({})).await;
    hall.check::<activity::Activity>((), json!({})).await;
    hall.check::<entry::EntryPage>(1, json!({})).await;
    hall.check::<calls::Calls>((), json!({})).await;
    hall.check::<orders::Orders>((), json!({})).await;
    hall.check::<connections::Connections>((), json!({})).await;
    hall.obey(json!({"do": "resume_connection", "connection": "shop"})).await;
    hall.obey(json!({"do": "test_connection", "connection": "shop"})).await;
    let lane: LaneId = "client:main".parse().unwrap();
    let sends = hall.app.look.at(move |reader| reader.sends(&lane, 1)).await.unwrap();
    hall.check::<send::SendPage>(sends[0].number.0, json!({})).await;
}

#[tokio::test]
async fn a_paused_connection_is_trouble_until_it_is_resumed() {
    let hall = Hall::filled().await;
    assert!(hall.get("/").await.1.contains("shop is paused"));
    let response = hall.press("resume-connection", "shop", "/").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let back = response.headers()[header::LOCATION].to_str().unwrap();
    let (_, body) = hall.get(back).await;
    assert!(body.contains("resumed: what is owed goes out now"), "the page says what was done");
    assert!(!body.contains("shop is paused"));
}

#[tokio::test]
async fn a_button_without_a_subject_does_nothing() {
    let hall = Hall::filled().await;
    for (verb, subject) in [("retry-task", "x"), ("retry-entry", "x"), ("pause-connection", "A B")]
    {
        let response = hall.press(verb, subject, "/").await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{verb}");
    }
}

#[tokio::test]
async fn a_commit_is_seen_on_a_live_page() {
    let hall = Hall::filled().await;
    let request = Request::get("/stock").header(header::ACCEPT, "text/event-stream");
    let response = hall.answer(request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    let mut stream = response.into_body();
    hall.obey(json!({"do": "put_item", "sku": "SKU-2", "title": "new"})).await;
    let mut told = String::new();
    while !told.contains("SKU-2") {
        let frame = stream.frame().await.unwrap().unwrap();
        told.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
    }
    assert!(told.starts_with("event: build"));
}

#[tokio::test]
async fn a_live_page_does_not_hold_up_the_end() {
    let hall = Hall::filled().await;
    let (stop, stopping) = tokio::sync::watch::channel(());
    let request = Request::get("/")
        .header(header::ACCEPT, "text/event-stream")
        .extension(super::Stopping(stopping));
    let response = hall.answer(request.body(Body::empty()).unwrap()).await;
    drop(stop);
    let end = response.into_body().collect();
    tokio::time::timeout(std::time::Duration::from_secs(20), end).await.unwrap().unwrap();
}

#[tokio::test]
async fn trouble_of_another_merchant_account_is_told_of() {
    let hall = Hall::filled().await;
    let lane: LaneId = "client:other".parse().unwrap();
    let make = serde_json::from_value(json!({"do": "put_client", "name": "Other"})).unwrap();
    let engine = &hall.app.engine;
    let arrival = command_arrival(random::id(), lane, &make, "test", None, engine.now());
    engine.keep_and_fold(arrival).await.unwrap().1.await.unwrap();
    assert!(hall.get("/?client=other").await.1.contains("Main needs you"));
    assert!(!hall.get("/?client=main").await.1.contains("Other needs you"));
}

#[tokio::test]
async fn assets_stay_the_same_under_their_address() {
    let hall = Hall::empty();
    let response =
        hall.answer(Request::get(super::assets::stylesheet()).body(Body::empty()).unwrap()).await;
    assert!(response.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
}
