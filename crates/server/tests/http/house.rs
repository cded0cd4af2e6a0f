//! A whole house for one test: engine, store, both listeners, and a wire that answers as the test says.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant as Stopwatch};

use crossdock_domain::{Instant, Span};
use crossdock_hub::{AnswerHead, Outgoing, WireResult, answer_arrival};
use crossdock_server::access::Admin;
use crossdock_server::app::{App, Parts};
use crossdock_server::engine::{Clock, Engine, Start, start};
use crossdock_server::limits::Limits;
use crossdock_server::look::Look;
use crossdock_server::router::{admin_router, public_router};
use crossdock_server::serve::serve;
use crossdock_store::vault::{KEY_BYTES, MasterKey};
use reqwest::{Method, RequestBuilder};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::acme;
use crate::fresh::Fresh;

pub(crate) const ADMIN_TOKEN: &str = "the-operator's-canary";
pub(crate) const SECRET: &str = "acme-canary";

/// Goes with the real time, from a made-up start, and can be put forward.
pub(crate) struct TestClock {
    begun: Stopwatch,
    ahead_s: AtomicI64,
}

impl TestClock {
    pub(crate) fn put_forward(&self, seconds: i64) {
        self.ahead_s.fetch_add(seconds, Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        let run = u64::try_from(self.begun.elapsed().as_micros()).unwrap();
        let ahead = u64::try_from(self.ahead_s.load(Relaxed)).unwrap();
        Instant(1_800_000_000_000_000).plus(Span(run)).plus(Span::from_s(ahead))
    }
}

/// What the wire says to every call; nothing is answered when `None`.
#[derive(Clone, Copy)]
pub(crate) struct Says(pub(crate) Option<(u16, &'static str)>);

pub(crate) struct House {
    pub(crate) public: SocketAddr,
    pub(crate) admin: SocketAddr,
    pub(crate) app: App,
    pub(crate) clock: Arc<TestClock>,
    http: reqwest::Client,
    place: Arc<Fresh>,
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with(Limits::default(), Says(None)).await
    }

    pub(crate) async fn with(limits: Limits, says: Says) -> Self {
        Self::on(Arc::new(Fresh::new()), limits, says).await
    }

    /// Another node on this one's database.
    pub(crate) async fn beside(&self) -> Self {
        Self::on(Arc::clone(&self.place), Limits::default(), Says(None)).await
    }

    /// How many connections the store has.
    pub(crate) fn connections(&self) -> usize {
        let count = || self.place.store().connections().unwrap().len();
        thread::scope(|threads| threads.spawn(count).join().unwrap())
    }

    /// How long SQLite's log is, in bytes; `None` on a server.
    pub(crate) fn log_bytes(&self) -> Option<u64> {
        let log = self.place.file().with_extension("db-wal");
        self.place.url().is_none().then(|| std::fs::metadata(log).unwrap().len())
    }

    /// Has the database server do something that nothing of ours does.
    pub(crate) fn say(&self, sql: &str) {
        self.place.say(sql);
    }

    async fn on(place: Arc<Fresh>, limits: Limits, says: Says) -> Self {
        let clock = Arc::new(TestClock { begun: Stopwatch::now(), ahead_s: AtomicI64::new(0) });
        let (outbox, sent) = mpsc::unbounded_channel();
        let runtime = Handle::current();
        let begin = || {
            let _entered = runtime.enter();
            let (key, clock) = (MasterKey::new(vec![7; KEY_BYTES]).unwrap(), clock.clone());
            let (store, find, fresh_salt, outbox) =
                (place.store(), acme::find, [1; 16], Some(outbox));
            start(Start { store, find, key, fresh_salt, clock, outbox }).unwrap()
        };
        // A test's one thread belongs to its runtime; who asks a server waits on another.
        let running = thread::scope(|threads| threads.spawn(begin).join().unwrap());
        tokio::spawn(wire(running.engine.clone(), sent, says));
        let parts = Parts {
            engine: running.engine,
            look: Look::new(place.place()),
            admin: Admin::new(&SecretString::from(ADMIN_TOKEN), vec!["hub.example".to_owned()]),
            limits,
        };
        let app = App::new(parts, acme::all());
        let public = listen(public_router(app.clone()), &app).await;
        let admin = listen(admin_router(app.clone()), &app).await;
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self { public, admin, app, clock, http: http.build().unwrap(), place }
    }

    /// A house with the client `main`, its connection `shop`, and two items.
    pub(crate) async fn furnished(says: Says) -> Self {
        let house = Self::with(Limits::default(), says).await;
        house.put_connection("main", "shop", "acme-1").await;
        for sku in ["A", "B"] {
            let link = json!([{ "connection": "shop", "inventory_item": format!("remote-{sku}") }]);
            let item = json!({ "links": link, "reference": format!("prod_{sku}") });
            let put = house.admin(Method::PUT, &format!("/api/v1/clients/main/items/{sku}"));
            assert_eq!(put.json(&item).send().await.unwrap().status(), 200);
        }
        house
    }

    /// A house with the clients `main` and `other`, and the connection `prep`, which serves both.
    pub(crate) async fn prepared(says: Says) -> Self {
        let house = Self::with(Limits::default(), says).await;
        for client in ["main", "other"] {
            let put = house.admin(Method::PUT, &format!("/api/v1/clients/{client}"));
            assert_eq!(told(put.json(&json!({ "name": client }))).await.0, 200);
        }
        let wanted = json!({ "connector": "depot", "secrets": { "secret": SECRET } });
        let put = house.admin(Method::PUT, "/api/v1/connections/prep").json(&wanted);
        let (status, answer) = told(put).await;
        assert_eq!(status, 200, "{answer}");
        house
    }

    /// Maps an account of `prep`.
    pub(crate) async fn map(&self, account: &str, client: &str) {
        let path = format!("/api/v1/connections/prep/merchants/{account}");
        let put = self.admin(Method::PUT, &path).json(&json!({ "client": client }));
        let (status, answer) = told(put).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// Tells of receptions by hand.
    pub(crate) async fn tell(&self, inbounds: Value) -> (u16, Value) {
        self.post("/api/v1/connections/prep/receptions", json!({ "inbounds": inbounds })).await
    }

    pub(crate) async fn put_connection(&self, client: &str, id: &str, account: &str) {
        let wanted = json!({
            "connector": "acme", "settings": { "account": account }, "secrets": { "secret": SECRET },
            "stock": { "reconcile_changes": "never", "reconcile_all": "never" },
        });
        let path = format!("/api/v1/clients/{client}/connections/{id}");
        let answer = self.admin(Method::PUT, &path).json(&wanted).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    }

    /// A request by the operator.
    pub(crate) fn admin(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("http://{}{path}", self.admin)).bearer_auth(ADMIN_TOKEN)
    }

    /// A request to the admin listener by nobody in particular.
    pub(crate) fn at_admin(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("http://{}{path}", self.admin))
    }

    /// A request to the public listener.
    pub(crate) fn public(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("http://{}{path}", self.public))
    }

