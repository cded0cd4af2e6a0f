//! What stands behind a pool: it is never our own stock, and no unit of it is sold twice.

use crossdock_domain::command::{Command, LinkHow, LinkWish, PutItem};
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::item::Allocation;
use crossdock_domain::stock::Pool;
use crossdock_domain::stock::backing::{Backing, BackingWish, NoBacking};
use crossdock_domain::stock::terms::{Part, Role};
use crossdock_domain::{Instant, Span};
use crossdock_sandbox::shopify::Setup;
use serde_json::json;

use super::pools::{SKU, at_the_supplier, backed, from, give_role, order_from, put};
use crate::rig::Rig;

/// A shop that publishes its location, and an item, not linked yet, that was to be backed by what stands there.
fn to_be_backed_by_its_own_shop() -> Rig {
    let mut rig = Rig::with(Setup { items: 8, opening: 10..=10, ..Setup::default() });
    let (lane, shop) = (rig.lane.clone(), "shop".parse().unwrap());
    let location = rig.hub().connection(&lane, &shop).unwrap().unwrap().location.unwrap();
    let part = |role| Part { role, pool: Pool::B2c };
    give_role(&mut rig, "shop", &location, part(Role::Witness));
    let backing = Backing {
        pool: Pool::B2c,
        connection: shop,
        location: location.clone(),
        age_max_s: 3_600,
        cap: None,
    };
    let backing = Some(BackingWish::Backing(backing));
    let (allocation, sync) = (Some(Allocation::Fixed), Some(true));
    let outcome = put(&mut rig, PutItem { backing, allocation, sync, ..PutItem::default() });
    assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    give_role(&mut rig, "shop", &location, part(Role::Publishes));
    rig
}

fn wish(rig: &mut Rig) -> LinkWish {
    let truth = rig.shop().truth(SKU);
    LinkWish {
        connection: "shop".parse().unwrap(),
        inventory_item: truth.inventory_item_id.to_string().parse().unwrap(),
        variant: None,
        adopt: true,
    }
}

#[test]
fn an_item_is_not_linked_where_what_backs_it_would_be_booked() {
    let mut rig = to_be_backed_by_its_own_shop();
    let links = vec![wish(&mut rig)];
    let outcome = put(&mut rig, PutItem { links, ..PutItem::default() });
    assert_eq!(outcome.kind, OutcomeKind::Illegal, "{outcome:?}");
    let (item, connection) = (SKU.to_owned(), "shop".parse().unwrap());
    let how = LinkHow { adopt: true, sync: true };
    rig.obey(&Command::LinkItem { item, connection, how });
    rig.settle();
    assert_eq!(rig.stuck_tasks().len(), 1, "its SKU is no way around");
    rig.link_all("shop");
    assert_eq!(rig.events("link.refused").len(), 1, "nor is that of all of them");
    assert_eq!(rig.available(SKU), 10, "it feeds itself nothing");
}

#[test]
fn an_item_that_is_backed_no_longer_is_linked_in_the_same_breath() {
    let mut rig = to_be_backed_by_its_own_shop();
    let (backing, links) = (Some(BackingWish::Without(NoBacking::None)), vec![wish(&mut rig)]);
    let outcome = put(&mut rig, PutItem { backing, links, ..PutItem::default() });
    assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    assert_eq!((rig.b2c(SKU), rig.available(SKU)), (10, 10));
}

/// The supplier tells a figure, of an instant that may lie back, and says how that ended.
fn the_supplier_tells(rig: &mut Rig, available: i64, at: Instant) -> OutcomeKind {
    let level = rig.level_at("supplier", SKU);
    let item = rig.shops["supplier"].truth(SKU).inventory_item_id;
    let location: u64 = level.key.location.as_str().parse().unwrap();
    let body = json!({ "inventory_item_id": item, "location_id": location,
        "available": available, "updated_at": at.to_the_second().to_string() });
    let arrival = rig.delivery_of("supplier", "inventory_levels/update", &body.to_string());
    rig.fold(arrival).outcome.kind
}

fn a_day_before(rig: &Rig) -> Instant {
    rig.now.minus(Span::from_s(86_400))
}

#[test]
fn a_stale_delivery_frees_nothing_that_was_ordered_from_a_backing() {
    let mut rig = backed(Pool::B2b, None);
    assert_eq!(order_from(&mut rig, "PO-1", 15, from("supplier")).kind, OutcomeKind::Applied);
    let old = a_day_before(&rig);
    assert_eq!(the_supplier_tells(&mut rig, 20, old), OutcomeKind::Unchanged);
    assert_eq!(order_from(&mut rig, "PO-2", 6, from("supplier")).kind, OutcomeKind::Illegal);
    assert_eq!(the_supplier_tells(&mut rig, 40, old), OutcomeKind::Stale);
    assert_eq!(order_from(&mut rig, "PO-3", 6, from("supplier")).kind, OutcomeKind::Illegal);
    assert_eq!(order_from(&mut rig, "PO-4", 5, from("supplier")).kind, OutcomeKind::Applied);
    let now = rig.now;
    assert_eq!(the_supplier_tells(&mut rig, 20, now), OutcomeKind::Unchanged);
    rig.settle();
    let again = order_from(&mut rig, "PO-5", 20, from("supplier"));
    assert_eq!(again.kind, OutcomeKind::Applied, "the same figure of a later instant is news");
}

#[test]
fn a_stale_delivery_makes_no_old_backing_young() {
    let mut rig = backed(Pool::B2c, None);
    rig.run(Span::from_s(3_000));
    let old = a_day_before(&rig);
    assert_eq!(the_supplier_tells(&mut rig, 40, old), OutcomeKind::Stale);
    rig.run(Span::from_s(900));
    assert_eq!(rig.available(SKU), 10);
    let old = a_day_before(&rig);
    assert_eq!(the_supplier_tells(&mut rig, 40, old), OutcomeKind::Stale);
    rig.settle();
    assert_eq!(rig.available(SKU), 10);
}

#[test]
fn a_backing_that_a_reconciliation_found_as_it_was_is_young_again() {
    let mut rig = backed(Pool::B2c, None);
    rig.run(Span::from_s(3_000));
    let connection = "supplier".parse().unwrap();
    let outcome = rig.obey(&Command::Reconcile { connection, all: true });
    assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    rig.settle();
    rig.run(Span::from_s(1_800));
    assert_eq!(rig.available(SKU), 30);
    rig.run(Span::from_s(1_800));
    assert_eq!(rig.available(SKU), 10);
}

#[test]
fn a_cancelled_order_gives_back_only_what_the_suppliers_figure_does_not_hold_already() {
    let mut rig = backed(Pool::B2b, None);
    assert_eq!(order_from(&mut rig, "PO-1", 5, from("supplier")).kind, OutcomeKind::Applied);
    at_the_supplier(&mut rig, 15);
    assert_eq!(order_from(&mut rig, "PO-2", 2, from("supplier")).kind, OutcomeKind::Applied);
    rig.cancel("PO-1");
    assert_eq!(order_from(&mut rig, "PO-3", 14, from("supplier")).kind, OutcomeKind::Illegal);
    rig.cancel("PO-2");
    assert_eq!(order_from(&mut rig, "PO-4", 16, from("supplier")).kind, OutcomeKind::Illegal);
    assert_eq!(order_from(&mut rig, "PO-5", 15, from("supplier")).kind, OutcomeKind::Applied);
}
