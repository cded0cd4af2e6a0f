//! What a simulated shop starts with: its names, secrets, catalogue, limits and calendar of versions.
//!
//! Data only. The same setup (seed included) always makes the same shop.

use std::ops::RangeInclusive;

use super::versions::Versions;

/// Everything a shop is made from.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Decides ids, opening stock and all weather.
    pub seed: u64,
    /// The permanent domain, `….myshopify.com`.
    pub domain: String,
    /// How many ordinary, tracked items there are, with SKUs like `DEMO-001`.
    pub items: usize,
    /// Opening `available` of the ordinary items at the first location.
    pub opening: RangeInclusive<i64>,
    /// Adds the items that naive connectors trip over: untracked, duplicate SKU, blank SKU, …
    pub odd: bool,
    /// Items with given ids, added after the others.
    pub exact: Vec<ExactItem>,
    /// The first one sells.
    pub locations: Vec<LocationSetup>,
    /// A token that never expires (a legacy custom app's).
    pub access_token: String,
    /// For the client-credentials grant.
    pub client_id: String,
    /// For the client-credentials grant.
    pub client_secret: String,
    /// Signs webhooks; at a real shop the same text as the client secret.
    pub webhook_secret: String,
    /// The secret before its rotation, if webhooks may still be signed with it.
    pub old_webhook_secret: Option<String>,
    /// What the app was granted.
    pub scopes: Vec<String>,
    /// The shop's own time zone, in minutes east of UTC.
    pub utc_offset_minutes: i16,
    /// ISO code of the shop's currency.
    pub currency: String,
    /// Size of the cost bucket.
    pub bucket_points: u32,
    /// Points that flow back per second.
    pub restore_per_second: u32,
    /// Which API versions are served "today".
    pub versions: Versions,
    /// How long a change takes to reach search results.
    pub index_lag_seconds: u32,
    /// Whether `http://` to a loopback address is taken as a webhook address. A real shop refuses it.
    pub loopback_http: bool,
    /// What an idempotency key remembers of an attempt that ended in user errors.
    pub failed_keys: FailedKeys,
}

/// What becomes of an idempotency key whose first attempt was refused. Not documented, so both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailedKeys {
    /// The attempt is forgotten: a repeat is judged afresh.
    Forgotten,
    /// A repeat gets `IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED`.
    Remembered,
}

/// A location to start with.
#[derive(Debug, Clone)]
pub struct LocationSetup {
    /// Its REST id.
    pub id: u64,
    /// The number in the ids of its inventory levels, which is not its id.
    pub level_number: u64,
    /// Its name.
    pub name: String,
}

/// An item with chosen ids.
#[derive(Debug, Clone)]
pub struct ExactItem {
    /// The inventory item's id.
    pub item_id: u64,
    /// The variant's id.
    pub variant_id: u64,
    /// The product's id.
    pub product_id: u64,
    /// The product's title.
    pub title: String,
    /// The SKU; may be absent or blank.
    pub sku: Option<String>,
    /// Whether stock is kept for it.
    pub tracked: bool,
    /// Location id and `available` there.
    pub levels: Vec<(u64, i64)>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            seed: 1,
            domain: "crossdock-demo.myshopify.com".to_owned(),
            items: 200,
            opening: 20..=120,
            odd: false,
            exact: Vec::new(),
            locations: vec![
                LocationSetup {
                    id: 106_318_430_514,
                    level_number: 143_273_001_266,
                    name: "Shop location".to_owned(),
                },
                LocationSetup {
                    id: 106_318_463_282,
                    level_number: 143_273_034_034,
                    name: "My Custom Location".to_owned(),
                },
            ],
            access_token: "shpat_sandbox_0123456789abcdef".to_owned(),
            client_id: "sandbox-client-id".to_owned(),
            client_secret: "shpss_sandbox_secret".to_owned(),
            webhook_secret: "shpss_sandbox_secret".to_owned(),
            old_webhook_secret: None,
            scopes: [
                "read_products",
                "read_inventory",
                "write_inventory",
                "read_locations",
                "read_orders",
            ]
            .map(str::to_owned)
            .to_vec(),
            utc_offset_minutes: -5 * 60,
            currency: "EUR".to_owned(),
            bucket_points: 2000,
            restore_per_second: 100,
            versions: Versions::default(),
            index_lag_seconds: 0,
            loopback_http: true,
            failed_keys: FailedKeys::Forgotten,
        }
    }
}
