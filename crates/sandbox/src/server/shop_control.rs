//! The control API under `/_sandbox/`: make things happen in the shop, and ask what really happened.
//!
//! Not part of what is simulated; the hub must never call it.

use axum::extract::{Query, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::refused::{Done, LOG_ENTRIES_MAX};
use super::{Served, Shared};
use crate::shopify::{Faults, Shelf, Shop, Tokens, Trade, Units, Which};

type SharedShop = Shared<Shop>;

impl Served for Shop {
    fn control() -> Router<SharedShop> {
        router()
    }
}

fn router() -> Router<SharedShop> {
    Router::new()
        .route("/summary", get(summary))
        .route("/truth", get(truth))
        .route("/log", get(log))
        .route("/sell", post(sell))
        .route("/cancel", post(cancel))
        .route("/refund", post(refund))
        .route("/fulfil", post(fulfil))
        .route("/restock", post(restock))
        .route("/edit", post(edit))
        .route("/clock", post(clock))
        .route("/faults", get(faults).post(set_faults))
        .route("/subscriptions", get(subscriptions).post(subscribe))
        .route("/trade", post(trade))
        .route("/uninstall", post(uninstall))
        .route("/install", post(install))
        .route("/token/expire", post(expire))
}

async fn summary(State(shop): State<SharedShop>) -> Json<Value> {
    Json(shop.with(|shop, now| shop.summary(now)))
}

async fn truth(State(shop): State<SharedShop>) -> Json<Value> {
    Json(json!({ "items": shop.with(|shop, _| shop.truth()) }))
}

#[derive(Deserialize)]
struct LogQuery {
    #[serde(default)]
    after: u64,
    limit: Option<usize>,
}

async fn log(State(shop): State<SharedShop>, Query(query): Query<LogQuery>) -> Json<Value> {
    let limit = query.limit.unwrap_or(LOG_ENTRIES_MAX).min(LOG_ENTRIES_MAX);
    Json(shop.with(|shop, _| {
        let entries: Vec<_> = shop.log(query.after).iter().take(limit).collect();
        let last = entries.last().map_or(query.after, |entry| entry.number);
        json!({ "entries": entries, "last": last })
    }))
}

#[derive(Deserialize)]
struct OneLine {
    sku: Option<String>,
    inventory_item_id: Option<u64>,
    #[serde(default = "one")]
    quantity: i64,
}

fn one() -> i64 {
    1
}

impl From<OneLine> for Units {
    fn from(line: OneLine) -> Self {
        let which = Which { sku: line.sku, inventory_item_id: line.inventory_item_id };
        Self { which, quantity: line.quantity }
    }
}

/// One line in short, or several under `lines`.
#[derive(Deserialize)]
struct Lines {
    #[serde(default, rename = "lines")]
    several: Vec<OneLine>,
    sku: Option<String>,
    inventory_item_id: Option<u64>,
    #[serde(default = "one")]
    quantity: i64,
}

impl Lines {
    fn units(self) -> Vec<Units> {
        let short = OneLine {
            sku: self.sku,
            inventory_item_id: self.inventory_item_id,
            quantity: self.quantity,
        };
        let named = short.sku.is_some() || short.inventory_item_id.is_some();
        let lines = self.several.into_iter().chain(named.then_some(short));
        lines.map(Units::from).collect()
    }
}

async fn sell(State(shop): State<SharedShop>, Json(lines): Json<Lines>) -> Done {
    let units = lines.units();
    let order_id = shop.with(|shop, now| shop.sell(&units, now))?;
    Ok(Json(json!({ "order_id": order_id })))
}

#[derive(Deserialize)]
struct OrderBack {
    order_id: u64,
    #[serde(default)]
    lines: Vec<OneLine>,
    restock: Option<bool>,
}

impl OrderBack {
    /// Goods go back on the shelf unless it is said that they don't.
    fn shelf(&self) -> Shelf {
        if self.restock == Some(false) { Shelf::Keep } else { Shelf::Restock }
    }
}

async fn cancel(State(shop): State<SharedShop>, Json(order): Json<OrderBack>) -> Done {
    let shelf = order.shelf();
    shop.with(|shop, now| shop.cancel(order.order_id, shelf, now))?;
    Ok(Json(json!({ "order_id": order.order_id })))
}

async fn refund(State(shop): State<SharedShop>, Json(order): Json<OrderBack>) -> Done {
    let (order_id, shelf) = (order.order_id, order.shelf());
    let units: Vec<Units> = order.lines.into_iter().map(Units::from).collect();
    shop.with(|shop, now| shop.refund(order_id, &units, shelf, now))?;
    Ok(Json(json!({ "order_id": order_id })))
}

async fn fulfil(State(shop): State<SharedShop>, Json(order): Json<OrderBack>) -> Done {
    shop.with(|shop, now| shop.fulfil(order.order_id, now))?;
    Ok(Json(json!({ "order_id": order.order_id })))
}

async fn restock(State(shop): State<SharedShop>, Json(line): Json<OneLine>) -> Done {
    let units = Units::from(line);
    shop.with(|shop, now| shop.restock(&units, now))?;
    Ok(Json(json!({ "restocked": units.quantity })))
}

#[derive(Deserialize)]
struct Edit {
    sku: Option<String>,
    inventory_item_id: Option<u64>,
    available: i64,
}

async fn edit(State(shop): State<SharedShop>, Json(edit): Json<Edit>) -> Done {
    let which = Which { sku: edit.sku, inventory_item_id: edit.inventory_item_id };
    shop.with(|shop, now| shop.edit(&which, edit.available, now))?;
    Ok(Json(json!({ "available": edit.available })))
}

#[derive(Deserialize)]
struct Advance {
    advance_seconds: u32,
}

async fn clock(State(shop): State<SharedShop>, Json(advance): Json<Advance>) -> Json<Value> {
    shop.advance(advance.advance_seconds);
    Json(json!({ "now": shop.with(|_, now| now.to_string()) }))
}

async fn faults(State(shop): State<SharedShop>) -> Json<Faults> {
    Json(shop.with(|shop, _| shop.faults().clone()))
}

/// Replaces all knobs: what is not named is calm again.
async fn set_faults(State(shop): State<SharedShop>, Json(faults): Json<Faults>) -> Json<Faults> {
    Json(shop.with(|shop, _| {
        shop.set_faults(faults);
        shop.faults().clone()
    }))
}

async fn subscriptions(State(shop): State<SharedShop>) -> Json<Value> {
    Json(json!({ "subscriptions": shop.with(|shop, _| shop.subscribed()) }))
}

#[derive(Deserialize)]
struct Subscribe {
    topics: Vec<String>,
    url: String,
    api_version: Option<String>,
}

async fn subscribe(State(shop): State<SharedShop>, Json(wish): Json<Subscribe>) -> Done {
    let version = wish.api_version.as_deref().unwrap_or("2026-07");
    let made = shop.with(|shop, now| shop.subscribe_to(&wish.topics, &wish.url, version, now));
    Ok(Json(json!({ "subscription_ids": made? })))
}

#[derive(Deserialize)]
struct TradeWish {
    #[serde(default)]
    stop: bool,
    orders_per_second: Option<f64>,
    cancel_share: Option<f64>,
    edit_share: Option<f64>,
    max_quantity: Option<i64>,
}

async fn trade(State(shop): State<SharedShop>, Json(wish): Json<TradeWish>) -> Json<Value> {
    let usual = Trade::default();
    let wanted = Trade {
        orders_per_second: wish.orders_per_second.unwrap_or(usual.orders_per_second),
        cancel_share: wish.cancel_share.unwrap_or(usual.cancel_share),
        edit_share: wish.edit_share.unwrap_or(usual.edit_share),
        max_quantity: wish.max_quantity.unwrap_or(usual.max_quantity),
    };
    let trade = (!wish.stop).then_some(wanted);
    shop.trade(trade);
    Json(json!({ "trade": trade }))
}

async fn uninstall(State(shop): State<SharedShop>) -> Json<Value> {
    shop.with(Shop::uninstall);
    Json(json!({ "installed": false }))
}

async fn install(State(shop): State<SharedShop>) -> Json<Value> {
    shop.with(|shop, _| shop.install());
    Json(json!({ "installed": true }))
}

#[derive(Deserialize, Default)]
struct Expire {
    #[serde(default)]
    all: bool,
}

async fn expire(State(shop): State<SharedShop>, body: Option<Json<Expire>>) -> Json<Value> {
    let all = body.is_some_and(|Json(expire)| expire.all);
    let which = if all { Tokens::All } else { Tokens::Granted };
    shop.with(|shop, _| shop.expire_tokens(which));
    Json(json!({ "expired": if all { "all" } else { "granted" } }))
}
