//! Looking: read-only connections on threads that may block, for everything that changes nothing.

use std::sync::{Arc, Mutex, PoisonError};

use crossdock_store::{Place, Reader, StoreError};

/// Connections that are kept open for the next look.
const IDLE_MAX: usize = 4;

/// A small pool of read-only connections. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Look {
    place: Arc<Place>,
    idle: Arc<Mutex<Vec<Reader>>>,
}

impl Look {
    /// Looks into the store at this place.
    #[must_use]
    pub fn new(place: Place) -> Self {
        Self { place: Arc::new(place), idle: Arc::default() }
    }

    /// Reads, seeing one state throughout.
    pub async fn at<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let look = self.clone();
        let seen = tokio::task::spawn_blocking(move || look.now(read)).await;
        seen.unwrap_or_else(|error| Err(StoreError::Broken(error.to_string())))
    }

    /// Reads on this thread, which must be one that may block.
    pub fn now<T>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let reader = match kept {
            Some(reader) => reader,
            None => Reader::at(&self.place)?,
        };
        let seen = reader.at_once(read);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(reader);
        }
        seen
    }
}