    /// A signed webhook.
    pub(crate) fn webhook(&self, path: &str, id: &str) -> RequestBuilder {
        self.public(Method::POST, path)
            .header("x-acme-signature", SECRET)
            .header("x-acme-id", id)
            .header("x-acme-topic", "stock")
            .body("{\"available\": 3}")
    }

    /// A token with these scopes.
    pub(crate) async fn token(&self, scopes: &[&str], client: Option<&str>) -> String {
        let wanted = json!({ "name": "test", "scopes": scopes, "client": client });
        let answer = self.admin(Method::POST, "/api/v1/tokens").json(&wanted).send().await.unwrap();
        assert_eq!(answer.status(), 201);
        let made: Value = answer.json().await.unwrap();
        made["token"].as_str().unwrap().to_owned()
    }

    /// What the operator reads at an address.
    pub(crate) async fn read(&self, path: &str) -> Value {
        let answer = self.admin(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.unwrap()
    }

    /// What the operator gets for a command.
    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        told(self.admin(Method::POST, path).json(&body)).await
    }
}

/// Status and JSON of an answer.
pub(crate) async fn told(request: RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or_default())
}

async fn listen(router: axum::Router, app: &App) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = app.clone();
    tokio::spawn(async move {
        serve(listener, router, &app.limits, std::future::pending()).await.unwrap();
    });
    address
}

/// Answers every call as the test says.
async fn wire(engine: Engine, mut sent: mpsc::UnboundedReceiver<Outgoing>, says: Says) {
    while let Some(call) = sent.recv().await {
        let Some((status, body)) = says.0 else { continue };
        let headers = crossdock_connectors::Headers::default();
        let head = AnswerHead {
            send: call.number,
            attempt: call.attempt,
            took_ms: 1,
            result: WireResult::Response { status, headers, retry_after: None },
        };
        let (lane, topic) = (call.lane, call.kind.word());
        let id = u64::from(call.attempt) + call.number.0 * 1_000;
        let id = u128::from(id).to_le_bytes();
        let now = engine.now();
        let answer = answer_arrival(id, lane, call.connection, topic, &head, body.as_bytes(), now);
        engine.keep_for_sure(answer).await.unwrap();
    }
}

/// Looks again until it is so; fails after a while that no machine needs.
pub(crate) async fn eventually<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..500 {
        if let Some(seen) = look().await {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never came to be so");
}
