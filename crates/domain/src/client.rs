//! The merchant: the tenant whose goods, orders and stock these are.

use serde::{Deserialize, Serialize};

use crate::stock::terms::Brake;
use crate::stock::{Pool, Publishing};
use crate::{ClientId, ItemId, TaskId};

/// A client, with the counters from which its records get their ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Its id.
    pub id: ClientId,
    /// What people call it.
    pub name: String,
    /// Items made so far.
    pub items: u64,
    /// Tasks made so far.
    pub tasks: u64,
    /// The terms on which its items are published, unless they have their own.
    #[serde(default)]
    pub publishing: Publishing,
    /// When so many of its items would be changed by counts at once that a person is asked first.
    #[serde(default)]
    pub brake: Brake,
    /// The pool that received goods go to, unless the account at the partner says otherwise.
    #[serde(default = "incoming")]
    pub incoming: Pool,
}

const fn incoming() -> Pool {
    Pool::B2c
}

impl Client {
    /// A client without anything yet.
    #[must_use]
    pub fn new(id: ClientId, name: String) -> Self {
        let publishing = Publishing { buffer: 0, cap: None };
        Self {
            id,
            name,
            items: 0,
            tasks: 0,
            publishing,
            brake: Brake::default(),
            incoming: incoming(),
        }
    }
    /// The id of the next item.
    pub const fn next_item(&mut self) -> ItemId {
        self.items += 1;
        ItemId(self.items)
    }
    /// The id of the next task.
    pub const fn next_task(&mut self) -> TaskId {
        self.tasks += 1;
        TaskId(self.tasks)
    }
}
