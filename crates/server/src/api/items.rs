//! Items: looked at, made, given their terms, linked, brought in step, allocated.

mod shown;
pub(crate) mod unexplained;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use crossdock_domain::command::{Command, LinkHow, LinkWish, PutItem};
use crossdock_domain::item::Allocation;
use crossdock_domain::stock::Account;
use crossdock_domain::stock::backing::BackingWish;
use crossdock_domain::stock::publishing::PublishingTerms;
use crossdock_domain::{ConnectionId, Number};
use serde::Deserialize;
use serde_json::{Value, json};

use super::submit::{Manners, submit_and_answer};
use super::terms::Terms;
use super::{beside, drift, last_of_full, page_limit};
use crate::access::{Desk, ToRead, ToWrite};
use crate::app::App;
use crate::body;
use crate::problem::{Kind, Problem};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    search: Option<String>,
    #[serde(default)]
    after: String,
    limit: Option<u32>,
}

/// `GET …/items`.
pub(crate) async fn list(
    State(app): State<App>,
    desk: Desk<ToRead>,
    body::Query(filter): body::Query<Filter>,
) -> Result<Json<Value>, Problem> {
    let limit = page_limit(filter.limit);
    let (client, now) = (desk.client.clone(), app.engine.now());
    let found = app
        .look
        .at(move |reader| {
            let setting = shown::Setting::read(reader, &client, now)?;
            let found = reader.items(&client, filter.search.as_deref(), &filter.after, limit)?;
            let shown = found.iter().map(|stock| setting.shown(reader, stock));
            shown.collect::<Result<Vec<_>, _>>()
        })
        .await?;
    if found.is_empty() {
        desk.must_exist(&app).await?;
    }
    let next = last_of_full(&found, limit).and_then(|last| last.get("sku").cloned());
    Ok(Json(json!({ "items": found, "next": next })))
}

/// `GET …/items/{item}`.
pub(crate) async fn show(
    State(app): State<App>,
    desk: Desk<ToRead>,
) -> Result<Json<Value>, Problem> {
    let (client, name) = (desk.client.clone(), desk.text("item").to_owned());
    let now = app.engine.now();
    let found = app
        .look
        .at(move |reader| {
            let Some(stock) = reader.item(&client, &name)? else { return Ok(None) };
            let links = reader.links(&client, stock.item.id)?;
            let counts = reader.pool_counts(&client, stock.item.id)?;
            let witnesses = reader.witnessed(&client, stock.item.id)?;
            let more = json!({
                "links": links.iter().map(shown::link).collect::<Value>(),
                "accounts": shown::accounts(&stock),
                "counts": counts.iter().map(shown::count).collect::<Value>(),
                "witnesses": witnesses.iter().map(drift::shown).collect::<Value>(),
            });
            let setting = shown::Setting::read(reader, &client, now)?;
            Ok(Some(beside(setting.shown(reader, &stock)?, more)))
        })
        .await?;
    found.map(Json).ok_or_else(|| no_item(desk.text("item")))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Back {
    before: Option<u64>,
    limit: Option<u32>,
}

/// `GET …/items/{item}/movements`: newest first.
pub(crate) async fn movements(
    State(app): State<App>,
    desk: Desk<ToRead>,
    body::Query(back): body::Query<Back>,
) -> Result<Json<Value>, Problem> {
    let (client, name) = (desk.client.clone(), desk.text("item").to_owned());
    let limit = page_limit(back.limit);
    let found = app
        .look
        .at(move |reader| {
            let Some(stock) = reader.item(&client, &name)? else { return Ok(None) };
            let before = back.before.map(Number);
            reader.movements(&client, stock.item.id, before, limit).map(Some)
        })
        .await?;
    let movements = found.ok_or_else(|| no_item(desk.text("item")))?;
    let movements: Vec<_> = movements.iter().map(shown::movement).collect();
    Ok(Json(json!({ "movements": movements })))
}

/// The ASIN that takes away what an item has. A blank one does not: catalogues write that where they know of none.
const NO_ASIN: &str = "none";

/// An item as wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    sku: Option<String>,
    asin: Option<String>,
    reference: Option<String>,
    title: Option<String>,
    #[serde(default)]
    links: Vec<LinkWish>,
    sync: Option<bool>,
    allocation: Option<Allocation>,
    publishing: Option<PublishingTerms>,
    backing: Option<BackingWish>,
}

