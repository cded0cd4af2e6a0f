//! Calls that go wrong, and what is done about each: nothing is lost and nothing is done twice.

use crossdock_domain::Span;
use crossdock_domain::call::CallKind;
use crossdock_domain::connection::{CallSettings, ConnectionStatus};
use crossdock_domain::entry::EntryKind;
use crossdock_domain::send::Send;
use crossdock_domain::stock::level::Standing;
use crossdock_domain::task::TaskState;
use crossdock_sandbox::shopify::{Happening, Knob, Setup};

use crate::rig::{Crash, Mood, Rig, Terms};

#[test]
fn an_unknown_outcome_is_asked_again_with_the_same_bytes_and_key_and_written_once() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().moods([Mood::LostAfter]);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.settle();
    assert_eq!((rig.b2c("DEMO-001"), rig.available("DEMO-001")), (6, 6));
    assert_eq!(write_keys(&mut rig).len(), 1, "one decision");
    assert_eq!(replays(&mut rig), 1, "and one repeat of it");
    rig.assert_in_step("DEMO-001");
}

#[test]
fn a_write_that_never_arrived_is_done_by_its_repeat() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().moods([Mood::LostBefore]);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.settle();
    assert_eq!(rig.available("DEMO-001"), 6);
    assert_eq!(write_keys(&mut rig).len(), 1);
}

#[test]
fn that_a_repeat_was_turned_away_says_nothing_of_the_first_attempt() {
    for turned_away in [Mood::Status(429), Mood::NotSent, Mood::Status(503), Mood::Status(403)] {
        let mut rig = Rig::new().linked(&["DEMO-001"]);
        rig.shop().moods([Mood::LostAfter, turned_away]);
        rig.order("PO-1", &[("DEMO-001", 4)]);
        rig.run(Span::from_s(600));
        rig.resume("shop");
        rig.run(Span::from_s(600));
        assert_eq!(rig.b2c("DEMO-001"), 6, "no unit vanished after {turned_away:?}");
        rig.assert_in_step("DEMO-001");
    }
}

#[test]
fn a_token_that_is_refused_between_two_attempts_loses_nothing() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().moods([Mood::LostAfter, Mood::Status(401)]);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.run(Span::from_s(600));
    assert!(!status(&mut rig).sends(), "a static token that is refused pauses the connection");
    rig.resume("shop");
    rig.run(Span::from_s(600));
    assert_eq!(rig.b2c("DEMO-001"), 6);
    rig.assert_in_step("DEMO-001");
}

#[test]
fn a_key_that_died_during_a_pause_is_not_used_again_but_read_about() {
    for (mood, booked) in [(Mood::LostAfter, 6), (Mood::LostBefore, 6)] {
        let mut rig = Rig::new().linked(&["DEMO-001"]);
        rig.shop().moods([mood]);
        rig.order("PO-1", &[("DEMO-001", 4)]);
        rig.pause("shop");
        rig.run(Span::from_s(3 * 86_400));
        rig.resume("shop");
        rig.settle();
        assert_eq!(rig.b2c("DEMO-001"), booked);
        assert_eq!(replays(&mut rig), 0, "the key was not used again");
        rig.assert_in_step("DEMO-001");
    }
}

#[test]
fn in_doubt_orders_explain_what_the_figure_alone_cannot() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().moods([Mood::LostAfter]);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.pause("shop");
    rig.run(Span::from_s(40));
    rig.sell("DEMO-001", 1);
    rig.run(Span::from_s(2 * 86_400));
    rig.resume("shop");
    rig.settle();
    assert_eq!((rig.b2c("DEMO-001"), rig.available("DEMO-001")), (5, 5));
}

#[test]
fn a_figure_that_nothing_explains_waits_for_a_person_who_links_it_again() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().moods([Mood::LostAfter]);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.pause("shop");
    rig.run(Span::from_s(40));
    rig.edit("DEMO-001", 3);
    rig.run(Span::from_s(2 * 86_400));
    rig.resume("shop");
    rig.run(Span::from_s(900));
    let level = rig.level("DEMO-001");
    assert_eq!((level.standing, level.error.is_some()), (Standing::Doubtful, true));
    assert_eq!(rig.stuck_tasks().len(), 1);
    assert_eq!(rig.b2c("DEMO-001"), 6, "nothing is booked");

    rig.link("shop", "DEMO-001", Terms::default());
    rig.settle();
    assert_eq!(rig.level("DEMO-001").standing, Standing::Settled);
    assert_eq!(rig.available("DEMO-001"), 6, "ours is published again");
    rig.is_truthful = false; // The person's edit was overruled, as the person wished.
}

