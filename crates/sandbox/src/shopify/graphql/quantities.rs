//! `inventorySetQuantities`, `inventorySetOnHandQuantities`, `inventoryAdjustQuantities`.
//!
//! All or nothing: every row is judged (`judging.rs`) before any row is applied.

use jiff::Timestamp;
use serde_json::Value;

use super::document::Field;
use super::judging::item_of;
use super::values::{Node, Problem, Record, Resolved, done, refusal};
use crate::json::Json;
use crate::shopify::bodies;
use crate::shopify::catalogue::{ItemAt, Level, LocationAt, Quantity};
use crate::shopify::log::Happening;
use crate::shopify::shop::Shop;
use crate::shopify::truth::Cause;
use crate::shopify::versions::WriteRules;
use crate::shopify::wire_text::{gid, utc};

/// The three mutations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Set,
    SetOnHand,
    Adjust,
}

/// One of the three mutations, with the words in which it differs.
pub(super) struct Dialect {
    pub(super) kind: Kind,
    pub(super) payload: &'static str,
    pub(super) rows: &'static str,
    pub(super) amount: &'static str,
    pub(super) row_type: &'static str,
    pub(super) bound: i64,
}

const SET: Dialect = Dialect {
    kind: Kind::Set,
    payload: "InventorySetQuantitiesPayload",
    rows: "quantities",
    amount: "quantity",
    row_type: "InventoryQuantityInput",
    bound: 1_000_000_000,
};
const SET_ON_HAND: Dialect = Dialect {
    kind: Kind::SetOnHand,
    payload: "InventorySetOnHandQuantitiesPayload",
    rows: "setQuantities",
    amount: "quantity",
    row_type: "InventorySetQuantityInput",
    bound: 1_000_000_000,
};
const ADJUST: Dialect = Dialect {
    kind: Kind::Adjust,
    payload: "InventoryAdjustQuantitiesPayload",
    rows: "changes",
    amount: "delta",
    row_type: "InventoryChangeInput",
    bound: 2_000_000_000,
};

/// A write as it was asked for.
pub(super) struct Asked<'f> {
    pub(super) dialect: &'static Dialect,
    pub(super) field: &'f Field,
    pub(super) input: &'f Value,
    pub(super) rows: &'f [Value],
    pub(super) key: Option<&'f str>,
    pub(super) rules: WriteRules,
}

/// A row that can be applied.
pub(super) struct Row {
    pub(super) place: (ItemAt, LocationAt),
    pub(super) delta: i64,
}

/// Carries out one of the three.
pub(super) fn perform(
    shop: &mut Shop,
    field: &Field,
    key: Option<&str>,
    version: &str,
    now: Timestamp,
) -> Result<Record, Problem> {
    let dialect = match field.name.as_str() {
        "inventorySetQuantities" => &SET,
        "inventorySetOnHandQuantities" => &SET_ON_HAND,
        _ => &ADJUST,
    };
    let input = field.value("input").unwrap_or(&Value::Null);
    let rows = input.get(dialect.rows).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let asked = Asked { dialect, field, input, rows, key, rules: WriteRules::of(version) };
    if let Some(problem) = asked.malformed() {
        shop.note_refused(&field.name, key, &["INVALID_FIELD_ARGUMENTS"], now);
        return Err(problem);
    }
    if shop.faults.calls.stale_storm.strikes(&mut shop.weather) {
        asked.sell_in_between(shop, now);
    }
    let judged = asked.judged(shop, now);
    match judged {
        Err(errors) => {
            let codes: Vec<_> = errors.iter().filter_map(|error| error.code).collect();
            shop.note_refused(&field.name, key, &codes, now);
            Ok(refusal(dialect.payload, "inventoryAdjustmentGroup", &errors))
        }
        Ok((name, rows)) => Ok(asked.applied(shop, name, rows, now)),
    }
}

impl Asked<'_> {
    /// The stale-compare storm: a customer is a moment faster than this write.
    fn sell_in_between(&self, shop: &mut Shop, now: Timestamp) {
        let mut items = self.rows.iter().filter_map(|row| item_of(shop, row));
        let Some(item) = items.find(|item| shop.room.item(*item).tracked) else { return };
        let id = shop.room.item(item).id;
        let one = crate::shopify::Units { which: crate::shopify::Which::id(id), quantity: 1 };
        // The item was just looked up, so the sale cannot fail.
        let sold = shop.sell(&[one], now);
        debug_assert!(sold.is_ok(), "an existing item can be sold");
    }

    fn applied(&self, shop: &mut Shop, name: Quantity, rows: Vec<Row>, now: Timestamp) -> Record {
        let moving: Vec<_> = rows.into_iter().filter(|row| row.delta != 0).collect();
        if moving.is_empty() {
            return done(self.dialect.payload, "inventoryAdjustmentGroup", Resolved::null());
        }
        let mut changes = Vec::new();
        let mut touched = Vec::new();
        for row in moving {
            // Setting what lies on the shelf moves what may be sold by the same difference.
            let moved = if name == Quantity::OnHand { Quantity::Available } else { name };
            let (item, location) = row.place;
            let from = shop.room.quantity(item, location, moved);
            if moved == Quantity::Available {
                shop.room.move_available(row.place, row.delta, Cause::Write, now);
                touched.push(row.place);
            } else {
                shop.room.shift(row.place, moved, row.delta, now);
            }
            let written = Happening::Written {
                mutation: self.field.name.clone(),
                key: self.key.map(str::to_owned),
                place: shop.room.place(item, location),
                name: moved.name().to_owned(),
                from,
                to: from + row.delta,
            };
            shop.note(now, written);
            changes.push(change(row.place, moved, row.delta));
            if moved != Quantity::Incoming {
                changes.push(change(row.place, Quantity::OnHand, row.delta));
            }
        }
        let notices = shop.stock_notices(&touched);
        shop.announce(notices, now);
        let group = group(shop, self.input, changes, now);
        done(self.dialect.payload, "inventoryAdjustmentGroup", Resolved::record(group))
    }
}

/// Stocks an item at a location, or wakes the sleeping level with its old quantities.
pub(super) fn stock(shop: &mut Shop, place: (ItemAt, LocationAt), now: Timestamp) {
    let row_id = shop.ids.level();
    let level = shop.room.levels.entry(place).or_insert_with(|| {
        let mut level = Level::new(row_id, now);
        level.shift(Quantity::Available, 0, now);
        level
    });
    level.is_active = true;
    level.updated_at = now;
    let notice = bodies::connect_notice(shop, place);
    shop.announce(vec![notice], now);
}

pub(super) fn change(place: (ItemAt, LocationAt), name: Quantity, delta: i64) -> Record {
    Record::new(
        "InventoryChange",
        [
            ("name", name.name().into()),
            ("delta", delta.into()),
            ("quantityAfterChange", Resolved::null()),
            ("item", Resolved::Node(Node::Item(place.0))),
            ("location", Resolved::Node(Node::Location(place.1))),
        ],
    )
}

pub(super) fn group(
    shop: &mut Shop,
    input: &Value,
    changes: Vec<Record>,
    now: Timestamp,
) -> Record {
    let text = |key| input.get(key).map_or(Json::Null, Json::from);
    Record::new(
        "InventoryAdjustmentGroup",
        [
            ("id", gid("InventoryAdjustmentGroup", shop.ids.group()).into()),
            ("createdAt", utc(now).into()),
            ("reason", text("reason").into()),
            ("referenceDocumentUri", text("referenceDocumentUri").into()),
            ("changes", Resolved::records(changes)),
        ],
    )
}
