//! The fault knobs: what can go wrong with calls, pages and webhooks, how often, and for how long.
//!
//! Data only; `calls.rs`, `paging.rs` and `deliveries.rs` do the damage.

use serde::{Deserialize, Serialize};

pub use crate::weather::{Knob, SigningKey, WebhookFaults};

/// All knobs. The default is fair weather.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// What befalls calls.
    pub calls: CallFaults,
    /// What befalls pages of lists.
    pub paging: PagingFaults,
    /// What befalls webhooks.
    pub webhooks: WebhookFaults,
}

/// What can befall a call. The partner documents no limits: the answers are those of its framework.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallFaults {
    /// HTTP 429 with `Retry-After`, nothing done.
    pub too_many_requests: Knob,
    /// HTTP 500, nothing done.
    pub internal_error: Knob,
    /// HTTP 502 with an HTML page, nothing done.
    pub bad_gateway: Knob,
    /// HTTP 503, nothing done.
    pub unavailable: Knob,
    /// HTTP 200 with an HTML page, nothing done.
    pub html_page: Knob,
    /// The connection breaks, nothing done.
    pub cut_before_work: Knob,
    /// The connection breaks, everything done.
    pub cut_after_work: Knob,
    /// An error is answered after `timeout_ms`, nothing done.
    pub timeout_before_work: Knob,
    /// The answer is held for `timeout_ms`, everything done.
    pub timeout_after_work: Knob,
    /// Half of the answer with HTTP 200, everything done.
    pub truncated_json: Knob,
    /// The answer is held for `slow_ms`.
    pub slow: Knob,
    /// What `Retry-After` says, in seconds.
    pub retry_after_seconds: u32,
    /// How long a "time-out" holds the answer.
    pub timeout_ms: u64,
    /// How long "slow" is.
    pub slow_ms: u64,
}

impl Default for CallFaults {
    fn default() -> Self {
        let calm = Knob::default();
        Self {
            too_many_requests: calm,
            internal_error: calm,
            bad_gateway: calm,
            unavailable: calm,
            html_page: calm,
            cut_before_work: calm,
            cut_after_work: calm,
            timeout_before_work: calm,
            timeout_after_work: calm,
            truncated_json: calm,
            slow: calm,
            retry_after_seconds: 2,
            timeout_ms: 60_000,
            slow_ms: 2_000,
        }
    }
}

/// What can befall a page of a list: rows move while somebody reads page by page.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PagingFaults {
    /// A page after the first begins with the last row of the page before.
    pub repeated_row: Knob,
    /// A page after the first begins one row too late: nobody sees the row between.
    pub skipped_row: Knob,
}
