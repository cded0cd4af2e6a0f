//! The calls about inbounds. Fields and answers of adding and changing lines are assumed, as the documents show none.

use jiff::Timestamp;
use serde_json::Value;

use super::announcing::Telling;
use super::calls::{Call, whole};
use super::centre::Centre;
use super::counting::Words;
use super::goods::{Inbound, Status};
use super::log::Happening;
use super::paging::SHIPMENTS;
use super::problem::Problem;
use super::routes::Reply;
use crate::json::Json;

/// Carriers that an inbound may come by.
pub(crate) const CARRIERS: [&str; 8] =
    ["canada_post", "dhl_express", "fedex", "usps", "ups", "shippo", "no_tracking", "other"];

/// Characters of a name.
const NAME_MAX: usize = 255;

fn said(message: &str) -> Json {
    Json::object([("message", message.into())])
}

impl Centre {
    /// `GET /shipments/inbound`: those in use, the youngest first. Of all filters, one is documented.
    pub(crate) fn inbound_list(&mut self, call: &Call) -> Json {
        let not_received = call.asked("filters[not_received]").is_some_and(|text| text != "0");
        let wanted = |one: &Inbound| {
            one.archived_at.is_none() && !(not_received && one.received_at.is_some())
        };
        let rows = self.inbound_ids(call, wanted);
        self.page(call, SHIPMENTS, &rows, Self::inbound_row)
    }

    /// `GET /shipments/inbound/archived`.
    pub(crate) fn archived_list(&mut self, call: &Call) -> Json {
        let rows = self.inbound_ids(call, |one| one.archived_at.is_some());
        self.page(call, SHIPMENTS, &rows, Self::inbound_row)
    }

    fn inbound_ids(&self, call: &Call, wanted: impl Fn(&Inbound) -> bool) -> Vec<u64> {
        let visible = self.inbounds.values().filter(|one| call.caller.sees(one.merchant_id));
        visible.filter(|one| wanted(one)).map(|one| one.id).rev().collect()
    }

    fn inbound_seen(&self, call: &Call, id: u64) -> Result<&Inbound, Problem> {
        let found = self.inbounds.get(&id).filter(|one| call.caller.sees(one.merchant_id));
        found.ok_or_else(|| Problem::not_found(&format!("InboundShipment {id}")))
    }

    /// `GET /shipments/inbound/{id}`.
    pub(crate) fn one_inbound(&self, call: &Call, id: u64) -> Reply {
        self.inbound_seen(call, id)?;
        Ok(Json::object([("shipment", self.inbound_whole(id))]))
    }

    /// `GET /shipments/inbound/{id}/items`.
    pub(crate) fn inbound_lines(&self, call: &Call, id: u64) -> Reply {
        self.inbound_seen(call, id)?;
        Ok(Json::object([("items", self.inbound_line_bodies(id))]))
    }

    /// `POST /shipments/inbound`. The new id is a text in the answer. That it goes to the first warehouse where none is
    /// named is assumed.
    pub(crate) fn make_inbound(&mut self, call: &Call, now: Timestamp) -> Reply {
        let merchant_id = call.caller.one_merchant()?;
        let name = name(call)?.ok_or_else(|| required("name"))?;
        let usual = self.setup.warehouses.first().map_or(1, |house| house.id);
        let warehouse_id = call.id("warehouse_id").unwrap_or(usual);
        if !self.setup.warehouses.iter().any(|house| house.id == warehouse_id) {
            return Err(Problem::invalid("warehouse_id", "The selected warehouse id is invalid."));
        }
        let words = Words {
            name,
            notes: call.text("notes"),
            internal_notes: call.text("internal_notes"),
            eta: call.text("eta"),
        };
        let id = self.open_inbound(merchant_id, warehouse_id, words, now);
        self.tell_inbound(Telling::Created, id, now);
        Ok(said("Shipment created").with("shipment_id", id.to_string().into()))
    }

    /// `PUT /shipments/inbound/{id}`.
    pub(crate) fn reword_inbound(&mut self, call: &Call, id: u64, now: Timestamp) -> Reply {
        self.inbound_seen(call, id)?;
        let name = name(call)?;
        let told = |field| call.text(field);
        let (notes, internal, eta) = (told("notes"), told("internal_notes"), told("eta"));
        let has_notes = notes.is_some() || internal.is_some();
        self.touch(id, now, |inbound| {
            inbound.name = name.unwrap_or_else(|| inbound.name.clone());
            inbound.notes = notes.or_else(|| inbound.notes.take());
            inbound.internal_notes = internal.or_else(|| inbound.internal_notes.take());
            inbound.eta = eta.or_else(|| inbound.eta.take());
        });
        self.note(now, Happening::Reworded { inbound_id: id });
        if has_notes {
            self.tell_inbound(Telling::NotesUpdated, id, now);
        }
        Ok(said("Shipment updates saved").with("shipment", self.inbound_changed(id)))
    }

    /// `POST /shipments/inbound/{id}/submit`.
    pub(crate) fn submit_inbound(&mut self, call: &Call, id: u64, now: Timestamp) -> Reply {
        if self.inbound_seen(call, id)?.status != Status::Open {
            return Err(Problem::invalid("status", "The shipment has already been submitted."));
        }
        let carrier = call.text("carrier").ok_or_else(|| required("carrier"))?;
        if !CARRIERS.contains(&carrier.as_str()) {
            return Err(Problem::invalid("carrier", "The selected carrier is invalid."));
        }
        let numbers = call.field("tracking_numbers").as_array().cloned().unwrap_or_default();
        let numbers: Vec<String> =
            numbers.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        if numbers.is_empty() && carrier != "no_tracking" {
            return Err(required("tracking_numbers"));
        }
        self.depart(id, &carrier, &numbers, now);
        self.tell_inbound(Telling::Shipped, id, now);
        Ok(said("Shipment submitted"))
    }

