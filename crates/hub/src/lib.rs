//! The engine: receive, fold, dispatch, rebuild. Synchronous and deterministic: time comes in, calls go out as values.
//!
//! [`Hub`] is driven by one thread: it opens a [`Hub::begin`], lets arrivals in, folds for a while, dispatches what is
//! due, and commits; only then are acknowledgements given and calls handed to the wire.

mod brake;
mod dispatch;
mod dispatch_lane;
mod fold;
mod head;
mod keys;
mod pace;
mod plant;
mod rebuild;
mod receive;
mod record;
mod repeats;
mod request;
mod steps;
mod timers;

pub use dispatch::{Dispatched, Outgoing};
pub use fold::careful::TOGETHER_MAX;
pub use fold::{FoldError, Folded};
pub use head::{AnswerHead, CommandHead, DeliveryHead, HeadError, WireResult};
pub use plant::Plant;
pub use rebuild::{Rebuilt, rebuild, rebuild_planted};
pub use receive::{answer_arrival, command_arrival, delivery_arrival, lost_arrival};

use std::collections::{BTreeMap, BTreeSet};

use crossdock_connectors::Connector;
use crossdock_domain::connection::Connection;
use crossdock_domain::{ConnectionId, LaneId};
use crossdock_store::{Arrival, Received, Store, StoreError};

/// How a connector is found by its name. The binary passes the registry; tests may pass their own.
pub type FindConnector = fn(&str) -> Option<&'static dyn Connector>;

/// The engine over one store.
#[derive(Debug)]
pub struct Hub {
    store: Store,
    find: FindConnector,
    /// Random bytes of this installation, mixed into idempotency keys so that they never meet another's.
    salt: Vec<u8>,
    /// Arrivals that were waiting when the process started: one of them may be what ended the last process.
    suspects: Vec<(LaneId, u64)>,
    /// Lanes of a shared store in which something was waiting when the process started, and in which it has folded nothing
    /// yet.
    untried: BTreeSet<LaneId>,
    /// An arrival that was marked as being folded alone, until that is committed.
    marked: Option<(LaneId, u64)>,
    /// A fault that a simulation has planted.
    plant: Option<Plant>,
    /// What the brake has looked at already, by connection; forgotten likewise.
    judged: BTreeMap<ConnectionId, brake::Judged>,
    /// What the dispatcher saw of single lanes; forgotten likewise.
    seen: BTreeMap<LaneId, dispatch_lane::Seen>,
    /// What was read ahead of the arrivals that are being folded.
    foreseen: BTreeMap<u64, fold::foresight::Foreseen>,
    /// What the dispatcher saw last; forgotten with whatever a rolled-back transaction did.
    looked: Option<dispatch::Looked>,
}

impl Hub {
    /// An engine over a store. `fresh_salt` is kept when the store has none yet.
    pub fn new(
        mut store: Store,
        find: FindConnector,
        fresh_salt: &[u8; 16],
    ) -> Result<Self, StoreError> {
        let salt = store.installation_value("salt", fresh_salt)?;
        let suspects = fold::careful::suspects(&mut store)?;
        let untried = fold::careful::untried(&store)?;
        Ok(Self {
            store,
            find,
            salt,
            suspects,
            untried,
            marked: None,
            plant: None,
            judged: BTreeMap::new(),
            foreseen: BTreeMap::new(),
            seen: BTreeMap::new(),
            looked: None,
        })
    }

    /// Plants a fault, for a simulation that must find it.
    pub const fn plant(&mut self, plant: Option<Plant>) {
        self.plant = plant;
    }

    /// Begins a transaction.
    pub fn begin(&mut self) -> Result<(), StoreError> {
        self.store.begin()
    }

    /// Commits with fsync. Until then nothing may be acknowledged or sent.
    pub fn commit(&mut self) -> Result<(), StoreError> {
        self.store.commit()
    }

    /// Gives the transaction up.
    pub fn roll_back(&mut self) -> Result<(), StoreError> {
        self.looked = None;
        self.seen.clear();
        self.judged.clear();
        self.store.roll_back()
    }

    /// Lets an arrival in.
    pub fn receive(&mut self, arrival: &Arrival) -> Result<Received, StoreError> {
        if plant::loses(self.plant, arrival) {
            return Ok(Received::Kept(0));
        }
        if self.plant == Some(Plant::ForgetDuplicates) {
            return self.store.receive(&Arrival { seen_key: None, ..arrival.clone() });
        }
        self.store.receive(arrival)
    }

    /// Lets arrivals in, each as [`Hub::receive`] would: where many share the store, in one go.
    pub fn receive_all(&mut self, arrivals: &[Arrival]) -> Result<Vec<Received>, StoreError> {
        if self.plant.is_none() && self.store.is_shared() {
            return self.store.receive_all(arrivals);
        }
        arrivals.iter().map(|arrival| self.receive(arrival)).collect()
    }

    /// The store, for operations that are no part of the journal.
    pub const fn store(&mut self) -> &mut Store {
        &mut self.store
    }

    /// The store alone, as a process leaves it behind that dies: what was begun and not committed is still open.
    #[must_use]
    pub fn into_store(self) -> Store {
        self.store
    }

    /// Whether any arrival waits to be folded.
    pub fn has_work(&self) -> Result<bool, StoreError> {
        self.store.has_work()
    }

    /// Every connection, as the fold has left it.
    pub fn connections(&mut self) -> Result<Vec<Connection>, StoreError> {
        self.store.connections()
    }

    /// One connection.
    pub fn connection(
        &mut self,
        lane: &LaneId,
        id: &ConnectionId,
    ) -> Result<Option<Connection>, StoreError> {
        self.store.get(&(lane.clone(), id.clone()))
    }
}
