//! A simulated Shopify shop: the pure core. Requests and times go in, answers and webhooks come out.
//!
//! It knows nothing of any hub and shares no types with any connector. Sockets are in `server/`.

mod access;
mod bodies;
mod calls;
mod catalogue;
mod cost;
mod deliveries;
mod driven;
mod faults;
mod graphql;
mod idempotency;
mod ids;
mod live_trade;
mod log;
mod opening;
mod order_bodies;
mod orders;
mod search;
mod setup;
mod shop;
mod signing;
mod subscriptions;
mod summary;
mod trading;
mod truth;
mod versions;
mod wire_text;

pub use access::Tokens;
pub use deliveries::{AttemptOutcome, WebhookAttempt};
pub use faults::{CallFaults, Faults, Knob, SigningKey, WebhookFaults};
pub use live_trade::Trade;
pub use log::{Happening, LogEntry, Place};
pub use setup::{ExactItem, FailedKeys, LocationSetup, Setup};
pub use shop::Shop;
pub use trading::{Impossible, Shelf, Units, Which};
pub use truth::ItemTruth;
pub use versions::Versions;
