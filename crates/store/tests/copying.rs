//! Copying between the engines: everything arrives, nothing is taken for what it is not, and nothing half-copied stays.
//! Needs a server: without one there is nothing to copy to.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod fresh;

use crossdock_domain::entry::{EntryKind, Outcome};
use crossdock_domain::{Instant, LaneId, Number};
use crossdock_store::operations::{Rate, Tally, Token};
use crossdock_store::vault::{MasterKey, NONCE_BYTES};
use crossdock_store::{Arrival, CopyError, Ended, Packed, Place, Received, Store, copy, seen_key};

use fresh::Fresh;

const NOW: Instant = Instant(1_790_000_000_000_000);

fn lane() -> LaneId {
    "client:main".parse().unwrap()
}

fn arrival(key: &str) -> Arrival {
    Arrival {
        id: [7; 16],
        lane: lane(),
        kind: EntryKind::Delivery,
        source: Some("shop".parse().unwrap()),
        topic: key.to_owned(),
        delivery_id: Some(key.to_owned()),
        event_id: None,
        seen_key: Some(seen_key("scope", key)),
        received_at: NOW,
        packed: Packed::new(b"head", key.as_bytes()),
    }
}

/// Folds what waits at this place of the list.
fn fold(store: &mut Store, place: usize) {
    store.begin().unwrap();
    assert!(store.hold(&lane()).unwrap());
    let next = store.pending(&lane(), 10).unwrap().remove(place);
    let (number, outcome) = (store.next_number(&lane()), Outcome::applied("well"));
    let (arrival, kind, lane) = (next.seq, next.kind, &lane());
    store.end_entry(&Ended { lane, number, arrival, kind, at: NOW, outcome: &outcome }).unwrap();
    store.commit().unwrap();
}

fn receive(store: &mut Store, key: &str) -> Received {
    store.begin().unwrap();
    let received = store.receive(&arrival(key)).unwrap();
    store.commit().unwrap();
    received
}

/// Something of everything that is not state.
fn operate(store: &mut Store) {
    let key = MasterKey::new(vec![1; 32]).unwrap();
    let sealed = key.seal("shop/token", &"secret".into(), &[7; NONCE_BYTES]).unwrap();
    store.keep_secret("shop/token", &sealed, NOW).unwrap();
    store.installation_value("salt", b"salt").unwrap();
    let token = Token {
        digest: [3; 32],
        name: "t".to_owned(),
        scopes: vec!["read".to_owned()],
        client: None,
        made_at: NOW,
        used_at: None,
        revoked_at: None,
    };
    store.keep_token(&token).unwrap();
    store.use_token(&[3; 32], NOW).unwrap();
    let rate = Rate { calls: 1, calls_at: NOW, budget: None, budget_at: NOW };
    store.keep_rate(&"shop".parse().unwrap(), &rate).unwrap();
    let tally = Tally { connection: "shop".to_owned(), what: "refused", detail: "late".to_owned() };
    store.tally(&tally, 2, "orders/create", NOW).unwrap();
}

/// A file beside the place, and the place on a server; nothing where there is no server.
fn two() -> Option<(Fresh, Place)> {
    fresh::server()?;
    let place = Fresh::new();
    let file = Place::file(&place.file());
    Some((place, file))
}

fn snapshot(place: &Fresh) -> Store {
    let Place::Server(server) = place.place() else { unreachable!("it is on a server") };
    Store::snapshot(&server).unwrap()
}

