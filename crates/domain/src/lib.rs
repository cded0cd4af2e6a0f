//! What things are and what may happen to them: pure values and pure decisions, `(state, fact) -> decision`.
//!
//! Nothing here does I/O, asks the time, draws a random number or knows a partner by name. Reading order:
//! the words that pass between the floors first, then the things themselves.

pub mod answer;
pub mod brake;
pub mod call;
pub mod client;
pub mod command;
pub mod connection;
pub mod entry;
pub mod event;
pub mod fact;
pub mod id;
pub mod instant;
pub mod item;
pub mod link;
pub mod merchant;
pub mod order;
pub mod reception;
pub mod retry;
pub mod schedule;
pub mod send;
pub mod stock;
pub mod sweep;
pub mod sync;
pub mod task;

pub use id::{
    ClientId, ConnectionId, ItemId, LaneId, Number, OrderRef, RemoteId, ShipmentRef, TaskId,
};
pub use instant::{Instant, Span};
