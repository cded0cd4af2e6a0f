//! Judging a write of quantities: what is refused, in the partner's words and order.
//!
//! Nothing is changed here but the stocking of places that a newer version allows; applying a write
//! is `quantities.rs`.

use jiff::Timestamp;
use serde_json::Value;

use super::quantities::{Asked, Kind, Row, stock};
use super::values::{Problem, UserError};
use crate::shopify::catalogue::{ItemAt, Quantity};
use crate::shopify::shop::Shop;
use crate::shopify::versions::{Field as Presence, NotStocked};
use crate::shopify::wire_text::number_of;

/// The reasons that may be given.
const REASONS: [&str; 17] = [
    "correction",
    "cycle_count_available",
    "damaged",
    "movement_canceled",
    "movement_created",
    "movement_received",
    "movement_updated",
    "other",
    "promotion",
    "quality_control",
    "received",
    "reservation_created",
    "reservation_deleted",
    "reservation_updated",
    "restock",
    "safety_stock",
    "shrinkage",
];
/// Names that may be adjusted.
const ADJUSTABLE: [&str; 6] =
    ["available", "damaged", "incoming", "quality_control", "reserved", "safety_stock"];

/// A row that passed, and what is still to be said about it.
struct Judged {
    row: Row,
    is_unstocked: bool,
    stale: Option<UserError>,
}

