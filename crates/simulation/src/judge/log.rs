//! The log: what really happened at the shop, by its own book, and how many units were gone at any instant.

use crossdock_domain::{Instant, Number};
use jiff::Timestamp;

use super::{Judge, Watched};
use crate::finding::{Finding, Found};
use crate::partner::{self, Happening, LogEntry, Place};
use crate::world::World;

impl Judge {
    /// The shop's ids, once.
    pub(super) fn get_to_know(&mut self, world: &World) {
        if !self.by_remote.is_empty() {
            return;
        }
        let Some(side) = world.shops.get(&self.shop) else { return };
        self.location =
            side.shop.setup().locations.first().and_then(|l| l.id.to_string().parse().ok());
        for truth in side.shop.truth() {
            let at = self.items.iter().position(|item| truth.sku.as_deref() == Some(&item.sku));
            if let Some((at, watched)) = at.and_then(|at| Some((at, self.items.get_mut(at)?))) {
                watched.remote = truth.inventory_item_id;
                watched.variant = truth.variant_id;
                watched.stands = truth.opening;
                self.by_remote.insert(truth.inventory_item_id, at);
            }
        }
    }

    /// What really happened since the last look. Which items it touched.
    pub(super) fn read_the_log(&mut self, world: &World) -> Found<Vec<bool>> {
        let touched = vec![false; self.items.len()];
        let Some(side) = world.shops.get(&self.shop) else { return Ok(touched) };
        for entry in side.shop.log(self.log_read) {
            self.log_read = entry.number;
            self.read_entry(entry)?;
        }
        Ok(touched)
    }

    fn read_entry(&mut self, entry: &LogEntry) -> Found<()> {
        if let Happening::Written { place, from, to, .. } = &entry.happening {
            if self.is_elsewhere(place) {
                return Ok(());
            }
            // By the shop's own log, whatever the hub says of itself.
            if !self.was_ever_live {
                let why = "before a person ever let us";
                return Err(Finding::WroteUnasked { send: Number(0), why });
            }
            if let Some(item) = self.item_at(place.inventory_item_id) {
                item.before_our_write = Some(*from);
                item.stands = *to;
            }
            return Ok(());
        }
        let order = if let Happening::Sale { order_id, .. } = &entry.happening {
            Some(*order_id)
        } else {
            None
        };
        if let Some((place, units)) = partner::units_gone(&entry.happening)
            && !self.is_elsewhere(place)
            && let Some(item) = self.item_at(place.inventory_item_id)
        {
            let before = item.gone.last().map_or(0, |(_, gone)| *gone);
            item.gone.push((entry.at, before + units));
            item.stands -= units;
            if units != 0 {
                item.changes.push((Instant(entry.at.as_microsecond()), order));
            }
        }
        Ok(())
    }

    /// Whether something is about a location that sells nothing.
    fn is_elsewhere(&self, place: &Place) -> bool {
        self.location.as_ref().is_some_and(|here| *here.as_str() != *place.location_id.to_string())
    }

    pub(super) fn item_at(&mut self, remote: u64) -> Option<&mut Watched> {
        let at = *self.by_remote.get(&remote)?;
        self.items.get_mut(at)
    }
}

impl Watched {
    /// Units that were gone at an instant.
    pub(super) fn gone_at(&self, at: Timestamp) -> i64 {
        let before = self.gone.iter().rev().find(|(then, _)| *then <= at);
        before.map_or(0, |(_, gone)| *gone)
    }

    pub(super) fn gone_when_told(&self) -> i64 {
        self.told.map_or(0, |told| self.gone_at(told))
    }

    /// Whether so many units were gone at any instant since the newest that we were told.
    pub(super) fn was_gone_since_told(&self, units: i64) -> bool {
        let told = self.told.unwrap_or(Timestamp::MIN);
        self.gone_when_told() == units
            || self
                .gone
                .iter()
                .rev()
                .take_while(|(at, _)| *at >= told)
                .any(|(_, gone)| *gone == units)
    }
}
