//! Mischief: deliveries that nobody signed, that come again under another id, or that are a month old.

use crossdock_domain::{Instant, Span};

use super::stage::{SHOP, Stage};
use crate::finding::{Finding, Found};
use crate::partner;

impl Stage {
    pub(super) fn forge(&mut self) -> Found<()> {
        let Some(genuine) = self.delivered.front().cloned() else { return Ok(()) };
        let mut body = genuine.body;
        body.push(b' ');
        match self.world.knock(SHOP, &genuine.headers, &body)? {
            Ok(_) => Err(Finding::ForgeryLetIn),
            Err(_) => Ok(()),
        }
    }

    /// Bytes and signature are genuine, so it is let in; the id is not signed.
    pub(super) fn replay(&mut self, back: usize) -> Found<()> {
        let Some(mut old) = self.delivered.get(back).cloned() else { return Ok(()) };
        let fresh = format!("replayed-{}", self.commands);
        self.commands += 1;
        for (name, value) in &mut old.headers {
            if name.eq_ignore_ascii_case(partner::DELIVERY_ID) {
                value.clone_from(&fresh);
            }
        }
        if let Ok(arrival) = self.world.knock(SHOP, &old.headers, &old.body)? {
            self.world.arrive(arrival);
        }
        Ok(())
    }

    pub(super) fn last_month(&mut self, item: usize, available: i64) -> Found<()> {
        let then = self.world.now.minus(Span::from_s(30 * 86_400));
        self.tell_signed(item, available, then)
    }

    pub(super) fn claim(&mut self, item: usize, available: i64, ahead: Span) -> Found<()> {
        let then = self.world.now.plus(ahead);
        self.tell_signed(item, available, then)
    }

    /// A figure and its date, both genuinely the shop's word.
    fn tell_signed(&mut self, item: usize, available: i64, at: Instant) -> Found<()> {
        // The first figure of an item is whatever comes first: that is not what this is about.
        if !self.judge.is_on_the_shelf(&mut self.world, item)? {
            return Ok(());
        }
        let Some((remote, _)) = self.judge.remote(&self.world, item) else { return Ok(()) };
        let Some(side) = self.world.shops.get(SHOP) else { return Ok(()) };
        let body = partner::level_body(side.shop.setup(), remote, available, &at.to_string());
        self.world.arrive_signed(SHOP, partner::LEVEL_TOPIC, &body)
    }
}
