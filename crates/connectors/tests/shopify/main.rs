//! The Shopify connector as the hub sees it: through the trait, with bodies written down here and with
//! those that were captured from real shops.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a test that meets what it did not expect has failed"
)]
#![expect(clippy::print_stderr, reason = "a test that was skipped says so")]

mod shop;

mod settings;

mod admission;
mod reading;

mod documents;
mod requests;

mod answers;
mod items_read;
mod levels_read;
mod pages;
mod recorded;
mod status;
mod tested;
mod tokens;
