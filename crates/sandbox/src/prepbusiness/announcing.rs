//! What is told to those who subscribed, once something has happened.

use jiff::Timestamp;

use super::centre::Centre;
use super::inbound_bodies::tracking;
use crate::json::Json;

/// What there is to tell of an inbound. That it was put away is told by nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Telling {
    Created,
    ItemsUpdated,
    NotesUpdated,
    Shipped,
    Received,
}

impl Telling {
    const fn event(self) -> &'static str {
        match self {
            Self::Created => "inbound_shipment.created",
            Self::ItemsUpdated => "inbound_shipment.items_updated",
            Self::NotesUpdated => "inbound_shipment.notes_updated",
            Self::Shipped => "inbound_shipment.shipped",
            Self::Received => "inbound_shipment.received",
        }
    }
}

impl Centre {
    pub(crate) fn tell_inbound(&mut self, telling: Telling, inbound_id: u64, now: Timestamp) {
        let Some(inbound) = self.inbounds.get(&inbound_id) else { return };
        let merchant_id = inbound.merchant_id;
        let mut data = self.inbound_whole(inbound_id);
        if self.setup.webhook_lines {
            data = data.with("items", self.inbound_line_bodies(inbound_id));
        }
        self.announce_event(telling.event(), merchant_id, &data, now);
    }

    pub(crate) fn tell_parcels(&mut self, inbound_id: u64, merchant_id: u64, now: Timestamp) {
        let Some(inbound) = self.inbounds.get(&inbound_id) else { return };
        let spelling = self.spelling();
        let told: Vec<Json> =
            inbound.tracking.iter().map(|parcel| tracking(parcel, spelling)).collect();
        for data in told {
            self.announce_event("transportation_tracking.data_updated", merchant_id, &data, now);
        }
    }

    pub(crate) fn tell_stock(&mut self, item_id: u64, now: Timestamp) {
        let Some(item) = self.items.get(&item_id) else { return };
        let merchant_id = item.merchant_id;
        let data = self.goods_body(item_id);
        self.announce_event("item.stock_updated", merchant_id, &data, now);
    }
}
