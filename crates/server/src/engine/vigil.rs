//! A vigil: while the disk works on a commit, and for a moment longer, a second thread keeps our place at the processor.
//!
//! Whoever wakes from a flush beside busy neighbours waits until one of them has used up his turn, up to 4 ms, although the flush
//! took a tenth of one; so does whoever is answered. A thread of ours that does nothing but yield meanwhile lets no neighbour in:
//! beside two busy loops on two cores 4,550 flushes a second instead of 190. It costs a processor, so it is kept only while so much
//! comes that commits have to be quick, only after some in a row were slow, and only as long as it helps: on a slow disk it would
//! not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant as Stopwatch};

/// A commit that takes so long is slow.
const SLOW: Duration = Duration::from_micros(1_500);
/// So many in a row, and a vigil is kept. One alone may have had more to write than others.
const SLOW_IN_A_ROW: u32 = 3;
/// It is kept for so many commits; then it is tried again without.
const TERM: u32 = 400;
/// Where it saves less than a quarter it is not tried again for so many commits.
const LEAVE_OFF: u32 = 4_000;
/// From the beginning of a commit it is kept so long: until those who were answered come again. No longer: a disk that hangs
/// must not keep a processor busy.
const WATCH: Duration = Duration::from_millis(2);

/// The second thread, and when it is wanted.
#[derive(Debug)]
pub(super) struct Vigil {
    judge: Judge,
    is_over: Arc<AtomicBool>,
    watcher: Option<JoinHandle<()>>,
}

impl Vigil {
    pub(super) fn new() -> Self {
        Self { judge: Judge::default(), is_over: Arc::default(), watcher: None }
    }

    /// Whether one is kept at present, because neighbours have the processors.
    pub(super) const fn is_kept(&self) -> bool {
        self.judge.wants_vigil()
    }

    /// Does something that waits for the disk. A vigil is kept where it has to be quick, if that helps.
    pub(super) fn during<T>(&mut self, has_to_be_quick: bool, act: impl FnOnce() -> T) -> T {
        if !has_to_be_quick {
            return act();
        }
        let watches = self.judge.wants_vigil() && self.call_watcher();
        let begun = Stopwatch::now();
        let done = act();
        self.judge.took(watches, begun.elapsed());
        done
    }

    /// Whether there is somebody to call.
    fn call_watcher(&mut self) -> bool {
        if self.watcher.is_none() {
            let is_over = Arc::clone(&self.is_over);
            let watcher = thread::Builder::new().name("crossdock-vigil".to_owned());
            self.watcher = watcher.spawn(move || watch(&is_over)).ok();
        }
        let Some(watcher) = &self.watcher else { return false };
        watcher.thread().unpark();
        true
    }
}

impl Drop for Vigil {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        if let Some(watcher) = self.watcher.take() {
            watcher.thread().unpark();
            // It has nothing to say.
            let _ = watcher.join();
        }
    }
}

fn watch(is_over: &AtomicBool) {
    loop {
        thread::park();
        if is_over.load(Ordering::Acquire) {
            return;
        }
        let begun = Stopwatch::now();
        while begun.elapsed() < WATCH {
            thread::yield_now();
        }
    }
}

/// Tells by how long commits took whether a vigil is wanted.
#[derive(Debug, Default)]
struct Judge {
    slow_in_a_row: u32,
    /// How long the slow ones took together.
    alone: Duration,
    /// Commits for which a vigil is kept yet, or none is tried.
    kept_for: u32,
    left_off_for: u32,
    /// How long those took for which it was kept.
    watched: Duration,
}

impl Judge {
    const fn wants_vigil(&self) -> bool {
        self.kept_for > 0
    }

    fn took(&mut self, was_watched: bool, time: Duration) {
        if was_watched {
            self.took_watched(time);
        } else if self.left_off_for > 0 {
            self.left_off_for -= 1;
        } else if time < SLOW {
            (self.slow_in_a_row, self.alone) = (0, Duration::ZERO);
        } else {
            self.slow_in_a_row += 1;
            self.alone += time;
            if self.slow_in_a_row == SLOW_IN_A_ROW {
                (self.kept_for, self.watched) = (TERM, Duration::ZERO);
            }
        }
    }

    fn took_watched(&mut self, time: Duration) {
        self.watched += time;
        self.kept_for = self.kept_for.saturating_sub(1);
        if self.kept_for == 0 {
            let helps = self.watched / TERM * 4 < self.alone / SLOW_IN_A_ROW * 3;
            self.left_off_for = if helps { 0 } else { LEAVE_OFF };
            (self.slow_in_a_row, self.alone) = (0, Duration::ZERO);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Duration = Duration::from_micros(200);
    const LATE: Duration = Duration::from_millis(4);

    /// For how many of so many commits a vigil is kept, if they take so long alone and so long with one.
    fn kept(judge: &mut Judge, commits: u32, alone: Duration, watched: Duration) -> u32 {
        let mut kept = 0;
        for _ in 0..commits {
            let is_watched = judge.wants_vigil();
            kept += u32::from(is_watched);
            judge.took(is_watched, if is_watched { watched } else { alone });
        }
        kept
    }

    #[test]
    fn where_commits_are_quick_nobody_watches() {
        assert_eq!(kept(&mut Judge::default(), 1_000, QUICK, QUICK), 0);
    }

    #[test]
    fn a_slow_commit_now_and_then_wakes_nobody() {
        let mut judge = Judge::default();
        for _ in 0..100 {
            assert_eq!(kept(&mut judge, 2, LATE, QUICK) + kept(&mut judge, 1, QUICK, QUICK), 0);
        }
    }

    #[test]
    fn beside_neighbours_a_vigil_is_kept_for_nearly_all_commits_and_ends_when_they_go() {
        let mut judge = Judge::default();
        assert!(kept(&mut judge, 10_000, LATE, QUICK) > 9_900);
        assert!(kept(&mut judge, 10_000, QUICK, QUICK) <= TERM);
        assert!(!judge.wants_vigil());
    }

    #[test]
    fn on_a_slow_disk_a_vigil_is_tried_and_left_off() {
        let mut judge = Judge::default();
        assert!(kept(&mut judge, LEAVE_OFF, LATE, LATE) <= TERM);
    }

    #[test]
    fn what_is_done_during_a_vigil_is_done_and_the_watcher_ends() {
        let mut vigil = Vigil::new();
        vigil.judge.kept_for = TERM;
        for number in 0..10 {
            assert_eq!(vigil.during(true, || number), number);
        }
        assert!(vigil.watcher.is_some());
        drop(vigil);
    }
}
