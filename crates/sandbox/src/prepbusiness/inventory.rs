//! The calls about goods. They need a selected merchant, whoever calls.

use jiff::Timestamp;

use super::calls::Call;
use super::centre::Centre;
use super::goods::{Identifier, Item};
use super::inbounds::required;
use super::log::Happening;
use super::paging::GOODS;
use super::problem::Problem;
use super::routes::Reply;
use super::setup::ItemSetup;
use super::spelling::full;
use crate::json::Json;

/// Hits of a search.
const HITS_MAX: usize = 10;
/// Codes that goods may have.
const KINDS: [&str; 5] = ["UPC", "EAN", "FNSKU", "ASIN", "CUSTOM"];

impl Centre {
    /// `GET /inventory`: the youngest first. Of the documented filters, `merchant_skus[]` is known here.
    pub(crate) fn goods_list(&mut self, call: &Call) -> Reply {
        let merchant_id = call.caller.one_merchant()?;
        let sku = call.asked("merchant_skus[]").or_else(|| call.asked("merchant_skus[0]"));
        let theirs = self.items.values().filter(|item| item.merchant_id == merchant_id);
        let wanted = theirs.filter(|item| sku.is_none() || item.sku.as_deref() == sku);
        let rows: Vec<u64> = wanted.map(|item| item.id).rev().collect();
        Ok(self.page(call, GOODS, &rows, Self::goods_row))
    }

    fn goods_seen(&self, call: &Call, id: u64) -> Result<&Item, Problem> {
        let merchant_id = call.caller.one_merchant()?;
        let found = self.items.get(&id).filter(|item| item.merchant_id == merchant_id);
        found.ok_or_else(|| Problem::not_found(&format!("Item {id}")))
    }

    /// `GET /inventory/{id}`.
    pub(crate) fn one_goods(&self, call: &Call, id: u64) -> Reply {
        self.goods_seen(call, id)?;
        Ok(Json::object([("item", self.goods_body(id))]))
    }

    /// `POST /inventory`: a SKU once a merchant.
    pub(crate) fn make_goods(&mut self, call: &Call, now: Timestamp) -> Reply {
        let merchant_id = call.caller.one_merchant()?;
        let sku = call.text("merchant_sku").ok_or_else(|| required("merchant_sku"))?;
        let title = call.text("title").ok_or_else(|| required("title"))?;
        for (field, text) in [("merchant_sku", &sku), ("title", &title)] {
            if !(3..=255).contains(&text.chars().count()) {
                let message = format!("The {field} must be between 3 and 255 characters.");
                return Err(Problem::invalid(field, &message));
            }
        }
        let taken = |item: &Item| {
            item.merchant_id == merchant_id && item.sku.as_deref() == Some(sku.as_str())
        };
        if self.items.values().any(taken) {
            return Err(Problem::invalid(
                "merchant_sku",
                "The merchant sku has already been taken.",
            ));
        }
        let goods = ItemSetup { sku: Some(sku), asin: None, title, opening: 0 };
        let id = self.shelve(merchant_id, &goods, now);
        Ok(Json::object([("data", self.goods_made(id, now))]))
    }

    /// `PUT /inventory/{id}`.
    pub(crate) fn change_goods(&mut self, call: &Call, id: u64, now: Timestamp) -> Reply {
        self.goods_seen(call, id)?;
        let (sku, title) = (call.text("merchant_sku"), call.text("title"));
        if let Some(item) = self.items.get_mut(&id) {
            item.sku = sku.or_else(|| item.sku.take());
            item.title = title.unwrap_or_else(|| item.title.clone());
            item.updated_at = now;
        }
        let details = self.goods_in_order(id);
        Ok(Json::object([("message", "Item updated".into()), ("item_details", details)]))
    }

    /// `POST /inventory/search`.
    pub(crate) fn search_goods(&self, call: &Call) -> Reply {
        let merchant_id = call.caller.one_merchant()?;
        let wanted = call.text("q").ok_or_else(|| required("q"))?.to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&wanted);
        let theirs = self.items.values().filter(|item| item.merchant_id == merchant_id);
        let by_words = |item: &&Item| has(&item.title) || item.sku.as_deref().is_some_and(has);
        let by_code =
            |item: &&Item| item.identifiers.iter().any(|one| one.text.to_lowercase() == wanted);
        let (found, others): (Vec<&Item>, Vec<&Item>) = theirs.partition(by_words);
        let coded = others.into_iter().filter(by_code);
        let hits = found.into_iter().take(HITS_MAX).chain(coded);
        let bodies: Vec<Json> = hits.map(|item| self.goods_found(item.id)).collect();
        Ok(Json::object([("items", bodies.into())]))
    }

    /// `POST /inventory/{id}/identifier`.
    pub(crate) fn name_goods(&mut self, call: &Call, id: u64, now: Timestamp) -> Reply {
        self.goods_seen(call, id)?;
        let text = call.text("identifier").ok_or_else(|| required("identifier"))?;
        let kind = call.text("identifier_type").ok_or_else(|| required("identifier_type"))?;
        if !KINDS.contains(&kind.as_str()) {
            let message = "The selected identifier type is invalid.";
            return Err(Problem::invalid("identifier_type", message));
        }
        let identifier =
            Identifier { id: self.numbers.next("identifier"), text: text.clone(), kind };
        let Some(item) = self.items.get_mut(&id) else {
            return Err(Problem::not_found("Item"));
        };
        if identifier.kind == "ASIN" {
            item.asin = Some(text.clone());
        }
        item.identifiers.push(identifier);
        item.updated_at = now;
        let merchant_id = item.merchant_id;
        let data = self.goods_body(id);
        self.announce_event("item.identifier_created", merchant_id, &data, now);
        Ok(Json::object([("message", "Item identifier added".into()), ("identifier", text.into())]))
    }

    /// `POST /adjustment` (the documents), `/adjustments` (a client).
    pub(crate) fn adjust_goods(&mut self, call: &Call, now: Timestamp) -> Reply {
        let item_id = call.id("item_id").ok_or_else(|| required("item_id"))?;
        self.goods_seen(call, item_id)?;
        let quantity = call.whole("quantity").ok_or_else(|| required("quantity"))?;
        let reason = call.text("reason").ok_or_else(|| required("reason"))?;
        self.adjusted(item_id, quantity, now);
        let adjustment = Json::object([
            ("reason", reason.into()),
            ("updated_at", full(now)),
            ("created_at", full(now)),
            ("id", self.numbers.next("adjustment").into()),
        ]);
        Ok(Json::object([("message", "Adjustment added".into()), ("adjustment", adjustment)]))
    }

    /// Units were lost or found.
    pub(crate) fn adjusted(&mut self, item_id: u64, quantity: i64, now: Timestamp) {
        let goods = self.goods(item_id);
        if let Some(item) = self.items.get_mut(&item_id) {
            item.tally.adjusted = item.tally.adjusted.saturating_add(quantity);
            item.updated_at = now;
        }
        self.note(now, Happening::Adjusted { goods, quantity });
        self.tell_stock(item_id, now);
    }
}
