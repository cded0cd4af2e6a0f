//! What the brake holds stays held, however long: nothing of it goes out, is repeated or looked at again and again, and
//! after a person's word it goes out once.

use crossdock_domain::Span;
use crossdock_domain::call::CallKind;
use crossdock_domain::entry::OutcomeKind;
use crossdock_simulation::Happened;

use crate::rig::braked::{approve, brakes, fifty, take_away, writes};
use crate::rig::{Mood, Rig, sku};

const HOUR: Span = Span::from_s(3_600);
const DAY: Span = Span::from_s(86_400);
/// More turns than a day takes in which nothing goes out: reads and a look now and then.
const TURNS_A_DAY: usize = 100;

/// Lives through some days, each with another process, from one due time to the next. Nothing may be due again and again.
fn days(rig: &mut Rig, days: u64) {
    for day in 1..=days {
        rig.start_again();
        let end = rig.now.plus(DAY);
        let mut turns = 0;
        loop {
            rig.turn();
            let Some(next) = rig.next_event().filter(|next| *next <= end) else { break };
            assert!(next > rig.now, "day {day}: due at {next}, and it is {}", rig.now);
            rig.now = next;
            turns += 1;
            assert!(turns <= TURNS_A_DAY, "day {day}: it finds no rest");
        }
        rig.now = end;
        rig.turn();
    }
}

/// Calls that went out to write levels since somebody last asked.
fn sent(rig: &mut Rig) -> usize {
    let is_write = |happened: &Happened| {
        matches!(happened, Happened::Called { kind: CallKind::SetLevels, .. })
    };
    rig.heard().iter().filter(|happened| is_write(happened)).count()
}

#[test]
fn writes_that_are_held_for_days_go_out_once_when_they_are_approved() {
    let mut rig = fifty();
    rig.listen();
    take_away(&mut rig, 15);
    days(&mut rig, 5);
    assert_eq!((sent(&mut rig), brakes(&rig).len()), (0, 1));
    assert_eq!(rig.level_tasks().len(), 15);
    assert_eq!(approve(&mut rig).kind, OutcomeKind::Applied);
    rig.run(DAY);
    assert_eq!((sent(&mut rig), writes(&mut rig)), (1, 15));
    assert!((1..=15).all(|n| rig.available(&sku(n)) == 0));
}

/// A write whose answer was lost, and a moment later so much is owed that the brake goes on.
fn in_doubt_and_held(mood: Mood) -> Rig {
    let mut rig = fifty();
    rig.listen();
    rig.shop().moods([mood]);
    rig.allocate(&sku(50), 4, "b2c", "b2b");
    rig.turn();
    assert_eq!(sent(&mut rig), 1);
    take_away(&mut rig, 15);
    assert_eq!((sent(&mut rig), brakes(&rig).len()), (0, 1));
    rig
}

#[test]
fn a_write_in_doubt_is_not_repeated_while_the_brake_holds_and_is_once_it_does_not() {
    for mood in [Mood::LostAfter, Mood::LostBefore] {
        let mut rig = in_doubt_and_held(mood);
        for _ in 0..5 {
            rig.run(HOUR);
            rig.start_again();
        }
        assert_eq!(sent(&mut rig), 0, "{mood:?}");
        approve(&mut rig);
        assert_eq!(
            (sent(&mut rig), writes(&mut rig)),
            (2, 16),
            "{mood:?}: its repeat, and the rest"
        );
        rig.assert_in_step(&sku(50));
    }
}

#[test]
fn a_write_in_doubt_whose_key_dies_while_the_brake_holds_is_read_about_and_written_at_most_once() {
    for (mood, more) in [(Mood::LostAfter, 0), (Mood::LostBefore, 1)] {
        let mut rig = in_doubt_and_held(mood);
        days(&mut rig, 3);
        assert_eq!(sent(&mut rig), 0, "{mood:?}");
        assert_eq!(rig.level_tasks().len(), 15 + more, "{mood:?}");
        approve(&mut rig);
        assert_eq!((sent(&mut rig), writes(&mut rig)), (1, 16), "{mood:?}");
        rig.assert_in_step(&sku(50));
    }
}
