//! Inbounds as JSON: a row of the list, the whole, its lines.

use jiff::Timestamp;

use super::bodies::nothing;
use super::centre::Centre;
use super::goods::{Inbound, Line, Tracking};
use super::setup::WarehouseSetup;
use super::spelling::{Spelling, carriers, full, full_or_null};
use crate::json::Json;

impl Centre {
    fn inbound_body(&self, id: u64, of: impl FnOnce(&Inbound, Spelling) -> Json) -> Json {
        self.inbounds.get(&id).map_or(Json::Null, |inbound| of(inbound, self.spelling()))
    }

    /// A row of the list.
    pub(crate) fn inbound_row(&self, id: u64) -> Json {
        self.inbound_body(id, |inbound, spelling| {
            let (expected, actual, unsellable) = inbound.totals();
            Json::object([
                ("id", spelling.id(inbound.id)),
                ("created_at", full(inbound.created_at)),
                ("updated_at", spelling.changed(inbound.id, inbound.updated_at)),
                (spelling.merchant_key(), spelling.id(inbound.merchant_id)),
                ("name", inbound.name.as_str().into()),
                ("notes", inbound.notes.clone().into()),
                ("status", inbound.status.word().into()),
                ("warehouse_id", spelling.id(inbound.warehouse_id)),
                ("received_at", full_or_null(inbound.received_at)),
                ("internal_notes", inbound.internal_notes.clone().into()),
                ("archived_at", full_or_null(inbound.archived_at)),
                ("expected_quantity", expected.into()),
                ("sku_count", inbound.lines.len().into()),
                ("actual_quantity", actual.into()),
                ("unsellable_quantity", unsellable.into()),
                ("received_quantity", actual.saturating_add(unsellable).into()),
                ("reference_id", reference(inbound).into()),
                ("searchable_identifiers", self.searchable(inbound).into()),
            ])
        })
    }

    fn searchable(&self, inbound: &Inbound) -> String {
        let items = inbound.lines.iter().filter_map(|line| self.items.get(&line.item_id));
        let texts = items.map(super::goods::Item::searchable).filter(|text| !text.is_empty());
        texts.collect::<Vec<_>>().join(",")
    }

    /// The whole of it, but for its lines. What a webhook tells is assumed to be the same.
    pub(crate) fn inbound_whole(&self, id: u64) -> Json {
        self.inbound_body(id, |inbound, spelling| {
            let (expected, actual, unsellable) = inbound.totals();
            let parcels = inbound.tracking.iter().map(|parcel| tracking(parcel, spelling));
            Json::object([
                ("id", spelling.id(inbound.id)),
                ("created_at", full(inbound.created_at)),
                ("updated_at", spelling.changed(inbound.id, inbound.updated_at)),
                (spelling.merchant_key(), spelling.id(inbound.merchant_id)),
                ("name", inbound.name.as_str().into()),
                ("notes", inbound.notes.clone().into()),
                ("warehouse_id", spelling.id(inbound.warehouse_id)),
                ("received_at", full_or_null(inbound.received_at)),
                ("internal_notes", inbound.internal_notes.clone().into()),
                ("archived_at", full_or_null(inbound.archived_at)),
                ("shipped_at", full_or_null(inbound.shipped_at)),
                ("checked_in_at", full_or_null(inbound.checked_in_at)),
                ("deleted_at", Json::Null),
                ("currency", "USD".into()),
                ("eta", inbound.eta.clone().into()),
                ("expected_quantity", expected.into()),
                ("sku_count", inbound.lines.len().into()),
                ("shipment_id", Json::Null),
                ("actual_quantity", actual.into()),
                ("unsellable_quantity", unsellable.into()),
                ("received_quantity", actual.saturating_add(unsellable).into()),
                ("reference_id", reference(inbound).into()),
                ("status", inbound.status.word().into()),
                ("tracking_numbers", parcels.collect::<Vec<_>>().into()),
                ("attachments", nothing()),
                ("service_lines", nothing()),
                ("warehouse", self.warehouse_of(inbound, spelling)),
                ("tags", nothing()),
            ])
        })
    }

