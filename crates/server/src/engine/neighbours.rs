//! Neighbours: whether other programs have the processors that a thread of ours wants.
//!
//! The kernel says of each thread how long it ran, and how long it waited to run. Whoever waits longer than he runs shares his
//! processor with somebody who does not give way: then less can be done, and each time one sleeps one comes late. Threads of our
//! own wait for each other, too: so it has to be others who used the processors meanwhile.

use std::fs;
use std::time::{Duration, Instant as Stopwatch};

/// How long is looked to tell: the kernel counts the processors' use in ticks of ten milliseconds.
const LOOK: Duration = Duration::from_millis(250);
/// What was seen then is believed so long.
const BELIEVED: Duration = Duration::from_secs(2);
/// Of the time that it was looked, a thread has waited so much at least: one that mostly sleeps misses nothing.
const WAITED_MIN: Duration = Duration::from_millis(75);
/// Neighbours used so many hundredths of the processors at least.
const USED_MIN: u64 = 40;

/// What is known of them. To be asked by the thread that it is about.
#[derive(Debug)]
pub(super) struct Neighbours {
    are_busy: bool,
    at: At,
}

#[derive(Debug, Clone, Copy)]
enum At {
    /// Since when one looks, and what the kernel had said then.
    Look { since: Stopwatch, before: Use },
    /// Since when what was seen is believed.
    Believe { since: Stopwatch },
}

/// How the processors were used so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Use {
    /// How long this thread ran, and how long it waited to run.
    ran: Duration,
    waited: Duration,
    /// Ticks of all processors; of them those that were used, and by this process.
    ticks: u64,
    used: u64,
    ours: u64,
}

impl Neighbours {
    /// Of the calling thread.
    pub(super) fn new(now: Stopwatch) -> Self {
        Self { are_busy: false, at: At::Believe { since: now } }
    }

    /// Whether they have the processors.
    pub(super) fn are_busy(&mut self, now: Stopwatch) -> bool {
        self.ask(now, Use::so_far);
        self.are_busy
    }

    /// Whether one looks at present, so that nothing may be done against them.
    pub(super) const fn is_looking(&self) -> bool {
        matches!(self.at, At::Look { .. })
    }

    fn ask(&mut self, now: Stopwatch, so_far: impl Fn() -> Use) {
        match self.at {
            At::Believe { since } if !self.are_busy || now - since >= BELIEVED => {
                self.at = At::Look { since: now, before: so_far() };
            }
            At::Look { since, before } if now - since >= LOOK => {
                self.are_busy = so_far().is_of_neighbours_since(before);
                self.at = if self.are_busy {
                    At::Believe { since: now }
                } else {
                    At::Look { since: now, before: so_far() }
                };
            }
            At::Believe { .. } | At::Look { .. } => {}
        }
    }
}

impl Use {
    /// Nothing where the kernel does not say.
    fn so_far() -> Self {
        let [thread, process, machine] =
            ["/proc/thread-self/schedstat", "/proc/self/stat", "/proc/stat"]
                .map(|said| fs::read_to_string(said).unwrap_or_default());
        Self::read(&thread, &process, &machine).unwrap_or_default()
    }

    fn read(thread: &str, process: &str, machine: &str) -> Option<Self> {
        // Nanoseconds run and waited, and how often it ran.
        let (ran, waited) = figures(thread, 0).next().zip(figures(thread, 1).next())?;
        // A name in brackets that may hold spaces; after eleven words ticks in user mode, and in the kernel.
        let (_, process) = process.rsplit_once(')')?;
        // Ticks in user mode, nice, in the kernel, idle, waiting for a disk, in interrupts of two kinds, stolen.
        let machine = machine.lines().next()?.strip_prefix("cpu ")?;
        let ticks = figures(machine, 0).take(8).sum();
        Some(Self {
            ran: Duration::from_nanos(ran),
            waited: Duration::from_nanos(waited),
            ticks,
            used: ticks - figures(machine, 3).take(2).sum::<u64>(),
            ours: figures(process, 11).take(2).sum(),
        })
    }

    /// Whether since then this thread waited for neighbours.
    fn is_of_neighbours_since(self, before: Self) -> bool {
        let waited = self.waited.saturating_sub(before.waited);
        let used = self.used.saturating_sub(before.used);
        let theirs = used.saturating_sub(self.ours.saturating_sub(before.ours));
        waited >= WAITED_MIN
            && waited > self.ran.saturating_sub(before.ran)
            && theirs * 100 > self.ticks.saturating_sub(before.ticks) * USED_MIN
    }
}

/// The figures among the words after so many.
fn figures(words: &str, skipped: usize) -> impl Iterator<Item = u64> {
    words.split_ascii_whitespace().skip(skipped).map_while(|word| word.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of twenty ticks a thread ran and waited so many milliseconds, and so many were neighbours'.
    const fn seen(ran_ms: u64, waited_ms: u64, theirs: u64) -> Use {
        Use {
            ran: Duration::from_millis(ran_ms),
            waited: Duration::from_millis(waited_ms),
            ticks: 20,
            used: 5 + theirs,
            ours: 5,
        }
    }

    /// Whether neighbours are taken for busy after one look.
    fn busy_after(neighbours: &mut Neighbours, from: Stopwatch, seen: Use) -> bool {
        neighbours.ask(from, Use::default);
        neighbours.ask(from + LOOK, || seen);
        neighbours.are_busy
    }

    #[test]
    fn who_waits_for_others_longer_than_he_runs_has_busy_neighbours() {
        let now = Stopwatch::now();
        assert!(busy_after(&mut Neighbours::new(now), now, seen(80, 165, 12)));
    }

    #[test]
    fn who_waits_for_his_own_or_mostly_runs_or_sleeps_has_none() {
        let now = Stopwatch::now();
        for seen in [seen(80, 165, 2), seen(165, 80, 12), seen(1, 70, 12), Use::default()] {
            assert!(!busy_after(&mut Neighbours::new(now), now, seen), "{seen:?}");
        }
    }

    #[test]
    fn what_was_seen_is_believed_a_while_and_then_looked_at_again() {
        let now = Stopwatch::now();
        let mut neighbours = Neighbours::new(now);
        assert!(busy_after(&mut neighbours, now, seen(80, 165, 12)));
        neighbours.ask(now + BELIEVED, || unreachable!("it is believed yet"));
        assert!(neighbours.are_busy && !neighbours.is_looking());
        let later = now + LOOK + BELIEVED;
        neighbours.ask(later, || seen(80, 165, 12));
        assert!(neighbours.are_busy && neighbours.is_looking(), "until it is known better");
        neighbours.ask(later + LOOK, || seen(250, 245, 13));
        assert!(!neighbours.are_busy);
    }

    #[test]
    fn what_the_kernel_says_is_read_and_where_it_says_nothing_there_are_none() {
        let process = "7 (a (name) x) S 1 7 7 0 -1 4194560 9 0 1 0 40 2 0 0 20 0 9 0 77 1";
        let machine = "cpu  100 1 20 300 9 3 2 5 0 0\ncpu0 50 0 10 150 4 1 1 2 0 0\n";
        let read = Use::read("25000000 70000000 12\n", process, machine).unwrap();
        assert_eq!((read.ran, read.waited), (seen(25, 70, 0).ran, seen(25, 70, 0).waited));
        assert_eq!((read.ticks, read.used, read.ours), (440, 131, 42));
        assert_eq!(Use::read("", process, machine), None);
        assert_eq!(Use::read("1 2 3", "no process", machine), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_kernel_says_it() {
        assert!(Use::so_far().ticks > 0);
    }
}