#[test]
fn a_store_goes_to_a_server_and_back_and_is_the_same() {
    let Some((place, file)) = two() else { return };
    let mut first = Store::at(&file).unwrap();
    operate(&mut first);
    for key in ["a", "b", "c"] {
        receive(&mut first, key);
    }
    fold(&mut first, 0);
    let there = copy(&first, place.store()).unwrap();
    assert_eq!((there.entries, there.waiting), (1, 2));

    let mut shared = place.store();
    assert!(matches!(receive(&mut shared, "a"), Received::Duplicate(1)));
    assert!(matches!(receive(&mut shared, "c"), Received::Duplicate(3)));
    assert!(matches!(receive(&mut shared, "d"), Received::Kept(seq) if seq > 3));
    fold(&mut shared, 0);
    assert_eq!(shared.recorded(&lane(), Number(2), 1).unwrap()[0].topic, "b", "in the old order");
    drop(shared);

    let back = Fresh::new();
    let second = Place::file(&back.file().with_extension("second"));
    let copied = copy(&snapshot(&place), Store::at(&second).unwrap()).unwrap();
    assert_eq!((copied.entries, copied.waiting), (2, 2));
    let mut last = Store::at(&second).unwrap();
    assert!(matches!(receive(&mut last, "d"), Received::Duplicate(_)));
    assert_eq!(last.secrets().unwrap(), first.secrets().unwrap());
    assert_eq!(last.tokens().unwrap(), first.tokens().unwrap());
    assert_eq!(last.installation_value("salt", b"other").unwrap(), b"salt");
}

#[test]
fn what_waits_on_a_server_before_what_was_folded_waits_in_the_copy_as_well() {
    let Some((place, file)) = two() else { return };
    let mut shared = place.store();
    let mut keys = Vec::new();
    for key in ["a", "b", "c"] {
        receive(&mut shared, key);
        keys.push(key);
    }
    // As when a lower number became visible after a higher one was folded.
    fold(&mut shared, 1);
    drop(shared);
    let copied = copy(&snapshot(&place), Store::at(&file).unwrap()).unwrap();
    assert_eq!((copied.entries, copied.waiting), (1, 2));
    let mut alone = Store::at(&file).unwrap();
    let waiting = alone.pending(&lane(), 10).unwrap();
    let topics: Vec<_> = waiting.iter().map(|pending| pending.topic.as_str()).collect();
    assert_eq!(topics, ["a", "c"]);
    let first = waiting[0].seq;
    assert_eq!(receive(&mut alone, "a"), Received::Duplicate(first), "its key knows its number");
}

#[test]
fn a_target_that_holds_something_is_left_as_it_is() {
    let Some((place, file)) = two() else { return };
    let mut first = Store::at(&file).unwrap();
    receive(&mut first, "a");
    let mut used = place.store();
    used.installation_value("salt", b"theirs").unwrap();
    drop(used);
    let refused = copy(&first, place.store());
    assert!(matches!(refused, Err(CopyError::NotEmpty("installation"))), "{refused:?}");
    let mut used = place.store();
    assert_eq!(used.count_pending().unwrap(), 0);
    assert_eq!(used.installation_value("salt", b"").unwrap(), b"theirs");
}

#[test]
fn a_copy_that_was_broken_off_left_nothing_and_is_begun_again() {
    let Some((place, file)) = two() else { return };
    let mut first = Store::at(&file).unwrap();
    operate(&mut first);
    receive(&mut first, "a");
    drop(place.store());
    place.say("ALTER TABLE rates ADD CONSTRAINT broken CHECK (calls <> 1)");
    assert!(matches!(copy(&first, place.store()), Err(CopyError::Store(_))));
    assert_eq!(place.store().count_pending().unwrap(), 0);
    place.say("ALTER TABLE rates DROP CONSTRAINT broken");
    drop(first);
    let again = copy(&Store::at(&file).unwrap(), place.store()).unwrap();
    assert_eq!(again.waiting, 1);
}

#[test]
fn a_copy_that_would_differ_is_not_kept() {
    let Some((place, file)) = two() else { return };
    let mut first = Store::at(&file).unwrap();
    operate(&mut first);
    drop(place.store());
    place.say(
        "CREATE FUNCTION worse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.calls := 5; RETURN NEW; END $$; \
         CREATE TRIGGER worse BEFORE INSERT ON rates FOR EACH ROW EXECUTE FUNCTION worse()",
    );
    let differs = copy(&first, place.store());
    assert!(matches!(&differs, Err(CopyError::Differs(what)) if what == "rates"), "{differs:?}");
    assert!(place.store().tokens().unwrap().is_empty());
}
