//! What one decision means for many items is done piece by piece: no entry comes to more than a few hundred of them,
//! what was decided holds at once for all, and a crash in between costs nothing.

use crossdock_domain::brake::{BrakeWindow, Braked, Extent, Side};
use crossdock_domain::command::{Command, LinkWish, PutItem};
use crossdock_domain::entry::{EntryKind, Outcome, OutcomeKind};
use crossdock_domain::item::Allocation;
use crossdock_domain::stock::backing::{Backing, BackingWish};
use crossdock_domain::stock::terms::{Repair, Role};
use crossdock_domain::stock::{Level, Pool, Publishing};
use crossdock_domain::sweep::{Finding, FindingState, SweepState};
use crossdock_domain::sync::{SyncResult, SyncStage};
use crossdock_domain::task::{Task, Work};
use crossdock_domain::{Number, Span};

use crate::rig::braked::{brakes, held, take_away, tell, writes};
use crate::rig::{Crash, ELSEWHERE, Rig, shop_of, sku};

const ITEMS: usize = 700;
/// Rows of one kind that one entry may change. All at once would be more.
const ROWS_MAX: u64 = 600;

fn stocked() -> Rig {
    let mut rig = Rig::stocked(ITEMS);
    rig.rebuilds = vec![7];
    rig
}

fn changes(rig: &mut Rig) -> [u64; 5] {
    let store = rig.hub().store();
    [
        store.changes::<Level>(),
        store.changes::<Task>(),
        store.changes::<Braked>(),
        store.changes::<Finding>(),
        store.changes::<SyncResult>(),
    ]
}

/// Does something, and sees that no entry of it changed more than it may.
fn watched<T>(rig: &mut Rig, act: impl FnOnce(&mut Rig) -> T) -> T {
    let length = |rig: &Rig| rig.reader().lane_length(&rig.lane).unwrap().0;
    let (entries, before) = (length(rig), changes(rig));
    let done = act(rig);
    let (entries, after) = (length(rig) - entries, changes(rig));
    for (before, after) in before.into_iter().zip(after) {
        let may = entries * ROWS_MAX;
        assert!(after - before <= may, "{} rows in {entries} entries", after - before);
    }
    done
}

/// Lives on for some milliseconds, one by one.
fn live_on(rig: &mut Rig, ms: u64) {
    for _ in 0..ms {
        watched(rig, |rig| rig.run(Span::from_ms(1)));
    }
}

fn obey(rig: &mut Rig, command: &Command) -> Outcome {
    let outcome = watched(rig, |rig| rig.obey(command));
    assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    outcome
}

fn errands(rig: &mut Rig) -> usize {
    let own = rig.open_tasks();
    own.iter().filter(|task| matches!(task.work, Work::GoThrough { .. })).count()
}

fn shop() -> crossdock_domain::ConnectionId {
    "shop".parse().unwrap()
}

#[test]
fn a_sync_of_all_is_done_in_pieces_and_goes_on_after_a_crash() {
    let mut rig = stocked();
    let folded = watched(&mut rig, |rig| rig.command(&Command::Sync { item: None }));
    assert!(rig.reader().sync_goes_on(&rig.lane, folded.number).unwrap());
    let told = folded.outcome.result.unwrap();
    assert_eq!((&told["levels"], &told["more_follow"]), (&250.into(), &true.into()));
    rig.crash = Some(Crash::Commit);
    rig.sell(&sku(ITEMS), 3);
    rig.run(Span::from_ms(2));
    rig.start_again();
    live_on(&mut rig, 50);
    rig.settle();
    assert!(!rig.reader().sync_goes_on(&rig.lane, folded.number).unwrap());
    let results = rig.runs(folded.number);
    assert_eq!(results.len(), ITEMS);
    assert!(results.iter().all(|result| result.stage == SyncStage::NotOwed), "{results:?}");
    rig.assert_in_step(&sku(ITEMS));
}

