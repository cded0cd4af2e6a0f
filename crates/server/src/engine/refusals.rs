//! Refusals, summed up where they happen and written down by the writer when it next turns.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crossdock_store::operations::Tally;

/// Different tallies that are kept at a time. Connections and reasons are few; whoever invents more is not counted apart.
const TALLIES_MAX: usize = 1_000;

/// How often, and the last one's topic.
pub(super) type Sums = BTreeMap<Tally, (u64, String)>;

/// Refusals since the writer last took them.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<Sums>);

impl Refusals {
    /// Adds one. Whether it is the first since they were last taken.
    pub(super) fn add(&self, tally: Tally, topic: String) -> bool {
        let mut sums = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = sums.is_empty();
        if sums.len() < TALLIES_MAX || sums.contains_key(&tally) {
            let sum = sums.entry(tally).or_default();
            *sum = (sum.0 + 1, topic);
        }
        is_first
    }

    /// Whether there are any.
    pub(super) fn any(&self) -> bool {
        !self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Takes all that came together.
    pub(super) fn take(&self) -> Sums {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts them back: they could not be written down.
    pub(super) fn put_back(&self, sums: Sums) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (tally, (count, topic)) in sums {
            now.entry(tally).or_insert((0, topic)).0 += count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(detail: &str) -> Tally {
        Tally { connection: "shop".to_owned(), what: "refused", detail: detail.to_owned() }
    }

    #[test]
    fn a_flood_is_one_sum_and_one_call_for_the_writer() {
        let refusals = Refusals::default();
        let first = (0..1_000).filter(|_| refusals.add(tally("unsigned"), "t".to_owned())).count();
        assert_eq!(first, 1);
        assert_eq!(refusals.take().values().map(|sum| sum.0).collect::<Vec<_>>(), [1_000]);
    }

    #[test]
    fn what_could_not_be_written_down_is_not_forgotten() {
        let refusals = Refusals::default();
        refusals.add(tally("unsigned"), "t".to_owned());
        let taken = refusals.take();
        refusals.add(tally("unsigned"), "t".to_owned());
        refusals.put_back(taken);
        assert_eq!(refusals.take()[&tally("unsigned")].0, 2);
    }
}
