//! The control API of a simulated prep centre, under `/_sandbox/`: make things happen there, and ask what really happened.
//!
//! Not part of what is simulated; the hub must never call it.

use axum::extract::{Query, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::refused::{Done, LOG_ENTRIES_MAX, Refused};
use super::{Served, Shared};
use crate::prepbusiness::{Centre, Faults, ItemSetup, Units, Which, Work};

type SharedCentre = Shared<Centre>;

impl Served for Centre {
    fn control() -> Router<SharedCentre> {
        Router::new()
            .route("/summary", get(summary))
            .route("/truth", get(truth))
            .route("/log", get(log))
            .route("/announce", post(announce))
            .route("/announced", post(change_announced))
            .route("/ship", post(ship))
            .route("/track", post(track))
            .route("/check-in", post(check_in))
            .route("/recount", post(recount))
            .route("/receive", post(receive))
            .route("/archive", post(archive))
            .route("/reassign", post(reassign))
            .route("/item", post(keep))
            .route("/order", post(order))
            .route("/ship-out", post(ship_out))
            .route("/adjust", post(adjust))
            .route("/clock", post(clock))
            .route("/faults", get(faults).post(set_faults))
            .route("/subscriptions", get(subscriptions).post(subscribe))
            .route("/trade", post(trade))
    }
}

async fn summary(State(centre): State<SharedCentre>) -> Json<Value> {
    Json(centre.with(|centre, now| centre.summary(now)))
}

async fn truth(State(centre): State<SharedCentre>) -> Json<Value> {
    Json(
        centre.with(
            |centre, _| json!({ "items": centre.truth(), "inbounds": centre.inbounds_truth() }),
        ),
    )
}

#[derive(Deserialize)]
struct LogQuery {
    #[serde(default)]
    after: u64,
    limit: Option<usize>,
}

async fn log(State(centre): State<SharedCentre>, Query(query): Query<LogQuery>) -> Json<Value> {
    let limit = query.limit.unwrap_or(LOG_ENTRIES_MAX).min(LOG_ENTRIES_MAX);
    Json(centre.with(|centre, _| {
        let entries: Vec<_> = centre.log(query.after).iter().take(limit).collect();
        let last = entries.last().map_or(query.after, |entry| entry.number);
        json!({ "entries": entries, "last": last })
    }))
}

/// Units of an item, by SKU or id.
#[derive(Deserialize)]
struct OneLine {
    sku: Option<String>,
    item_id: Option<u64>,
    #[serde(default = "one")]
    quantity: i64,
}

fn one() -> i64 {
    1
}

fn which(sku: Option<String>, item_id: Option<u64>) -> Result<Which, Refused> {
    let by_sku = sku.map(Which::Sku);
    let named = item_id.map(Which::Id).or(by_sku);
    named.ok_or_else(|| Refused("name a sku or an item_id".to_owned()))
}

fn units(lines: Vec<OneLine>) -> Result<Vec<Units>, Refused> {
    let unit = |line: OneLine| {
        Ok(Units { which: which(line.sku, line.item_id)?, quantity: line.quantity })
    };
    lines.into_iter().map(unit).collect()
}

/// Lines of a merchant.
#[derive(Deserialize)]
struct MerchantsLines {
    merchant_id: u64,
    #[serde(default)]
    name: String,
    lines: Vec<OneLine>,
}

async fn announce(State(centre): State<SharedCentre>, Json(wish): Json<MerchantsLines>) -> Done {
    let lines = units(wish.lines)?;
    let id =
        centre.with(|centre, now| centre.announce(wish.merchant_id, &wish.name, &lines, now))?;
    Ok(Json(json!({ "inbound_id": id })))
}

async fn order(State(centre): State<SharedCentre>, Json(wish): Json<MerchantsLines>) -> Done {
    let lines = units(wish.lines)?;
    let id = centre.with(|centre, now| centre.order(wish.merchant_id, &wish.name, &lines, now))?;
    Ok(Json(json!({ "order_id": id })))
}

async fn ship_out(State(centre): State<SharedCentre>, Json(wish): Json<MerchantsLines>) -> Done {
    let lines = units(wish.lines)?;
    let id = centre.with(|centre, now| centre.ship_out(wish.merchant_id, &lines, now))?;
    Ok(Json(json!({ "outbound_id": id })))
}

async fn adjust(State(centre): State<SharedCentre>, Json(wish): Json<MerchantsLines>) -> Done {
    for line in units(wish.lines)? {
        centre.with(|centre, now| centre.adjust(wish.merchant_id, &line, now))?;
    }
    Ok(Json(json!({ "adjusted": true })))
}

#[derive(Deserialize)]
struct Ship {
    inbound_id: u64,
    #[serde(default = "ups")]
    carrier: String,
    #[serde(default)]
    tracking_numbers: Vec<String>,
}

fn ups() -> String {
    "ups".to_owned()
}

async fn ship(State(centre): State<SharedCentre>, Json(wish): Json<Ship>) -> Done {
    let (id, numbers) = (wish.inbound_id, wish.tracking_numbers);
    centre.with(|centre, now| centre.ship(id, &wish.carrier, &numbers, now))?;
    Ok(Json(json!({ "inbound_id": id })))
}

/// Units that came. What the inbound does not have yet is listed as well.
#[derive(Deserialize)]
struct CheckIn {
    inbound_id: u64,
    #[serde(default)]
    lines: Vec<OneLine>,
    #[serde(default)]
    unsellable: Vec<OneLine>,
}

async fn check_in(State(centre): State<SharedCentre>, Json(wish): Json<CheckIn>) -> Done {
    let (id, good, bad) = (wish.inbound_id, units(wish.lines)?, units(wish.unsellable)?);
    if !good.is_empty() {
        centre.with(|centre, now| centre.check_in(id, &good, now))?;
    }
    if !bad.is_empty() {
        centre.with(|centre, now| centre.find_unsellable(id, &bad, now))?;
    }
    Ok(Json(json!({ "inbound_id": id })))
}

async fn change_announced(State(centre): State<SharedCentre>, Json(wish): Json<CheckIn>) -> Done {
    for line in units(wish.lines)? {
        centre.with(|centre, now| centre.change_announced(wish.inbound_id, &line, now))?;
    }
    Ok(Json(json!({ "inbound_id": wish.inbound_id })))
}

#[derive(Deserialize)]
struct Recount {
    inbound_id: u64,
    sku: Option<String>,
    item_id: Option<u64>,
    actual: i64,
    #[serde(default)]
    unsellable: i64,
}

async fn recount(State(centre): State<SharedCentre>, Json(wish): Json<Recount>) -> Done {
    let (id, counted) = (wish.inbound_id, (wish.actual, wish.unsellable));
    let which = which(wish.sku, wish.item_id)?;
    centre.with(|centre, now| centre.recount(id, &which, counted, now))?;
    Ok(Json(json!({ "inbound_id": id })))
}

#[derive(Deserialize)]
struct OneInbound {
    inbound_id: u64,
}

async fn track(State(centre): State<SharedCentre>, Json(wish): Json<OneInbound>) -> Done {
    centre.with(|centre, now| centre.track(wish.inbound_id, now))?;
    Ok(Json(json!({ "inbound_id": wish.inbound_id })))
}

async fn receive(State(centre): State<SharedCentre>, Json(wish): Json<OneInbound>) -> Done {
    centre.with(|centre, now| centre.receive(wish.inbound_id, now))?;
    Ok(Json(json!({ "inbound_id": wish.inbound_id })))
}

async fn archive(State(centre): State<SharedCentre>, Json(wish): Json<OneInbound>) -> Done {
    centre.with(|centre, now| centre.archive(wish.inbound_id, now))?;
    Ok(Json(json!({ "inbound_id": wish.inbound_id })))
}

#[derive(Deserialize)]
struct Reassign {
    inbound_id: u64,
    merchant_id: u64,
}

async fn reassign(State(centre): State<SharedCentre>, Json(wish): Json<Reassign>) -> Done {
    centre.with(|centre, now| centre.reassign(wish.inbound_id, wish.merchant_id, now))?;
    Ok(Json(json!({ "inbound_id": wish.inbound_id })))
}

#[derive(Deserialize)]
struct NewItem {
    merchant_id: u64,
    sku: Option<String>,
    asin: Option<String>,
    title: String,
    #[serde(default)]
    opening: i64,
}

async fn keep(State(centre): State<SharedCentre>, Json(wish): Json<NewItem>) -> Done {
    let goods =
        ItemSetup { sku: wish.sku, asin: wish.asin, title: wish.title, opening: wish.opening };
    let id = centre.with(|centre, now| centre.keep(wish.merchant_id, &goods, now))?;
    Ok(Json(json!({ "item_id": id })))
}

#[derive(Deserialize)]
struct Advance {
    advance_seconds: u32,
}

async fn clock(State(centre): State<SharedCentre>, Json(advance): Json<Advance>) -> Json<Value> {
    centre.advance(advance.advance_seconds);
    Json(json!({ "now": centre.with(|_, now| now.to_string()) }))
}

async fn faults(State(centre): State<SharedCentre>) -> Json<Faults> {
    Json(centre.with(|centre, _| centre.faults().clone()))
}

/// Replaces all knobs: what is not named is calm again.
async fn set_faults(
    State(centre): State<SharedCentre>,
    Json(faults): Json<Faults>,
) -> Json<Faults> {
    Json(centre.with(|centre, _| {
        centre.set_faults(faults);
        centre.faults().clone()
    }))
}

async fn subscriptions(State(centre): State<SharedCentre>) -> Json<Value> {
    Json(json!({ "subscriptions": centre.with(|centre, _| centre.subscribed()) }))
}

#[derive(Deserialize)]
struct Subscribe {
    events: Vec<String>,
    url: String,
}

async fn subscribe(State(centre): State<SharedCentre>, Json(wish): Json<Subscribe>) -> Done {
    let events: Vec<&str> = wish.events.iter().map(String::as_str).collect();
    let id = centre.with(|centre, now| centre.subscribe(&events, &wish.url, now))?;
    Ok(Json(json!({ "subscription_id": id })))
}

/// The pace of work, or an end of it.
#[derive(Deserialize)]
struct TradeWish {
    #[serde(default)]
    stop: bool,
    #[serde(default)]
    work: Work,
}

async fn trade(State(centre): State<SharedCentre>, Json(wish): Json<TradeWish>) -> Json<Value> {
    let work = (!wish.stop).then_some(wish.work);
    centre.trade(work);
    Json(json!({ "work": work }))
}