    /// What changing its words answers: fewer fields.
    pub(crate) fn inbound_changed(&self, id: u64) -> Json {
        self.inbound_body(id, |inbound, spelling| {
            Json::object([
                ("id", spelling.id(inbound.id)),
                ("created_at", full(inbound.created_at)),
                ("updated_at", spelling.changed(inbound.id, inbound.updated_at)),
                (spelling.merchant_key(), spelling.id(inbound.merchant_id)),
                ("name", inbound.name.as_str().into()),
                ("notes", inbound.notes.clone().into()),
                ("status", inbound.status.word().into()),
                ("warehouse_id", spelling.id(inbound.warehouse_id)),
                ("received_at", full_or_null(inbound.received_at)),
                ("internal_notes", inbound.internal_notes.clone().into()),
            ])
        })
    }

    /// Its lines.
    pub(crate) fn inbound_line_bodies(&self, id: u64) -> Json {
        self.inbound_body(id, |inbound, spelling| {
            let line = |line: &Line| self.line_body(inbound, line, spelling);
            inbound.lines.iter().map(line).collect::<Vec<_>>().into()
        })
    }

    fn line_body(&self, inbound: &Inbound, line: &Line, spelling: Spelling) -> Json {
        let expected = Json::object([
            ("quantity", line.expected.into()),
            ("item_group_configurations", nothing()),
            ("id", spelling.id(line.id * 2)),
        ]);
        let actual = Json::object([
            ("quantity", line.actual.into()),
            ("item_group_configurations", nothing()),
            ("moves", nothing()),
            ("id", spelling.id(line.id * 2 + 1)),
        ]);
        Json::object([
            ("id", spelling.id(line.id)),
            ("item_id", spelling.id(line.item_id)),
            ("shipment_id", spelling.id(inbound.id)),
            ("expected", expected),
            ("actual", actual),
            ("unsellable", Json::object([("quantity", line.unsellable.into())])),
            ("item", self.goods_in_line(line.item_id)),
        ])
    }

    fn warehouse_of(&self, inbound: &Inbound, spelling: Spelling) -> Json {
        let found = self.setup.warehouses.iter().find(|house| house.id == inbound.warehouse_id);
        found.map_or(Json::Null, |house| {
            Json::object([
                ("id", spelling.id(house.id)),
                ("uuid", "0197e188-5d70-8010-bf60-252ed9687632".into()),
                ("name", house.name.as_str().into()),
                ("service_provider_id", spelling.id(1)),
                ("default_address_id", spelling.id(house.id)),
                ("deletable", false.into()),
                ("default_address", self.dated_address(house, spelling)),
            ])
        })
    }

    fn dated_address(&self, house: &WarehouseSetup, spelling: Spelling) -> Json {
        Json::object([
            ("id", spelling.id(house.id)),
            ("created_at", full(self.opened_at)),
            ("updated_at", full(self.opened_at)),
            ("warehouse_id", spelling.id(house.id)),
            ("address_line_1", "1000 State Route 36".into()),
            ("address_line_2", Json::Null),
            ("address_line_3", Json::Null),
            ("city", "Hornell".into()),
            ("state_province", "NY".into()),
            ("country_code", house.country_code.as_str().into()),
            ("postal_code", "14843-2651".into()),
            ("phone_number", Json::Null),
            ("is_residential", false.into()),
        ])
    }
}

fn reference(inbound: &Inbound) -> String {
    format!("INSH-{}-{}", inbound.created_at.strftime("%m%d%y"), inbound.id)
}

/// One parcel.
pub(crate) fn tracking(parcel: &Tracking, spelling: Spelling) -> Json {
    let status = match (parcel.transit_at, parcel.delivered_at) {
        (None, None) => "unknown",
        (Some(_), None) => "transit",
        (_, Some(_)) => "delivered",
    };
    let told = |at: Option<Timestamp>| at.map_or(Json::Null, carriers);
    Json::object([
        ("status", status.into()),
        ("number", parcel.number.as_str().into()),
        ("carrier", parcel.carrier.as_str().into()),
        ("service_level", Json::Null),
        ("eta", Json::Null),
        ("transit_at", told(parcel.transit_at)),
        ("delivered_at", told(parcel.delivered_at)),
        ("returned_at", Json::Null),
        ("failed_at", Json::Null),
        ("package_identifier", Json::Null),
        ("tracking_url", format!("https://t.17track.net/en#nums={}", parcel.number).into()),
        ("id", spelling.id(parcel.id)),
    ])
}
