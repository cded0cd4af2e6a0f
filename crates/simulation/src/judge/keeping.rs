//! Keeping: items that their shop has stopped counting, and counts again. The first figure afterwards is a baseline, so that
//! what was booked and what is gone may differ by a constant from then on: it can have been taken at any instant since, and
//! every figure that follows has to fit one and the same of them.

use std::collections::BTreeSet;

use crossdock_domain::stock::Level;
use crossdock_domain::stock::level::Standing;
use crossdock_domain::stock::terms::Role;
use crossdock_domain::{Instant, Number};
use jiff::Timestamp;

use super::{Judge, Watched};
use crate::world::stamp;

/// A shop's counter of an item that was dropped at some time.
#[derive(Debug)]
pub(super) struct Dropped {
    /// Since when a figure may be the baseline.
    since: Timestamp,
    /// Whether it is counted now, for all that the shop says.
    is_kept: bool,
    /// By how much more may have been booked than is gone; none where the baseline is still to come.
    offsets: Option<BTreeSet<i64>>,
}

impl Judge {
    /// The shop counts an item from now on, or does not.
    pub(crate) fn keeps(&mut self, at: usize, is_kept: bool, now: Instant) {
        // What a witness counts is not booked, however he keeps it.
        let is_kept = is_kept && !self.is_witness;
        let Some(item) = self.items.get_mut(at) else { return };
        let told = item.told.unwrap_or(Timestamp::MIN);
        let since = || stamp(now).min(told);
        match &mut item.dropped {
            Some(dropped) => (dropped.is_kept, dropped.offsets) = (is_kept, None),
            none if !is_kept => {
                *none = Some(Dropped { since: since(), is_kept, offsets: None });
            }
            _ => {}
        }
    }

    /// The shop's location is something else for us from now on, with this entry: every figure begins anew.
    pub(crate) fn cast(&mut self, role: Role, folded: (Number, Instant)) {
        self.is_witness = role == Role::Witness;
        for item in 0..self.items.len() {
            self.keeps(item, false, folded.1);
            self.keeps(item, true, folded.1);
        }
        match role {
            Role::Publishes => self.recast_since = None,
            Role::Owns | Role::Witness => {
                self.recast_since.get_or_insert(folded);
            }
        }
    }

    /// Whether it is anything else than a place that we publish to.
    pub(crate) const fn is_recast(&self) -> bool {
        self.recast_since.is_some()
    }

    /// Whether the shop has ever stopped counting an item.
    pub(crate) fn was_dropped(&self, at: usize) -> bool {
        self.items.get(at).is_some_and(|item| item.dropped.is_some())
    }

    /// Notes that a level has no figure: what comes next is a baseline.
    pub(super) fn watch_baseline(&mut self, at: usize, level: &Level) {
        let Some(item) = self.items.get_mut(at) else { return };
        let epoch = item.epoch.replace(level.epoch);
        let is_without = level.observed.is_none() || level.standing == Standing::Suspended;
        // A write is over when its epoch has gone; whatever else raises it may have been a new beginning.
        let may_be_new =
            epoch != Some(level.epoch) && level.flight.is_none() && level.wrote.is_none();
        if let Some(dropped) = item.dropped.as_mut().filter(|_| is_without || may_be_new) {
            dropped.offsets = None;
        }
    }
}

impl Watched {
    /// Whether what is booked as gone is true: since the newest that we were told, or, where a baseline came between, by
    /// the same constant as before.
    pub(super) fn is_true(&mut self, booked: i64) -> bool {
        let Some(dropped) = &self.dropped else { return self.was_gone_since_told(booked) };
        if !dropped.is_kept {
            return true;
        }
        let first = self.gone_at(dropped.since);
        let later = self.gone.iter().filter(|(at, _)| *at >= dropped.since).map(|(_, gone)| *gone);
        let any = || later.chain([first]).map(|gone| booked - gone).collect();
        let offsets: BTreeSet<i64> = dropped.offsets.clone().unwrap_or_else(any);
        let fits: BTreeSet<i64> =
            offsets.into_iter().filter(|by| self.was_gone_since_told(booked - by)).collect();
        let is_true = !fits.is_empty();
        if let Some(dropped) = &mut self.dropped {
            dropped.offsets = Some(fits);
        }
        is_true
    }

    /// The same at the end, when all has been told.
    pub(super) fn is_all(&self, booked: i64) -> bool {
        let gone = self.gone.last().map_or(0, |(_, gone)| *gone);
        match self.dropped.as_ref().map(|dropped| &dropped.offsets) {
            None => booked == gone,
            Some(None) => true,
            Some(Some(offsets)) => offsets.contains(&(booked - gone)),
        }
    }
}
