//! Uses of API tokens: noted once a minute each, so that a busy caller costs no commit of its own.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crossdock_domain::{Instant, Span};

/// Uses within so long of the last one noted are not noted.
const GRAIN: Span = Span::from_s(60);

/// When each token's use was last noted.
#[derive(Debug, Default)]
pub(super) struct Uses(Mutex<BTreeMap<[u8; 32], Instant>>);

impl Uses {
    /// Whether a use is to be noted; then it counts as noted.
    pub(super) fn is_news(&self, token: [u8; 32], now: Instant) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = noted.get(&token).is_none_or(|last| now.since(*last) >= GRAIN);
        if is_news {
            noted.insert(token, now);
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_is_always_in_use_is_noted_once_a_minute() {
        let uses = Uses::default();
        let at = |seconds| Instant(0).plus(Span::from_s(seconds));
        let noted = (0..180).filter(|second| uses.is_news([1; 32], at(*second))).count();
        assert_eq!(noted, 3);
        assert!(uses.is_news([2; 32], at(179)), "another token is noted apart");
    }
}
