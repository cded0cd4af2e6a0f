//! Receptions with their figures, and the lines that a person has to look at.

use std::collections::BTreeMap;

use crossdock_domain::reception::{Reception, ReceptionLine, ReceptionStatus, Shelved};
use crossdock_domain::{ClientId, ConnectionId, Instant, ItemId, RemoteId};

use super::items::escape_like;
use super::{Reader, only};
use crate::StoreError;

/// A place in the list of receptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceptionPlace {
    /// When the reception there last changed.
    pub changed_at: Instant,
    /// Where it came from.
    pub source: String,
    /// The partner's id of it.
    pub source_id: String,
}

impl ReceptionPlace {
    /// Where a reception stands.
    #[must_use]
    pub fn of(reception: &Reception) -> Self {
        Self {
            changed_at: reception.changed_at,
            source: reception.source.clone(),
            source_id: reception.source_id.to_string(),
        }
    }
}

/// Which receptions to list.
#[derive(Debug, Clone, Default)]
pub struct ReceptionFilter {
    /// Only those that have come so far.
    pub status: Option<ReceptionStatus>,
    /// Only those that were put away so, or were not.
    pub shelved: Option<Shelved>,
    /// Only those of this connection.
    pub connection: Option<ConnectionId>,
    /// Only those with lines that a person has to look at.
    pub in_trouble: bool,
    /// Only those with this in their id or name, or in a line's SKU, ASIN or title.
    pub search: Option<String>,
    /// Only those that stand after this place.
    pub before: Option<ReceptionPlace>,
    /// At most so many.
    pub limit: u32,
}

impl Reader {
    /// Receptions of a client, the last changed first.
    pub fn receptions(
        &self,
        client: &ClientId,
        filter: &ReceptionFilter,
    ) -> Result<Vec<Reception>, StoreError> {
        let like = filter.search.as_ref().map(|text| format!("%{}%", escape_like(text)));
        let before = filter.before.clone().unwrap_or(ReceptionPlace {
            changed_at: Instant(i64::MAX),
            source: String::new(),
            source_id: String::new(),
        });
        self.state(
            "client = ?1 AND changed_at <= ?7 AND (changed_at < ?7 OR (source, source_id) < (?8, ?9)) \
             AND (?2 IS NULL OR status = ?2) AND (?3 IS NULL OR shelved = ?3) \
             AND (?4 IS NULL OR connection = ?4) AND (?5 = 0 OR parked > 0) \
             AND (?6 IS NULL OR source_id LIKE ?6 ESCAPE '\\' OR name LIKE ?6 ESCAPE '\\' \
             OR (source, source_id) IN (SELECT l.source, l.source_id FROM reception_lines l WHERE l.client = ?1 \
             AND (l.sku LIKE ?6 ESCAPE '\\' OR l.asin LIKE ?6 ESCAPE '\\' OR l.title LIKE ?6 ESCAPE '\\'))) \
             ORDER BY changed_at DESC, source DESC, source_id DESC LIMIT ?10",
            (
                client.as_str(),
                filter.status.map(ReceptionStatus::word),
                filter.shelved.map(Shelved::word),
                filter.connection.as_ref().map(ConnectionId::as_str),
                filter.in_trouble,
                like,
                before.changed_at.0,
                before.source,
                before.source_id,
                filter.limit,
            ),
        )
    }

    /// One reception with its lines, those that a person has to look at first.
    pub fn reception(
        &self,
        client: &ClientId,
        source: &str,
        source_id: &RemoteId,
    ) -> Result<Option<(Reception, Vec<ReceptionLine>)>, StoreError> {
        let key = (client.as_str(), source, source_id.as_str());
        let one = "client = ? AND source = ? AND source_id = ?";
        let Some(reception) = self.state::<Reception>(one, key)?.pop() else { return Ok(None) };
        let lines = format!("{one} ORDER BY (problem IS NULL), gone, sku, line");
        Ok(Some((reception, self.state(&lines, key)?)))
    }

    /// The SKUs of a reception's items.
    pub fn skus_of_reception(
        &self,
        client: &ClientId,
        source: &str,
        source_id: &RemoteId,
    ) -> Result<BTreeMap<ItemId, String>, StoreError> {
        let found: Vec<(ItemId, String)> = self.rows(
            "SELECT id, sku FROM items WHERE client = ?1 AND id IN \
             (SELECT item FROM reception_lines WHERE client = ?1 AND source = ?2 AND source_id = ?3)",
            (client.as_str(), source, source_id.as_str()),
            |columns| Ok((columns.take()?, columns.take()?)),
        )?;
        Ok(found.into_iter().collect())
    }

    /// Lines that nothing is booked for until a person has looked.
    pub fn lines_in_trouble(
        &self,
        client: &ClientId,
        limit: u32,
    ) -> Result<Vec<ReceptionLine>, StoreError> {
        self.state_from(
            "reception_lines INDEXED BY reception_lines_in_trouble WHERE client = ? AND problem IS NOT NULL \
             ORDER BY line, source, source_id LIMIT ?",
            (client.as_str(), limit),
        )
    }

    /// How many there are.
    pub fn count_lines_in_trouble(&self, client: &ClientId) -> Result<u64, StoreError> {
        let counted = self.rows(
            "SELECT count(*) FROM reception_lines INDEXED BY reception_lines_in_trouble \
             WHERE client = ? AND problem IS NOT NULL",
            [client.as_str()],
            only,
        )?;
        Ok(counted.into_iter().next().unwrap_or_default())
    }
}
