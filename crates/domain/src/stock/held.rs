//! Levels that the brake holds: their figure stays as it was, nothing is booked and nothing is owed, until a person has
//! decided; then they are read again.

use super::level::Level;
use super::standing::Standing;

impl Level {
    /// Takes a booking back before it reaches the books. `before` is the level as it was; what was seen is only a hint,
    /// so that what B2B may sell is reduced by what may be gone.
    pub fn hold(&mut self, before: Option<&Self>, from: i64) {
        let seen = self.observed.replace(from);
        self.observed_at = before.and_then(|level| level.observed_at);
        self.observed_by_write = before.is_some_and(|level| level.observed_by_write);
        self.confirmed_at = before.and_then(|level| level.confirmed_at);
        self.bookings = self.bookings.saturating_sub(1);
        self.hint_low = self.hint_low.into_iter().chain(seen).min();
        self.standing = Standing::Hinted;
        // A read that is on its way may be older than this: it is not the last word.
        self.hinted_anew = true;
        self.held = true;
    }

    /// A person has decided: it is read again. Whether it was held at all.
    pub fn let_go(&mut self) -> bool {
        let was_held = std::mem::take(&mut self.held);
        if was_held {
            self.look_again();
        }
        was_held
    }
}

#[cfg(test)]
mod tests {
    use crate::answer::LevelReading;
    use crate::stock::level::Level;
    use crate::stock::standing::Standing;
    use crate::stock::{LevelKey, ReadMark, Seen};
    use crate::{Instant, ItemId, Span};

    fn at(s: u64) -> Instant {
        Instant(0).plus(Span::from_s(s))
    }

    fn stood(available: i64, s: u64) -> Seen {
        Seen { available: Some(available), at: Some(at(s)) }
    }

    /// The brake holds a figure while a read from before it is on its way, and lets go before the answer comes: the
    /// answer is a figure, but not the last word.
    #[test]
    fn a_read_that_went_out_before_the_brake_held_a_figure_does_not_settle_the_level() {
        let (client, connection) = ("main".parse().unwrap(), "shop".parse().unwrap());
        let location = "7".parse().unwrap();
        let mut level = Level::unseen(LevelKey { client, item: ItemId(1), connection, location });
        let _ = level.deliver(stood(22, 1));
        level.want_read();
        level.send_read();
        let mark = ReadMark { epoch: level.epoch, bookings: level.bookings };
        let before = level.clone();
        let _ = level.deliver(stood(-2, 9));
        level.hold(Some(&before), 22);
        assert!(level.let_go());
        let reading = LevelReading::Stands { available: 21, at: Some(at(8)) };
        let _ = level.read(mark, &reading, &crate::stock::doubt::Sold::NOTHING);
        assert_eq!(level.standing, Standing::Hinted, "it is read once more");
    }
}
