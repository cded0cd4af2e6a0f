//! Roles of locations: a shop is written and booked, a source is booked, a witness is compared, and one location of a
//! connection publishes (rule 9).

use crossdock_domain::RemoteId;
use crossdock_domain::call::CallKind;
use crossdock_domain::command::{Command, LinkWish, PutItem};
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::stock::Pool;
use crossdock_domain::stock::terms::{Part, Role};
use crossdock_sandbox::shopify::Setup;

use crate::rig::{ELSEWHERE, Rig, Terms};

fn writes(rig: &mut Rig) -> usize {
    rig.calls(CallKind::SetLevels).len()
}

#[test]
fn the_differences_of_a_source_are_booked_and_it_is_never_written() {
    let mut rig = Rig::new();
    assert_eq!(rig.elsewhere(Role::Owns, Pool::B2b).kind, OutcomeKind::Applied);
    rig.link("shop", "DEMO-001", Terms::default());
    rig.tell_elsewhere("DEMO-001", 5, 1);
    assert_eq!(rig.balance("DEMO-001", "b2b"), 5, "taken over as opening balance");
    rig.tell_elsewhere("DEMO-001", 3, 2);
    rig.tell_elsewhere("DEMO-001", 9, 3);
    assert_eq!(rig.balance("DEMO-001", "b2b"), 9);
    let before = writes(&mut rig);
    rig.allocate("DEMO-001", 4, "b2b", "count");
    rig.settle();
    assert_eq!(rig.balance("DEMO-001", "b2b"), 5);
    assert_eq!(writes(&mut rig), before, "what it shows is its own affair");
    rig.is_truthful = false; // What the location elsewhere told came from us.
}

#[test]
fn a_witness_is_compared_and_each_change_of_its_drift_is_told_once() {
    let mut rig = Rig::new();
    rig.elsewhere(Role::Witness, Pool::B2c);
    let mut rig = rig.linked(&["DEMO-001"]);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.settle();
    rig.tell_elsewhere("DEMO-001", 10, 1);
    assert!(rig.events("stock.drift").is_empty(), "6 can be sold, 4 are taken and still there");
    rig.tell_elsewhere("DEMO-001", 8, 2);
    rig.tell_elsewhere("DEMO-001", 8, 3);
    let drifts = rig.events("stock.drift");
    assert_eq!(drifts.len(), 1);
    let told = &drifts[0].body;
    assert_eq!(
        (&told["counted"], &told["held"], &told["committed"]),
        (&8.into(), &6.into(), &4.into())
    );
    assert_eq!(told["drift"], -2);
    rig.tell_elsewhere("DEMO-001", 10, 4);
    assert_eq!(rig.events("stock.drift")[1].body["drift"], 0, "that it agrees again is told too");
    assert_eq!((rig.b2c("DEMO-001"), rig.available("DEMO-001")), (6, 6), "nothing was booked");
}

#[test]
fn an_items_pool_has_one_owner() {
    let mut rig = Rig::new();
    let setup = Setup {
        items: 8,
        opening: 10..=10,
        domain: "two.myshopify.com".to_owned(),
        ..Setup::default()
    };
    rig.add_shop("second", setup);
    let elsewhere = Part { role: Role::Owns, pool: Pool::B2b };
    for shop in ["shop", "second"] {
        let given = rig.terms(shop, |terms| {
            terms.roles.insert(ELSEWHERE.parse().unwrap(), elsewhere);
        });
        assert_eq!(given.kind, OutcomeKind::Applied, "nothing is linked yet: {given:?}");
    }
    rig.link("shop", "DEMO-001", Terms::default());
    let wish = LinkWish {
        connection: "second".parse().unwrap(),
        inventory_item: rig.shops["second"]
            .truth("DEMO-001")
            .inventory_item_id
            .to_string()
            .parse()
            .unwrap(),
        variant: None,
        adopt: false,
    };
    let put = PutItem { sku: "DEMO-001".to_owned(), links: vec![wish], ..PutItem::default() };
    let refused = rig.obey(&Command::PutItem(put.clone()));
    assert_eq!(refused.kind, OutcomeKind::Illegal);
    assert!(refused.note.contains("`shop` owns b2b"), "{}", refused.note);

    // Nor can a second connection begin to own what is linked already.
    rig.terms("second", |terms| terms.roles.clear());
    assert_eq!(rig.obey(&Command::PutItem(put)).kind, OutcomeKind::Applied);
    let refused = rig.terms("second", |terms| {
        terms.roles.insert(ELSEWHERE.parse().unwrap(), elsewhere);
    });
    assert_eq!(refused.kind, OutcomeKind::Illegal, "{refused:?}");
}

#[test]
fn rule_9_a_connection_publishes_at_one_location() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let refused = rig.elsewhere(Role::Publishes, Pool::B2b);
    assert_eq!(refused.kind, OutcomeKind::Illegal);
    assert!(refused.note.contains("both publish"), "{}", refused.note);
}

#[test]
fn rule_9_a_location_that_stops_publishing_is_observed_and_owed_nothing() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let here = rig.level("DEMO-001").key.location;
    rig.terms("shop", |terms| {
        terms.roles.insert(here, Part { role: Role::Witness, pool: Pool::B2c });
    });
    rig.settle();
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.sell("DEMO-001", 1);
    rig.settle();
    assert_eq!((rig.available("DEMO-001"), rig.b2c("DEMO-001")), (9, 6));
    rig.is_truthful = false; // The sale is drift now.
}

#[test]
fn a_location_that_begins_to_own_is_read_from_a_fresh_baseline() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.tell_elsewhere("DEMO-001", 7, 1);
    rig.tell_elsewhere("DEMO-001", 4, 2);
    rig.elsewhere(Role::Owns, Pool::B2b);
    assert_eq!(rig.balance("DEMO-001", "b2b"), 0, "what it showed before was no pool's");
    assert_eq!(rig.level_elsewhere("DEMO-001").observed, None, "a read is owed");
    rig.is_truthful = false;
}

#[test]
fn an_opening_that_was_to_be_taken_over_is_once_a_witness_publishes() {
    for has_answered in [false, true] {
        let mut rig = Rig::new().linked(&["DEMO-001"]);
        let here: RemoteId = rig.level("DEMO-001").key.location;
        let cast = |rig: &mut Rig, role| {
            rig.stock_terms(|terms| {
                terms.roles.insert(here.clone(), Part { role, pool: Pool::B2c });
            });
        };
        cast(&mut rig, Role::Witness);
        rig.link("shop", "DEMO-002", Terms::default());
        if has_answered {
            rig.settle();
        }
        assert_eq!(rig.b2c("DEMO-002"), 0, "a witness is compared, not booked");
        cast(&mut rig, Role::Publishes);
        rig.settle();
        assert_eq!(rig.b2c("DEMO-002"), 10);
        rig.assert_in_step("DEMO-002");
        cast(&mut rig, Role::Owns);
        cast(&mut rig, Role::Publishes);
        rig.settle();
        assert_eq!(rig.b2c("DEMO-002"), 10, "once");
    }
}