    /// `POST /shipments/inbound/{id}/receive`: no body. That only staff may is assumed.
    pub(crate) fn receive_inbound(&mut self, call: &Call, id: u64, now: Timestamp) -> Reply {
        self.inbound_seen(call, id)?;
        if !call.caller.is_staff() {
            return Err(Problem::forbidden());
        }
        self.close(id, now);
        self.tell_inbound(Telling::Received, id, now);
        Ok(said("Shipment received"))
    }

    /// `POST /shipments/inbound/batch/archive`: all or none.
    pub(crate) fn archive_inbounds(&mut self, call: &Call, now: Timestamp) -> Reply {
        let listed = call.field("shipment_ids").as_array().cloned().unwrap_or_default();
        let ids: Vec<u64> =
            listed.iter().filter_map(whole).filter_map(|id| u64::try_from(id).ok()).collect();
        if ids.is_empty() || ids.len() < listed.len() {
            return Err(required("shipment_ids"));
        }
        for id in &ids {
            self.inbound_seen(call, *id)?;
        }
        for id in ids {
            self.put_away(id, now);
        }
        Ok(said("Shipments archived"))
    }

    /// `POST /shipments/inbound/{id}/add-item`.
    pub(crate) fn add_line(&mut self, call: &Call, id: u64, now: Timestamp) -> Reply {
        let item_id = self.item_for(call, id)?;
        if self.inbound_seen(call, id)?.line(item_id).is_some() {
            return Err(Problem::invalid("item_id", "The item is already in the shipment."));
        }
        let quantity = announced(call)?.ok_or_else(|| required("quantity"))?;
        self.expect(id, item_id, quantity, now);
        self.tell_inbound(Telling::ItemsUpdated, id, now);
        Ok(said("Item added"))
    }

    /// `POST /shipments/inbound/{id}/update-item`: what is announced, and (staff only) what came.
    pub(crate) fn update_line(&mut self, call: &Call, id: u64, now: Timestamp) -> Reply {
        let item_id = self.item_for(call, id)?;
        let line = self.inbound_seen(call, id)?.line(item_id).cloned();
        let line = line.ok_or_else(|| Problem::not_found("InboundShipmentItem"))?;
        let counted = |name: &str| whole(call.field(name).get("quantity").unwrap_or(&Value::Null));
        let (actual, unsellable) = (counted("actual"), counted("unsellable"));
        let is_counted = actual.is_some() || unsellable.is_some();
        if is_counted && !call.caller.is_staff() {
            return Err(Problem::forbidden());
        }
        let counts = (actual.unwrap_or(line.actual), unsellable.unwrap_or(line.unsellable));
        if counts.0 < 0 || counts.1 < 0 {
            return Err(Problem::invalid("actual", "The quantity must be at least 0."));
        }
        if let Some(quantity) = announced(call)? {
            self.expect(id, item_id, quantity, now);
        }
        if is_counted {
            self.count((id, item_id), counts, now);
            self.tell_stock(item_id, now);
        }
        self.tell_inbound(Telling::ItemsUpdated, id, now);
        Ok(said("Item updated"))
    }

    /// `POST /shipments/inbound/{id}/remove-item`.
    pub(crate) fn remove_line(&mut self, call: &Call, id: u64, now: Timestamp) -> Reply {
        let item_id = self.item_for(call, id)?;
        if self.inbound_seen(call, id)?.line(item_id).is_none() {
            return Err(Problem::not_found("InboundShipmentItem"));
        }
        self.strike(id, item_id, now);
        self.tell_inbound(Telling::ItemsUpdated, id, now);
        Ok(said("Item removed"))
    }

    /// The item that a call about a line names: one of the same merchant's.
    fn item_for(&self, call: &Call, inbound_id: u64) -> Result<u64, Problem> {
        let merchant_id = self.inbound_seen(call, inbound_id)?.merchant_id;
        let item_id = call.id("item_id").ok_or_else(|| required("item_id"))?;
        let found = self.items.get(&item_id).filter(|item| item.merchant_id == merchant_id);
        let missing = || Problem::invalid("item_id", "The selected item id is invalid.");
        found.map(|item| item.id).ok_or_else(missing)
    }
}

/// Units announced: plain, or in the words of a line.
fn announced(call: &Call) -> Result<Option<i64>, Problem> {
    let in_line = call.field("expected").get("quantity").unwrap_or(&Value::Null);
    let quantity = call.whole("quantity").or_else(|| whole(in_line));
    if quantity.is_some_and(|quantity| quantity < 0) {
        return Err(Problem::invalid("quantity", "The quantity must be at least 0."));
    }
    Ok(quantity)
}

fn name(call: &Call) -> Result<Option<String>, Problem> {
    let name = call.text("name");
    if name.as_ref().is_some_and(|name| name.chars().count() > NAME_MAX) {
        return Err(Problem::invalid("name", "The name may not be longer than 255 characters."));
    }
    Ok(name)
}

/// What is missing.
pub(crate) fn required(field: &str) -> Problem {
    Problem::invalid(field, &format!("The {} field is required.", field.replace('_', " ")))
}
