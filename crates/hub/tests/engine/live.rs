//! Going live: nothing that a person does by linking, switching on or allocating changes a shop before his word.

use crossdock_domain::brake::Extent;
use crossdock_domain::command::{Command, LinkHow};
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::item::Allocation;
use crossdock_domain::task::Work;
use crossdock_sandbox::shopify::{Happening, Setup};

use crate::rig::{Rig, Terms};

fn go_live(rig: &mut Rig, accept: Option<(u64, u64)>) -> crossdock_domain::entry::Outcome {
    let accept = accept.map(|(zeroed, changed)| Extent { zeroed, changed });
    let outcome = rig.obey(&Command::GoLive { connection: "shop".parse().unwrap(), accept });
    rig.settle();
    outcome
}

fn writes(rig: &mut Rig) -> usize {
    let log = rig.shop().shop.log(0).iter();
    log.filter(|entry| matches!(entry.happening, Happening::Written { .. })).count()
}

fn link_all(rig: &mut Rig) {
    let how = LinkHow { adopt: true, sync: true };
    let connection = "shop".parse().unwrap();
    rig.obey(&Command::LinkAll { connection, how, create: true });
    rig.settle();
}

fn sku(n: usize) -> String {
    format!("DEMO-{n:03}")
}

#[test]
fn linking_switching_on_and_allocating_500_items_changes_nothing_in_the_shop_until_a_person_goes_live()
 {
    let mut rig = Rig::observing(Setup { items: 500, opening: 10..=10, ..Setup::default() });
    rig.rebuilds = vec![7];
    link_all(&mut rig);
    for n in 1..=500 {
        assert_eq!(
            rig.allocate(&sku(n), if n <= 40 { 10 } else { 1 }, "b2c", "b2b").kind,
            OutcomeKind::Applied
        );
        if n % 2 == 0 {
            rig.obey(&Command::SetSync { item: sku(n), enabled: false });
            rig.obey(&Command::SetSync { item: sku(n), enabled: true });
        }
    }
    rig.settle();
    assert_eq!(writes(&mut rig), 0);
    assert_eq!(rig.available(&sku(1)), 10);
    assert!(!rig.level_tasks().iter().any(|t| matches!(t.work, Work::SetLevel { .. })));
    let totals = rig.reader().plan_totals(&rig.client(), &"shop".parse().unwrap()).unwrap();
    assert_eq!((totals.writes, totals.linked, totals.unread), (500, 500, 0));
    assert_eq!(totals.extent, Extent { zeroed: 40, changed: 40 }, "40 of 500 are within the share");
    let outcome = go_live(&mut rig, None);
    assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    assert_eq!(writes(&mut rig), 500);
    assert_eq!((rig.available(&sku(1)), rig.available(&sku(500))), (0, 9));
}

#[test]
fn the_plan_lists_what_would_go_to_zero_first_page_by_page() {
    let mut rig = Rig::observing(Setup { items: 6, opening: 10..=10, ..Setup::default() });
    link_all(&mut rig);
    for (n, units) in [(1, 1), (2, 7), (3, 10), (5, 10)] {
        rig.allocate(&sku(n), units, "b2c", "b2b");
    }
    let (reader, client, shop) = (rig.reader(), rig.client(), "shop".parse().unwrap());
    let mut place = crossdock_store::reader::live::PlanPlace::default();
    let mut seen = Vec::new();
    loop {
        let page = reader.plan(&client, &shop, &place, 2).unwrap();
        let Some(last) = page.last() else { break };
        place = last.place();
        seen.extend(page.into_iter().map(|line| (line.sku, line.observed, line.target)));
    }
    let expected = [("DEMO-003", 0), ("DEMO-005", 0), ("DEMO-002", 3), ("DEMO-001", 9)];
    assert_eq!(seen, expected.map(|(sku, target)| (sku.to_owned(), 10, target)));
}

