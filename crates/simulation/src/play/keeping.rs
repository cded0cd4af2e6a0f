//! Keeping: the merchant says which items his shop counts, and where it keeps them.

use crossdock_domain::command::{Command, PutConnection};
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::stock::Pool;
use crossdock_domain::stock::terms::{Part, Role};
use serde_json::{Value, json};

use super::act::Word;
use super::stage::{SHOP, Stage, bad, shop};
use crate::finding::Found;
use crate::partner;
use crate::world::stamp;

impl Stage {
    pub(super) fn track(&mut self, item: usize, word: Word) -> Found<()> {
        let Some((remote, _)) = self.judge.remote(&self.world, item) else { return Ok(()) };
        self.judge.keeps(item, word == Word::Yes, self.world.now);
        let (asked, with) = partner::tracking(remote, word == Word::Yes);
        self.at_the_desk(&asked, &with).map(|_| ())
    }

    pub(super) fn keep(&mut self, item: usize, word: Word) -> Found<()> {
        let Some((remote, _)) = self.judge.remote(&self.world, item) else { return Ok(()) };
        self.judge.keeps(item, word == Word::Yes, self.world.now);
        let places = self.world.shops.get(SHOP).map(|side| side.shop.setup().locations.clone());
        let ids: Vec<_> = places.iter().flatten().map(|place| place.id).collect();
        let [here, elsewhere, ..] = ids.as_slice() else { return Ok(()) };
        if word == Word::Yes {
            let (asked, with) = partner::stocking(remote, *here, self.asked());
            return self.at_the_desk(&asked, &with).map(|_| ());
        }
        // A shop keeps every item somewhere.
        let (asked, with) = partner::stocking(remote, *elsewhere, self.asked());
        self.at_the_desk(&asked, &with)?;
        let (asked, with) = partner::level_of(remote, *here);
        let found = self.at_the_desk(&asked, &with)?;
        let Some(level) = found.pointer("/data/inventoryItem/inventoryLevel/id") else {
            return Ok(());
        };
        let (asked, with) = partner::unstocking(level);
        self.at_the_desk(&asked, &with).map(|_| ())
    }

    /// The operator says what the shop's location is for us.
    pub(super) fn cast(&mut self, role: Role) -> Found<()> {
        let (lane, id) = (self.world.lane.clone(), shop()?);
        let Some(known) = self.world.hub().connection(&lane, &id)? else { return Ok(()) };
        let (Some(side), Some(here)) = (self.world.shops.get(SHOP), known.location) else {
            return Ok(());
        };
        let secret_slots = side.vault.0.keys().cloned().collect();
        let mut stock = known.stock;
        stock.roles.insert(here, Part { role, pool: Pool::B2c });
        let folded = self.give(&Command::PutConnection(PutConnection {
            connection: known.id,
            connector: known.connector,
            sandbox: known.sandbox,
            settings: known.settings,
            secret_slots,
            calls: Some(known.calls),
            paused: None,
            stock: Some(stock),
            live: false,
        }))?;
        if folded.outcome.kind == OutcomeKind::Applied {
            self.judge.cast(role, (folded.number, self.world.now));
        }
        Ok(())
    }

    /// Everything is counted again, where it was, and published.
    pub(super) fn keep_everything(&mut self) -> Found<()> {
        if self.judge.is_recast() {
            self.cast(Role::Publishes)?;
        }
        for item in 0..self.judge.items() {
            if self.judge.was_dropped(item) {
                self.track(item, Word::Yes)?;
                self.keep(item, Word::Yes)?;
            }
        }
        Ok(())
    }

    /// How many things have been asked for so far; a fresh number for each.
    fn asked(&mut self) -> u64 {
        self.commands += 1;
        self.commands
    }

    /// What the merchant asks of his own shop, whatever the weather is like for us.
    fn at_the_desk(&mut self, asked: &str, with: &Value) -> Found<Value> {
        let now = stamp(self.world.now);
        let Some(side) = self.world.shops.get_mut(SHOP) else { return Ok(json!({})) };
        let answer = partner::at_the_desk(&mut side.shop, (asked, with), now);
        let answer: Value = serde_json::from_slice(&answer).map_err(bad)?;
        match answer.get("errors") {
            Some(errors) => Err(bad(format!("the shop refuses its owner: {errors}"))),
            None => Ok(answer),
        }
    }
}
