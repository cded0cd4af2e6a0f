//! The brake on the rig's shop: what sets it off, what it holds, and a person's word.

use std::ops::RangeInclusive;

use crossdock_domain::Span;
use crossdock_domain::brake::BrakeWindow;
use crossdock_domain::command::Command;
use crossdock_domain::entry::Outcome;
use crossdock_sandbox::shopify::Happening;
use serde_json::json;

use super::{Rig, sku};

/// A shop of fifty items with ten units each, linked and live.
pub(crate) fn fifty() -> Rig {
    let mut rig = Rig::stocked(50);
    rig.rebuilds = vec![7];
    rig
}

/// Takes everything of some items away while the shop cannot be written, as an import would: all of it is owed at once.
pub(crate) fn take_away(rig: &mut Rig, items: usize) {
    rig.pause("shop");
    for n in 1..=items {
        rig.allocate(&sku(n), 10, "b2c", "b2b");
    }
    rig.resume("shop");
    rig.settle();
}

/// The shop says that these items stand at a figure, in deliveries of its own making; what stands there is another thing.
pub(crate) fn tell(rig: &mut Rig, items: RangeInclusive<usize>, available: i64) {
    rig.run(Span::from_s(5));
    for n in items {
        let truth = rig.shop().truth(&sku(n));
        let body = json!({
            "inventory_item_id": truth.inventory_item_id,
            "location_id": rig.shop().shop.setup().locations[0].id,
            "available": available,
            "updated_at": rig.now.to_string(),
        });
        rig.deliver("inventory_levels/update", &body);
    }
}

/// Sets the items up to `last` to a figure at the shop; which of them the brake holds then.
pub(crate) fn edit_all(rig: &mut Rig, last: usize, to: i64) -> Vec<String> {
    for n in 1..=last {
        rig.edit(&sku(n), to);
    }
    rig.settle();
    held(rig, last)
}

/// The items up to `last` that the brake holds.
pub(crate) fn held(rig: &Rig, last: usize) -> Vec<String> {
    (1..=last).map(sku).filter(|sku| rig.level(sku).held).collect()
}

pub(crate) fn writes(rig: &mut Rig) -> usize {
    let log = rig.shop().shop.log(0).iter();
    log.filter(|entry| matches!(entry.happening, Happening::Written { .. })).count()
}

pub(crate) fn brakes(rig: &Rig) -> Vec<BrakeWindow> {
    rig.reader().brakes_on(&rig.client()).unwrap()
}

pub(crate) fn approve(rig: &mut Rig) -> Outcome {
    let outcome = rig.obey(&Command::ApproveBrake { connection: "shop".parse().unwrap() });
    rig.settle();
    outcome
}

pub(crate) fn reject(rig: &mut Rig) -> Outcome {
    let outcome = rig.obey(&Command::RejectBrake { connection: "shop".parse().unwrap() });
    rig.settle();
    outcome
}

/// What a lying shop was believed within the share comes back as an increase, which it never had.
pub(crate) fn the_truth_comes_back(rig: &mut Rig) {
    rig.sync(None);
    rig.settle();
    rig.is_truthful = false;
}
