//! Odd things that partners and people do to stock, each with the outcome that a person reads.

use crossdock_domain::command::{Command, LinkHow};
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::stock::level::Standing;
use crossdock_sandbox::shopify::{ExactItem, Setup};
use serde_json::json;

use crate::rig::{Rig, Terms};

const LOCATION: u64 = 106_318_430_514;

fn item(id: u64, sku: &str, available: i64) -> ExactItem {
    ExactItem {
        item_id: id,
        variant_id: id + 1_000_000,
        product_id: id + 2_000_000,
        title: format!("Item {id}"),
        sku: Some(sku.to_owned()),
        tracked: true,
        levels: vec![(LOCATION, available)],
    }
}

#[test]
fn a_variant_that_was_made_anew_takes_its_items_place_from_a_fresh_baseline() {
    let exact = vec![item(501, "TEE", 9)];
    let mut rig = Rig::with(Setup { items: 0, exact, ..Setup::default() });
    rig.link("shop", "TEE", Terms::default());
    rig.settle();
    let gone = rig.deliver("inventory_items/delete", &json!({ "id": 501 }));
    assert!(gone.note.contains("deleted at the partner: nothing is owed"), "{}", gone.note);
    assert_eq!(rig.level("TEE").standing, Standing::Suspended);
    // Made anew with 4 on the shelf; the old one is still in the simulated shop, so the new one comes by hand.
    let new =
        json!({ "id": 777, "sku": "TEE", "tracked": true, "updated_at": "2026-11-20T10:03:00Z" });
    rig.deliver("inventory_items/create", &new);
    let how = LinkHow { adopt: false, sync: false };
    let connection = "shop".parse().unwrap();
    rig.pause("shop");
    let connection_id = connection;
    rig.obey(&Command::PutItem(crossdock_domain::command::PutItem {
        sku: "TEE".to_owned(),
        links: vec![crossdock_domain::command::LinkWish {
            connection: connection_id,
            inventory_item: "777".parse().unwrap(),
            variant: None,
            adopt: how.adopt,
        }],
        ..Default::default()
    }));
    let told = json!({ "inventory_item_id": 777, "location_id": LOCATION, "available": 4,
        "updated_at": "2026-11-20T10:03:05Z" });
    let first = rig.deliver("inventory_levels/update", &told);
    assert_eq!(first.note, "first figure: a baseline");
    assert_eq!((rig.b2c("TEE"), rig.level("TEE").observed), (9, Some(4)), "nothing was sold");
    let late = json!({ "inventory_item_id": 501, "location_id": LOCATION, "available": 0,
        "updated_at": "2026-11-20T10:03:09Z" });
    let late = rig.deliver("inventory_levels/update", &late);
    assert_eq!(late.kind, OutcomeKind::UnknownEntity, "the old one is nobody's: {late:?}");
    rig.is_truthful = false; // The new one is not in the simulated shop.
}

#[test]
fn an_item_that_the_shop_no_longer_stocks_there_is_suspended_and_says_so() {
    let exact = vec![ExactItem {
        levels: vec![(LOCATION, 9), (106_318_463_282, 1)],
        ..item(501, "TEE", 9)
    }];
    let mut rig = Rig::with(Setup { items: 0, exact, ..Setup::default() });
    rig.link("shop", "TEE", Terms::default());
    rig.settle();
    let found = rig.ask_shop(
        "query L($id: ID!, $at: ID!) { inventoryItem(id: $id) { inventoryLevel(locationId: $at) { id } } }",
        &json!({ "id": "gid://shopify/InventoryItem/501",
            "at": format!("gid://shopify/Location/{LOCATION}") }),
    );
    let level = found["data"]["inventoryItem"]["inventoryLevel"]["id"].clone();
    let done = rig.ask_shop(
        "mutation D($id: ID!) { inventoryDeactivate(inventoryLevelId: $id) { userErrors { message } } }",
        &json!({ "id": level }),
    );
    assert_eq!(done["data"]["inventoryDeactivate"]["userErrors"], json!([]), "{done}");
    rig.settle();
    assert_eq!(rig.level("TEE").standing, Standing::Suspended);
    rig.order("PO-1", &[("TEE", 4)]);
    let run = rig.sync(Some("TEE"));
    rig.settle();
    let told = rig.runs(run)[0].error.clone().unwrap_or_default();
    assert!(told.contains("keeps no counter"), "{told}");
    assert!(rig.open_tasks().is_empty(), "nothing is owed to it: {:?}", rig.open_tasks());
}