#[test]
fn a_crash_at_any_point_of_a_write_loses_nothing_and_doubles_nothing() {
    for crash in [Crash::Commit, Crash::Sending, Crash::Answers] {
        let mut rig = Rig::new().linked(&["DEMO-001"]);
        rig.pause("shop");
        rig.order("PO-1", &[("DEMO-001", 4)]);
        rig.resume("shop");
        rig.crash = Some(crash);
        rig.settle();
        assert_eq!((rig.b2c("DEMO-001"), rig.available("DEMO-001")), (6, 6), "{crash:?}");
        rig.assert_in_step("DEMO-001");
    }
}

#[test]
fn a_crash_between_an_answer_and_its_commit_asks_again() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    assert!(!rig.travelling.is_empty(), "the answer is on its way");
    rig.now = rig.now.plus(Span::from_s(1));
    rig.crash = Some(Crash::Commit);
    rig.settle();
    assert_eq!(rig.crashes, 1);
    assert_eq!((rig.b2c("DEMO-001"), rig.available("DEMO-001")), (6, 6));
}

#[test]
fn a_sale_whose_delivery_meets_a_crash_is_delivered_again() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.sell("DEMO-001", 3);
    rig.now = rig.now.plus(Span::from_s(1));
    rig.crash = Some(Crash::Commit);
    rig.settle();
    assert_eq!((rig.crashes, rig.b2c("DEMO-001")), (1, 7));
}

#[test]
fn a_call_that_nobody_ever_answers_is_given_up_once_and_asked_again() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().moods([Mood::Silent]);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.run(Span::from_s(600));
    assert_eq!(rig.available("DEMO-001"), 6);
    let given_up = rig.journal().iter().filter(|entry| entry.note.contains("in time")).count();
    assert_eq!(given_up, 1);
}

#[test]
fn an_answer_that_comes_after_it_was_given_up_is_judged_all_the_same() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let calls = CallSettings {
        timeout_ms: 200_000,
        first_delay_ms: 400_000,
        slow_retry_ms: 400_000,
        ..CallSettings::default()
    };
    rig.pace("shop", calls);
    rig.shop().moods([Mood::Slow(Span::from_s(100))]);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    // The process ends, and the next gives the answer up; it comes nevertheless, to the next process.
    let travelling = std::mem::take(&mut rig.travelling);
    rig.start_again();
    rig.travelling = travelling;
    rig.run(Span::from_s(120));
    assert_eq!(rig.level("DEMO-001").observed, Some(6));
    assert_eq!(replays(&mut rig), 0);
    rig.assert_in_step("DEMO-001");
}

#[test]
fn five_kinds_of_bad_weather_delay_a_write_and_do_not_change_it() {
    type Turn = fn(&mut crossdock_sandbox::shopify::CallFaults);
    let weathers: [Turn; 8] = [
        |calls| calls.too_many_requests = Knob::next(2),
        |calls| calls.internal_error = Knob::next(2),
        |calls| calls.bad_gateway = Knob::next(2),
        |calls| calls.throttled = Knob::next(2),
        |calls| calls.html_page = Knob::next(2),
        |calls| calls.truncated_json = Knob::next(2),
        |calls| calls.timeout_after_work = Knob::next(2),
        |calls| calls.cut_before_work = Knob::next(2),
    ];
    for turn in weathers {
        let mut rig = Rig::new().linked(&["DEMO-001"]);
        rig.shop().weather(|faults| turn(&mut faults.calls));
        rig.order("PO-1", &[("DEMO-001", 4)]);
        rig.run(Span::from_s(900));
        assert_eq!((rig.b2c("DEMO-001"), rig.available("DEMO-001")), (6, 6));
        assert!(rig.open_tasks().is_empty(), "{:?}", rig.open_tasks());
        rig.assert_in_step("DEMO-001");
    }
}

#[test]
fn a_repeat_whose_first_attempt_is_still_running_is_asked_once_more() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().weather(|faults| faults.calls.still_running = Knob::next(2));
    rig.shop().moods([Mood::LostAfter]);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.run(Span::from_s(900));
    assert_eq!((rig.b2c("DEMO-001"), rig.available("DEMO-001")), (6, 6));
    rig.assert_in_step("DEMO-001");
}

