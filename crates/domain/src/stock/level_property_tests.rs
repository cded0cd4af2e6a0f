//! A level and a modelled shop counter, in any order of sales, edits, writes, deliveries, reads, losses and repeats: once all
//! is settled, what was booked is what happened, and no write has overwritten anybody.

use proptest::prelude::*;

use super::*;
use crate::Span;
use crate::answer::LevelReading;
use crate::stock::doubt::Sold;
use crate::stock::{ReadMark, Seen};

/// What may happen next.
#[derive(Debug, Clone)]
enum Step {
    Wait {
        ms: u32,
    },
    Sell {
        units: i64,
    },
    Edit {
        by: i64,
    },
    /// We move stock into the pool, or out of it.
    Allocate {
        by: i64,
    },
    /// A write goes out, if one is owed; whether it reaches the shop, and whether its answer comes back.
    Write {
        arrives: bool,
        answers: bool,
    },
    /// The answer to the write comes, or it is repeated and that is answered.
    Answer {
        arrives: bool,
        answers: bool,
    },
    /// The key dies before the outcome was learned.
    KeyDies,
    /// One of the deliveries that wait comes, and may come again.
    Deliver {
        which: prop::sample::Index,
        again: bool,
    },
    /// One of them is lost.
    Lose {
        which: prop::sample::Index,
    },
    ReadGoesOut,
    ReadIsCarriedOut,
    ReadIsAnswered,
}

/// People edit the counter and keys live, or keys die and only orders change the counter: what a person does while nobody
/// knows the outcome of a write cannot be told from it.
fn step(edits: bool) -> impl Strategy<Value = Step> {
    let which = any::<prop::sample::Index>;
    let edit = (-4..5_i64).prop_map(|by| Step::Edit { by });
    let rare = if edits { edit.boxed() } else { Just(Step::KeyDies).boxed() };
    prop_oneof![
        4 => (0..2_500_u32).prop_map(|ms| Step::Wait { ms }),
        4 => (1..4_i64).prop_map(|units| Step::Sell { units }),
        2 => rare,
        3 => (-5..6_i64).prop_map(|by| Step::Allocate { by }),
        4 => (any::<bool>(), any::<bool>())
            .prop_map(|(arrives, answers)| Step::Write { arrives, answers }),
        4 => (any::<bool>(), any::<bool>())
            .prop_map(|(arrives, answers)| Step::Answer { arrives, answers }),
        6 => (which(), any::<bool>()).prop_map(|(which, again)| Step::Deliver { which, again }),
        1 => which().prop_map(|which| Step::Lose { which }),
        3 => Just(Step::ReadGoesOut),
        3 => Just(Step::ReadIsCarriedOut),
        3 => Just(Step::ReadIsAnswered),
    ]
}

/// What came of a write at the shop, and whether we know.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Done(Instant),
    Stale,
    NeverArrived,
}

struct World {
    now: Instant,
    /// The shop's counter, and when it last changed, by the second.
    counter: i64,
    changed_at: Instant,
    /// What happened there that was not our doing.
    happened: i64,
    /// What had happened after each change, and how far along that our books are.
    history: Vec<i64>,
    told: usize,
    orders: Vec<(Option<Instant>, i64)>,
    deliveries: Vec<Seen>,
    level: Level,
    pool: i64,
    booked: i64,
    /// The write on its way: attempts so far, what the shop keeps under its key, and what answer travels.
    write: Option<Write>,
    read: Option<(ReadMark, Option<LevelReading>)>,
    disputed: bool,
    /// Whether a delivery was lost for good: only a reconciliation finds that out.
    has_lost: bool,
}

struct Write {
    attempts: u32,
    kept: Option<Fate>,
    travelling: Option<Fate>,
}

impl World {
    fn new() -> Self {
        let mut level = Level::unseen(LevelKey {
            client: "main".parse().unwrap(),
            item: ItemId(1),
            connection: "shop".parse().unwrap(),
            location: "7".parse().unwrap(),
        });
        let start = Instant(1_000_000_000);
        let seen = Seen { available: Some(20), at: Some(start) };
        assert!(matches!(level.deliver(seen), Verdict::Baseline { .. }));
        Self {
            now: start.plus(Span::from_s(10)),
            counter: 20,
            changed_at: start,
            happened: 0,
            history: vec![0],
            told: 0,
            orders: Vec::new(),
            deliveries: Vec::new(),
            level,
            pool: 20,
            booked: 0,
            write: None,
            read: None,
            disputed: false,
            has_lost: false,
        }
    }

