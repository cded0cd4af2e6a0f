//! The fault knobs: what can go wrong with calls and with webhooks, how often, and for how long.
//!
//! Data only; `calls.rs` and `deliveries.rs` do the damage.

use serde::{Deserialize, Serialize};

pub use crate::weather::{Knob, SigningKey, WebhookFaults};

/// All knobs. The default is fair weather.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// What befalls GraphQL calls.
    pub calls: CallFaults,
    /// What befalls webhooks.
    pub webhooks: WebhookFaults,
}

/// What can befall a call.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallFaults {
    /// HTTP 429 with `Retry-After: 2.0`, nothing done.
    pub too_many_requests: Knob,
    /// HTTP 500, nothing done.
    pub internal_error: Knob,
    /// HTTP 502 with an HTML page, nothing done.
    pub bad_gateway: Knob,
    /// HTTP 503, nothing done.
    pub unavailable: Knob,
    /// The connection breaks, nothing done.
    pub cut_before_work: Knob,
    /// The connection breaks, everything done.
    pub cut_after_work: Knob,
    /// The answer is held for `timeout_ms`, everything done.
    pub timeout_after_work: Knob,
    /// HTTP 200 with an HTML page, nothing done.
    pub html_page: Knob,
    /// Half of the answer with HTTP 200, everything done.
    pub truncated_json: Knob,
    /// The answer is held for `slow_ms`.
    pub slow: Knob,
    /// A unit is sold just before a write is compared.
    pub stale_storm: Knob,
    /// A row of a write is refused as an unknown item.
    pub item_error: Knob,
    /// `THROTTLED` with HTTP 200.
    pub throttled: Knob,
    /// A repeat under a known key is told that the first is still running.
    pub still_running: Knob,
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
            cut_before_work: calm,
            cut_after_work: calm,
            timeout_after_work: calm,
            html_page: calm,
            truncated_json: calm,
            slow: calm,
            stale_storm: calm,
            item_error: calm,
            throttled: calm,
            still_running: calm,
            timeout_ms: 60_000,
            slow_ms: 2_000,
        }
    }
}