#[test]
fn a_stale_write_whose_answer_was_lost_is_found_out() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().weather(|faults| faults.calls.stale_storm = Knob::next(1));
    rig.shop().moods([Mood::LostAfter]);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.settle();
    assert_eq!((rig.b2c("DEMO-001"), rig.available("DEMO-001")), (5, 5));
}

#[test]
fn a_refused_row_waits_for_a_person_and_the_others_of_the_send_go_through() {
    let skus: Vec<_> = (1..=5).map(|n| format!("DEMO-{n:03}")).collect();
    let names: Vec<_> = skus.iter().map(String::as_str).collect();
    let mut rig = Rig::new().linked(&names);
    rig.pause("shop");
    for sku in &names {
        rig.allocate(sku, 4, "b2c", "b2b");
    }
    rig.shop().weather(|faults| faults.calls.item_error = Knob::next(1));
    rig.resume("shop");
    rig.settle();
    let through = |rig: &mut Rig| names.iter().filter(|sku| rig.available(sku) == 6).count();
    let stuck = rig.stuck_tasks();
    assert_eq!((stuck.len(), through(&mut rig)), (1, 4), "{stuck:?}");

    let retried = rig.obey(&crossdock_domain::command::Command::RetryTask { task: stuck[0].id });
    assert_eq!(retried.kind, crossdock_domain::entry::OutcomeKind::Applied);
    rig.settle();
    assert_eq!((rig.stuck_tasks().len(), through(&mut rig)), (0, 5));
}

#[test]
fn a_refusal_that_names_no_row_is_found_out_row_by_row() {
    let mut rig = Rig::new().linked(&["DEMO-001", "DEMO-002", "DEMO-003"]);
    rig.pause("shop");
    for sku in ["DEMO-001", "DEMO-002", "DEMO-003"] {
        rig.allocate(sku, 4, "b2c", "b2b");
    }
    rig.shop().moods([Mood::Status(422), Mood::Status(422)]);
    rig.resume("shop");
    rig.settle();
    assert_eq!(rig.stuck_tasks().len(), 1, "the first that went alone");
    let left =
        ["DEMO-001", "DEMO-002", "DEMO-003"].iter().filter(|s| rig.available(s) == 10).count();
    assert_eq!(left, 1);
}

#[test]
fn a_link_whose_id_is_none_of_the_partners_gets_stuck_alone() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let wish = crossdock_domain::command::LinkWish {
        connection: "shop".parse().unwrap(),
        inventory_item: "not-a-number".parse().unwrap(),
        variant: None,
        adopt: false,
    };
    rig.obey(&crossdock_domain::command::Command::PutItem(crossdock_domain::command::PutItem {
        sku: "ODD".to_owned(),
        links: vec![wish],
        sync: Some(true),
        ..Default::default()
    }));
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.settle();
    assert_eq!(rig.available("DEMO-001"), 6);
    let stuck = rig.stuck_tasks();
    assert_eq!(stuck.len(), 1, "{stuck:?}");
    assert!(stuck[0].note.contains("not-a-number"), "{}", stuck[0].note);
}

#[test]
fn retries_come_after_the_configured_delays() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let before = rig.now;
    rig.shop().moods([Mood::NotSent; 6]);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.run(Span::from_s(1_500));
    let attempts: Vec<_> = rig
        .journal()
        .iter()
        .filter(|entry| entry.kind == EntryKind::Send && entry.at >= before)
        .filter(|entry| entry.topic == CallKind::SetLevels.word())
        .map(|entry| entry.at.since(before).as_ms() / 1_000)
        .collect();
    // 1, 2, 4 seconds after one another, then one each five minutes; each up to a quarter sooner or later.
    let gaps: Vec<_> = attempts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (gap, (least, most)) in
        gaps.iter().zip([(0, 2), (1, 3), (3, 6), (225, 376), (225, 376), (225, 376)])
    {
        assert!((least..=most).contains(gap), "{gaps:?}");
    }
    assert_eq!(gaps.len(), 6, "{attempts:?}");
    assert_eq!(rig.available("DEMO-001"), 6);
}