    fn target(&self) -> i64 {
        self.pool.max(0)
    }

    fn change(&mut self, by: i64) {
        self.counter += by;
        self.changed_at = self.now.to_the_second();
        let at = Some(self.changed_at);
        self.deliveries.push(Seen { available: Some(self.counter), at });
    }

    fn foreign(&mut self, by: i64) {
        if by != 0 {
            self.happened += by;
            self.history.push(self.happened);
            self.change(by);
        }
    }

    fn settle(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Booked { difference } => {
                self.booked += difference;
                self.pool += difference;
                // Each booking brings our books to a state in which the shop once was, and never back in time.
                let later = self.history.iter().skip(self.told);
                let ahead = later.take_while(|happened| **happened != self.booked).count();
                self.told += ahead;
                assert!(
                    self.told < self.history.len(),
                    "{} was booked, which never was: {:?}",
                    self.booked,
                    self.history
                );
            }
            Verdict::Disputed => self.disputed = true,
            Verdict::Baseline { .. } | Verdict::Suspended => panic!("nobody stopped counting"),
            Verdict::Unchanged | Verdict::Stale | Verdict::Hint | Verdict::Raced => {}
        }
    }

    /// The shop carries a write out, once for each key, and only where it still stands as the write says.
    fn carry_out(&mut self) {
        let flight = self.level.flight.clone().expect("a write is on its way");
        let known = self.write.as_ref().and_then(|write| write.kept);
        let fate = known.unwrap_or_else(|| {
            let stands = flight.relative || self.counter == flight.from;
            if !stands {
                return Fate::Stale;
            }
            self.change(flight.to - flight.from);
            Fate::Done(self.now.to_the_second())
        });
        let write = self.write.as_mut().expect("a write is on its way");
        write.kept = Some(fate);
        // A repeat's answer tells that it was done, and is dated when it is given.
        let is_replay = matches!((known, fate), (Some(_), Fate::Done(_)));
        let replayed = Fate::Done(self.now.to_the_second());
        write.travelling = Some(if is_replay { replayed } else { fate });
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Wait { ms } => self.now = self.now.plus(Span::from_ms(u64::from(*ms))),
            Step::Sell { units } => {
                self.orders.push((Some(self.now.to_the_second()), *units));
                self.foreign(-units);
            }
            Step::Edit { by } => self.foreign(*by),
            Step::Allocate { by } => self.pool += by,
            Step::Write { arrives, answers } => self.write(*arrives, *answers),
            Step::Answer { arrives, answers } => self.answer(*arrives, *answers),
            Step::KeyDies => {
                if self.write.take().is_some() {
                    self.level.fall_into_doubt();
                }
            }
            Step::Deliver { which, again } => self.deliver(*which, *again),
            Step::Lose { which } => {
                if !self.deliveries.is_empty() {
                    let at = which.index(self.deliveries.len());
                    self.deliveries.remove(at);
                    self.has_lost = true;
                }
            }
            Step::ReadGoesOut => self.read_goes_out(),
            Step::ReadIsCarriedOut => {
                let (available, at) = (self.counter, Some(self.changed_at));
                if let Some((_, reading @ None)) = &mut self.read {
                    *reading = Some(LevelReading::Stands { available, at });
                }
            }
            Step::ReadIsAnswered => self.read_is_answered(),
        }
    }

    fn write(&mut self, arrives: bool, answers: bool) {
        let Some((from, to)) = self.level.owed(self.target()) else { return };
        let relative = self.level.stales >= 3;
        let flight = Flight { send: Number(1), from, to, relative, since: self.now };
        self.level.take_off(flight);
        self.write = Some(Write { attempts: 1, kept: None, travelling: None });
        self.attempt(arrives, answers);
    }

    fn attempt(&mut self, arrives: bool, answers: bool) {
        if arrives {
            self.carry_out();
        }
        let write = self.write.as_mut().expect("a write is on its way");
        if !arrives {
            write.travelling = answers.then_some(Fate::NeverArrived);
        } else if !answers {
            write.travelling = None;
        }
    }

    fn answer(&mut self, arrives: bool, answers: bool) {
        let Some(write) = &mut self.write else { return };
        let (first, fate) = (write.attempts == 1, write.travelling.take());
        match fate {
            Some(Fate::Done(at)) => {
                let relative = self.level.flight.as_ref().is_some_and(|flight| flight.relative);
                self.level.land(first && !relative, Some(at));
                self.write = None;
            }
            Some(Fate::Stale) => {
                self.level.lose_race();
                self.write = None;
            }
            // Certainly not done, as long as no attempt before may have been.
            Some(Fate::NeverArrived) if first => {
                self.level.abort();
                self.write = None;
            }
            Some(Fate::NeverArrived) | None => {
                write.attempts += 1;
                self.attempt(arrives, answers);
            }
        }
    }

    fn deliver(&mut self, which: prop::sample::Index, again: bool) {
        if self.deliveries.is_empty() {
            return;
        }
        let at = which.index(self.deliveries.len());
        let seen = self.deliveries[at];
        if !again {
            self.deliveries.remove(at);
        }
        let verdict = self.level.deliver(seen);
        self.settle(verdict);
    }

    fn read_goes_out(&mut self) {
        let flies = self.level.flight.is_some() && self.level.standing != Standing::Doubtful;
        if self.read.is_none() && !flies {
            self.level.send_read();
            let mark = ReadMark { epoch: self.level.epoch, bookings: self.level.bookings };
            self.read = Some((mark, None));
        }
    }

    fn read_is_answered(&mut self) {
        let Some((mark, Some(reading))) = self.read.clone() else { return };
        self.read = None;
        let LevelReading::Stands { at, .. } = reading else { panic!("it counts") };
        let sold = Sold::of(&self.level, at, &self.orders);
        let verdict = self.level.read(mark, &reading, &sold);
        self.settle(verdict);
    }

    /// The weather clears: every answer and every delivery comes, and reads go out until nothing is owed.
    fn clear_up(&mut self) {
        for _ in 0..40 {
            self.take(&Step::Wait { ms: 5_000 });
            self.take(&Step::Answer { arrives: true, answers: true });
            while !self.deliveries.is_empty() {
                let seen = self.deliveries.remove(0);
                let verdict = self.level.deliver(seen);
                self.settle(verdict);
            }
            let is_owed = self.level.standing != Standing::Settled;
            if self.has_lost || is_owed {
                self.take(&Step::ReadGoesOut);
            }
            self.take(&Step::ReadIsCarriedOut);
            self.take(&Step::ReadIsAnswered);
            self.take(&Step::Write { arrives: true, answers: true });
        }
    }
}

