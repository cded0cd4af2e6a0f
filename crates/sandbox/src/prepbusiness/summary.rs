//! The centre at a glance, for the control API: ids to work with, and counters.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::centre::Centre;
use super::log::Happening;

impl Centre {
    /// Merchants, goods, inbounds and counters.
    #[must_use]
    pub fn summary(&self, now: Timestamp) -> Value {
        let merchants = self.merchants.values().map(|one| {
            let inbounds = self.inbounds.values().filter(|inbound| inbound.merchant_id == one.id);
            json!({ "id": one.id, "name": one.name, "inbounds": inbounds.count() })
        });
        json!({
            "domain": self.setup.domain,
            "now": now.to_string(),
            "merchants": merchants.collect::<Vec<_>>(),
            "items": self.truth(),
            "inbounds": self.inbounds_truth(),
            "counters": self.counters(),
        })
    }

    fn counters(&self) -> Value {
        let count = |wanted: fn(&Happening) -> bool| {
            self.log(0).iter().filter(|entry| wanted(&entry.happening)).count()
        };
        json!({
            "log_entries": self.log(0).len(),
            "inbounds": self.inbounds.len(),
            "orders": self.orders.len(),
            "subscriptions": self.subscriptions.len(),
            "undelivered": self.undelivered(),
            "checked_in": count(|what| matches!(what, Happening::CheckedIn { .. })),
            "corrected": count(|what| matches!(what, Happening::Corrected { .. })),
            "written": count(|what| matches!(what, Happening::Written { .. })),
            "refused": count(|what| matches!(what, Happening::Refused { .. })),
            "webhooks_accepted":
                count(|what| matches!(what, Happening::Attempt { accepted: true, .. })),
            "webhooks_failed":
                count(|what| matches!(what, Happening::Attempt { accepted: false, .. })),
            "webhooks_lost": count(|what| matches!(what, Happening::Lost { .. })),
            "weather": count(|what| matches!(what, Happening::Weather { .. })),
        })
    }

    /// The subscriptions as the control API shows them.
    #[must_use]
    pub fn subscribed(&self) -> Vec<Value> {
        let told = self.subscriptions.iter().map(|one| {
            json!({
                "id": one.id,
                "url": one.url,
                "merchant_id": one.merchant_id,
                "events": one.events,
            })
        });
        told.collect()
    }
}
