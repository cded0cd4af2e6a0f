//! Every address there is. The public listener is for partners and programs, the admin listener for the operator.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};

use crate::access;
use crate::api::{
    announcing, clients, commands, connections, counts, drift, entries, explain, items, live,
    marking, merchants, orders, pools, receptions, sends, sweeps, syncs, tasks, tellings, tokens,
};
use crate::app::{App, Connectors};
use crate::edge::{self, Edge};
use crate::routes::{Address, Routes};
use crate::{health, metrics, page, problem, webhooks};

/// What the public listener answers: webhooks, the documents' own addresses, the API, health.
pub fn public_router(app: App) -> Router {
    let routes = for_partners(app.connectors).merge(api(app.connectors)).into_router();
    let routes = routes.merge(health_routes()).route("/health", get(health::health));
    finish(with_fallbacks(routes), app)
}

/// What the admin listener answers: the page, the API, metrics, signing in, health.
pub fn admin_router(app: App) -> Router {
    let routes = page::router()
        .route_layer(from_fn(access::only_operator))
        .merge(api(app.connectors).into_router())
        .merge(health_routes())
        .route("/health", get(health::health_and_upkeep))
        .route("/metrics", get(metrics::metrics))
        .route("/sign-in", get(access::sign_in))
        .route("/sign-out", post(access::sign_out))
        .route("/api/v1/sign-in-links", post(access::new_link));
    let gated = with_fallbacks(routes).layer(from_fn_with_state(app.clone(), access::gate));
    finish(gated, app)
}

/// Every address that takes an API token, with its methods.
#[must_use]
pub fn addresses(connectors: Connectors) -> Vec<Address> {
    api(connectors).addresses().to_vec()
}

/// Where partners knock: every delivery is checked by its connector.
fn for_partners(connectors: Connectors) -> Routes {
    Routes::default()
        .post("/webhooks/{connection}", webhooks::by_connection)
        .post("/webhooks/{connection}/{topic}", webhooks::by_topic)
        .merge(webhooks::routes(connectors))
}

fn api(connectors: Connectors) -> Routes {
    Routes::default()
        .post("/sync/all", syncs::all)
        .post("/sync/{item}", syncs::one)
        .merge(tellings::routes(connectors))
        .get("/api/v1/tokens", tokens::list)
        .post("/api/v1/tokens", tokens::make)
        .delete("/api/v1/tokens/{token}", tokens::revoke)
        .get("/api/v1/clients", clients::list)
        .under("/api/v1/clients/{client}", of_one_client())
        .get("/api/v1/connections", connections::list_shared)
        .under("/api/v1/connections/{connection}", of_one_shared_connection())
}

fn of_one_client() -> Routes {
    Routes::default()
        .put("/", clients::put)
        .get("/items", items::list)
        .put("/items", items::put_by_any_name)
        .get("/items/{item}", items::show)
        .put("/items/{item}", items::put)
        .post("/items/{item}/link", items::link)
        .put("/items/{item}/sync", items::switch)
        .post("/items/{item}/allocate", items::allocate)
        .post("/items/{item}/unexplained", items::unexplained::decide)
        .get("/items/{item}/movements", items::movements)
        .get("/items/{item}/explain", explain::show)
        .put("/items/{item}/pools/{pool}", pools::count)
        .put("/pools/{pool}/counts", pools::counts)
        .get("/pools/{pool}/brake", counts::brake)
        .post("/pools/{pool}/brake/approve", counts::approve)
        .post("/pools/{pool}/brake/reject", counts::reject)
        .get("/terms", pools::terms)
        .put("/terms", pools::put_terms)
        .get("/orders", orders::list)
        .post("/orders", orders::place)
        .get("/orders/{order}", orders::show)
        .post("/orders/{order}/cancel", orders::cancel)
        .post("/orders/{order}/shipments", orders::ship)
        .get("/drift", drift::list)
        .get("/receptions", receptions::list)
        .get("/receptions/{source}/{reception}", receptions::show)
        .get("/syncs/{run}", syncs::show)
        .get("/sweeps", sweeps::list)
        .get("/sweeps/{sweep}", sweeps::show)
        .post("/sweeps/{sweep}/apply", sweeps::apply)
        .post("/sweeps/{sweep}/dismiss", sweeps::dismiss)
        .post("/connections/{connection}/reconcile", sweeps::begin)
        .get("/connections", connections::list)
        .get("/connections/{connection}", connections::show)
        .put("/connections/{connection}", connections::put)
        .post("/connections/{connection}/link", connections::link)
        .get("/connections/{connection}/orders/{order}/shipped", marking::show)
        .post("/connections/{connection}/orders/{order}/shipped", marking::shipped)
        .get("/connections/{connection}/plan", live::plan)
        .get("/connections/{connection}/brake", live::brake)
        .post("/connections/{connection}/brake/approve", live::approve)
        .post("/connections/{connection}/brake/reject", live::reject)
        .under("/connections/{connection}", operating())
        .merge(of_one_lane())
}

/// A shared connection serves several clients, so its lane is its own.
fn of_one_shared_connection() -> Routes {
    operating()
        .merge(of_one_lane())
        .get("/", connections::show)
        .put("/", connections::put_shared)
        .get("/merchants", merchants::list)
        .get("/merchants/{merchant}", merchants::show)
        .put("/merchants/{merchant}", merchants::put)
        .delete("/merchants/{merchant}", merchants::remove)
        .post("/poll", tellings::poll)
        .post("/receptions", tellings::tell)
        .post("/merchants/{merchant}/receptions", announcing::create)
        .put("/merchants/{merchant}/receptions/{reception}", announcing::update)
        .put("/merchants/{merchant}/receptions/{reception}/lines/{item}", announcing::put_line)
        .post("/merchants/{merchant}/receptions/{reception}/submit", announcing::submitted)
        .post("/merchants/{merchant}/receptions/{reception}/archive", announcing::archive)
}

/// What can be done with a connection, whosever it is.
fn operating() -> Routes {
    Routes::default()
        .post("/test", connections::test)
        .post("/pause", connections::pause)
        .post("/resume", connections::resume)
        .post("/live", live::live)
        .post("/observe", live::observe)
}

/// What every lane has.
fn of_one_lane() -> Routes {
    Routes::default()
        .get("/entries", entries::list)
        .get("/entries/{entry}", entries::show)
        .post("/entries/{entry}/retry", entries::retry)
        .get("/tasks", tasks::list)
        .get("/tasks/{task}", tasks::show)
        .post("/tasks/{task}/retry", tasks::retry)
        .get("/sends", sends::list)
        .get("/sends/{send}", sends::show)
        .get("/commands/{command}", commands::show)
}

fn health_routes() -> Router<App> {
    Router::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
}

fn with_fallbacks(routes: Router<App>) -> Router<App> {
    routes.fallback(problem::no_such_address).method_not_allowed_fallback(problem::no_such_method)
}

fn finish(routes: Router<App>, app: App) -> Router {
    let edge = Edge::new(&app.limits);
    routes.layer(from_fn_with_state(edge, edge::edge)).with_state(app)
}