#[test]
fn a_plan_that_zeroes_more_than_its_share_goes_live_only_for_whoever_names_what_he_saw() {
    let mut rig = Rig::observing(Setup { items: 50, opening: 10..=10, ..Setup::default() });
    link_all(&mut rig);
    for n in 1..=15 {
        rig.allocate(&sku(n), 10, "b2c", "b2b");
    }
    let refused = go_live(&mut rig, None);
    assert_eq!(refused.kind, OutcomeKind::Illegal);
    let told = refused.result.unwrap();
    assert_eq!(
        (&told["type"], &told["zeroed"], &told["may_zero"]),
        (&"brake".into(), &15.into(), &10.into())
    );
    assert_eq!(told["sample"][0]["sku"], "DEMO-001");
    rig.allocate(&sku(16), 10, "b2c", "b2b");
    let refused = go_live(&mut rig, Some((15, 15)));
    assert_eq!(refused.kind, OutcomeKind::Illegal, "what he saw no longer holds");
    assert_eq!(refused.result.unwrap()["zeroed"], 16);
    assert_eq!(writes(&mut rig), 0);
    let outcome = go_live(&mut rig, Some((16, 16)));
    assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    assert_eq!(writes(&mut rig), 16, "what he has named does not set the brake off");
    assert!(rig.level_tasks().is_empty());
}

#[test]
fn the_word_for_a_plan_covers_what_it_said_and_nothing_that_comes_after() {
    let mut rig = Rig::observing(Setup { items: 50, opening: 10..=10, ..Setup::default() });
    link_all(&mut rig);
    for n in 1..=12 {
        rig.allocate(&sku(n), 10, "b2c", "b2b");
    }
    for n in 20..=31 {
        rig.allocate(&sku(n), if n < 26 { 1 } else { 6 }, "b2c", "b2b");
    }
    assert_eq!(go_live(&mut rig, Some((12, 18))).kind, OutcomeKind::Applied);
    assert_eq!(writes(&mut rig), 24);
    rig.pause("shop");
    for n in 20..=31 {
        rig.allocate(&sku(n), if n < 26 { 9 } else { 4 }, "b2c", "b2b");
    }
    rig.resume("shop");
    rig.settle();
    let on = rig.reader().brakes_on(&rig.client()).unwrap();
    assert_eq!(on[0].engaged.as_ref().unwrap().extent.zeroed, 12);
    assert_eq!(writes(&mut rig), 24);
}

#[test]
fn whoever_observes_again_owes_nothing_and_goes_on_booking() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.pause("shop");
    rig.allocate("DEMO-001", 4, "b2c", "b2b");
    assert_eq!(rig.level_tasks().len(), 1);
    let connection: crossdock_domain::ConnectionId = "shop".parse().unwrap();
    rig.obey(&Command::Observe { connection: connection.clone() });
    assert!(rig.level_tasks().is_empty(), "what was about to be written is owed no longer");
    rig.resume("shop");
    rig.settle();
    assert!(rig.level_tasks().is_empty());
    assert_eq!(rig.available("DEMO-001"), 10);
    rig.sell("DEMO-001", 1);
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), 5);
    assert_eq!(rig.obey(&Command::Observe { connection }).kind, OutcomeKind::Unchanged);
    assert_eq!(go_live(&mut rig, None).kind, OutcomeKind::Applied);
    assert_eq!(rig.available("DEMO-001"), 5);
    let events = rig.reader().events(&rig.lane, 50).unwrap();
    let named = |name: &str| events.iter().filter(|event| event.name == name).count();
    assert_eq!((named("connection.observing"), named("connection.went_live")), (1, 1));
}

#[test]
fn a_write_under_way_when_it_begins_to_observe_is_still_accounted_for() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().moods([crate::rig::Mood::LostAfter]);
    rig.allocate("DEMO-001", 4, "b2c", "b2b");
    let connection = "shop".parse().unwrap();
    rig.obey(&Command::Observe { connection });
    // It is not repeated: once the partner has forgotten its key, a read tells what came of it.
    rig.run(crossdock_domain::Span::from_s(26 * 3_600));
    assert_eq!(rig.available("DEMO-001"), 6);
    assert_eq!((rig.level("DEMO-001").observed, rig.level("DEMO-001").flight), (Some(6), None));
    rig.allocate("DEMO-001", 1, "b2c", "b2b");
    rig.settle();
    assert_eq!(rig.available("DEMO-001"), 6, "nothing new is written");
}

#[test]
fn a_shop_whose_figure_was_not_adopted_would_be_overwritten_and_the_plan_says_so() {
    let mut rig = Rig::observing(Setup { items: 12, opening: 10..=10, ..Setup::default() });
    for n in 1..=12 {
        rig.link(
            "shop",
            &sku(n),
            Terms { adopt: false, sync: true, allocation: Allocation::Fixed },
        );
        rig.allocate(&sku(n), 3, "supplier", "b2c");
    }
    rig.settle();
    let refused = go_live(&mut rig, None);
    assert_eq!(refused.result.unwrap()["changed"], 12);
    assert_eq!(writes(&mut rig), 0);
}
