//! Checkpoints: SQLite's log is copied into the file when whoever waited for the commit has been told; under pressure by
//! another thread, while commits go on.

use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::{self, JoinHandle};

use crossdock_store::{CHECKPOINT_PAGES, Checkpointer, Store, StoreError};

/// A log that has grown so long is copied before anything is written again.
const PAGES_MAX: u32 = 8 * CHECKPOINT_PAGES;

/// Whoever makes them, where they have to be made.
pub(super) struct Checkpoints(Option<Helper>);

struct Helper {
    /// Asks it for one.
    ask: Option<SyncSender<()>>,
    /// Says that it is made.
    made: Receiver<Result<(), StoreError>>,
    thread: Option<JoinHandle<()>>,
    is_asked: bool,
    /// So that a disk that stays full is told of once.
    has_failed: bool,
}

impl Checkpoints {
    /// Starts whom it needs for this store.
    pub(super) fn start(store: &mut Store) -> Result<Self, StoreError> {
        let checkpointer = store.take_over_checkpoints()?;
        Ok(Self(checkpointer.map(Helper::start).transpose()?))
    }

    /// To be called after every commit, when everybody has been told. Beside a fold that keeps pace there would be little to
    /// gain: it changes so many pages with every commit that whoever copies beside it never catches up.
    pub(super) fn go_on(&mut self, store: &Store, is_pressed: bool) -> Result<(), StoreError> {
        let Some(helper) = &mut self.0 else { return Ok(()) };
        let pages = store.log_pages();
        if helper.is_asked {
            let Some(made) = helper.made(!is_pressed || pages >= PAGES_MAX) else { return Ok(()) };
            // What came meanwhile is little. If there was nothing, the log has begun anew already.
            let is_left = pages >= CHECKPOINT_PAGES;
            return helper
                .ended(made.and_then(|()| if is_left { store.checkpoint() } else { Ok(()) }));
        }
        if pages < CHECKPOINT_PAGES {
            return Ok(());
        }
        if is_pressed {
            helper.is_asked = helper.ask();
            return Ok(());
        }
        helper.ended(store.checkpoint())
    }
}

impl Helper {
    fn start(checkpointer: Checkpointer) -> Result<Self, StoreError> {
        let (ask, asked) = sync_channel(1);
        let (tell, made) = sync_channel(1);
        let make_them = move || {
            while asked.recv().is_ok() && tell.send(checkpointer.run()).is_ok() {}
        };
        let thread = thread::Builder::new()
            .name("crossdock-log".to_owned())
            .spawn(make_them)
            .map_err(|error| StoreError::Broken(error.to_string()))?;
        let (ask, thread) = (Some(ask), Some(thread));
        Ok(Self { ask, made, thread, is_asked: false, has_failed: false })
    }

    fn ask(&self) -> bool {
        self.ask.as_ref().is_some_and(|ask| ask.try_send(()).is_ok())
    }

    /// How it ended, once it has; is waited for if it has to be.
    fn made(&self, must_end: bool) -> Option<Result<(), StoreError>> {
        let gone =
            || Err(StoreError::Broken("the thread that copies the log has ended".to_owned()));
        if must_end {
            return Some(self.made.recv().unwrap_or_else(|_| gone()));
        }
        match self.made.try_recv() {
            Ok(made) => Some(made),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(gone()),
        }
    }

    fn ended(&mut self, made: Result<(), StoreError>) -> Result<(), StoreError> {
        self.is_asked = false;
        match made {
            Ok(()) => self.has_failed = false,
            Err(error @ StoreError::Broken(_)) => return Err(error),
            Err(error) if !self.has_failed => {
                self.has_failed = true;
                tracing::warn!(%error, "the log cannot be copied into the file: it grows until it can");
            }
            Err(_) => {}
        }
        Ok(())
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        drop(self.ask.take());
        if let Some(thread) = self.thread.take() {
            // Had it ended otherwise, the writer would have been told.
            let _ = thread.join();
        }
    }
}