#[test]
fn a_later_sync_is_not_taken_back_by_what_is_left_of_an_earlier_one() {
    let mut rig = stocked();
    rig.pause("shop");
    let first = rig.sync(None);
    let later = rig.sync(Some(&sku(ITEMS)));
    rig.settle();
    rig.resume("shop");
    rig.settle();
    let stage = |run: Number| rig.runs(run).iter().map(|result| result.stage).collect::<Vec<_>>();
    assert_eq!(stage(later), [SyncStage::NotOwed]);
    assert_eq!(stage(first).len(), ITEMS - 1);
}

#[test]
fn going_live_is_one_word_and_nothing_is_written_before_all_of_it_is_known() {
    let mut rig = Rig::observing(shop_of(ITEMS));
    rig.rebuilds = vec![7];
    rig.link_all("shop");
    for n in 1..=300 {
        rig.allocate(&sku(n), 10, "b2c", "b2b");
    }
    let accept = Some(Extent { zeroed: 300, changed: 300 });
    let refused = rig.obey(&Command::GoLive { connection: shop(), accept: None });
    assert_eq!(refused.kind, OutcomeKind::Illegal, "300 of 700 are more than may unasked");
    let told = refused.result.unwrap();
    assert_eq!(
        (&told["zeroed"], &told["linked"], &told["writes"]),
        (&300.into(), &700.into(), &300.into())
    );
    let outcome = obey(&mut rig, &Command::GoLive { connection: shop(), accept });
    assert_eq!(outcome.result.unwrap()["writes"], 300);
    rig.start_again();
    assert_eq!((errands(&mut rig), writes(&mut rig)), (1, 0));
    live_on(&mut rig, 50);
    rig.settle();
    assert_eq!((writes(&mut rig), brakes(&rig).len()), (300, 0));
    assert_eq!((rig.available(&sku(300)), rig.available(&sku(301))), (0, 10));
}

#[test]
fn the_word_for_a_plan_covers_no_more_than_it_has_named_however_much_comes_between_its_pieces() {
    let mut rig = Rig::observing(shop_of(ITEMS));
    rig.rebuilds = vec![7];
    rig.link_all("shop");
    for n in 1..=300 {
        rig.allocate(&sku(n), 10, "b2c", "b2b");
    }
    let accept = Some(Extent { zeroed: 300, changed: 300 });
    obey(&mut rig, &Command::GoLive { connection: shop(), accept });
    for n in 301..=460 {
        rig.allocate(&sku(n), 10, "b2c", "b2b");
    }
    rig.settle();
    let on = brakes(&rig);
    assert_eq!((on.len(), on[0].side), (1, Side::Writes));
    assert_eq!(on[0].engaged.as_ref().unwrap().extent.zeroed, 160, "which nobody has named");
}

#[test]
fn new_terms_that_would_zero_a_shop_stop_before_the_first_write() {
    let mut rig = Rig::stocked(1_400);
    rig.rebuilds = vec![1_000];
    let publishing = Publishing { buffer: 10, ..Publishing::default() };
    let outcome =
        obey(&mut rig, &Command::PutClientTerms { publishing, brake: None, incoming: None });
    assert!(outcome.note.contains("worked out"), "{outcome:?}");
    let again = rig.obey(&Command::GoLive { connection: shop(), accept: None });
    assert_eq!(again.kind, OutcomeKind::Unchanged, "it is live");
    live_on(&mut rig, 50);
    rig.settle();
    assert_eq!(writes(&mut rig), 0, "a piece alone would be less than the share");
    assert_eq!(brakes(&rig)[0].engaged.as_ref().unwrap().extent.zeroed, 1_400);
}

#[test]
fn terms_that_come_to_nothing_much_reach_every_item() {
    let mut rig = stocked();
    let publishing = Publishing { buffer: 1, ..Publishing::default() };
    obey(&mut rig, &Command::PutClientTerms { publishing, brake: None, incoming: None });
    rig.start_again();
    live_on(&mut rig, 20);
    rig.settle();
    assert_eq!((rig.available(&sku(1)), rig.available(&sku(ITEMS))), (9, 9));
    assert_eq!((writes(&mut rig), errands(&mut rig)), (ITEMS, 0));
}

