//! The endless row of deliveries that one target gets: no id twice, and every item's `updated_at`
//! always later than the one before, so that each delivery is news and must be booked.

use std::io::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::Mac as _;
use jiff::{SignedDuration, Timestamp};

use super::body::{Bodies, Level, closing};

pub(crate) const PATH: &str = "/webhooks/shop";
pub(crate) const SHOP: &str = "bench.myshopify.com";
pub(crate) const SECRET: &str = "bench-secret";
/// Inventory item ids count up from here.
pub(crate) const ITEM_FIRST: u64 = 45_000_000_000_000;
/// The partner's clock in the payloads starts this long ago and gains one second each time all items
/// have had their turn: a run never comes near to the present, let alone past it.
const BEHIND: SignedDuration = SignedDuration::from_hours(24 * 7);

/// One request, ready to be written: `head`, then the body's opening, then `closing`.
#[derive(Default)]
pub(crate) struct Outgoing {
    pub(crate) head: Vec<u8>,
    pub(crate) opening: u64,
    pub(crate) closing: String,
}

pub(crate) struct Feed {
    port: u16,
    items: u64,
    run: u32,
    number: u64,
    start: Timestamp,
    updated_at: String,
    triggered_at: String,
}

impl Feed {
    /// `run` tells the ids of this feed from those of any other.
    pub(crate) fn new(port: u16, items: u64, run: u32, now: Timestamp) -> Self {
        let start = now.saturating_sub(BEHIND).unwrap_or(now);
        Self {
            port,
            items: items.max(1),
            run,
            number: 0,
            start,
            updated_at: String::new(),
            triggered_at: String::new(),
        }
    }

    /// Deliveries made so far.
    pub(crate) fn made(&self) -> u64 {
        self.number
    }

    /// What the shop told last about the first item.
    pub(crate) fn last_of_first_item(&self) -> Option<u64> {
        Some(available(self.number.checked_sub(1)? / self.items, 0))
    }

    pub(crate) fn next(&mut self, bodies: &Bodies, into: &mut Outgoing) {
        let (round, item) = (self.number / self.items, self.number % self.items);
        if item == 0 {
            self.advance_clock(round);
        }
        into.opening = self.number;
        into.closing = closing(&Level {
            item: ITEM_FIRST + item,
            available: available(round, item),
            updated_at: &self.updated_at,
        });
        let signature = sign(bodies, into);
        self.write_head(&mut into.head, bodies.size, &signature);
        self.number += 1;
    }

    fn advance_clock(&mut self, seconds: u64) {
        let passed = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(0));
        let moment = self.start.saturating_add(passed).unwrap_or(self.start);
        let local = moment.saturating_sub(SignedDuration::from_hours(5)).unwrap_or(moment);
        self.updated_at = local.strftime("%Y-%m-%dT%H:%M:%S-05:00").to_string();
        self.triggered_at = moment.strftime("%Y-%m-%dT%H:%M:%S.041964744Z").to_string();
    }

    fn write_head(&self, head: &mut Vec<u8>, size: usize, signature: &str) {
        let Self { port, run, number, triggered_at, .. } = self;
        head.clear();
        // Writing into memory cannot fail.
        let _ = write!(
            head,
            "POST {PATH} HTTP/1.1\r\n\
             Host: 127.0.0.1:{port}\r\n\
             Content-Type: application/json\r\n\
             User-Agent: Shopify-Captain-Hook\r\n\
             Accept: */*\r\n\
             X-Shopify-Topic: inventory_levels/update\r\n\
             X-Shopify-Shop-Domain: {SHOP}\r\n\
             X-Shopify-API-Version: 2026-07\r\n\
             X-Shopify-Hmac-Sha256: {signature}\r\n\
             X-Shopify-Webhook-Id: {run:08x}-0000-4000-8000-{number:012x}\r\n\
             X-Shopify-Event-Id: {run:08x}-0000-4000-9000-{number:012x}\r\n\
             X-Shopify-Triggered-At: {triggered_at}\r\n\
             Content-Length: {size}\r\n\r\n"
        );
    }
}

/// 37 has no factor in common with 900: an item's number changes every time.
fn available(round: u64, item: u64) -> u64 {
    100 + (round * 37 + item * 11) % 900
}

fn sign(bodies: &Bodies, outgoing: &Outgoing) -> String {
    let Some(opening) = bodies.opening(outgoing.opening) else { return String::new() };
    let mut mac = opening.signed_so_far.clone();
    mac.update(outgoing.closing.as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit as _};
    use sha2::Sha256;

    use super::*;

    fn delivery(feed: &mut Feed, bodies: &Bodies) -> (String, Vec<u8>) {
        let mut outgoing = Outgoing::default();
        feed.next(bodies, &mut outgoing);
        let mut body = bodies.opening(outgoing.opening).unwrap().bytes.clone();
        body.extend_from_slice(outgoing.closing.as_bytes());
        (String::from_utf8(outgoing.head).unwrap(), body)
    }

    #[test]
    fn a_delivery_is_signed_over_its_whole_body() {
        let bodies = Bodies::prepare(2048, SECRET).unwrap();
        let mut feed = Feed::new(1, 200, 7, Timestamp::UNIX_EPOCH + BEHIND);
        let (head, body) = delivery(&mut feed, &bodies);
        let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
        mac.update(&body);
        let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
        assert!(head.contains(&format!("X-Shopify-Hmac-Sha256: {signature}\r\n")));
        assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())));
    }

    #[test]
    fn an_item_comes_back_later_and_with_another_number() {
        let bodies = Bodies::prepare(2048, SECRET).unwrap();
        let mut feed = Feed::new(1, 2, 7, Timestamp::UNIX_EPOCH + BEHIND);
        let told = |body: &[u8]| {
            let json: serde_json::Value = serde_json::from_slice(body).unwrap();
            (
                json["inventory_item_id"].clone(),
                json["updated_at"].clone(),
                json["available"].clone(),
            )
        };
        let rounds = (0..3).map(|_| told(&delivery(&mut feed, &bodies).1)).collect::<Vec<_>>();
        assert_eq!(rounds[0].0, rounds[2].0);
        assert_eq!(rounds[0].1, "1969-12-31T19:00:00-05:00");
        assert_eq!(rounds[2].1, "1969-12-31T19:00:01-05:00");
        assert_ne!(rounds[0].2, rounds[2].2);
        assert_ne!(rounds[0].0, rounds[1].0);
    }
}
