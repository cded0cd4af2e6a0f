//! Goods as JSON, written by hand: each list and object of the partner shows another choice of the same fields.

use jiff::Timestamp;

use super::centre::Centre;
use super::goods::{Identifier, Item};
use super::spelling::{Spelling, full, short};
use crate::json::Json;

/// Fields that the list of goods always leaves null.
const NULL_IN_LISTS: [&str; 10] = [
    "actual_quantity",
    "item_id",
    "unsellable_quantity",
    "outbound_quantity",
    "order_quantity",
    "negative_moves_quantity",
    "positive_moves_quantity",
    "bundle_shipments_quantity",
    "root_item_id",
    "bundle_order_items_quantity",
];

/// A field that is an empty list.
pub(crate) fn nothing() -> Json {
    Json::List(Vec::new())
}

/// What every body of an item begins with.
fn head(item: &Item, spelling: Spelling) -> Json {
    let measure = |at: usize| {
        let measured = item.measures.and_then(|all| all.get(at).copied());
        Json::from(measured)
    };
    Json::object([
        ("id", spelling.id(item.id)),
        ("created_at", full(item.created_at)),
        ("updated_at", full(item.updated_at)),
        (spelling.merchant_key(), spelling.id(item.merchant_id)),
        ("merchant_sku", item.sku.clone().into()),
        ("title", item.title.as_str().into()),
        ("condition", "new".into()),
        ("condition_note", Json::Null),
        ("length_mm", measure(0)),
        ("width_mm", measure(1)),
        ("height_mm", measure(2)),
        ("weight_gm", measure(3)),
    ])
}

fn with_codes(body: Json, item: &Item) -> Json {
    body.with("fnsku", item.fnsku().into()).with("asin", item.asin.clone().into())
}

fn images(item: &Item, spelling: Spelling) -> Json {
    let image = Json::object([
        ("id", spelling.id(item.id)),
        ("large_url", "https://example.com/img.jpg".into()),
        ("thumbnail_url", "data:image/png;base64,AAAA".into()),
    ]);
    Json::List(vec![image])
}

fn identifiers(item: &Item, spelling: Spelling) -> Json {
    let told = |identifier: &Identifier| {
        Json::object([
            ("id", spelling.id(identifier.id)),
            ("created_at", full(item.created_at)),
            ("updated_at", full(item.created_at)),
            ("identifier", identifier.text.as_str().into()),
            ("identifier_type", identifier.kind.as_str().into()),
        ])
    };
    item.identifiers.iter().map(told).collect::<Vec<_>>().into()
}

fn boxes(item: &Item, spelling: Spelling) -> Json {
    let one = Json::object([
        ("id", spelling.id(item.id)),
        ("created_at", full(item.created_at)),
        ("updated_at", full(item.created_at)),
        ("quantity", 6_i64.into()),
        ("type", "box".into()),
        ("weight_gm", 500_i64.into()),
        ("length_mm", 1720_i64.into()),
        ("width_mm", 2560_i64.into()),
        ("height_mm", 2880_i64.into()),
        ("default", false.into()),
    ]);
    Json::List(vec![one])
}

impl Centre {
    /// An item that exists. One that a row names is never removed.
    pub(crate) fn item_body(&self, item_id: u64, of: impl FnOnce(&Item, Spelling) -> Json) -> Json {
        self.items.get(&item_id).map_or(Json::Null, |item| of(item, self.spelling()))
    }

    /// A row of `GET /inventory`.
    pub(crate) fn goods_row(&self, item_id: u64) -> Json {
        self.item_body(item_id, |item, spelling| {
            let body = NULL_IN_LISTS
                .iter()
                .fold(head(item, spelling), |body, name| body.with(name, Json::Null));
            with_codes(body.with("quantity_in_stock", item.tally.in_stock().into()), item)
                .with("searchableIdentifiers", item.searchable().into())
                .with("images", images(item, spelling))
                .with("identifiers", identifiers(item, spelling))
        })
    }

    /// `GET /inventory/{id}`, and what a webhook about stock tells.
    pub(crate) fn goods_body(&self, item_id: u64) -> Json {
        self.item_body(item_id, |item, spelling| {
            let (in_stock, allocated) = (item.tally.in_stock(), self.allocated(item.id));
            let body = head(item, spelling)
                .with("quantity_in_stock", in_stock.into())
                .with("available_quantity", in_stock.saturating_sub(allocated).into())
                .with("allocated_quantity", allocated.into())
                .with("unavailable_quantity", 0_i64.into())
                .with("inbound_quantity", self.on_their_way(item.id).into());
            with_codes(body, item)
                .with("searchableIdentifiers", item.searchable().into())
                .with("history", nothing())
                .with("images", images(item, spelling))
                .with("identifiers", identifiers(item, spelling))
                .with("bundle", Json::Null)
                .with("containing_bundles", nothing())
                .with("item_group_configurations", boxes(item, spelling))
                .with("listings", nothing())
                .with("company_services", nothing())
        })
    }

    /// The item of a line of an inbound.
    pub(crate) fn goods_in_line(&self, item_id: u64) -> Json {
        self.item_body(item_id, |item, spelling| {
            with_codes(head(item, spelling), item)
                .with("searchableIdentifiers", item.searchable().into())
                .with("images", images(item, spelling))
                .with("identifiers", identifiers(item, spelling))
                .with("company_services", nothing())
                .with("listings", nothing())
                .with("bundle", Json::Null)
                .with("item_group_configurations", boxes(item, spelling))
        })
    }

    /// The item of a line of an order, or as it was just changed.
    pub(crate) fn goods_in_order(&self, item_id: u64) -> Json {
        self.item_body(item_id, |item, spelling| {
            with_codes(head(item, spelling), item)
                .with("searchableIdentifiers", item.searchable().into())
                .with("images", images(item, spelling))
                .with("identifiers", identifiers(item, spelling))
        })
    }

    /// A hit of `POST /inventory/search`.
    pub(crate) fn goods_found(&self, item_id: u64) -> Json {
        self.item_body(item_id, |item, spelling| {
            with_codes(head(item, spelling), item)
                .with("images", images(item, spelling))
                .with("identifiers", identifiers(item, spelling))
                .with("company_services", nothing())
        })
    }

    /// What making an item answers.
    pub(crate) fn goods_made(&self, item_id: u64, now: Timestamp) -> Json {
        self.item_body(item_id, |item, spelling| {
            Json::object([
                ("id", spelling.id(item.id)),
                ("created_at", short(now)),
                ("updated_at", short(now)),
                ("merchant_sku", item.sku.clone().into()),
                ("title", item.title.as_str().into()),
                ("condition", Json::Null),
                ("condition_note", Json::Null),
            ])
        })
    }
}
