//! The API under `/api/v1`, and the addresses that the documents name beside it. One file a subject.

pub(crate) mod announcing;
pub(crate) mod clients;
pub(crate) mod commands;
pub(crate) mod connections;
pub(crate) mod counts;
pub(crate) mod drift;
pub(crate) mod entries;
pub(crate) mod explain;
pub(crate) mod items;
pub(crate) mod live;
pub(crate) mod marking;
pub(crate) mod merchants;
pub(crate) mod orders;
pub(crate) mod pools;
pub(crate) mod receptions;
pub(crate) mod sends;
pub(crate) mod sweeps;
pub(crate) mod syncs;
pub(crate) mod tasks;
pub(crate) mod tellings;
pub(crate) mod tokens;

mod submit;
mod terms;
mod wait;

use serde_json::Value;

/// Something shown, with more of it: two objects become one.
fn beside(mut shown: Value, more: Value) -> Value {
    if let (Value::Object(shown), Value::Object(more)) = (&mut shown, more) {
        shown.extend(more);
    }
    shown
}

/// Rows of a page, unless the caller wants another number …
const PAGE_DEFAULT: u32 = 100;
/// … but never more than this.
const PAGE_MAX: u32 = 500;

/// Rows of a page.
fn page_limit(wanted: Option<u32>) -> u32 {
    wanted.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX)
}

/// The row behind which the next page begins: the last of a full one.
fn last_of_full<T>(rows: &[T], limit: u32) -> Option<&T> {
    rows.last().filter(|_| rows.len() == limit as usize)
}
