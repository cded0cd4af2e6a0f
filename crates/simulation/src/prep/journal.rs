//! The journal: what was acknowledged is in it, and nothing twice. Deliveries have no id, so they are known by where they came in
//! and by their bytes.

use std::collections::BTreeMap;

use crossdock_domain::Number;
use crossdock_domain::entry::EntryKind;
use crossdock_store::{Recorded, Unpacked};

use super::stage::{Stage, shared};
use crate::finding::{Finding, Found};

/// Bytes of a delivery that name it in a finding.
const SHOWN_MAX: usize = 100;

impl Stage {
    pub(super) fn every_delivery_has_one_entry(&mut self) -> Found<()> {
        for lane in self.lanes() {
            let entries = self.world.store().recorded(&lane, Number(1), usize::MAX)?;
            let gap = entries.iter().zip(1..).find(|(entry, number)| entry.number.0 != *number);
            if let Some((_, number)) = gap {
                return Err(Finding::Unfoldable(format!("entry {number} of {lane} is missing")));
            }
            nothing_was_handed_on_twice(&entries)?;
        }
        let entries = self.world.store().recorded(&shared()?, Number(1), usize::MAX)?;
        let mut times: BTreeMap<Vec<u8>, BTreeMap<String, usize>> = BTreeMap::new();
        for entry in entries.iter().filter(|entry| entry.kind == EntryKind::Delivery) {
            let by_topic = times.entry(unpacked(entry)?.body().to_vec()).or_default();
            *by_topic.entry(entry.topic.clone()).or_default() += 1;
        }
        for (body, by_topic) in &times {
            if let Some(times) = by_topic.values().copied().find(|times| *times > 1) {
                return Err(Finding::FoldedTwice { delivery: shown(body), times });
            }
        }
        match self.acknowledged.keys().find(|body| !times.contains_key(*body)) {
            Some(body) => Err(Finding::Lost { delivery: shown(body) }),
            None => Ok(()),
        }
    }
}

/// What was handed on names the entry that told it, so no two are alike.
fn nothing_was_handed_on_twice(entries: &[Recorded]) -> Found<()> {
    let mut times: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.kind == EntryKind::Forward) {
        *times.entry(unpacked(entry)?.body().to_vec()).or_default() += 1;
    }
    match times.into_iter().find(|(_, times)| *times > 1) {
        Some((body, times)) => Err(Finding::FoldedTwice { delivery: shown(&body), times }),
        None => Ok(()),
    }
}

fn unpacked(entry: &Recorded) -> Found<Unpacked> {
    Unpacked::new(&entry.packed).map_err(|error| Finding::Unfoldable(error.to_string()))
}

fn shown(body: &[u8]) -> String {
    String::from_utf8_lossy(body).chars().take(SHOWN_MAX).collect()
}
