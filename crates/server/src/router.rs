//! Every address there is. The public listener is for partners and programs, the admin listener for the operator.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{delete, get, post, put};

use crate::access;
use crate::api::{
    clients, commands, connections, counts, entries, explain, items, live, orders, pools, sends,
    sweeps, syncs, tasks, tokens,
};
use crate::app::App;
use crate::edge::{self, Edge};
use crate::{health, metrics, page, problem, webhooks};

/// What the public listener answers: webhooks, the documents' own addresses, the API, health.
pub fn public_router(app: App) -> Router {
    let routes = Router::new()
        .route("/webhooks/{connection}", post(webhooks::by_connection))
        .merge(webhooks::routes(app.connectors))
        .merge(api())
        .merge(health_routes())
        .route("/health", get(health::health));
    finish(with_fallbacks(routes), app)
}

/// What the admin listener answers: the page, the API, metrics, signing in, health.
pub fn admin_router(app: App) -> Router {
    let routes = page::router()
        .route_layer(from_fn(access::only_operator))
        .merge(api())
        .merge(health_routes())
        .route("/health", get(health::health_and_upkeep))
        .route("/metrics", get(metrics::metrics))
        .route("/sign-in", get(access::sign_in))
        .route("/sign-out", post(access::sign_out))
        .route("/api/v1/sign-in-links", post(access::new_link));
    let gated = with_fallbacks(routes).layer(from_fn_with_state(app.clone(), access::gate));
    finish(gated, app)
}

fn api() -> Router<App> {
    Router::new()
        .route("/sync/all", post(syncs::all))
        .route("/sync/{item}", post(syncs::one))
        .route("/api/v1/tokens", get(tokens::list).post(tokens::make))
        .route("/api/v1/tokens/{token}", delete(tokens::revoke))
        .route("/api/v1/clients", get(clients::list))
        .nest("/api/v1/clients/{client}", of_one_client())
}

fn of_one_client() -> Router<App> {
    Router::new()
        .route("/", put(clients::put))
        .route("/items", get(items::list))
        .route("/items/{item}", get(items::show).put(items::put))
        .route("/items/{item}/link", post(items::link))
        .route("/items/{item}/sync", put(items::switch))
        .route("/items/{item}/allocate", post(items::allocate))
        .route("/items/{item}/unexplained", post(items::unexplained::decide))
        .route("/items/{item}/movements", get(items::movements))
        .route("/items/{item}/explain", get(explain::show))
        .route("/items/{item}/pools/{pool}", put(pools::count))
        .route("/pools/{pool}/counts", put(pools::counts))
        .route("/pools/{pool}/brake", get(counts::brake))
        .route("/pools/{pool}/brake/approve", post(counts::approve))
        .route("/pools/{pool}/brake/reject", post(counts::reject))
        .route("/terms", get(pools::terms).put(pools::put_terms))
        .route("/orders", get(orders::list).post(orders::place))
        .route("/orders/{order}", get(orders::show))
        .route("/orders/{order}/cancel", post(orders::cancel))
        .route("/orders/{order}/shipments", post(orders::ship))
        .route("/syncs/{run}", get(syncs::show))
        .route("/sweeps", get(sweeps::list))
        .route("/sweeps/{sweep}", get(sweeps::show))
        .route("/sweeps/{sweep}/apply", post(sweeps::apply))
        .route("/sweeps/{sweep}/dismiss", post(sweeps::dismiss))
        .route("/connections/{connection}/reconcile", post(sweeps::begin))
        .route("/entries", get(entries::list))
        .route("/entries/{entry}", get(entries::show))
        .route("/entries/{entry}/retry", post(entries::retry))
        .route("/tasks", get(tasks::list))
        .route("/tasks/{task}", get(tasks::show))
        .route("/tasks/{task}/retry", post(tasks::retry))
        .route("/sends", get(sends::list))
        .route("/sends/{send}", get(sends::show))
        .route("/connections", get(connections::list))
        .route("/connections/{connection}", get(connections::show).put(connections::put))
        .route("/connections/{connection}/test", post(connections::test))
        .route("/connections/{connection}/pause", post(connections::pause))
        .route("/connections/{connection}/resume", post(connections::resume))
        .route("/connections/{connection}/link", post(connections::link))
        .route("/connections/{connection}/plan", get(live::plan))
        .route("/connections/{connection}/live", post(live::live))
        .route("/connections/{connection}/observe", post(live::observe))
        .route("/connections/{connection}/brake", get(live::brake))
        .route("/connections/{connection}/brake/approve", post(live::approve))
        .route("/connections/{connection}/brake/reject", post(live::reject))
        .route("/commands/{command}", get(commands::show))
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
