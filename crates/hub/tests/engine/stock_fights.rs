//! Write fights: another writer sets back what we write; it is named, and our side gives way.

use crossdock_domain::Span;
use crossdock_domain::command::Command;
use crossdock_domain::stock::terms::Unexplained;

use crate::rig::Rig;

const DAY: Span = Span::from_s(86_400);

/// A shop whose counter somebody sets back to 10 each time that we write 6.
fn fought_over() -> Rig {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.unexplained(Unexplained::Restore);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.run(Span::from_s(60));
    for _ in 0..3 {
        assert_eq!(rig.available("DEMO-001"), 6, "we write");
        rig.edit("DEMO-001", 10);
        rig.run(Span::from_s(60));
    }
    rig
}

#[test]
fn a_writer_who_sets_back_what_we_write_three_times_is_named_and_we_give_way() {
    let mut rig = fought_over();
    let why = rig.level("DEMO-001").error.unwrap();
    assert_eq!(why, "write fight: something else sets it back to 10 each time we write 6");
    let told = rig.events("stock.write_fight");
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0].body["ours"], &told[0].body["theirs"]), (&6.into(), &10.into()));
    rig.run(Span::from_s(3_600));
    assert_eq!(rig.available("DEMO-001"), 10, "we do not write");
    let open = rig.open_tasks();
    assert_eq!(open.len(), 1, "what is owed waits visibly: {open:?}");
    assert!(open[0].due > rig.now);
}

#[test]
fn a_sale_ends_the_fight_and_the_write_that_waited_for_it_goes_out() {
    let mut rig = fought_over();
    assert!(rig.level("DEMO-001").error.is_some());
    rig.sell("DEMO-001", 1);
    rig.run(Span::from_s(60));
    assert_eq!(rig.level("DEMO-001").error, None);
    rig.assert_in_step("DEMO-001");
    assert_eq!(rig.available("DEMO-001"), 5);
}

#[test]
fn in_a_fight_one_write_a_day_is_tried() {
    let mut rig = fought_over();
    rig.run(DAY);
    assert_eq!((rig.available("DEMO-001"), rig.b2c("DEMO-001")), (6, 6));
    assert_eq!(rig.level("DEMO-001").error, None);
    rig.edit("DEMO-001", 10);
    rig.run(Span::from_s(60));
    assert!(rig.level("DEMO-001").error.is_some(), "it goes on: named again at once");
    assert_eq!(rig.events("stock.write_fight").len(), 2);
}

#[test]
fn a_person_who_has_stopped_the_other_writer_retries_and_a_calm_hour_ends_the_fight() {
    let mut rig = fought_over();
    let task = rig.open_tasks()[0].id;
    rig.obey(&Command::RetryTask { task });
    rig.run(Span::from_s(60));
    assert_eq!((rig.available("DEMO-001"), rig.level("DEMO-001").error), (6, None));
    rig.run(Span::from_s(2 * 3_600));
    rig.sync(Some("DEMO-001"));
    rig.settle();
    assert_eq!(rig.level("DEMO-001").fights, 0);
}

#[test]
fn a_sale_between_two_set_backs_shows_that_the_counter_is_in_use_and_no_fight() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.unexplained(Unexplained::Restore);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    for _ in 0..4 {
        rig.run(Span::from_s(60));
        rig.edit("DEMO-001", 10);
        rig.run(Span::from_s(60));
        rig.sell("DEMO-001", 1);
        rig.run(Span::from_s(60));
    }
    assert_eq!(rig.level("DEMO-001").error, None);
    rig.assert_in_step("DEMO-001");
}

#[test]
fn a_human_who_types_the_old_number_back_is_believed_and_the_third_time_it_is_named() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    for round in 0..3 {
        rig.order(&format!("PO-{round}"), &[("DEMO-001", 4)]);
        rig.run(Span::from_s(60));
        assert_eq!(rig.available("DEMO-001"), 6);
        rig.edit("DEMO-001", 10);
        rig.run(Span::from_s(60));
        assert_eq!(rig.b2c("DEMO-001"), 10, "the terms say that increases are believed");
    }
    assert!(rig.level("DEMO-001").error.unwrap().contains("write fight"));
}