#[test]
fn a_location_that_the_shop_has_no_more_is_said_so_and_owed_nothing() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let lane = rig.lane.clone();
    let known = rig.hub().connection(&lane, &"shop".parse().unwrap()).unwrap().unwrap();
    let mut settings = known.settings.clone();
    settings.insert("location_id".to_owned(), "999".to_owned());
    let secret_slots = rig.shop().vault.0.keys().cloned().collect();
    rig.obey(&Command::PutConnection(crossdock_domain::command::PutConnection {
        connection: known.id,
        connector: known.connector,
        sandbox: known.sandbox,
        settings,
        secret_slots,
        calls: None,
        paused: None,
        stock: None,
        live: true,
    }));
    let run = rig.sync(Some("DEMO-001"));
    rig.settle();
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.settle();
    assert_eq!(rig.available("DEMO-001"), 10, "the old location is written no more");
    let told = rig.runs(run)[0].error.clone().unwrap_or_default();
    assert!(told.contains("keeps no counter"), "{told}");
    rig.is_truthful = false; // What is sold at the old location is no pool's any more.
}

#[test]
fn a_counter_below_zero_is_a_baseline_like_any_other() {
    let exact = vec![item(501, "TEE", -3)];
    let mut rig = Rig::with(Setup { items: 0, exact, ..Setup::default() });
    rig.link("shop", "TEE", Terms::default());
    rig.settle();
    assert_eq!((rig.b2c("TEE"), rig.available("TEE")), (-3, -3));
    rig.allocate("TEE", 5, "supplier", "b2c");
    rig.settle();
    assert_eq!((rig.b2c("TEE"), rig.available("TEE")), (2, 2));
}

#[test]
fn a_human_who_types_the_old_number_back_is_believed_once() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.settle();
    rig.edit("DEMO-001", 10);
    rig.settle();
    assert_eq!((rig.b2c("DEMO-001"), rig.available("DEMO-001")), (10, 10));
    assert_eq!(rig.balance("DEMO-001", "shopify:shop"), -4, "he found four more");
    assert_eq!(rig.level("DEMO-001").error, None);
}

#[test]
fn a_row_that_the_shop_does_not_know_is_found_out_and_the_rest_of_its_batch_goes_through() {
    let exact = vec![item(501, "TEE", 9), item(502, "MUG", 9), item(503, "CAP", 9)];
    let mut rig = Rig::with(Setup { items: 0, exact, ..Setup::default() });
    let skus = ["TEE", "MUG", "CAP"];
    for sku in skus {
        rig.link("shop", sku, Terms::default());
    }
    rig.settle();
    rig.pause("shop");
    for sku in skus {
        rig.allocate(sku, 2, "b2c", "b2b");
    }
    rig.shop().weather(|faults| {
        faults.calls.item_error = crossdock_sandbox::shopify::Knob::next(1);
    });
    rig.resume("shop");
    rig.settle();
    let stuck = rig.stuck_tasks();
    assert_eq!(stuck.len(), 1);
    assert!(
        stuck[0].note.contains("could not be found") && stuck[0].note.contains("link it again"),
        "{}",
        stuck[0].note
    );
    assert_eq!([rig.available("TEE"), rig.available("MUG"), rig.available("CAP")], [9, 7, 7]);
}
