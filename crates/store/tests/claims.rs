//! Whose a connection's id is, on either engine.

#![allow(clippy::unwrap_used, reason = "what fails here fails its test")]

mod fresh;

use crossdock_domain::{ConnectionId, Instant, LaneId, Span};
use crossdock_store::Store;

use fresh::Fresh;

const BEGUN: Instant = Instant(1_800_000_000_000_000);

/// Whose the id is, once this client has asked for it.
fn claim(store: &mut Store, client: &str, after_s: u64) -> String {
    let id = ConnectionId::new("shop").unwrap();
    let lane: LaneId = format!("client:{client}").parse().unwrap();
    store.begin().unwrap();
    let owner = store.claim(&id, &lane, BEGUN.plus(Span::from_s(after_s))).unwrap();
    store.commit().unwrap();
    owner.to_string()
}

#[test]
fn an_id_is_whose_claimed_it_first_however_often_he_does() {
    let place = Fresh::new();
    let mut store = place.store();
    assert_eq!(claim(&mut store, "main", 0), "client:main");
    assert_eq!(claim(&mut store, "other", 1), "client:main");
    assert_eq!(claim(&mut store, "main", 500), "client:main");
    assert_eq!(claim(&mut store, "other", 1_000), "client:main", "he has asked again");
}

#[test]
fn a_claim_that_came_to_nothing_does_not_keep_the_id_for_ever() {
    let place = Fresh::new();
    let mut store = place.store();
    assert_eq!(claim(&mut store, "main", 0), "client:main");
    assert_eq!(claim(&mut store, "other", 599), "client:main");
    assert_eq!(claim(&mut store, "other", 600), "client:other");
    assert_eq!(claim(&mut store, "main", 601), "client:other");
}
