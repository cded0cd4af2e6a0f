//! The operator's ways in: one token for programs on this machine, one-time links and sessions for browsers.
//!
//! Links and sessions live in memory and only as digests: after a restart one signs in again, and nothing that could be
//! read from a dump opens a session.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crossdock_domain::{Instant, Span};
use crossdock_store::digest_of;
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

use crate::random;

/// The cookie that holds a session.
pub const SESSION_COOKIE: &str = "crossdock_session";
/// How long a one-time link can be used.
pub const SIGN_IN_TIME: Span = Span::from_s(10 * 60);
/// How long a session lasts.
pub const SESSION_TIME: Span = Span::from_s(12 * 60 * 60);

/// Links that may wait to be used; the oldest makes room.
const LINKS_MAX: usize = 32;
/// Sessions at a time; the oldest makes room.
const SESSIONS_MAX: usize = 256;

/// The operator's ways in.
pub struct Admin {
    token: [u8; 32],
    hosts: Vec<String>,
    links: Mutex<Passes>,
    sessions: Mutex<Passes>,
}

impl std::fmt::Debug for Admin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Admin").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

impl Admin {
    /// `token` lets programs in; `hosts` are the names, besides this machine's own, by which the admin listener may be
    /// called.
    #[must_use]
    pub fn new(token: &SecretString, hosts: Vec<String>) -> Self {
        Self {
            token: digest_of(token.expose_secret().as_bytes()),
            hosts,
            links: Mutex::default(),
            sessions: Mutex::default(),
        }
    }

    /// The names, besides this machine's own, by which the admin listener may be called.
    #[must_use]
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// Whether this is the operator's token. Digests are compared, and in constant time.
    #[must_use]
    pub fn is_token(&self, given: &str) -> bool {
        digest_of(given.as_bytes()).ct_eq(&self.token).into()
    }

    /// A new one-time link's token, to be shown as `/sign-in?token=…`.
    #[must_use]
    pub fn new_sign_in(&self, now: Instant) -> String {
        issue(&self.links, LINKS_MAX, now, SIGN_IN_TIME)
    }

    /// Trades a link's token for a session, once.
    #[must_use]
    pub fn redeem(&self, link: &str, now: Instant) -> Option<String> {
        let good = {
            let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
            links.take(link).is_some_and(|until| now < until)
        };
        good.then(|| issue(&self.sessions, SESSIONS_MAX, now, SESSION_TIME))
    }

    /// Whether this session is signed in.
    #[must_use]
    pub fn is_session(&self, session: &str, now: Instant) -> bool {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.0.get(&digest_of(session.as_bytes())).is_some_and(|until| now < *until)
    }

    /// Ends a session.
    pub fn sign_out(&self, session: &str) {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).take(session);
    }
}

/// Passes that were given out, by digest, each with its end.
#[derive(Default)]
struct Passes(BTreeMap<[u8; 32], Instant>);

impl Passes {
    fn take(&mut self, word: &str) -> Option<Instant> {
        self.0.remove(&digest_of(word.as_bytes()))
    }

    fn make_room(&mut self, max: usize, now: Instant) {
        self.0.retain(|_, until| now < *until);
        while self.0.len() >= max {
            let oldest = self.0.iter().min_by_key(|(_, until)| **until).map(|(key, _)| *key);
            let Some(oldest) = oldest else { break };
            self.0.remove(&oldest);
        }
    }
}

fn issue(passes: &Mutex<Passes>, max: usize, now: Instant, life: Span) -> String {
    let word = random::word();
    let mut passes = passes.lock().unwrap_or_else(PoisonError::into_inner);
    passes.make_room(max, now);
    passes.0.insert(digest_of(word.as_bytes()), now.plus(life));
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admin() -> Admin {
        Admin::new(&SecretString::from("canary"), Vec::new())
    }

    #[test]
    fn a_link_signs_in_once() {
        let (admin, now) = (admin(), Instant(0));
        let link = admin.new_sign_in(now);
        let session = admin.redeem(&link, now).expect("it is fresh");
        assert!(admin.is_session(&session, now));
        assert!(admin.redeem(&link, now).is_none());
    }

    #[test]
    fn a_link_dies_after_ten_minutes_and_a_session_after_twelve_hours() {
        let admin = admin();
        let link = admin.new_sign_in(Instant(0));
        assert!(admin.redeem(&link, Instant(0).plus(SIGN_IN_TIME)).is_none());
        let session = admin.redeem(&admin.new_sign_in(Instant(0)), Instant(0)).expect("fresh");
        assert!(!admin.is_session(&session, Instant(0).plus(SESSION_TIME)));
    }

    #[test]
    fn links_that_nobody_uses_do_not_pile_up() {
        let admin = admin();
        for second in 0..100 {
            let _ = admin.new_sign_in(Instant(second));
        }
        assert_eq!(admin.links.lock().expect("no panic").0.len(), LINKS_MAX);
    }

    #[test]
    fn neither_token_nor_session_is_shown() {
        assert!(!format!("{:?}", admin()).contains("canary"));
    }
}
