//! A vigil: while the disk works on a commit, and for a moment longer, a second thread keeps our place at the processor.
//!
//! Whoever wakes from a flush beside busy neighbours waits until one of them has used up his turn, up to 4 ms, although the flush
//! took a tenth of one; so does whoever is answered. A thread of ours that does nothing but yield meanwhile lets no neighbour in:
//! beside two busy loops on two cores 4,550 flushes a second instead of 190. It costs a processor, so it is kept only beside such
//! neighbours (`neighbours.rs`), and only while much comes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant as Stopwatch};

/// From the beginning of a commit it is kept so long: until those who were answered come again. No longer: a disk that hangs
/// must not keep a processor busy.
const WATCH: Duration = Duration::from_millis(2);

/// The second thread, once it was wanted.
#[derive(Debug, Default)]
pub(super) struct Vigil {
    is_over: Arc<AtomicBool>,
    watcher: Option<JoinHandle<()>>,
}

impl Vigil {
    /// Keeps one from now on.
    pub(super) fn keep(&mut self) {
        if self.watcher.is_none() {
            let is_over = Arc::clone(&self.is_over);
            let watcher = thread::Builder::new().name("crossdock-vigil".to_owned());
            self.watcher = watcher.spawn(move || watch(&is_over)).ok();
        }
        if let Some(watcher) = &self.watcher {
            watcher.thread().unpark();
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_watcher_is_called_once_and_ends_with_the_vigil() {
        let mut vigil = Vigil::default();
        assert!(vigil.watcher.is_none());
        vigil.keep();
        let first = vigil.watcher.as_ref().map(|watcher| watcher.thread().id());
        vigil.keep();
        assert_eq!(vigil.watcher.as_ref().map(|watcher| watcher.thread().id()), first);
        drop(vigil);
    }
}
