//! What a node among many remembers of a lane between its transactions: right as long as nobody else has folded there.

use crossdock_domain::command::Command;
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::stock::Account;
use crossdock_domain::{Instant, LaneId};
use crossdock_hub::{Hub, command_arrival};
use crossdock_store::{Arrival, Store};

use crate::rig::Rig;

const SKU: &str = "DEMO-001";

/// A few units are counted off by hand.
fn counted_off(rig: &mut Rig, quantity: i64) -> Arrival {
    let (item, from, to) = (SKU.to_owned(), Account::B2C, Account::Count);
    let command = Command::Allocate { item, quantity, from, to };
    command_arrival(rig.id(), rig.lane.clone(), &command, "test", None, rig.now)
}

/// One node folds what came, and says what it cost in round trips.
fn fold(hub: &mut Hub, (lane, now): (&LaneId, Instant), arrival: &Arrival) -> u64 {
    let before = hub.store().round_trips();
    hub.begin().unwrap();
    hub.receive(arrival).unwrap();
    assert!(hub.hold(lane).unwrap());
    let folded = hub.fold_some(lane, 10, now).unwrap();
    assert_eq!(folded.last().map(|folded| folded.outcome.kind), Some(OutcomeKind::Applied));
    hub.commit().unwrap();
    hub.store().round_trips() - before
}

#[test]
fn what_another_node_has_changed_is_read_again_and_nothing_else_is() {
    let mut rig = Rig::new().linked(&[SKU]);
    let Some(place) = rig.disk().place().filter(|_| rig.disk().file().is_none()) else {
        println!("skipped: only a server is shared by many nodes (CROSSDOCK_TEST_POSTGRES)");
        return;
    };
    rig.pause("shop");
    let mut other = Hub::new(Store::at(&place).unwrap(), crate::rig::find, &[7; 16]).unwrap();
    let (lane, now) = (rig.lane.clone(), rig.now);
    let arrivals: Vec<_> = (0..5).map(|_| counted_off(&mut rig, 1)).collect();
    let here = (&lane, now);
    let first = fold(rig.hub(), here, &arrivals[0]);
    let again = fold(rig.hub(), here, &arrivals[1]);
    assert!(again < first, "what was read is remembered: {first}, then {again} round trips");
    fold(&mut other, here, &arrivals[2]);
    let after_another = fold(rig.hub(), here, &arrivals[3]);
    assert!(after_another > again, "all of it is read again");
    fold(&mut other, here, &arrivals[4]);
    drop(other);
    assert_eq!(rig.b2c(SKU), 5, "each took one of ten");
    rig.resume("shop");
    rig.settle();
    rig.assert_in_step(SKU);
}
