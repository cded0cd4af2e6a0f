//! Links: by a person's word or by evidence, never by a guess.

use crossdock_domain::command::{Command, LinkHow, LinkWish, PutItem};
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::link::LinkKind;
use crossdock_domain::task::TaskState;
use crossdock_domain::{ItemId, Span};
use crossdock_sandbox::shopify::Setup;
use serde_json::json;

use crate::rig::{Rig, Terms};

const HOW: LinkHow = LinkHow { adopt: true, sync: true };

#[test]
fn all_items_of_a_shop_are_made_and_linked_over_several_pages() {
    let mut rig = Rig::with(Setup { items: 250, opening: 10..=10, ..Setup::default() });
    rig.link_all("shop");
    assert_eq!((rig.b2c("DEMO-001"), rig.b2c("DEMO-250")), (10, 10));
    rig.sell("DEMO-250", 1);
    rig.settle();
    assert_eq!(rig.b2c("DEMO-250"), 9);
    assert!(rig.open_tasks().is_empty());
}

#[test]
fn linking_many_items_is_spread_over_entries_and_survives_a_crash_between_them() {
    let mut rig = Rig::with(Setup { items: 600, opening: 10..=10, ..Setup::default() });
    let connection = "shop".parse().unwrap();
    rig.obey(&Command::LinkAll { connection, how: HOW, create: true });
    while super::sweeps::own_steps(&mut rig) == 0 {
        rig.run(Span::from_ms(1));
    }
    rig.start_again();
    rig.settle();
    assert_eq!(super::sweeps::own_steps(&mut rig), 2);
    assert_eq!((rig.b2c("DEMO-001"), rig.b2c("DEMO-600")), (10, 10));
    assert!(rig.open_tasks().is_empty());
}

#[test]
fn a_sku_that_is_there_twice_is_announced_and_left_to_a_person() {
    let mut rig = Rig::with(Setup { items: 2, opening: 10..=10, odd: true, ..Setup::default() });
    rig.link_all("shop");
    assert!(rig.reader().item(&rig.client(), "ODD-DUPLICATE").unwrap().is_none());
    assert!(rig.reader().item(&rig.client(), "ODD-UNTRACKED").unwrap().is_none());
    let events = rig.reader().events(&rig.lane, 50).unwrap();
    assert_eq!(events.iter().filter(|event| event.name == "link.ambiguous").count(), 2);
    assert_eq!(rig.b2c("ODD-BIG-ID"), 9);
    assert_eq!(rig.b2c("ODD-NEGATIVE"), -3);
}

#[test]
fn linking_all_makes_no_items_unless_told_to() {
    let mut rig = Rig::new();
    put(&mut rig, "DEMO-001");
    let connection = "shop".parse().unwrap();
    rig.obey(&Command::LinkAll { connection, how: HOW, create: false });
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), 10);
    assert!(rig.reader().item(&rig.client(), "DEMO-002").unwrap().is_none());
}

#[test]
fn linking_all_again_changes_nothing() {
    let mut rig = Rig::new();
    rig.link_all("shop");
    rig.sell("DEMO-001", 3);
    rig.settle();
    let before = rig.stock("DEMO-001");
    rig.link_all("shop");
    assert_eq!(rig.stock("DEMO-001"), before);
}

#[test]
fn an_item_is_linked_by_its_sku_if_the_partner_has_it_once() {
    let mut rig = Rig::with(Setup { items: 2, opening: 10..=10, odd: true, ..Setup::default() });
    for (sku, linked) in [("DEMO-001", true), ("ODD-DUPLICATE", false), ("NOBODY-HAS-IT", false)] {
        put(&mut rig, sku);
        let connection = "shop".parse().unwrap();
        rig.obey(&Command::LinkItem { item: sku.to_owned(), connection, how: HOW });
        rig.settle();
        assert_eq!(!rig.stock(sku).levels.is_empty(), linked, "{sku}");
    }
    let notes: Vec<_> = rig.stuck_tasks().into_iter().map(|task| task.note).collect();
    assert_eq!(notes.len(), 2);
    assert!(notes[0].contains("2 items there"), "{notes:?}");
    assert!(notes[1].contains("no item"), "{notes:?}");
    assert_eq!(rig.b2c("DEMO-001"), 10);
}

#[test]
fn a_search_that_found_nothing_is_tried_again_by_hand_once_the_partner_has_the_item() {
    let mut rig = Rig::new();
    put(&mut rig, "LATER");
    let connection = "shop".parse().unwrap();
    rig.obey(&Command::LinkItem { item: "LATER".to_owned(), connection, how: HOW });
    rig.settle();
    let task = rig.stuck_tasks()[0].id;
    assert_eq!(rig.obey(&Command::RetryTask { task }).kind, OutcomeKind::Applied);
    rig.settle();
    let again = rig.stuck_tasks();
    assert_eq!((again[0].id, again[0].state), (task, TaskState::Stuck));
}

