//! Clients with a shop and items each, and what their shops tell.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use crossdock_connectors::{Admission, Headers};
use crossdock_domain::command::{Command, LinkWish, PutConnection, PutItem};
use crossdock_domain::connection::Connection;
use crossdock_domain::{Instant, LaneId, Span};
use crossdock_hub::{Hub, command_arrival, delivery_arrival};
use crossdock_store::{Arrival, Store};

const ITEMS: u64 = 200;
const LOCATION: &str = "106318430514";
/// Arrivals that are received together.
const TOGETHER: u64 = 128;
/// When the shops began to tell; what they tell is younger by a second for each round of the items.
const START: Instant = Instant(1_790_000_000_000_000);
/// When it is received and folded.
pub(super) const NOW: Instant = START.plus(Span::from_s(86_400));

pub(super) fn lane(client: u64) -> Result<LaneId> {
    Ok(format!("client:c{client}").parse()?)
}

/// Receives what a client's shop tells.
pub(super) fn receive(store: &mut Store, client: u64, webhooks: u64) -> Result<()> {
    let key = (lane(client)?, shop(client).parse()?);
    let connection: Connection = store.get(&key)?.context("the connection is there")?;
    let mut number = 0;
    while number < webhooks {
        let until = (number + TOGETHER).min(webhooks);
        let told: Vec<Arrival> = (number..until).map(|n| webhook(&connection, client, n)).collect();
        store.receive_all(&told)?;
        number = until;
    }
    Ok(())
}

fn shop(client: u64) -> String {
    format!("shop{client}")
}

/// Makes a client's shop and items.
pub(super) fn set_up(hub: &mut Hub, client: u64) -> Result<()> {
    let lane = &lane(client)?;
    let settings = BTreeMap::from([
        ("shop_domain".to_owned(), format!("rate{client}.myshopify.com")),
        ("location_id".to_owned(), LOCATION.to_owned()),
    ]);
    let connection = Command::PutConnection(PutConnection {
        connection: shop(client).parse()?,
        connector: "shopify".to_owned(),
        sandbox: false,
        settings,
        secret_slots: Vec::new(),
        calls: None,
        paused: None,
        stock: None,
        live: true,
    });
    let mut commands = vec![connection];
    for item in 0..ITEMS {
        let wish = LinkWish {
            connection: shop(client).parse()?,
            inventory_item: remote_item(item).parse()?,
            variant: None,
            adopt: true,
        };
        let (sku, links) = (format!("SKU-{item:04}"), vec![wish]);
        commands.push(Command::PutItem(PutItem {
            sku,
            links,
            sync: Some(true),
            ..PutItem::default()
        }));
    }
    let arrivals: Vec<_> = commands
        .iter()
        .map(|command| command_arrival([0; 16], lane.clone(), command, "bench", None, NOW))
        .collect();
    hub.begin()?;
    hub.receive_all(&arrivals)?;
    hub.commit()?;
    hub.begin()?;
    while !hub.fold_some(lane, 1_000, NOW)?.is_empty() {}
    Ok(hub.commit()?)
}

fn webhook(connection: &Connection, client: u64, number: u64) -> Arrival {
    let item = number % ITEMS;
    let at = START.plus(Span::from_s(1 + number / ITEMS));
    let available = 1_000_000 - number / ITEMS;
    let body = format!(
        r#"{{"inventory_item_id":{},"location_id":{LOCATION},"available":{available},"updated_at":"{at}","admin_graphql_api_id":"gid:\/\/shopify\/InventoryLevel\/143273001266?inventory_item_id={}"}}"#,
        remote_item(item),
        remote_item(item),
    );
    let id = format!("b54557e4-bdd9-4b37-{client:04}-{number:012}");
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let headers = Headers(vec![
        pair("content-type", "application/json"),
        pair("x-shopify-topic", "inventory_levels/update"),
        pair("x-shopify-hmac-sha256", "B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g="),
        pair("x-shopify-webhook-id", &id),
        pair("x-shopify-event-id", &id),
    ]);
    let admission = Admission {
        dedupe_key: id.clone(),
        topic: "inventory_levels/update".to_owned(),
        event_id: Some(id),
    };
    delivery_arrival([0; 16], connection, admission, headers, body.as_bytes(), NOW)
}

fn remote_item(item: u64) -> String {
    (49_148_385_000_000 + item).to_string()
}
