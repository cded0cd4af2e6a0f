//! The second shop: it sells the same items from the same pool, and has a judge of its own.

use crossdock_domain::ConnectionId;
use crossdock_domain::command::{Command, LinkWish, PutItem};

use super::act::sku;
use super::scene::{Opening, Scene, Shops};
use super::shelf::units;
use super::stage::{Stage, bad, connection};
use super::{Manner, Plan};
use crate::finding::Found;
use crate::judge::Judge;
use crate::partner::{self, Setup, Which};
use crate::world::stamp;

/// Its name.
const OTHER: &str = "other";

impl Stage {
    /// Opens it, if there is one: on the plainest terms, since what is held and asked is another's matter.
    pub(super) fn open_second(&mut self, plan: &Plan, manner: Manner) -> Found<()> {
        if plan.scene.shops == Shops::One {
            return Ok(());
        }
        let setup = Setup {
            seed: plan.seed ^ 1,
            items: plan.items,
            opening: 3..=40,
            domain: partner::OTHER_DOMAIN.to_owned(),
            ..Setup::default()
        };
        let secret = setup.access_token.clone();
        let scene = Scene { compares: plan.scene.compares, ..Scene::plain() };
        let put = connection(other()?, &scene);
        self.world.open_shop(setup, &[("access_token", &secret)], put)?;
        self.other = Some(Judge::new(OTHER, plan, Opening::Live, manner.plant));
        Ok(())
    }

    pub(super) fn link_at_second(&mut self, item: usize) -> Found<()> {
        let Some(judge) = &self.other else { return Ok(()) };
        let Some((remote, variant)) = judge.remote(&self.world, item) else { return Ok(()) };
        let link = LinkWish {
            connection: other()?,
            inventory_item: remote.to_string().parse().map_err(bad)?,
            variant: Some(variant.to_string().parse().map_err(bad)?),
            adopt: true,
        };
        self.just(&Command::PutItem(PutItem {
            sku: sku(item),
            links: vec![link],
            ..PutItem::default()
        }))
    }

    pub(super) fn sell_elsewhere(&mut self, item: usize, quantity: i64) -> Found<()> {
        let now = stamp(self.world.now);
        if self.is_on_the_other_shelf(item)?
            && let Some(side) = self.world.shops.get_mut(OTHER)
        {
            // What the shop refuses did not happen.
            let _ = side.shop.sell(&[units(item, quantity)], now);
        }
        Ok(())
    }

    pub(super) fn edit_elsewhere(&mut self, item: usize, by: i64) -> Found<()> {
        let now = stamp(self.world.now);
        let stands = self.other.as_ref().map_or(0, |judge| judge.stands(item));
        if self.is_on_the_other_shelf(item)?
            && let Some(side) = self.world.shops.get_mut(OTHER)
        {
            let _ = side.shop.edit(&Which::sku(&sku(item)), (stands + by).max(0), now);
        }
        Ok(())
    }

    fn is_on_the_other_shelf(&mut self, item: usize) -> Found<bool> {
        match &mut self.other {
            Some(judge) => judge.is_on_the_shelf(&mut self.world, item),
            None => Ok(false),
        }
    }

    /// The judges of all shops.
    pub(super) fn judges(&mut self) -> impl Iterator<Item = &mut Judge> {
        std::iter::once(&mut self.judge).chain(&mut self.other)
    }
}

fn other() -> Found<ConnectionId> {
    OTHER.parse().map_err(bad)
}
