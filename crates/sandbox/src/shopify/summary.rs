//! The shop at a glance, for the control API: ids to work with, and counters.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::catalogue::ItemAt;
use super::log::Happening;
use super::shop::Shop;
use super::subscriptions::{TOPICS, Wish, spelt_for_graphql};
use super::wire_text::gid;

impl Shop {
    /// Domain, locations, items and counters.
    #[must_use]
    pub fn summary(&self, now: Timestamp) -> Value {
        let locations = self.room.locations.iter().map(|location| {
            json!({ "id": location.id, "gid": gid("Location", location.id), "name": location.name })
        });
        let items = (0..self.room.items.len()).map(|at| self.item_summary(ItemAt(at)));
        let primary = self.room.locations.first().map(|first| gid("Location", first.id));
        json!({
            "domain": self.setup.domain,
            "now": now.to_string(),
            "location_gid": primary,
            "locations": locations.collect::<Vec<_>>(),
            "items": items.collect::<Vec<_>>(),
            "counters": self.counters(),
        })
    }

    fn item_summary(&self, at: ItemAt) -> Value {
        let item = self.room.item(at);
        json!({
            "sku": item.sku,
            "inventory_item_id": item.id,
            "inventory_item_gid": gid("InventoryItem", item.id),
            "variant_id": item.variant_id,
            "product_id": self.room.product(item.product).id,
            "tracked": item.tracked,
            "available": self.room.available_everywhere(at),
        })
    }

    fn counters(&self) -> Value {
        let count = |wanted: fn(&Happening) -> bool| {
            self.log(0).iter().filter(|entry| wanted(&entry.happening)).count()
        };
        json!({
            "log_entries": self.log.len(),
            "orders": self.orders.len(),
            "subscriptions": self.subscriptions.len(),
            "undelivered": self.undelivered(),
            "sales": count(|what| matches!(what, Happening::Sale { .. })),
            "cancellations": count(|what| matches!(what, Happening::Cancellation { .. })),
            "edits": count(|what| matches!(what, Happening::Edit { .. })),
            "written_rows": count(|what| matches!(what, Happening::Written { .. })),
            "refused_writes": count(|what| matches!(what, Happening::Refused { .. })),
            "replayed_writes": count(|what| matches!(what, Happening::Replayed { .. })),
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
        let told = self.subscriptions.iter().map(|known| {
            json!({
                "id": known.id,
                "topic": known.topic,
                "url": known.wish.uri,
                "filter": known.wish.filter,
                "api_version": known.api_version,
            })
        });
        told.collect()
    }

    /// Subscribes one address to several topics, spelt either way. Topics it has already stay.
    pub fn subscribe_to(
        &mut self,
        topics: &[String],
        url: &str,
        version: &str,
        now: Timestamp,
    ) -> Result<Vec<u64>, String> {
        let wish = Wish { uri: url.to_owned(), format: "JSON".to_owned(), ..Wish::default() };
        if let Some(complaint) = wish.complaints(self.setup.loopback_http).first() {
            return Err(complaint.message.to_owned());
        }
        let topics: Vec<String> = topics.iter().map(|topic| spelt_for_graphql(topic)).collect();
        if let Some(unknown) = topics.iter().find(|topic| !TOPICS.contains(&topic.as_str())) {
            return Err(format!("unknown topic {unknown}"));
        }
        let version = self.setup.versions.serving(version);
        for topic in &topics {
            let known = self.subscriptions.iter().any(|s| s.topic == *topic && s.wish.uri == url);
            if !known {
                self.subscribe(topic, wish.clone(), &version, now);
            }
        }
        let made =
            self.subscriptions.iter().filter(|s| s.wish.uri == url && topics.contains(&s.topic));
        Ok(made.map(|subscription| subscription.id).collect())
    }
}
