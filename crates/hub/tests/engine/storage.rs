//! The store under the engine: a full disk, and what a process finds that takes over.

use crossdock_domain::Span;
use crossdock_domain::command::{Command, OrderLine, PutItem};
use crossdock_hub::command_arrival;
use crossdock_store::{Store, StoreError};

use crate::rig::{Rig, is_not_for_a_server};

#[test]
fn on_a_full_disk_nothing_is_half_kept_and_all_goes_on_once_there_is_room() {
    if is_not_for_a_server("a server's disk is not ours to limit") {
        return;
    }
    let mut rig = Rig::new().linked(&["DEMO-001", "DEMO-002"]);
    let mut refused = 0;
    // One page more each time, so that the room runs out at every place where something is written.
    for pages in 0..40 {
        let reference = format!("PO-{pages}");
        let before = rig.hub().store().state_digest().unwrap();
        let entries = rig.journal().len();
        rig.hub().store().limit_growth(Some(pages)).unwrap();
        let done = order_of_much(&mut rig, &reference);
        rig.hub().store().limit_growth(None).unwrap();
        match done {
            Ok(()) => break,
            Err(StoreError::Full) => {
                rig.hub().roll_back().unwrap();
                refused += 1;
                assert_eq!(rig.hub().store().state_digest().unwrap(), before);
                assert_eq!(rig.journal().len(), entries);
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!(refused > 0, "it was full at least once");
    assert!(order_of_much(&mut rig, "PO-LAST").is_ok());
    rig.sell("DEMO-002", 1);
    rig.settle();
    rig.assert_in_step("DEMO-001");
    rig.assert_in_step("DEMO-002");
}

/// One turn of the writer with a few hundred kilobytes to keep.
fn order_of_much(rig: &mut Rig, reference: &str) -> Result<(), StoreError> {
    let (lane, now) = (rig.lane.clone(), rig.now);
    rig.hub().begin()?;
    let lines = vec![OrderLine {
        item: "DEMO-001".to_owned(),
        quantity: 1,
        source: crossdock_domain::order::Source::Pool,
    }];
    let placed = Command::PlaceOrder { order: reference.parse().unwrap(), lines };
    let much = (0..40).map(|n| {
        let sku = format!("{reference}-{n}");
        let title = Some(noise(n, 4_000));
        Command::PutItem(PutItem { sku, title, ..PutItem::default() })
    });
    for command in std::iter::once(placed).chain(much) {
        let id = rig.id();
        rig.hub().receive(&command_arrival(id, lane.clone(), &command, "test", None, now))?;
    }
    while rig.hub().has_work().unwrap() {
        rig.hub().fold_some(&lane, 16, now)?;
    }
    rig.hub().dispatch(now)?;
    rig.hub().commit()
}

/// Text that does not compress.
fn noise(seed: u64, length: usize) -> String {
    let mut bits = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut letter = || {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        char::from(b'a' + u8::try_from(bits % 26).unwrap())
    };
    (0..length).map(|_| letter()).collect()
}

#[test]
fn a_send_of_a_turn_that_was_given_up_is_decided_again() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.pause("shop");
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.resume_without_a_turn("shop");
    let (now, lane) = (rig.now, rig.lane.clone());
    rig.hub().begin().unwrap();
    rig.hub().fold_some(&lane, 16, now).unwrap();
    rig.hub().commit().unwrap();
    rig.hub().begin().unwrap();
    assert_eq!(rig.hub().dispatch(now).unwrap().outgoing.len(), 1);
    rig.hub().roll_back().unwrap();
    rig.run(Span::from_s(1));
    assert_eq!(rig.available("DEMO-001"), 6);
}

#[test]
fn a_store_in_memory_serves_as_well_as_a_file() {
    let store = Store::in_memory().unwrap();
    let mut hub = crossdock_hub::Hub::new(store, crate::rig::find, &[1; 16]).unwrap();
    let lane = "client:main".parse().unwrap();
    let now = "2026-11-20T10:00:00Z".parse().unwrap();
    let put = Command::PutItem(PutItem { sku: "A".to_owned(), ..PutItem::default() });
    hub.begin().unwrap();
    hub.receive(&command_arrival(
        [1; 16],
        crossdock_domain::LaneId::clone(&lane),
        &put,
        "test",
        None,
        now,
    ))
    .unwrap();
    assert_eq!(hub.fold_some(&lane, 10, now).unwrap().len(), 1);
    hub.commit().unwrap();
    assert!(!hub.has_work().unwrap());
}
