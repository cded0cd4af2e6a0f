//! A partner that serves us no more: the connection is paused, what waits goes on after a person has resumed it.

use crossdock_domain::command::Command;
use crossdock_domain::connection::ConnectionStatus;
use crossdock_domain::sync::SyncStage;
use crossdock_domain::task::TaskState;

use crate::rig::{Mood, Rig};

const SKUS: [&str; 3] = ["DEMO-001", "DEMO-002", "DEMO-003"];

/// Why nothing is sent, if nothing is.
fn paused(rig: &mut Rig) -> Option<String> {
    let lane = rig.lane.clone();
    let shop = rig.hub().connection(&lane, &"shop".parse().unwrap()).unwrap().unwrap();
    match shop.status {
        ConnectionStatus::Active => None,
        ConnectionStatus::Paused { why, .. } => Some(why),
    }
}

#[test]
fn a_write_to_a_shop_that_is_closed_to_us_pauses_the_connection_and_no_row_gets_stuck() {
    for status in [402, 403, 404, 423, 430] {
        let mut rig = Rig::new().linked(&SKUS);
        rig.pause("shop");
        for sku in SKUS {
            rig.allocate(sku, 4, "b2c", "b2b");
        }
        rig.shop().moods([Mood::Status(status)]);
        rig.resume("shop");
        rig.settle();
        let why = paused(&mut rig).unwrap();
        assert!(why.contains(&format!("HTTP {status}")), "{why}");
        assert_eq!(rig.events("connection.paused").len(), 2, "by us, and by the shop");
        let tasks = rig.level_tasks();
        assert_eq!(tasks.len(), 3, "{status}");
        assert!(tasks.iter().all(|task| task.state == TaskState::Waiting), "{status}: {tasks:?}");
        rig.resume("shop");
        rig.settle();
        assert_eq!(SKUS.map(|sku| rig.available(sku)), [6, 6, 6], "{status}");
        assert!(rig.level_tasks().is_empty());
    }
}

#[test]
fn a_repeat_that_meets_a_closed_shop_loses_nothing_of_what_its_first_attempt_did() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().moods([Mood::LostAfter, Mood::Status(402)]);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.settle();
    assert!(paused(&mut rig).is_some());
    rig.resume("shop");
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), 6);
    rig.assert_in_step("DEMO-001");
}

#[test]
fn who_waits_for_a_sync_is_told_that_the_shop_is_closed_to_us() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.pause("shop");
    rig.allocate("DEMO-001", 4, "b2c", "b2b");
    let run = rig.sync(Some("DEMO-001"));
    rig.shop().moods([Mood::Fair, Mood::Status(402)]);
    rig.resume("shop");
    rig.settle();
    let result = rig.runs(run).remove(0);
    assert_eq!(result.stage, SyncStage::Failed);
    assert!(result.error.unwrap().contains("frozen"));
    rig.resume("shop");
    rig.settle();
    assert_eq!(rig.available("DEMO-001"), 6);
}

#[test]
fn a_test_of_a_connection_that_is_closed_to_us_has_its_answer() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().moods([Mood::Status(423)]);
    rig.obey(&Command::TestConnection { connection: "shop".parse().unwrap() });
    rig.settle();
    let stuck = rig.stuck_tasks();
    assert!(stuck.len() == 1 && stuck[0].note.contains("locked"), "{stuck:?}");
    assert!(paused(&mut rig).is_some());
}