#[test]
fn what_would_be_written_is_not_asked_about_before_it_is_known() {
    let mut rig = Rig::observing(shop_of(ITEMS));
    rig.rebuilds = vec![7];
    rig.link_all("shop");
    let publishing = Publishing { buffer: 10, ..Publishing::default() };
    obey(&mut rig, &Command::PutClientTerms { publishing, brake: None, incoming: None });
    let half = Some(Extent { zeroed: 250, changed: 250 });
    let refused = rig.obey(&Command::GoLive { connection: shop(), accept: half });
    assert_eq!(refused.kind, OutcomeKind::Illegal);
    assert!(refused.note.contains("try again"), "{refused:?}");
    rig.settle();
    let refused = rig.obey(&Command::GoLive { connection: shop(), accept: None });
    assert_eq!(refused.result.unwrap()["zeroed"], 700);
}

#[test]
fn whoever_observes_writes_nothing_from_that_entry_on() {
    let mut rig = stocked();
    rig.pause("shop");
    for n in 1..=ITEMS {
        rig.allocate(&sku(n), 1, "b2c", "b2b");
    }
    assert_eq!(rig.level_tasks().len(), ITEMS);
    rig.resume_without_a_turn("shop");
    obey(&mut rig, &Command::Observe { connection: shop() });
    live_on(&mut rig, 20);
    rig.settle();
    assert_eq!((writes(&mut rig), rig.level_tasks().len()), (0, 0));
}

#[test]
fn a_location_with_a_new_role_counts_for_nothing_until_its_level_has_begun_anew() {
    let mut rig = stocked();
    for n in [1, ITEMS] {
        rig.tell_elsewhere(&sku(n), 7, 1);
    }
    let outcome = watched(&mut rig, |rig| rig.elsewhere(Role::Owns, Pool::B2b));
    assert_eq!(outcome.kind, OutcomeKind::Applied);
    assert_eq!(errands(&mut rig), 1);
    rig.tell_elsewhere(&sku(ITEMS), 4, 2);
    assert_eq!(rig.balance(&sku(ITEMS), "b2b"), 0, "what it showed before was no pool's");
    rig.start_again();
    live_on(&mut rig, 20);
    assert_eq!(errands(&mut rig), 0);
    let began = rig.level_elsewhere(&sku(1)).began;
    assert!((1..=ITEMS).all(|n| rig.level_elsewhere(&sku(n)).began >= began));
    assert_eq!(rig.level_elsewhere(&sku(ITEMS)).observed, None, "a read is owed");
    rig.settle();
    assert_eq!(rig.balance(&sku(ITEMS), "b2b"), 0);
    rig.is_truthful = false; // What the location elsewhere told came from us.
}

#[test]
fn an_item_that_is_linked_while_roles_change_keeps_what_it_was_told_to_take_over() {
    let mut rig = Rig::stocked(ITEMS);
    rig.rebuilds = vec![7];
    watched(&mut rig, |rig| rig.elsewhere(Role::Owns, Pool::B2b));
    assert_eq!(errands(&mut rig), 1);
    let last = sku(ITEMS);
    // A person links it with another record, and takes over what that shows.
    let truth = rig.shop().truth(&sku(ITEMS - 1));
    let wish = LinkWish {
        connection: shop(),
        inventory_item: truth.inventory_item_id.to_string().parse().unwrap(),
        variant: None,
        adopt: true,
    };
    let put = PutItem {
        sku: last.clone(),
        links: vec![wish],
        allocation: Some(Allocation::Fixed),
        ..PutItem::default()
    };
    rig.obey(&Command::PutItem(put));
    live_on(&mut rig, 20);
    assert!(rig.level_elsewhere(&last).adopt, "the errand does not begin it a second time");
    rig.settle();
    rig.is_truthful = false; // Two items stood behind one record.
}

#[test]
fn approved_writes_wait_for_the_last_of_them_to_be_approved() {
    let mut rig = stocked();
    take_away(&mut rig, 500);
    assert_eq!((writes(&mut rig), brakes(&rig).len()), (0, 1));
    let waiting = rig.level_tasks();
    assert!(waiting.iter().all(|task| task.note == "held by the brake"), "{}", waiting.len());
    let outcome = obey(&mut rig, &Command::ApproveBrake { connection: shop() });
    assert_eq!(outcome.result.unwrap()["writes"], 500);
    assert_eq!((errands(&mut rig), writes(&mut rig)), (1, 0));
    rig.start_again();
    live_on(&mut rig, 20);
    rig.settle();
    assert_eq!((writes(&mut rig), brakes(&rig).len()), (500, 0));
}

