//! What receptions look up: items by ASIN, and lines by what they are called or whose they are.

use crossdock_domain::item::Item;
use crossdock_domain::reception::{Moment, Reception, ReceptionLine};
use crossdock_domain::stock::Witnessed;
use crossdock_domain::{ClientId, Instant, ItemId};

use super::{Cell, Store};
use crate::StoreError;
use crate::rows::Row;

/// What nobody dated is older than what has a date.
const UNDATED: Instant = Instant(i64::MIN);

impl Store {
    /// Items with an ASIN, at most so many.
    pub fn items_by_asin(
        &mut self,
        client: &ClientId,
        asin: &str,
        limit: u32,
    ) -> Result<Vec<Item>, StoreError> {
        self.find_by(
            "items_by_asin",
            "client = ? AND asin IS NOT NULL AND asin = ? ORDER BY id LIMIT ?",
            &[client.value(), asin.to_owned().value(), limit.value()],
        )
    }

    /// Lines of receptions that are an item's, at most so many.
    pub fn lines_of_item(
        &mut self,
        client: &ClientId,
        item: ItemId,
        limit: u32,
    ) -> Result<Vec<ReceptionLine>, StoreError> {
        self.find_by(
            "reception_lines_of_item",
            "client = ? AND item IS NOT NULL AND item = ? ORDER BY source, source_id LIMIT ?",
            &[client.value(), item.value(), limit.value()],
        )
    }

    /// What witnesses count of an item, at most so many of them.
    pub fn witnessed_of(
        &mut self,
        client: &ClientId,
        item: ItemId,
        limit: u32,
    ) -> Result<Vec<Witnessed>, StoreError> {
        self.find(
            "client = ? AND item = ? ORDER BY connection, merchant LIMIT ?",
            &[client.value(), item.value(), limit.value()],
        )
    }

    /// Lines of a reception that are an item's and have this id at the partner, at most so many.
    pub fn lines_by_remote_item(
        &mut self,
        (client, source, source_id): &<Reception as Row>::Key,
        remote_item: &str,
        limit: u32,
    ) -> Result<Vec<ReceptionLine>, StoreError> {
        self.find(
            "client = ? AND source = ? AND source_id = ? AND remote_item = ? AND item IS NOT NULL \
             ORDER BY line LIMIT ?",
            &[
                client.value(),
                source.value(),
                source_id.value(),
                remote_item.to_owned().value(),
                limit.value(),
            ],
        )
    }

    /// Lines of a reception that are not gone and were told last before a moment, at most so many.
    pub fn lines_told_before(
        &mut self,
        (client, source, source_id): &<Reception as Row>::Key,
        before: Moment,
        limit: u32,
    ) -> Result<Vec<ReceptionLine>, StoreError> {
        let at = before.at.unwrap_or(UNDATED);
        self.find(
            "client = ? AND source = ? AND source_id = ? AND gone = 0 \
             AND (coalesce(told_at, ?) < ? OR (coalesce(told_at, ?) = ? AND reading < ?)) \
             ORDER BY line LIMIT ?",
            &[
                client.value(),
                source.value(),
                source_id.value(),
                UNDATED.value(),
                at.value(),
                UNDATED.value(),
                at.value(),
                before.reading.value(),
                limit.value(),
            ],
        )
    }

    /// Lines that a person has to look at and that have this name, at most so many.
    pub fn lines_in_trouble_called(
        &mut self,
        client: &ClientId,
        line: &str,
        limit: u32,
    ) -> Result<Vec<ReceptionLine>, StoreError> {
        self.find_by(
            "reception_lines_in_trouble",
            "client = ? AND problem IS NOT NULL AND line = ? ORDER BY source, source_id LIMIT ?",
            &[client.value(), line.to_owned().value(), limit.value()],
        )
    }

    /// Lines that a person has to look at and for which this ASIN was told, at most so many.
    pub fn lines_in_trouble_of_asin(
        &mut self,
        client: &ClientId,
        asin: &str,
        limit: u32,
    ) -> Result<Vec<ReceptionLine>, StoreError> {
        self.find_by(
            "reception_lines_by_asin",
            "client = ? AND problem IS NOT NULL AND octet_length(asin) <= 190 AND asin = ? \
             ORDER BY source, source_id LIMIT ?",
            &[client.value(), asin.to_owned().value(), limit.value()],
        )
    }
}
