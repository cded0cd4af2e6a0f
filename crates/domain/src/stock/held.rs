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