/// A shop that lies: of most items it says that nothing is left, and the brake holds what passes the line.
fn lied_to() -> Rig {
    let mut rig = stocked();
    tell(&mut rig, 1..=650, 0);
    assert_eq!(held(&rig, ITEMS).len(), 510);
    rig.settle();
    rig.is_truthful = false;
    rig
}

fn window(rig: &mut Rig) -> BrakeWindow {
    let key = (rig.client(), shop(), Side::Bookings);
    rig.get(&key)
}

#[test]
fn a_word_on_many_bookings_holds_at_once_and_lets_every_level_go() {
    for word in
        [Command::ApproveBrake { connection: shop() }, Command::RejectBrake { connection: shop() }]
    {
        let mut rig = lied_to();
        let outcome = obey(&mut rig, &word);
        assert_eq!(outcome.result.unwrap()["more_follow"], true);
        assert!(window(&mut rig).word.is_some() && !held(&rig, ITEMS).is_empty());
        let again = rig.obey(&word);
        assert_eq!(again.kind, OutcomeKind::Illegal, "the last word is still being carried out");
        rig.start_again();
        live_on(&mut rig, 20);
        rig.settle();
        assert_eq!(window(&mut rig).word, None);
        assert!(held(&rig, ITEMS).is_empty());
        assert_eq!((rig.b2c(&sku(650)), rig.available(&sku(650))), (10, 10), "it stood at ten");
        assert_eq!(rig.obey(&word).kind, OutcomeKind::Unchanged);
    }
}

#[test]
fn a_run_that_a_person_leaves_is_over_with_his_word() {
    let mut rig = stocked();
    rig.stock_terms(|terms| terms.repair = Repair::Ask);
    rig.edit_unheard((1..=650).map(sku), 4);
    let (sweep, findings) = rig.swept(true);
    assert_eq!((sweep.state, findings.len()), (SweepState::Asking, 650));
    let all = |sweep| Command::DismissFindings { sweep, findings: None };
    let outcome = obey(&mut rig, &all(sweep.number));
    let told = outcome.result.unwrap();
    assert_eq!((&told["dismissed"], &told["more_follow"]), (&250.into(), &true.into()));
    let late = Command::ApplyFindings { sweep: sweep.number, findings: None };
    assert_eq!(rig.obey(&late).kind, OutcomeKind::Illegal, "his word was no");
    rig.start_again();
    live_on(&mut rig, 20);
    let (sweep, findings) = rig.report(sweep.number);
    assert_eq!(sweep.state, SweepState::Done);
    assert!(findings.iter().all(|finding| finding.state == FindingState::Dismissed));
    assert_eq!(rig.b2c(&sku(650)), 10);
    rig.is_truthful = false;
}

#[test]
fn timers_that_go_off_together_are_entries_with_room_between_them() {
    let mut rig = stocked();
    let backing = Backing {
        pool: Pool::B2b,
        connection: shop(),
        location: ELSEWHERE.parse().unwrap(),
        age_max_s: 3_600,
        cap: None,
    };
    for n in 1..=600 {
        let backing = Some(BackingWish::Backing(backing.clone()));
        rig.obey(&Command::PutItem(PutItem { sku: sku(n), backing, ..PutItem::default() }));
    }
    for n in 1..=600 {
        rig.tell_elsewhere(&sku(n), 5, 1);
    }
    rig.run(Span::from_s(3_590));
    let ticks = |rig: &mut Rig| {
        let mut entries = rig.journal();
        entries.retain(|entry| entry.kind == EntryKind::Tick);
        entries
    };
    assert!(ticks(&mut rig).is_empty());
    rig.run(Span::from_s(60));
    let gone_off = ticks(&mut rig);
    let mut moments: Vec<_> = gone_off.iter().map(|entry| entry.at).collect();
    moments.dedup();
    assert_eq!((gone_off.len(), moments.len()), (3, 3));
    rig.is_truthful = false; // What the location elsewhere told came from us.
}
