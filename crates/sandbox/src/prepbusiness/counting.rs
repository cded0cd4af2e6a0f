//! What people and calls do to an inbound, and the books that follow. The only place where lines change.
//!
//! Nothing is told here: whoever acts tells it once, when all of it is done.

use jiff::Timestamp;

use super::centre::Centre;
use super::goods::{Inbound, Line, Status, Tracking};
use super::log::Happening;

/// What an inbound is called and says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Words {
    pub(crate) name: String,
    pub(crate) notes: Option<String>,
    pub(crate) internal_notes: Option<String>,
    pub(crate) eta: Option<String>,
}

impl Centre {
    /// Opens an inbound.
    pub(crate) fn open_inbound(
        &mut self,
        merchant_id: u64,
        warehouse_id: u64,
        words: Words,
        now: Timestamp,
    ) -> u64 {
        let id = self.numbers.next("inbound");
        let name = words.name.clone();
        let inbound = Inbound {
            id,
            merchant_id,
            name: words.name,
            notes: words.notes,
            internal_notes: words.internal_notes,
            warehouse_id,
            eta: words.eta,
            status: Status::Open,
            created_at: now,
            updated_at: now,
            shipped_at: None,
            checked_in_at: None,
            received_at: None,
            archived_at: None,
            tracking: Vec::new(),
            lines: Vec::new(),
        };
        self.inbounds.insert(id, inbound);
        self.note(now, Happening::Opened { inbound_id: id, merchant_id, name });
        id
    }

    /// Says how many units of an item are announced.
    pub(crate) fn expect(&mut self, inbound_id: u64, item_id: u64, to: i64, now: Timestamp) {
        let goods = self.goods(item_id);
        let Some(line) = self.line(inbound_id, item_id, now) else { return };
        let from = std::mem::replace(&mut line.expected, to);
        if let Some(item) = self.items.get_mut(&item_id) {
            item.tally.announced = item.tally.announced.saturating_add(to).saturating_sub(from);
        }
        self.note(now, Happening::Announced { inbound_id, goods, from, to });
    }

    /// Says how many units of an item are checked in by now: sellable, and not.
    pub(crate) fn count(
        &mut self,
        (inbound_id, item_id): (u64, u64),
        (actual, unsellable): (i64, i64),
        now: Timestamp,
    ) {
        let goods = self.goods(item_id);
        let known = self.inbounds.get(&inbound_id).and_then(|inbound| inbound.line(item_id));
        let listed = known.is_some();
        let Some(line) = self.line(inbound_id, item_id, now) else { return };
        let received = actual.saturating_sub(std::mem::replace(&mut line.actual, actual));
        let before = std::mem::replace(&mut line.unsellable, unsellable);
        let spoilt = unsellable.saturating_sub(before);
        if received == 0 && spoilt == 0 {
            return;
        }
        if let Some(item) = self.items.get_mut(&item_id) {
            let tally = &mut item.tally;
            tally.received = tally.received.saturating_add(received);
            tally.unsellable = tally.unsellable.saturating_add(spoilt);
            let taken_back = received.min(0).saturating_add(spoilt.min(0));
            tally.taken_back = tally.taken_back.saturating_sub(taken_back);
            item.updated_at = now;
        }
        if let Some(inbound) = self.inbounds.get_mut(&inbound_id) {
            inbound.checked_in_at.get_or_insert(now);
        }
        let happening = if received < 0 || spoilt < 0 {
            Happening::Corrected { inbound_id, goods, received, unsellable: spoilt }
        } else {
            Happening::CheckedIn { inbound_id, goods, received, unsellable: spoilt, listed }
        };
        self.note(now, happening);
    }

    /// Takes an item off an inbound, with all that was counted of it.
    pub(crate) fn strike(&mut self, inbound_id: u64, item_id: u64, now: Timestamp) {
        self.expect(inbound_id, item_id, 0, now);
        self.count((inbound_id, item_id), (0, 0), now);
        self.touch(inbound_id, now, |inbound| {
            inbound.lines.retain(|line| line.item_id != item_id);
        });
    }

    /// It left the merchant.
    pub(crate) fn depart(
        &mut self,
        inbound_id: u64,
        carrier: &str,
        tracking_numbers: &[String],
        now: Timestamp,
    ) {
        let mut parcels = Vec::new();
        for number in tracking_numbers {
            let id = self.numbers.next("tracking");
            parcels.push(Tracking::new(id, number.clone(), carrier.to_owned()));
        }
        let merchant_id = self.touch(inbound_id, now, |inbound| {
            if inbound.status == Status::Open {
                inbound.status = Status::Shipped;
            }
            inbound.shipped_at.get_or_insert(now);
            inbound.tracking.extend(parcels);
        });
        self.note(
            now,
            Happening::Shipped {
                inbound_id,
                merchant_id,
                carrier: carrier.to_owned(),
                tracking_numbers: tracking_numbers.to_vec(),
            },
        );
    }

    /// People say that it is checked in. What was counted stays what it is.
    pub(crate) fn close(&mut self, inbound_id: u64, now: Timestamp) {
        let merchant_id = self.touch(inbound_id, now, |inbound| {
            inbound.status = Status::Received;
            inbound.received_at.get_or_insert(now);
            inbound.checked_in_at.get_or_insert(now);
        });
        self.note(now, Happening::Received { inbound_id, merchant_id });
    }

    /// Puts it away.
    pub(crate) fn put_away(&mut self, inbound_id: u64, now: Timestamp) {
        let merchant_id = self.touch(inbound_id, now, |inbound| {
            inbound.archived_at.get_or_insert(now);
        });
        self.note(now, Happening::Archived { inbound_id, merchant_id });
    }

    /// Changes an inbound, which is of now then. Whose it is.
    pub(crate) fn touch(
        &mut self,
        inbound_id: u64,
        now: Timestamp,
        change: impl FnOnce(&mut Inbound),
    ) -> u64 {
        let Some(inbound) = self.inbounds.get_mut(&inbound_id) else { return 0 };
        change(inbound);
        inbound.updated_at = now;
        inbound.merchant_id
    }

    /// The line of an item, made where there is none.
    fn line(&mut self, inbound_id: u64, item_id: u64, now: Timestamp) -> Option<&mut Line> {
        let inbound = self.inbounds.get_mut(&inbound_id)?;
        inbound.updated_at = now;
        if inbound.line(item_id).is_none() {
            let id = self.numbers.next("line");
            inbound.lines.push(Line { id, item_id, expected: 0, actual: 0, unsellable: 0 });
        }
        inbound.lines.iter_mut().find(|line| line.item_id == item_id)
    }
}
