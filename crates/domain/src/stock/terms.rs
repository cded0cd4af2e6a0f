//! The terms on which a connection takes part in stock: which of its locations plays which role, what becomes of
//! increases that nothing explains, how often it is compared with our books, and when the brake stops everything.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Pool;
use crate::RemoteId;

/// What one location of a partner is for our stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// We write it and book its differences: a shop. At most one location of a connection.
    Publishes,
    /// Its differences are booked, we never write: a warehouse system that is the source.
    Owns,
    /// Only compared: its differences are drift.
    Witness,
}

/// The role of a location, and the pool that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// What it is for us.
    pub role: Role,
    /// Whose stock it publishes, owns or is compared with.
    #[serde(default = "b2c")]
    pub pool: Pool,
}

impl Part {
    /// Whether differences there are booked: what it counts is in our books.
    #[must_use]
    pub const fn is_booked(self) -> bool {
        match self.role {
            Role::Publishes | Role::Owns => true,
            Role::Witness => false,
        }
    }
}

const fn b2c() -> Pool {
    Pool::B2c
}

/// What becomes of an increase at the partner that no order explains (rule 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unexplained {
    /// It is believed: the units can be sold at once.
    #[default]
    Accept,
    /// Our books are right: the units are never sold, and the partner's counter is set back.
    Restore,
    /// The units wait, neither sold nor set back, until a person decides.
    Ask,
}

/// What becomes of the findings of a reconciliation, once its last page was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repair {
    /// They are booked, unless the brake stops them.
    #[default]
    Apply,
    /// They wait for a person, who applies or dismisses each.
    Ask,
}

/// When so much would be changed at once that a person is asked first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Brake {
    /// So many percent of the linked items may go to zero within the window.
    pub zero_percent: u32,
    /// So many percent of the linked items may lose or gain more than half within the window.
    pub change_percent: u32,
    /// Below so many items it never stops anything.
    pub at_least: u32,
    /// The window, in seconds.
    pub window_s: u64,
}

impl Default for Brake {
    fn default() -> Self {
        Self { zero_percent: 20, change_percent: 50, at_least: 10, window_s: 600 }
    }
}

/// All of it, for one connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StockTerms {
    /// Roles by location. The location of the connection's settings publishes `b2c` unless it is named here; any
    /// other that is not named is observed, and nothing more.
    pub roles: BTreeMap<RemoteId, Part>,
    /// What becomes of increases that nothing explains.
    pub unexplained: Unexplained,
    /// What becomes of a reconciliation's findings.
    pub repair: Repair,
    /// When what has changed at the partner is compared: a cron expression in UTC, or `never`.
    pub reconcile_changes: String,
    /// When everything at the partner is compared: a cron expression in UTC, or `never`.
    pub reconcile_all: String,
    /// The brake.
    pub brake: Brake,
}

impl Default for StockTerms {
    fn default() -> Self {
        Self {
            roles: BTreeMap::new(),
            unexplained: Unexplained::default(),
            repair: Repair::default(),
            reconcile_changes: "*/5 * * * *".to_owned(),
            reconcile_all: "0 3 * * *".to_owned(),
            brake: Brake::default(),
        }
    }
}
