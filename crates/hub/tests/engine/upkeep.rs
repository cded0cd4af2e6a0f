//! How a connection is kept honest, as the overview, `check` and `/health` tell it.

use crossdock_domain::Span;
use crossdock_domain::command::Command;
use crossdock_domain::connection::Connection;
use crossdock_domain::stock::terms::Repair;
use crossdock_store::reader::upkeep::Upkeep;

use crate::rig::{Mood, Rig};

const DAY: Span = Span::from_s(86_400);

fn upkeep(rig: &mut Rig) -> (Connection, Upkeep) {
    let (lane, id) = (rig.lane.clone(), "shop".parse().unwrap());
    let connection = rig.hub().connection(&lane, &id).unwrap().unwrap();
    let upkeep = rig.reader().upkeep(&rig.client(), &connection).unwrap();
    (connection, upkeep)
}

#[test]
fn it_is_known_when_a_shop_was_compared_in_full_and_when_its_changes_were() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let (_, never) = upkeep(&mut rig);
    assert_eq!((never.compared_at, never.changes_compared_at), (None, None));
    let (full, _) = rig.swept(true);
    rig.run(Span::from_s(3_600));
    let (changes, _) = rig.swept(false);
    let (_, known) = upkeep(&mut rig);
    assert_eq!(known.compared_at, full.ended_at);
    assert_eq!(known.changes_compared_at, changes.ended_at);
    assert_eq!((known.failed, known.waiting, known.is_observing), (None, 0, false));
}

#[test]
fn a_comparison_that_came_to_nothing_is_told_until_one_comes_to_something() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let (good, _) = rig.swept(true);
    rig.shop().moods([Mood::Status(422)]);
    let (bad, _) = rig.swept(false);
    let (_, known) = upkeep(&mut rig);
    let failed = known.failed.unwrap();
    assert_eq!((failed.number, Some(failed.at)), (bad.number, bad.ended_at));
    assert!(failed.why.contains("422"), "{}", failed.why);
    assert_eq!(known.compared_at, good.ended_at, "a failure compares nothing");
    rig.swept(false);
    assert_eq!(upkeep(&mut rig).1.failed, None);
}

#[test]
fn discrepancies_that_wait_are_counted_until_a_person_has_decided() {
    let mut rig = Rig::new().linked(&["DEMO-001", "DEMO-002"]);
    rig.stock_terms(|terms| terms.repair = Repair::Ask);
    rig.lose_levels();
    rig.edit("DEMO-001", 7);
    rig.edit("DEMO-002", 7);
    rig.run(Span::from_s(60));
    let (sweep, _) = rig.swept(true);
    assert_eq!(upkeep(&mut rig).1.waiting, 2);
    rig.obey(&Command::ApplyFindings { sweep: sweep.number, findings: None });
    assert_eq!(upkeep(&mut rig).1.waiting, 0);
}

#[test]
fn a_full_comparison_falls_due_after_the_last_one_or_after_going_live() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.stock_terms(|terms| terms.reconcile_all = "0 3 * * *".to_owned());
    rig.shop().moods(std::iter::repeat_n(Mood::NotSent, 500));
    let due = |rig: &mut Rig| {
        let (connection, upkeep) = upkeep(rig);
        upkeep.full_due(&connection).unwrap()
    };
    let first = due(&mut rig);
    assert_eq!(first.to_string(), "2026-11-21T03:00:00Z");
    rig.run(Span(3 * DAY.0));
    assert_eq!(due(&mut rig), first, "as long as none has come to an end");
    rig.shop().moods.clear();
    rig.run(DAY);
    assert!(due(&mut rig) > rig.now);
    rig.stock_terms(|terms| terms.reconcile_all = "never".to_owned());
    let (connection, upkeep) = upkeep(&mut rig);
    assert_eq!(upkeep.full_due(&connection), None);
}
