//! Who sent a webhook, and what it is called: the signature over the raw bytes, then the headers.
//!
//! Shopify signs the body only. Topic, shop and ids stand in headers that nobody vouches for, so the shop is
//! compared with the connection's, and nothing here reads the body except as bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crossdock_domain::connection::Connection;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::settings;
use crate::{Admission, Delivery, Headers, Keys, Refusal};

/// Bytes of an HMAC-SHA256, and characters of its base64 with padding.
const DIGEST_BYTES: usize = 32;
const SIGNATURE_CHARS: usize = 44;

/// A webhook id is a uuid; a topic is two short words. Longer ones are nobody's.
const NAME_BYTES_MAX: usize = 128;

/// Topics whose bodies carry `updated_at`: equal bytes then mean the same state, so that their digest can
/// stand in for a missing webhook id. A deletion carries no time, and may rightly come twice.
const TIMED_TOPICS: [&str; 7] = [
    "inventory_levels/update",
    "inventory_levels/connect",
    "inventory_items/create",
    "inventory_items/update",
    "orders/create",
    "orders/updated",
    "orders/cancelled",
];

pub(super) fn admit(
    delivery: &Delivery<'_>,
    connection: &Connection,
    keys: &dyn Keys,
) -> Result<Admission, Refusal> {
    let named = Named::of(delivery.headers);
    let signature = named.signature.only().and_then(decoded).ok_or(Refusal::Unsigned)?;
    check(delivery.body, &signature, keys)?;

    let shop = named.shop.only().ok_or(Refusal::Malformed)?;
    let ours = settings::value(&connection.settings, settings::SHOP_DOMAIN);
    if !ours.is_some_and(|ours| ours.eq_ignore_ascii_case(shop)) {
        return Err(Refusal::OtherAccount);
    }
    let topic = match named.topic {
        Said::Absent => delivery.route_topic,
        Said::Is { text, .. } => Some(text),
        Said::Disputed => None,
    };
    let topic = topic.filter(|text| is_name(text)).ok_or(Refusal::Malformed)?;
    Ok(Admission {
        dedupe_key: dedupe_key(named.webhook_id, topic, delivery.body)?,
        topic: topic.to_owned(),
        event_id: named.event_id.only().filter(|text| is_name(text)).map(str::to_owned),
    })
}

/// The 32 bytes that the header stands for. Only the standard alphabet with padding counts, so that one
/// digest has one spelling.
fn decoded(header: &str) -> Option<[u8; DIGEST_BYTES]> {
    // The decoder asks for room for whole groups of three bytes.
    let mut room = [0; DIGEST_BYTES + 1];
    if header.len() != SIGNATURE_CHARS
        || STANDARD.decode_slice(header, &mut room) != Ok(DIGEST_BYTES)
    {
        return None;
    }
    room.first_chunk().copied()
}

/// Tries every secret, in constant time and to the end, so that time tells nothing about which one matched.
fn check(body: &[u8], signature: &[u8], keys: &dyn Keys) -> Result<(), Refusal> {
    let slots = [settings::WEBHOOK_SECRET, settings::CLIENT_SECRET];
    // With an empty key anybody can sign.
    let secrets = slots.iter().flat_map(|slot| keys.all(slot)).filter(|key| !is_empty(key));
    let mut tried = false;
    let mut matched = false;
    for secret in secrets {
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else {
            continue;
        };
        tried = true;
        matched |= mac.chain_update(body).verify_slice(signature).is_ok();
    }
    match (tried, matched) {
        (false, _) => Err(Refusal::NoSecret),
        (true, false) => Err(Refusal::BadSignature),
        (true, true) => Ok(()),
    }
}

fn is_empty(secret: &SecretString) -> bool {
    secret.expose_secret().is_empty()
}

fn dedupe_key(webhook_id: Said<'_>, topic: &str, body: &[u8]) -> Result<String, Refusal> {
    match webhook_id {
        Said::Is { text, .. } if is_name(text) => Ok(text.to_owned()),
        Said::Absent if TIMED_TOPICS.contains(&topic) => Ok(body_key(topic, body)),
        Said::Is { .. } | Said::Absent | Said::Disputed => Err(Refusal::Malformed),
    }
}

fn body_key(topic: &str, body: &[u8]) -> String {
    let mut key = String::with_capacity(topic.len() + 1 + 2 * DIGEST_BYTES);
    key.push_str(topic);
    key.push(':');
    for byte in Sha256::digest(body) {
        for nibble in [byte >> 4, byte & 0x0f] {
            key.extend(char::from_digit(nibble.into(), 16));
        }
    }
    key
}

fn is_name(text: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

/// What the headers say under one name.
#[derive(Clone, Copy, Default)]
enum Said<'a> {
    #[default]
    Absent,
    Is {
        text: &'a str,
        prefixed: bool,
    },
    /// Said twice: nobody can tell which one the sender meant.
    Disputed,
}

impl<'a> Said<'a> {
    fn only(self) -> Option<&'a str> {
        match self {
            Self::Is { text, .. } => Some(text),
            Self::Absent | Self::Disputed => None,
        }
    }

    /// Shopify may send both spellings of a header; that is no dispute as long as they agree.
    fn and(self, text: &'a str, prefixed: bool) -> Self {
        match self {
            Self::Absent => Self::Is { text, prefixed },
            Self::Is { text: before, prefixed: way } if way != prefixed && before == text => self,
            Self::Is { .. } | Self::Disputed => Self::Disputed,
        }
    }
}

/// The headers that matter, found in one pass.
#[derive(Default)]
struct Named<'a> {
    signature: Said<'a>,
    topic: Said<'a>,
    shop: Said<'a>,
    webhook_id: Said<'a>,
    event_id: Said<'a>,
}

impl<'a> Named<'a> {
    fn of(headers: &'a Headers) -> Self {
        let mut named = Self::default();
        for (name, text) in &headers.0 {
            let plain = name.strip_prefix("x-");
            let Some(word) = plain.unwrap_or(name).strip_prefix("shopify-") else { continue };
            let said = match word {
                "hmac-sha256" => &mut named.signature,
                "topic" => &mut named.topic,
                "shop-domain" => &mut named.shop,
                "webhook-id" => &mut named.webhook_id,
                "event-id" => &mut named.event_id,
                _ => continue,
            };
            *said = said.and(text, plain.is_some());
        }
        named
    }
}