#[test]
fn a_persons_link_goes_before_a_sku() {
    // DEMO-002's counter is linked with our DEMO-001 by hand; the shop's DEMO-001 must not take its place.
    let mut rig = Rig::new();
    let other = rig.shop().truth("DEMO-002").inventory_item_id.to_string();
    let wish = LinkWish {
        connection: "shop".parse().unwrap(),
        inventory_item: other.parse().unwrap(),
        variant: None,
        adopt: true,
    };
    rig.obey(&Command::PutItem(PutItem {
        sku: "DEMO-001".to_owned(),
        links: vec![wish],
        sync: Some(true),
        ..PutItem::default()
    }));
    rig.settle();
    rig.link_all("shop");
    let links = rig.reader().links(&rig.client(), rig.stock("DEMO-001").item.id).unwrap();
    let counters: Vec<_> = links.iter().filter(|link| link.kind == LinkKind::Counter).collect();
    assert_eq!(counters.len(), 1);
    assert_eq!(counters[0].remote.as_str(), other);
    rig.is_truthful = false; // Linked across SKUs, so the audit by SKU says nothing.
}

#[test]
fn a_delivery_for_an_unknown_item_is_kept_and_folded_again_after_linking() {
    let mut rig = Rig::new();
    rig.sell("DEMO-001", 3);
    rig.settle();
    let entry =
        rig.journal().iter().find(|e| e.outcome == OutcomeKind::UnknownEntity).unwrap().number;
    rig.link("shop", "DEMO-001", Terms::default());
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), 7);
    let outcome = rig.obey(&Command::RetryEntry { entry });
    assert_ne!(outcome.kind, OutcomeKind::UnknownEntity, "{outcome:?}");
    assert_eq!(rig.b2c("DEMO-001"), 7, "it says nothing new by now");
    rig.is_truthful = false; // Sold before the link.
}

#[test]
fn a_link_that_moves_to_another_item_starts_both_anew() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let remote = rig.shop().truth("DEMO-001").inventory_item_id.to_string();
    let wish = LinkWish {
        connection: "shop".parse().unwrap(),
        inventory_item: remote.parse().unwrap(),
        variant: None,
        adopt: true,
    };
    let put = PutItem {
        sku: "NEW".to_owned(),
        links: vec![wish],
        sync: Some(true),
        ..PutItem::default()
    };
    rig.obey(&Command::PutItem(put));
    rig.settle();
    assert_eq!((rig.b2c("NEW"), rig.level("DEMO-001").observed), (10, None));
    rig.sell("DEMO-001", 4);
    rig.settle();
    assert_eq!((rig.b2c("NEW"), rig.b2c("DEMO-001")), (6, 10));
    let run = rig.sync(Some("DEMO-001"));
    rig.settle();
    assert!(rig.runs(run).is_empty(), "what is linked no longer is not read");
    rig.is_truthful = false; // The SKU there is another's here.
}

#[test]
fn a_refused_item_leaves_nothing_behind() {
    let mut rig = Rig::new();
    let with = |sku: &str| PutItem {
        sku: sku.to_owned(),
        reference: Some("R-1".to_owned()),
        ..PutItem::default()
    };
    assert_eq!(
        rig.obey(&Command::PutItem(with("A"))).result,
        Some(json!({ "item": ItemId(1), "sku": "A" }))
    );
    assert_eq!(rig.obey(&Command::PutItem(with("B"))).kind, OutcomeKind::Illegal);
    assert_eq!(rig.obey(&Command::PutItem(with("A"))).kind, OutcomeKind::Unchanged);
    assert!(rig.reader().item(&rig.client(), "B").unwrap().is_none());
    let made = put(&mut rig, "C");
    assert_eq!(made, Some(json!({ "item": ItemId(2), "sku": "C" })), "no id was used up");
}

#[test]
fn a_new_publishing_location_is_read_and_the_old_one_is_owed_nothing() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let lane = rig.lane.clone();
    let known = rig.hub().connection(&lane, &"shop".parse().unwrap()).unwrap().unwrap();
    let mut settings = known.settings.clone();
    settings.insert("location_id".to_owned(), "106318463282".to_owned());
    rig.obey(&Command::PutConnection(crossdock_domain::command::PutConnection {
        connection: known.id,
        connector: known.connector,
        sandbox: false,
        settings,
        secret_slots: vec!["access_token".to_owned(), "webhook_secret".to_owned()],
        calls: None,
        paused: None,
        stock: None,
        live: true,
    }));
    rig.settle();
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.settle();
    assert_eq!(rig.available("DEMO-001"), 10, "nothing is written to the old one");
    assert!(rig.open_tasks().is_empty(), "{:?}", rig.open_tasks());
}

fn put(rig: &mut Rig, sku: &str) -> Option<serde_json::Value> {
    let put = PutItem { sku: sku.to_owned(), ..PutItem::default() };
    rig.obey(&Command::PutItem(put)).result
}