fn play(steps: &[Step]) -> World {
    let mut world = World::new();
    for step in steps {
        world.take(step);
    }
    world.clear_up();
    world
}

fn assert_settled(world: &World) {
    let level = &world.level;
    assert_eq!((level.standing, level.flight.is_some()), (Standing::Settled, false), "{level:?}");
    assert_eq!(level.observed, Some(world.counter), "what we saw is what stands there");
    assert_eq!(world.booked, world.happened, "what was booked is what happened");
    let (target, counter) = (world.target(), world.counter);
    assert!(counter == target || (target == 0 && counter < 0), "{counter} stands, not {target}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_order_what_is_booked_is_what_happened(
        steps in prop::collection::vec(step(true), 0..60),
    ) {
        let world = play(&steps);
        prop_assert!(!world.disputed, "only a dead key makes a dispute");
        assert_settled(&world);
    }

    #[test]
    fn whatever_the_order_a_dead_key_is_settled_by_orders_or_left_to_a_person(
        steps in prop::collection::vec(step(false), 0..60),
    ) {
        let world = play(&steps);
        // Nothing is booked on a guess: where orders do not tell, it waits for a person.
        if world.level.standing == Standing::Doubtful {
            prop_assert!(world.disputed);
        } else {
            assert_settled(&world);
        }
    }
}
