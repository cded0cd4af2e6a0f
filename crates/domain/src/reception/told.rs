//! One thing that was told, with the teller's instant: the later telling wins, whatever the order in which they come.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::{Instant, Number};

/// When something holds that was told: at an instant of the teller's; and since those are coarse, of one instant the later of
/// our own readings, which go one after another. What was merely told is older than what was read, and what nobody dated
/// older than what has a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Moment {
    /// The teller's instant, if it has one.
    pub at: Option<Instant>,
    /// The send that began the reading; zero for what was merely told.
    pub reading: Number,
}

/// The latest telling of one thing; nothing until it was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told<T>(Option<Telling<T>>);

/// When, what, and by which of our readings: in this order, so that what was merely told is a pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Telling<T>(
    Option<Instant>,
    T,
    #[serde(default, skip_serializing_if = "Number::is_zero")] Number,
);

impl<T> Telling<T> {
    const fn moment(&self) -> Moment {
        Moment { at: self.0, reading: self.2 }
    }
}

impl<T> Default for Told<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Ord + Clone> Told<T> {
    /// It was told so, and holds as of then.
    #[must_use]
    pub const fn at(moment: Moment, what: T) -> Self {
        Self(Some(Telling(moment.at, what, moment.reading)))
    }

    /// It was told so, if anything was told.
    #[must_use]
    pub fn maybe(moment: Moment, what: Option<T>) -> Self {
        what.map_or_else(Self::default, |what| Self::at(moment, what))
    }

    /// What was told last.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        self.0.as_ref().map(|telling| &telling.1)
    }

    /// Since when it holds; `None` where it was never told.
    #[must_use]
    pub fn since(&self) -> Option<Moment> {
        self.0.as_ref().map(Telling::moment)
    }

    /// Whether another was told later. Of two of the same moment, none was.
    #[must_use]
    pub fn is_older_than<U: Ord + Clone>(&self, other: &Told<U>) -> bool {
        self.since() < other.since()
    }

    /// Whether one of our readings told both.
    #[must_use]
    pub fn is_of_one_reading_with<U: Ord + Clone>(&self, other: &Told<U>) -> bool {
        let since = self.since();
        since == other.since() && since.is_some_and(|since| !since.reading.is_zero())
    }

    /// Whether it was never told.
    #[must_use]
    pub const fn is_untold(&self) -> bool {
        self.0.is_none()
    }

    /// Takes up another telling if it is later; of two of the same moment, the larger. True if it was taken up.
    pub fn merge(&mut self, other: &Self) -> bool {
        let later = self.since().cmp(&other.since()).then_with(|| self.get().cmp(&other.get()));
        let is_later = later == Ordering::Less;
        if is_later {
            self.0.clone_from(&other.0);
        }
        is_later
    }
}

impl Told<i64> {
    /// Both together, at the later moment.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        match (&self.0, &other.0) {
            (Some(mine), Some(theirs)) => {
                Self::at(mine.moment().max(theirs.moment()), mine.1.saturating_add(theirs.1))
            }
            (Some(_), None) => self.clone(),
            (None, _) => other.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn moment(at: Option<i64>, reading: u64) -> Moment {
        Moment { at: at.map(Instant), reading: Number(reading) }
    }

    fn telling() -> impl Strategy<Value = Told<i64>> {
        let told = (proptest::option::of(0_i64..4), 0_u64..3, 0_i64..4);
        proptest::option::of(told).prop_map(|told| {
            told.map_or_else(Told::default, |(at, reading, what)| {
                Told::at(moment(at, reading), what)
            })
        })
    }

    fn joined(mut left: Told<i64>, right: &Told<i64>) -> Told<i64> {
        left.merge(right);
        left
    }

    proptest! {
        #[test]
        fn order_and_repetition_of_tellings_do_not_show(a in telling(), b in telling(), c in telling()) {
            prop_assert_eq!(joined(a.clone(), &b), joined(b.clone(), &a));
            prop_assert_eq!(joined(a.clone(), &a), a.clone());
            prop_assert_eq!(
                joined(joined(a.clone(), &b), &c),
                joined(a, &joined(b, &c))
            );
        }

        #[test]
        fn it_is_kept_as_it_is(a in telling()) {
            let text = serde_json::to_string(&a).unwrap();
            prop_assert_eq!(serde_json::from_str::<Told<i64>>(&text).unwrap(), a);
        }
    }

    #[test]
    fn a_dated_telling_beats_an_undated_one() {
        let undated = Told::at(moment(None, 0), 9);
        let dated = Told::at(moment(Some(1), 0), 2);
        assert_eq!(joined(undated, &dated).get(), Some(&2));
    }

    #[test]
    fn of_the_same_instant_the_later_reading_holds_and_any_reading_beats_what_was_merely_told() {
        let told = Told::at(moment(Some(1), 0), 9);
        let read = Told::at(moment(Some(1), 7), 8);
        let corrected = Told::at(moment(Some(1), 9), 5);
        assert_eq!(joined(told.clone(), &read).get(), Some(&8));
        assert_eq!(joined(joined(corrected.clone(), &told), &read), corrected);
        let later = Told::at(moment(Some(2), 0), 6);
        assert_eq!(joined(corrected, &later).get(), Some(&6));
    }

    #[test]
    fn what_was_merely_told_is_kept_as_a_pair() {
        let told = Told::at(moment(Some(1), 0), 9);
        let text = serde_json::to_string(&told).unwrap();
        assert_eq!(text, r#"["1970-01-01T00:00:00.000001Z",9]"#);
        assert_eq!(serde_json::from_str::<Told<i64>>(&text).unwrap(), told);
    }
}