impl Wanted {
    fn command(self, sku: String) -> Command {
        Command::PutItem(PutItem {
            sku,
            asin: named(self.asin).map(|asin| if asin == NO_ASIN { String::new() } else { asin }),
            reference: self.reference,
            title: self.title,
            links: self.links,
            sync: self.sync,
            allocation: self.allocation,
            publishing: self.publishing,
            backing: self.backing,
        })
    }
}

/// What is blank names nothing.
fn named(name: Option<String>) -> Option<String> {
    name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// `PUT …/items/{sku}`.
pub(crate) async fn put(
    State(app): State<App>,
    desk: Desk<ToWrite>,
    terms: Terms,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<Response, Problem> {
    let sku = desk.text("item").to_owned();
    if wanted.sku.as_ref().is_some_and(|other| *other != sku) {
        let why = format!("The address says `{sku}`, the body another SKU: say it once.");
        return Err(Problem::new(Kind::Unacceptable, why));
    }
    submit_and_answer(&app, &desk, &wanted.command(sku), (terms, Manners::PUT)).await
}

/// `PUT …/items`: by SKU, by ASIN, or by both. What a catalogue knows fills in what is known already; nothing doubles.
pub(crate) async fn put_by_any_name(
    State(app): State<App>,
    desk: Desk<ToWrite>,
    terms: Terms,
    body::Json(mut wanted): body::Json<Wanted>,
) -> Result<Response, Problem> {
    let sku = named(wanted.sku.take()).unwrap_or_default();
    if sku.is_empty() && named(wanted.asin.clone()).is_none() {
        return Err(Problem::new(Kind::Unacceptable, "Name the item by `sku`, `asin` or both."));
    }
    submit_and_answer(&app, &desk, &wanted.command(sku), (terms, Manners::PUT)).await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Linking {
    connection: ConnectionId,
    #[serde(default)]
    adopt: bool,
    #[serde(default)]
    sync: bool,
}

/// `POST …/items/{item}/link`: finds the item at a partner by its SKU.
pub(crate) async fn link(
    State(app): State<App>,
    desk: Desk<ToWrite>,
    terms: Terms,
    body::Json(wanted): body::Json<Linking>,
) -> Result<Response, Problem> {
    let how = LinkHow { adopt: wanted.adopt, sync: wanted.sync };
    let item = desk.text("item").to_owned();
    let command = Command::LinkItem { item, connection: wanted.connection, how };
    submit_and_answer(&app, &desk, &command, (terms, Manners::ACT)).await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Switch {
    enabled: bool,
}

/// `PUT …/items/{item}/sync`: writes the item's stock to its partners from now on, or only observes it.
pub(crate) async fn switch(
    State(app): State<App>,
    desk: Desk<ToWrite>,
    terms: Terms,
    body::Json(wanted): body::Json<Switch>,
) -> Result<Response, Problem> {
    let command = Command::SetSync { item: desk.text("item").to_owned(), enabled: wanted.enabled };
    submit_and_answer(&app, &desk, &command, (terms, Manners::PUT)).await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Allocating {
    quantity: i64,
    from: Account,
    to: Account,
}

/// `POST …/items/{item}/allocate`: moves stock from one account to another.
pub(crate) async fn allocate(
    State(app): State<App>,
    desk: Desk<ToWrite>,
    terms: Terms,
    body::Json(wanted): body::Json<Allocating>,
) -> Result<Response, Problem> {
    let command = Command::Allocate {
        item: desk.text("item").to_owned(),
        quantity: wanted.quantity,
        from: wanted.from,
        to: wanted.to,
    };
    submit_and_answer(&app, &desk, &command, (terms, Manners::PUT)).await
}

fn no_item(name: &str) -> Problem {
    Problem::not_found(format!("No item is called `{name}`."))
}
