//! Stock: a ledger that always adds up, and the counters of partners that we share with other writers.
//!
//! [`account`] and [`ledger`] are ours alone. [`level`] is where two writers meet: its rules are numbered as in
//! the architecture page, and each names the hole that it closes.

pub mod account;
pub mod ledger;
pub mod level;
pub mod sighting;
pub mod terms;

pub use account::{Account, Pool};
pub use ledger::{Balance, Movement, Reason};
pub use level::{Level, LevelKey};
pub use sighting::{ReadMark, Seen, Verdict};
pub use terms::StockTerms;
