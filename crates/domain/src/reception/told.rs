//! One thing that was told, with the teller's instant: the later telling wins, whatever the order in which they come.

use serde::{Deserialize, Serialize};

use crate::Instant;

/// The latest telling of one thing; nothing until it was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told<T>(Option<(Option<Instant>, T)>);

impl<T> Default for Told<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Ord + Clone> Told<T> {
    /// It was told so, at this instant of the teller's. One without an instant is older than any with one.
    #[must_use]
    pub const fn at(at: Option<Instant>, what: T) -> Self {
        Self(Some((at, what)))
    }

    /// It was told so, if anything was told.
    #[must_use]
    pub fn maybe(at: Option<Instant>, what: Option<T>) -> Self {
        Self(what.map(|what| (at, what)))
    }

    /// What was told last.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        self.0.as_ref().map(|(_, what)| what)
    }

    /// When the teller says that it was so; `None` also where it was never told.
    #[must_use]
    pub fn since(&self) -> Option<Instant> {
        self.0.as_ref().and_then(|(at, _)| *at)
    }

    /// Whether another was told later. Of two of the same instant, none was.
    #[must_use]
    pub fn is_older_than<U: Ord + Clone>(&self, other: &Told<U>) -> bool {
        match (&self.0, &other.0) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some((mine, _)), Some((theirs, _))) => mine < theirs,
        }
    }

    /// Whether it was never told.
    #[must_use]
    pub fn is_untold(&self) -> bool {
        self.0.is_none()
    }

    /// Takes up another telling if it is later; of two of the same instant, the larger. True if it was taken up.
    pub fn merge(&mut self, other: &Self) -> bool {
        let is_later = other.0 > self.0;
        if is_later {
            self.0.clone_from(&other.0);
        }
        is_later
    }
}

impl Told<i64> {
    /// Both together, at the later instant.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        match (&self.0, &other.0) {
            (Some((at, mine)), Some((other_at, theirs))) => {
                Self::at(*at.max(other_at), mine.saturating_add(*theirs))
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

    fn telling() -> impl Strategy<Value = Told<i64>> {
        let told = (proptest::option::of(0_i64..4), 0_i64..4);
        proptest::option::of(told)
            .prop_map(|told| Told(told.map(|(at, what)| (at.map(Instant), what))))
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
    }

    #[test]
    fn a_dated_telling_beats_an_undated_one() {
        let undated = Told::at(None, 9);
        let dated = Told::at(Some(Instant(1)), 2);
        assert_eq!(joined(undated, &dated).get(), Some(&2));
    }
}
