//! Goods that leave in bulk. Told like inbounds, and often taken for them: they must never be.

use jiff::Timestamp;

use super::bodies::nothing;
use super::calls::Call;
use super::centre::Centre;
use super::paging::SHIPMENTS;
use super::spelling::full;
use crate::json::Json;

/// A shipment that left.
#[derive(Debug, Clone)]
pub(crate) struct Outbound {
    pub(crate) id: u64,
    pub(crate) merchant_id: u64,
    pub(crate) name: String,
    pub(crate) lines: Vec<(u64, i64)>,
    pub(crate) left_at: Timestamp,
}

impl Centre {
    /// `GET /shipments/outbound`.
    pub(crate) fn outbound_list(&mut self, call: &Call) -> Json {
        let visible = self.outbounds.values().filter(|one| call.caller.sees(one.merchant_id));
        let rows: Vec<u64> = visible.map(|one| one.id).rev().collect();
        self.page(call, SHIPMENTS, &rows, Self::outbound_row)
    }

    /// Units leave in bulk.
    pub(crate) fn send_out(
        &mut self,
        merchant_id: u64,
        lines: &[(u64, i64)],
        now: Timestamp,
    ) -> u64 {
        let id = self.numbers.next("outbound");
        let (name, lines) = (format!("Outbound {id}"), lines.to_vec());
        for (item_id, quantity) in &lines {
            self.leave(*item_id, *quantity, now);
        }
        self.outbounds.insert(id, Outbound { id, merchant_id, name, lines, left_at: now });
        let data = self.outbound_row(id);
        self.announce_event("outbound_shipment.closed", merchant_id, &data, now);
        id
    }

    fn outbound_row(&self, id: u64) -> Json {
        let Some(outbound) = self.outbounds.get(&id) else { return Json::Null };
        let spelling = self.spelling();
        let units: i64 = outbound.lines.iter().map(|(_, quantity)| quantity).sum();
        let items = outbound.lines.iter().filter_map(|(item_id, _)| self.items.get(item_id));
        let codes: Vec<String> = items.map(super::goods::Item::searchable).collect();
        Json::object([
            ("id", spelling.id(id)),
            ("created_at", full(outbound.left_at)),
            ("updated_at", full(outbound.left_at)),
            (spelling.merchant_key(), spelling.id(outbound.merchant_id)),
            ("status", "closed".into()),
            ("notes", Json::Null),
            ("name", outbound.name.as_str().into()),
            ("warehouse_id", spelling.id(1)),
            ("shipped_at", full(outbound.left_at)),
            ("internal_notes", Json::Null),
            ("ship_from_address_id", spelling.id(1)),
            ("archived_at", Json::Null),
            ("currency", "USD".into()),
            ("is_case_forwarding", false.into()),
            ("sku_count", outbound.lines.len().into()),
            ("shipped_items_count", units.into()),
            ("searchable_identifiers", codes.join(",").into()),
            ("searchable_tags", nothing()),
            ("tags", nothing()),
            ("fba_transport_plans", nothing()),
        ])
    }
}