#[test]
fn the_pace_is_kept_and_what_it_holds_back_goes_out_in_time() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.pace("shop", CallSettings { rate_per_s: 1, burst: 1, ..CallSettings::default() });
    let before = rig.now;
    for _ in 0..5 {
        rig.obey(&crossdock_domain::command::Command::TestConnection {
            connection: "shop".parse().unwrap(),
        });
    }
    rig.settle();
    let mut sent: Vec<_> = rig
        .journal()
        .iter()
        .filter(|entry| entry.kind == EntryKind::Send && entry.at >= before)
        .map(|entry| entry.at)
        .collect();
    assert_eq!(sent.len(), 5);
    sent.dedup();
    assert!(sent.windows(2).all(|pair| pair[1].since(pair[0]) >= Span::from_ms(999)), "{sent:?}");
    assert!(rig.open_tasks().is_empty());
}

#[test]
fn the_partners_budget_is_not_overdrawn() {
    let setup = Setup {
        items: 8,
        opening: 10..=10,
        bucket_points: 300,
        restore_per_second: 10,
        ..Setup::default()
    };
    let mut rig = Rig::with(setup);
    for _ in 0..4 {
        let connection = "shop".parse().unwrap();
        let how = crossdock_domain::command::LinkHow { adopt: true, sync: true };
        rig.obey(&crossdock_domain::command::Command::LinkAll { connection, how, create: true });
    }
    rig.run(Span::from_s(600));
    let throttled = rig.journal().iter().filter(|entry| entry.note.contains("THROTTLED")).count();
    assert!(throttled <= 1, "the first may, before the budget is known: {throttled}");
    assert!(rig.open_tasks().is_empty());
    assert_eq!(rig.b2c("DEMO-001"), 10);
}

#[test]
fn a_connection_whose_app_was_removed_is_paused_until_a_person_resumes_it() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let now = crate::rig::stamp(rig.now);
    rig.shop().shop.uninstall(now);
    rig.settle();
    assert!(matches!(status(&mut rig), ConnectionStatus::Paused { .. }));
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.settle();
    assert_eq!(rig.available("DEMO-001"), 10);
    rig.shop().shop.install();
    rig.resume("shop");
    rig.settle();
    assert_eq!(rig.available("DEMO-001"), 6);
}

#[test]
fn calls_that_are_refused_together_pause_the_connection_once() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().shop.expire_tokens(crossdock_sandbox::shopify::Tokens::All);
    for _ in 0..4 {
        rig.obey(&crossdock_domain::command::Command::TestConnection {
            connection: "shop".parse().unwrap(),
        });
    }
    rig.settle();
    let events = rig.reader().events(&rig.lane, 50).unwrap();
    assert_eq!(events.iter().filter(|event| event.name == "connection.paused").count(), 1);
}

#[test]
fn a_bundle_that_cannot_be_written_waits_for_a_person() {
    let mut rig = Rig::with(Setup { items: 2, opening: 10..=10, odd: true, ..Setup::default() });
    rig.link("shop", "ODD-BUNDLE", Terms::default());
    rig.link("shop", "DEMO-001", Terms::default());
    rig.settle();
    rig.allocate("ODD-BUNDLE", 1, "b2c", "b2b");
    rig.allocate("DEMO-001", 1, "b2c", "b2b");
    rig.settle();
    assert_eq!(rig.available("DEMO-001"), 9);
    assert_eq!(rig.stuck_tasks().iter().filter(|t| t.state == TaskState::Stuck).count(), 1);
}

/// The keys of all writes that were decided, in order.
pub(crate) fn write_keys(rig: &mut Rig) -> Vec<String> {
    let lane = rig.lane.clone();
    let mut keys = Vec::new();
    for entry in rig.journal() {
        if entry.kind == EntryKind::Send && entry.topic == CallKind::SetLevels.word() {
            let send: Option<Send> = rig.hub().store().get(&(lane.clone(), entry.number)).unwrap();
            keys.extend(send.map(|send| send.key));
        }
    }
    keys
}

/// How often the shop answered a repeat under its key without doing it again.
pub(crate) fn replays(rig: &mut Rig) -> usize {
    let log = rig.shop().shop.log(0);
    log.iter().filter(|entry| matches!(entry.happening, Happening::Replayed { .. })).count()
}

fn status(rig: &mut Rig) -> ConnectionStatus {
    let lane = rig.lane.clone();
    rig.hub().connection(&lane, &"shop".parse().unwrap()).unwrap().unwrap().status
}
