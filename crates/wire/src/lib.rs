//! The outside world: carries out one recorded call over HTTPS and says what came of it.
//!
//! The wire decides nothing and remembers nothing. It is given a request that was recorded, fills the credentials
//! in, sends the bytes once, and sorts the outcome by what is certain: the partner answered, the request certainly
//! never reached it, or nobody knows. It knows no partner, no task and no store.
//!
//! What it will not do: send after the deadline, send twice, follow a redirect, use a proxy from the environment,
//! keep a cookie, unpack a compressed answer, read more than [`BODY_BYTES_MAX`], connect to an address that it has not
//! checked, or let a secret into an error, a log line or an answer's body.

mod address;
mod answer;
mod fill;
mod gate;
mod keep;
mod lookup;
mod order;
mod retry_after;
mod strike;
mod target;
mod wire;

pub use answer::BODY_BYTES_MAX;
pub use order::{Carriage, Carried, Kept, Order, Vault};
pub use wire::{Wire, WireError};

#[cfg(test)]
mod tests;
