//! The PrepBusiness connector as the hub sees it: through the trait, with bodies written down here and with the vendor's own
//! samples.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test that meets what it did not expect has failed"
)]
#![expect(clippy::print_stderr, reason = "a test that was skipped says so")]

mod centre;
mod counters;

mod settings;

mod admission;
mod reading;
mod telling;

mod requests;

mod answers;
mod failures;
mod orders;

mod samples;
