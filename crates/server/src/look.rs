//! Looking: read-only connections on threads that may block, for everything that changes nothing.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossdock_store::{Place, Reader, StoreError};
use tokio::sync::Semaphore;

/// So many look at once, each with a connection of its own, which is kept open for the next look. A server has room for
/// so many connections only, and whoever receives and folds needs his.
const LOOKS_MAX: usize = 6;
/// Whoever finds all of them taken waits so long, and is told to come back.
const FREE_WITHIN: Duration = Duration::from_secs(4);

/// A small pool of read-only connections. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Look {
    place: Arc<Place>,
    idle: Arc<Mutex<Vec<Reader>>>,
    free: Arc<Semaphore>,
    free_within: Duration,
}

impl Look {
    /// Looks into the store at this place.
    #[must_use]
    pub fn new(place: Place) -> Self {
        let free = Arc::new(Semaphore::new(LOOKS_MAX));
        Self { place: Arc::new(place), idle: Arc::default(), free, free_within: FREE_WITHIN }
    }

    /// Reads, seeing one state throughout.
    pub async fn at<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let free = tokio::time::timeout(self.free_within, Arc::clone(&self.free).acquire_owned());
        let Ok(Ok(taken)) = free.await else {
            return Err(StoreError::Contended("too many look at once".to_owned()));
        };
        let look = self.clone();
        let seen = tokio::task::spawn_blocking(move || {
            let seen = look.now(read);
            // Also where nobody waits for the answer any more, the place is taken until here.
            drop(taken);
            seen
        });
        seen.await.unwrap_or_else(|error| Err(StoreError::Broken(error.to_string())))
    }

    fn now<T>(&self, read: impl FnOnce(&Reader) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let reader = match kept {
            Some(reader) => reader,
            None => Reader::at(&self.place)?,
        };
        let seen = reader.at_once(read);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
        seen
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::sync::{RwLock, RwLockWriteGuard};

    use crossdock_store::Store;

    use super::*;

    /// So many want to look.
    const CROWD: usize = 60;

    /// Who looks, and what he stops at.
    #[derive(Default)]
    struct Gate {
        inside: AtomicUsize,
        most: AtomicUsize,
        bar: RwLock<()>,
    }

    impl Gate {
        fn closed(&self) -> RwLockWriteGuard<'_, ()> {
            self.bar.write().unwrap()
        }

        fn pass(&self) {
            let inside = self.inside.fetch_add(1, SeqCst) + 1;
            self.most.fetch_max(inside, SeqCst);
            drop(self.bar.read().unwrap());
            self.inside.fetch_sub(1, SeqCst);
        }

        /// Waits until so many are inside.
        fn is_held_by(&self, count: usize) {
            while self.inside.load(SeqCst) < count {
                std::thread::yield_now();
            }
        }
    }

    fn store() -> (tempfile::TempDir, Look) {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::file(&folder.path().join("crossdock.db"));
        drop(Store::at(&place).unwrap());
        (folder, Look::new(place))
    }

    fn crowd(look: &Look, gate: &Arc<Gate>, count: usize) -> Vec<tokio::task::JoinHandle<bool>> {
        let one = |_| {
            let (look, gate) = (look.clone(), Arc::clone(gate));
            tokio::spawn(async move {
                let seen = look.at(move |_| {
                    gate.pass();
                    Ok(())
                });
                seen.await.is_ok()
            })
        };
        (0..count).map(one).collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn however_many_look_at_once_only_so_many_connections_are_opened() {
        let ((_folder, look), gate) = (store(), Arc::new(Gate::default()));
        let looks = {
            let _closed = gate.closed();
            let looks = crowd(&look, &gate, CROWD);
            gate.is_held_by(LOOKS_MAX);
            looks
        };
        for look in looks {
            assert!(look.await.unwrap(), "everybody has his turn");
        }
        assert_eq!(gate.most.load(SeqCst), LOOKS_MAX);
        assert_eq!(look.idle.lock().unwrap().len(), LOOKS_MAX);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_finds_all_taken_for_long_is_told_to_come_back() {
        let ((_folder, mut look), gate) = (store(), Arc::new(Gate::default()));
        look.free_within = Duration::from_millis(1);
        let (looks, late) = tokio::task::block_in_place(|| {
            let _closed = gate.closed();
            let looks = crowd(&look, &gate, LOOKS_MAX);
            gate.is_held_by(LOOKS_MAX);
            let late = tokio::runtime::Handle::current().block_on(look.at(|_| Ok(())));
            (looks, late)
        });
        assert!(matches!(late, Err(StoreError::Contended(_))), "{late:?}");
        for look in looks {
            assert!(look.await.unwrap());
        }
        assert!(look.at(|_| Ok(())).await.is_ok());
    }
}
