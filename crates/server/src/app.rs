//! What every request handler may reach: the door to the writer, the way to look, sign-in, limits.

use std::sync::Arc;

use crossdock_connectors::Connector;
use tokio::sync::{Mutex, Semaphore};

use crate::access::Admin;
use crate::engine::Engine;
use crate::limits::Limits;
use crate::look::Look;

/// The connectors of this build; [`crossdock_connectors::all`] but in tests.
pub type Connectors = &'static [&'static dyn Connector];

/// Shared by all handlers: one count of references, since every request takes its own clone.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// What an [`App`] gives access to.
pub struct Shared {
    /// The door to the one writer: everything that changes anything.
    pub engine: Engine,
    /// Read-only connections: everything that only looks.
    pub look: Look,
    /// The connectors, from which webhook routes are derived.
    pub connectors: Connectors,
    /// The operator's ways in.
    pub admin: Admin,
    /// Limits on everything.
    pub limits: Limits,
    /// Places for large bodies.
    pub(crate) large_bodies: Arc<Semaphore>,
    /// Held while a connection is set up: its id and its secrets are checked before they are changed.
    pub(crate) setting_up: Mutex<()>,
}

impl std::ops::Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("engine", &self.engine).finish_non_exhaustive()
    }
}

/// What an [`App`] is made of.
#[derive(Debug)]
pub struct Parts {
    /// The door to the writer.
    pub engine: Engine,
    /// The way to look.
    pub look: Look,
    /// The operator's ways in.
    pub admin: Admin,
    /// Limits.
    pub limits: Limits,
}

impl App {
    /// An app over these parts, with these connectors.
    #[must_use]
    pub fn new(parts: Parts, connectors: Connectors) -> Self {
        Self(Arc::new(Shared {
            engine: parts.engine,
            look: parts.look,
            connectors,
            admin: parts.admin,
            large_bodies: Arc::new(Semaphore::new(parts.limits.large_bodies_max)),
            limits: parts.limits,
            setting_up: Mutex::default(),
        }))
    }
}

impl Shared {
    /// The connector with this name.
    #[must_use]
    pub fn connector(&self, name: &str) -> Option<&'static dyn Connector> {
        self.connectors.iter().copied().find(|connector| connector.offers().name == name)
    }
}
