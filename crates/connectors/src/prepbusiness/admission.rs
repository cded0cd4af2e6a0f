//! Who sent a webhook, and what it is called: the signature over the raw bytes, or a crossdock token, or neither.
//!
//! The partner signs the body only, and a delivery has neither id nor time. So what it is called comes from the address, else
//! from the body, and its digest is what repeats are known by.

use crossdock_domain::connection::Connection;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::settings::{self, Mode};
use super::{shapes, wire};
use crate::{Admission, Delivery, Keys, Refusal};

/// What comes unsigned, in `api` mode and without a secret, is called: nobody believes what it says.
pub(super) const DOORBELL: &str = "doorbell";

const SIGNATURE: &str = "signature";
const DIGEST_BYTES: usize = 32;

/// A topic is two short words. Longer ones are nobody's.
const TOPIC_BYTES_MAX: usize = 128;

pub(super) fn admit(
    delivery: &Delivery<'_>,
    connection: &Connection,
    keys: &dyn Keys,
) -> Result<Admission, Refusal> {
    let topic = match trust(delivery, connection, keys)? {
        Trust::Nobody => DOORBELL.to_owned(),
        Trust::Sender => topic(delivery)?,
    };
    let dedupe_key = format!("{topic}:{}", hex(&Sha256::digest(delivery.body)));
    Ok(Admission { dedupe_key, topic, event_id: None })
}

/// Whom a delivery is believed to come from.
enum Trust {
    /// From the partner, or from the holder of a crossdock token.
    Sender,
    /// From anybody: it may ring, and nothing more.
    Nobody,
}

fn trust(
    delivery: &Delivery<'_>,
    connection: &Connection,
    keys: &dyn Keys,
) -> Result<Trust, Refusal> {
    let secrets: Vec<&SecretString> = keys
        .all(settings::WEBHOOK_SECRET)
        .iter()
        // With an empty key anybody can sign.
        .filter(|secret| !secret.expose_secret().is_empty())
        .collect();
    let is_signed = delivery.headers.0.iter().any(|(name, _)| name == SIGNATURE);
    match (secrets.as_slice(), is_signed) {
        ([], _) if delivery.has_token => Ok(Trust::Sender),
        ([], _) if settings::mode(connection) == Mode::Api => Ok(Trust::Nobody),
        ([], _) => Err(Refusal::NoSecret),
        (_, false) if delivery.has_token => Ok(Trust::Sender),
        (secrets, _) => check(delivery, secrets).map(|()| Trust::Sender),
    }
}

/// Tries every secret, in constant time and to the end, so that time tells nothing about which one matched.
fn check(delivery: &Delivery<'_>, secrets: &[&SecretString]) -> Result<(), Refusal> {
    let signature = delivery.headers.only(SIGNATURE).and_then(decoded).ok_or(Refusal::Unsigned)?;
    let mut matched = false;
    for secret in secrets {
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else {
            continue;
        };
        matched |= mac.chain_update(delivery.body).verify_slice(&signature).is_ok();
    }
    if matched { Ok(()) } else { Err(Refusal::BadSignature) }
}

/// The 32 bytes that the header stands for. The partner writes lower case; what counts are the bytes.
fn decoded(header: &str) -> Option<[u8; DIGEST_BYTES]> {
    let digits: Vec<u8> =
        header.chars().map(|c| u8::try_from(c.to_digit(16)?).ok()).collect::<Option<_>>()?;
    let bytes = digits.chunks_exact(2).map(|pair| match pair {
        [high, low] => high << 4 | low,
        _ => 0,
    });
    let bytes: Vec<u8> = bytes.collect();
    (digits.len() == 2 * DIGEST_BYTES).then(|| bytes.try_into().ok())?
}

/// The address names the topic, else the body does, else it is guessed by what the body looks like.
fn topic(delivery: &Delivery<'_>) -> Result<String, Refusal> {
    if let Some(named) = delivery.route_topic.filter(|text| !text.is_empty()) {
        return if is_name(named) { Ok(named.to_owned()) } else { Err(Refusal::Malformed) };
    }
    let envelope = wire::Envelope::open(delivery.body).ok();
    let said = envelope.as_ref().and_then(|envelope| envelope.topic.clone());
    let guess = || envelope.as_ref().map_or(shapes::UNKNOWN, shapes::guess).to_owned();
    Ok(said.filter(|text| is_name(text)).unwrap_or_else(guess))
}

fn is_name(text: &str) -> bool {
    (1..=TOPIC_BYTES_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

fn hex(bytes: &[u8]) -> String {
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    nibbles.filter_map(|nibble| char::from_digit(nibble.into(), 16)).collect()
}