impl Asked<'_> {
    /// What a schema with per-version arguments refuses before anything else.
    pub(super) fn malformed(&self) -> Option<Problem> {
        if let Some(problem) = Shop::list_too_long(self.rows.len()) {
            return Some(problem);
        }
        let mandatory = self.rules.change_from_quantity == Presence::Mandatory;
        let given = |row: &Value| row.get("changeFromQuantity").is_some();
        if !mandatory || self.rows.iter().all(given) {
            return None;
        }
        let message = format!(
            "{} must include the following argument: changeFromQuantity.",
            self.dialect.row_type
        );
        let problem = Problem::new(&message, "INVALID_FIELD_ARGUMENTS").at(self.field.position);
        let variable = self.field.arguments.get("input").and_then(|input| input.variable.as_ref());
        Some(match variable {
            Some(variable) => problem.at(variable.position),
            None => problem,
        })
    }

    pub(super) fn judged(
        &self,
        shop: &mut Shop,
        now: Timestamp,
    ) -> Result<(Quantity, Vec<Row>), Vec<UserError>> {
        let name = self.judged_head()?;
        let struck = shop.faults.calls.item_error.strikes(&mut shop.weather);
        let mut errors = self.duplicates();
        let mut rows = Vec::new();
        let mut stale = None;
        let mut to_stock = Vec::new();
        for (position, row) in self.rows.iter().enumerate() {
            match self.judged_row(shop, name, position, row) {
                Ok(_) if struck && position == 0 => errors.push(self.no_such_item(position)),
                Ok(judged) => {
                    if judged.is_unstocked {
                        to_stock.push(judged.row.place);
                    }
                    stale = stale.or(judged.stale);
                    rows.push(judged.row);
                }
                Err(error) => errors.push(error),
            }
        }
        errors.extend(stale.filter(|_| errors.is_empty()));
        if !errors.is_empty() {
            return Err(errors);
        }
        for place in to_stock {
            stock(shop, place, now);
        }
        Ok((name, rows))
    }

    /// Name, reason and reference: what is wrong with the write as a whole.
    fn judged_head(&self) -> Result<Quantity, Vec<UserError>> {
        let text = |key| self.input.get(key).and_then(Value::as_str);
        let error = |field, message: &str, code| {
            vec![UserError::new(&["input", field], message, Some(code))]
        };
        let name = if self.dialect.kind == Kind::SetOnHand {
            "on_hand"
        } else {
            text("name").unwrap_or_default()
        };
        if self.dialect.kind == Kind::Adjust && !ADJUSTABLE.contains(&name) {
            let message = format!(
                "The specified quantity name is invalid. Valid values are: {}.",
                ADJUSTABLE.join(", ")
            );
            return Err(error("name", &message, "INVALID_QUANTITY_NAME"));
        }
        if self.dialect.kind != Kind::Adjust && !matches!(name, "available" | "on_hand") {
            let message = "The quantity name must be either 'available' or 'on_hand'.";
            return Err(error("name", message, "INVALID_NAME"));
        }
        if let Some(wrong) = reason_error(text("reason").unwrap_or_default()) {
            return Err(vec![wrong]);
        }
        if text("referenceDocumentUri").is_some_and(|uri| !uri.contains(':')) {
            let message = "The specified reference document is invalid.";
            return Err(error("referenceDocumentUri", message, "INVALID_REFERENCE_DOCUMENT"));
        }
        Ok(Quantity::named(name).unwrap_or(Quantity::Available))
    }

    fn duplicates(&self) -> Vec<UserError> {
        let pair =
            |row: &Value| (row.get("inventoryItemId").cloned(), row.get("locationId").cloned());
        let pairs: Vec<_> = self.rows.iter().map(pair).collect();
        let doubled = |position: &usize| {
            let mine = pairs.get(*position);
            pairs.iter().filter(|other| Some(*other) == mine).count() > 1
        };
        let positions = (0..pairs.len()).filter(doubled);
        let message = "The combination of inventoryItemId and locationId must be unique.";
        let code = "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR";
        if self.dialect.kind == Kind::Adjust {
            return Vec::new();
        }
        positions.map(|position| self.row_error(position, "locationId", message, code)).collect()
    }

    fn judged_row(
        &self,
        shop: &Shop,
        name: Quantity,
        position: usize,
        row: &Value,
    ) -> Result<Judged, UserError> {
        let item = item_of(shop, row).ok_or_else(|| self.no_such_item(position))?;
        if shop.room.item(item).bundle {
            let message = "The specified inventory item is not allowed to be adjusted via API.";
            return Err(self.row_error(
                position,
                "inventoryItemId",
                message,
                "NON_MUTABLE_INVENTORY_ITEM",
            ));
        }
        let location = row.get("locationId").and_then(Value::as_str);
        let location = location
            .and_then(|gid| number_of(gid, "Location"))
            .and_then(|id| shop.room.location_by_id(id));
        let location = location.ok_or_else(|| {
            let message = "The specified location could not be found.";
            self.row_error(position, "locationId", message, "INVALID_LOCATION")
        })?;
        let amount = row.get(self.dialect.amount).and_then(Value::as_i64).unwrap_or_default();
        self.judged_amount(name, position, row, amount)?;
        let place = (item, location);
        let is_unstocked = shop.room.levels.get(&place).is_none_or(|level| !level.is_active);
        if is_unstocked && self.rules.not_stocked == NotStocked::Refused {
            let message = "The specified inventory item is not stocked at the location.";
            return Err(self.row_error(
                position,
                "locationId",
                message,
                "ITEM_NOT_STOCKED_AT_LOCATION",
            ));
        }
        let present = shop.room.quantity(item, location, name);
        let delta = if self.dialect.kind == Kind::Adjust { amount } else { amount - present };
        let stale = self.stale(position, row, present)?;
        Ok(Judged { row: Row { place, delta }, is_unstocked, stale })
    }

    fn judged_amount(
        &self,
        name: Quantity,
        position: usize,
        row: &Value,
        amount: i64,
    ) -> Result<(), UserError> {
        let bound = self.dialect.bound;
        let words =
            if self.dialect.kind == Kind::Adjust { "2,000,000,000" } else { "1,000,000,000" };
        let error =
            |message: &str, code| Err(self.row_error(position, self.dialect.amount, message, code));
        if name == Quantity::OnHand && amount < 0 {
            return error("The quantity can't be negative.", "INVALID_QUANTITY_NEGATIVE");
        }
        if amount > bound {
            let message = format!("The quantity can't be higher than {words}.");
            return error(&message, "INVALID_QUANTITY_TOO_HIGH");
        }
        if amount < -bound {
            let message = format!("The quantity can't be lower than -{words}.");
            return error(&message, "INVALID_QUANTITY_TOO_LOW");
        }
        let has_ledger = row.get("ledgerDocumentUri").is_some_and(|uri| !uri.is_null());
        if self.dialect.kind == Kind::Adjust && has_ledger == (name == Quantity::Available) {
            let (message, code) = if has_ledger {
                let message = "The ledger document URI is not allowed when adjusting available.";
                (message, "INVALID_AVAILABLE_DOCUMENT")
            } else {
                let message =
                    "The ledger document URI is required except when adjusting available.";
                (message, "INVALID_QUANTITY_DOCUMENT")
            };
            return Err(self.row_error(position, "ledgerDocumentUri", message, code));
        }
        Ok(())
    }

    /// Compare-and-set: the complaint if the row's idea of the present is out of date.
    fn stale(
        &self,
        position: usize,
        row: &Value,
        present: i64,
    ) -> Result<Option<UserError>, UserError> {
        if let Some(expected) = row.get("changeFromQuantity") {
            let message =
                "The changeFromQuantity argument no longer matches the persisted quantity.";
            let error = || UserError::nowhere(message, "CHANGE_FROM_QUANTITY_STALE");
            return Ok(expected.as_i64().filter(|expected| *expected != present).map(|_| error()));
        }
        let ignores =
            self.input.get("ignoreCompareQuantity").and_then(Value::as_bool) == Some(true);
        let old_rules = self.rules.compare_quantity != Presence::Absent;
        if self.dialect.kind != Kind::Set || !old_rules || ignores {
            return Ok(None);
        }
        match row.get("compareQuantity").and_then(Value::as_i64) {
            Some(expected) if expected == present => Ok(None),
            Some(_) => {
                let message = "The compareQuantity value does not match persisted value.";
                let error =
                    self.row_error(position, "compareQuantity", message, "COMPARE_QUANTITY_STALE");
                Ok(Some(error))
            }
            None if self.rules.change_from_quantity == Presence::Optional => Ok(None),
            None => {
                let message = "The compareQuantity argument must be given to each quantity or ignored using ignoreCompareQuantity.";
                Err(self.row_error(
                    position,
                    "compareQuantity",
                    message,
                    "COMPARE_QUANTITY_REQUIRED",
                ))
            }
        }
    }

    fn no_such_item(&self, position: usize) -> UserError {
        let message = "The specified inventory item could not be found.";
        self.row_error(position, "inventoryItemId", message, "INVALID_INVENTORY_ITEM")
    }

    fn row_error(
        &self,
        position: usize,
        field: &str,
        message: &str,
        code: &'static str,
    ) -> UserError {
        let position = position.to_string();
        UserError::new(&["input", self.dialect.rows, &position, field], message, Some(code))
    }
}

/// The complaint about a reason that is not on the list.
pub(super) fn reason_error(reason: &str) -> Option<UserError> {
    let message =
        format!("The specified reason is invalid. Valid values are: {}.", REASONS.join(", "));
    let wrong = !REASONS.contains(&reason);
    wrong.then(|| UserError::new(&["input", "reason"], &message, Some("INVALID_REASON")))
}

pub(super) fn item_of(shop: &Shop, row: &Value) -> Option<ItemAt> {
    let gid = row.get("inventoryItemId").and_then(Value::as_str)?;
    number_of(gid, "InventoryItem").and_then(|id| shop.room.item_by_id(id))
}
