//! Shopify's JSON as it stands on the wire: webhook bodies, and what they share with the responses in
//! [`super::graph`].
//!
//! Tolerant: unknown keys are ignored, keys that we can do without may be absent. Ids and counts are kept as
//! the text that was written, so that 19 digits survive and a number in quotes is still a number.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde_json::value::RawValue;

/// Longest piece of a partner's text that is quoted to a person.
const QUOTE_CHARS_MAX: usize = 200;

/// `inventory_levels/update`, `/connect`.
#[derive(Debug, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Level<'a> {
    pub(super) inventory_item_id: &'a RawValue,
    pub(super) location_id: &'a RawValue,
    /// Not an option: `null` means something, absence does not.
    pub(super) available: &'a RawValue,
    pub(super) updated_at: Option<&'a RawValue>,
}

/// `inventory_levels/disconnect`.
#[derive(Debug, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct LevelGone<'a> {
    pub(super) inventory_item_id: &'a RawValue,
    pub(super) location_id: &'a RawValue,
}

/// `inventory_items/*`; a deletion tells the id only.
#[derive(Debug, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Item<'a> {
    pub(super) id: &'a RawValue,
    pub(super) sku: Option<Text<'a>>,
    pub(super) tracked: Option<bool>,
    pub(super) updated_at: Option<&'a RawValue>,
}

/// `orders/*`: of a hundred keys, those that explain stock.
#[derive(Debug, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Order<'a> {
    pub(super) id: &'a RawValue,
    pub(super) name: Option<Text<'a>>,
    pub(super) created_at: Option<&'a RawValue>,
    pub(super) updated_at: Option<&'a RawValue>,
    pub(super) cancelled_at: Option<&'a RawValue>,
    pub(super) cancel_reason: Option<Text<'a>>,
    pub(super) financial_status: Option<Text<'a>>,
    pub(super) fulfillment_status: Option<Text<'a>>,
    pub(super) line_items: Vec<OrderLine<'a>>,
    /// Read late, so that an odd refund does not lose the order.
    pub(super) refunds: Option<Vec<&'a RawValue>>,
}

/// One of an order's `refunds[]`; a cancellation that puts goods back is one too.
#[derive(Debug, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Refund<'a> {
    pub(super) created_at: Option<&'a RawValue>,
    pub(super) refund_line_items: Vec<RefundLine<'a>>,
}

/// What of one line was refunded.
#[derive(Debug, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct RefundLine<'a> {
    pub(super) line_item_id: &'a RawValue,
    pub(super) quantity: &'a RawValue,
    pub(super) restock_type: Option<Text<'a>>,
    pub(super) location_id: Option<&'a RawValue>,
}

/// One line of an order. Everything is read late, so that one bad line does not lose the others.
#[derive(Debug, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct OrderLine<'a> {
    pub(super) id: Option<&'a RawValue>,
    pub(super) variant_id: Option<&'a RawValue>,
    pub(super) sku: Option<&'a RawValue>,
    pub(super) quantity: Option<&'a RawValue>,
    pub(super) current_quantity: Option<&'a RawValue>,
}

/// `app/uninstalled`: the shop.
#[derive(Debug, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Shop<'a> {
    pub(super) myshopify_domain: Option<Text<'a>>,
}

/// Text that is borrowed from the body where no escape stands in the way.
#[derive(Debug, Clone)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl std::ops::Deref for Text<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        input.deserialize_str(Reader)
    }
}

/// What was written, without its quotes: `12` and `"12"` are both `12`.
pub(super) fn written(raw: &RawValue) -> &str {
    let text = raw.get();
    text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text)
}

/// Whether `null` was written.
pub(super) fn is_null(raw: &RawValue) -> bool {
    raw.get() == "null"
}

/// A partner's text, cut to a length that a person reads, on one line.
pub(super) fn brief(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().take(QUOTE_CHARS_MAX).map(plain).collect()
}
