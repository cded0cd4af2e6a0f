//! Stock: a ledger that always adds up, and the counters of partners that we share with other writers.
//!
//! [`account`] and [`ledger`] are ours alone. [`level`] is where two writers meet: its rules are numbered as in
//! the architecture page, and each names the hole that it closes.

pub mod account;
pub mod allocation;
pub mod backing;
pub mod count;
pub mod count_brake;
pub mod doubt;
pub mod fight;
mod held;
mod judging;
pub mod ledger;
pub mod level;
pub mod publishing;
pub mod sighting;
pub mod standing;
pub mod terms;
pub mod witnessed;

pub use account::{Account, Pool};
pub use allocation::Allocation;
pub use backing::Backing;
pub use ledger::{Balance, Movement, Reason};
pub use level::{Level, LevelKey};
pub use publishing::{Published, Publishing, published};
pub use sighting::{ReadMark, Seen, Verdict};
pub use terms::StockTerms;
pub use witnessed::Witnessed;
