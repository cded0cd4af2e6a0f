//! What a simulated prep centre starts with: its merchants and their goods, tokens, secrets and ways of spelling.
//!
//! Data only. The same setup (seed included) always makes the same centre.

use serde::{Deserialize, Serialize};

use crate::random::Random;

/// Everything a prep centre is made from.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Decides dimensions, codes and all weather.
    pub seed: u64,
    /// The company's domain, as it stands in the addresses of pages.
    pub domain: String,
    /// The token of the company's own staff: it sees all merchants.
    pub token: String,
    /// A token that is good at another company; here it opens nothing.
    pub foreign_token: String,
    /// Whose goods are kept.
    pub merchants: Vec<MerchantSetup>,
    /// Where they are kept.
    pub warehouses: Vec<WarehouseSetup>,
    /// Signs webhooks. Assumed: the partner makes a secret for each address; here all are the same, so that one setting
    /// at the receiver will do.
    pub webhook_secret: String,
    /// The secret before it was changed, if webhooks may still be signed with it.
    pub old_webhook_secret: Option<String>,
    /// What objects call their merchant: old samples and real traffic differ from the newer documents.
    pub merchant_key: MerchantKey,
    /// How ids are spelt.
    pub ids: Ids,
    /// What the list of merchants looks like.
    pub merchants_shape: MerchantsShape,
    /// What webhooks are wrapped in, chosen by chance from these; as the vendor's samples have it when empty.
    pub envelopes: Vec<Envelope>,
    /// Whether webhooks about inbounds hold their lines. Not documented.
    pub webhook_lines: bool,
    /// How the times at which inbounds changed are spelt.
    pub times: Times,
    /// Whether `http://` to a loopback address is taken as a webhook address.
    pub loopback_http: bool,
    /// Adds to each merchant the goods that naive connectors trip over: no ASIN, a blank one, no SKU, neither, and stock
    /// below nothing.
    pub odd: bool,
}

/// What objects call their merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MerchantKey {
    /// `merchant_id`
    MerchantId,
    /// `team_id`
    TeamId,
}

/// How ids are spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ids {
    /// `22`
    Numbers,
    /// `"22"`
    Texts,
}

/// How the times at which inbounds changed are spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Times {
    /// In the one format that the samples have there.
    AsSampled,
    /// In all four formats in turn.
    Mixed,
}

/// What the list of merchants looks like: the documents show one object, clients read a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MerchantsShape {
    /// `{"data": [{…}, {…}]}`
    List,
    /// `{"data": {…}}`: the first one only.
    Object,
}

/// What a webhook's data is wrapped in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Envelope {
    /// `{"type": …, "data": {…}}`
    Typed,
    /// `{…}`
    Bare,
    /// `{"data": {…}}`
    DataOnly,
}

/// A merchant to start with.
#[derive(Debug, Clone)]
pub struct MerchantSetup {
    /// The id.
    pub id: u64,
    /// The name.
    pub name: String,
    /// The token of one of the merchant's own people, if any has one.
    pub token: Option<String>,
    /// What is kept for it.
    pub items: Vec<ItemSetup>,
}

impl MerchantSetup {
    /// A merchant with so many ordinary items, whose SKUs are `<prefix>-001` and so on.
    #[must_use]
    pub fn numbered(id: u64, name: &str, prefix: &str, items: usize) -> Self {
        Self {
            id,
            name: name.to_owned(),
            token: Some(format!("prep_merchant_{id}_token")),
            items: (1..=items).map(|number| ItemSetup::numbered(prefix, number)).collect(),
        }
    }
}

/// An item to start with.
#[derive(Debug, Clone)]
pub struct ItemSetup {
    /// The merchant's SKU. The partner demands one; old records may lack it.
    pub sku: Option<String>,
    /// The ASIN; absent and blank are told apart.
    pub asin: Option<String>,
    /// The title.
    pub title: String,
    /// Units there at the start.
    pub opening: i64,
}

impl ItemSetup {
    /// An ordinary item, whose ASIN comes from its SKU: so two merchants' items of one SKU are the same goods.
    #[must_use]
    pub fn numbered(prefix: &str, number: usize) -> Self {
        let sku = format!("{prefix}-{number:03}");
        let asin = code("B0", &sku);
        Self { title: format!("Goods {sku}"), sku: Some(sku), asin: Some(asin), opening: 0 }
    }
}

/// Ten letters and digits that begin so and are always the same for `what`.
pub(crate) fn code(begins: &str, what: &str) -> String {
    const LETTERS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut chance = Random::new(0, what);
    let mut code = begins.to_owned();
    while code.len() < 10 {
        let picked = usize::try_from(chance.below(36)).unwrap_or(0);
        code.extend(LETTERS.get(picked).map(|letter| char::from(*letter)));
    }
    code
}

/// A warehouse to start with.
#[derive(Debug, Clone)]
pub struct WarehouseSetup {
    /// The id.
    pub id: u64,
    /// The name.
    pub name: String,
    /// The country's two letters.
    pub country_code: String,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            seed: 1,
            domain: "demo.prep.example".to_owned(),
            token: "prep_sandbox_0123456789abcdef".to_owned(),
            foreign_token: "prep_sandbox_of_another_company".to_owned(),
            merchants: vec![
                MerchantSetup::numbered(2, "Stanton-Koss", "DEMO", 12),
                MerchantSetup::numbered(3, "Lindgren-Cormier", "OTHER", 12),
            ],
            warehouses: vec![WarehouseSetup {
                id: 1,
                name: "AL Warehouse".to_owned(),
                country_code: "US".to_owned(),
            }],
            webhook_secret: "prep_sandbox_webhook_secret".to_owned(),
            old_webhook_secret: None,
            merchant_key: MerchantKey::MerchantId,
            ids: Ids::Numbers,
            merchants_shape: MerchantsShape::List,
            envelopes: Vec::new(),
            webhook_lines: false,
            times: Times::AsSampled,
            loopback_http: true,
            odd: false,
        }
    }
}
