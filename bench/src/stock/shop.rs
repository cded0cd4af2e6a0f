//! A shop of a hundred thousand items that answers reads in its own JSON, and does nothing else.

use std::fmt::Write as _;

use anyhow::{Context, Result, bail};
use crossdock_domain::call::CallKind;
use crossdock_hub::Outgoing;
use serde_json::Value;

const ITEMS_PER_PAGE: u64 = 100;
const ROWS_PER_PAGE: u64 = 250;
/// Every so many items stands at another figure when it is compared.
const DIFFERS_EVERY: u64 = 1_000;
const FIRST_ID: u64 = 49_148_385_000_000;

/// A shop.
pub(super) struct Shop {
    pub(super) items: u64,
}

impl Shop {
    /// The partner's answer to a request, in its own JSON.
    pub(super) fn answer(&self, outgoing: &Outgoing) -> Result<String> {
        let asked: Value = serde_json::from_str(&outgoing.request.body)?;
        let variables = asked.get("variables").context("a request without variables")?;
        let text = |name: &str| variables.get(name).and_then(Value::as_str).unwrap_or_default();
        let data = match outgoing.kind {
            CallKind::ReadItems => {
                let from = text("after").parse::<u64>().unwrap_or_default();
                self.page("productVariants", from, ITEMS_PER_PAGE, variant)
            }
            CallKind::ReadPage => {
                let after = text("after").parse::<u64>().ok();
                let window =
                    text("search").strip_prefix("id:>").and_then(|id| id.parse::<u64>().ok());
                let from = after.or(window.map(|id| id - FIRST_ID + 1)).unwrap_or_default();
                self.page("inventoryItems", from, ROWS_PER_PAGE, compared)
            }
            CallKind::ReadLevels => {
                let ids = variables
                    .get("items0")
                    .and_then(Value::as_array)
                    .context("a read of no items")?;
                let ids = ids.iter().filter_map(|id| id.as_str()?.rsplit('/').next()?.parse().ok());
                let nodes: Vec<_> =
                    ids.map(|id: u64| counted(id - FIRST_ID, figure(id), "00")).collect();
                format!(r#"{{"at0":[{}]}}"#, nodes.join(","))
            }
            CallKind::SetLevels
            | CallKind::AdjustLevel
            | CallKind::ReadMerchants
            | CallKind::ReadReceptions
            | CallKind::ReadReception
            | CallKind::ReadCounters
            | CallKind::PutReception
            | CallKind::ReadOrder
            | CallKind::ShipOrder
            | CallKind::Own
            | CallKind::RenewToken
            | CallKind::Test => bail!("nobody asks for that here"),
        };
        Ok(format!(
            r#"{{"data":{data},"extensions":{{"cost":{{"requestedQueryCost":34,"actualQueryCost":34,"throttleStatus":{{"maximumAvailable":2000,"currentlyAvailable":2000,"restoreRate":100}}}}}}}}"#
        ))
    }

    fn page(&self, root: &str, from: u64, rows: u64, node: fn(u64) -> String) -> String {
        let until = (from + rows).min(self.items);
        let mut nodes = String::new();
        for item in from..until {
            let comma = if item == from { "" } else { "," };
            // Writing to a string cannot fail.
            let _ = write!(nodes, "{comma}{}", node(item));
        }
        let more = until < self.items;
        format!(
            r#"{{"{root}":{{"nodes":[{nodes}],"pageInfo":{{"hasNextPage":{more},"endCursor":"{until}"}}}}}}"#
        )
    }
}

fn variant(item: u64) -> String {
    let id = FIRST_ID + item;
    format!(
        r#"{{"id":"gid://shopify/ProductVariant/{}","sku":"SKU-{item:06}","displayName":"Item {item} - Default","inventoryItem":{{"id":"gid://shopify/InventoryItem/{id}","tracked":true,"updatedAt":"2026-06-25T01:33:54Z"}}}}"#,
        id + 1_000_000_000
    )
}

const fn figure(id: u64) -> u64 {
    10 + id % 90
}

/// An item as it is compared: some were edited since, and nobody told us.
fn compared(item: u64) -> String {
    let figure = figure(FIRST_ID + item);
    if item.is_multiple_of(DIFFERS_EVERY) {
        counted(item, figure - 3, "30")
    } else {
        counted(item, figure, "00")
    }
}

fn counted(item: u64, available: u64, minute: &str) -> String {
    let id = FIRST_ID + item;
    format!(
        r#"{{"id":"gid://shopify/InventoryItem/{id}","tracked":true,"inventoryLevel":{{"id":"gid://shopify/InventoryLevel/143273001266?inventory_item_id={id}","updatedAt":"2026-06-25T01:{minute}:56Z","quantities":[{{"name":"available","quantity":{available}}}]}}}}"#
    )
}

/// Pages on which so many items are compared.
pub(super) const fn pages(items: u64) -> u64 {
    items.div_ceil(ROWS_PER_PAGE)
}
