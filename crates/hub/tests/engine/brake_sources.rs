//! The brake where a location owns its stock: nothing is ever written there, so what a person rejects is asked about again
//! as long as the source says so.

use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::stock::Pool;
use crossdock_domain::stock::terms::{Part, Role};

use crate::rig::braked::{approve, brakes, edit_all, fifty, held, reject};
use crate::rig::{Rig, sku};

/// The shop's counter is the source of b2c; twenty of fifty items are said to be gone, or so many more to be there.
fn source_says(to: i64) -> (Rig, Vec<String>) {
    let mut rig = fifty();
    rig.stock_terms(|terms| {
        let here = "106318430514".parse().unwrap();
        terms.roles.insert(here, Part { role: Role::Owns, pool: Pool::B2c });
    });
    rig.settle();
    let held = edit_all(&mut rig, 40, to);
    assert!(!held.is_empty() && brakes(&rig).len() == 1);
    (rig, held)
}

#[test]
fn what_a_source_still_says_after_a_rejection_is_asked_about_again_and_never_set_aside() {
    for to in [0, 40] {
        let (mut rig, before) = source_says(to);
        assert_eq!(reject(&mut rig).kind, OutcomeKind::Applied);
        assert_eq!(held(&rig, 40), before, "they were read, and stand as they stood");
        let on = brakes(&rig);
        let engaged = on[0].engaged.as_ref().unwrap();
        assert!(engaged.why.contains("correct it there"), "{}", engaged.why);
        assert_eq!(usize::try_from(engaged.extent.changed), Ok(before.len()));
        for sku in &before {
            assert_eq!((rig.b2c(sku), rig.balance(sku, "unexplained:shop")), (10, 0), "{sku}");
        }
        approve(&mut rig);
        assert!(brakes(&rig).is_empty());
        assert!(before.iter().all(|sku| rig.b2c(sku) == to), "believed, once a person says so");
    }
}

#[test]
fn a_source_that_is_corrected_after_a_rejection_books_nothing() {
    let (mut rig, before) = source_says(0);
    reject(&mut rig);
    for sku in &before {
        rig.edit(sku, 10);
    }
    rig.settle();
    approve(&mut rig);
    assert!(brakes(&rig).is_empty() && held(&rig, 40).is_empty());
    assert!(before.iter().all(|sku| rig.b2c(sku) == 10));
}

#[test]
fn units_that_waited_when_a_counter_became_a_source_can_still_be_believed_and_not_be_set_back() {
    let mut rig = Rig::new().linked(&[&sku(1)]);
    rig.stock_terms(|terms| terms.unexplained = crossdock_domain::stock::terms::Unexplained::Ask);
    rig.edit(&sku(1), 13);
    rig.settle();
    assert_eq!(rig.balance(&sku(1), "unexplained:shop"), 3);
    rig.stock_terms(|terms| {
        let here = "106318430514".parse().unwrap();
        terms.roles.insert(here, Part { role: Role::Owns, pool: Pool::B2c });
    });
    rig.settle();
    assert_eq!(rig.decide(&sku(1), false).kind, OutcomeKind::Illegal, "it is never written");
    assert_eq!(rig.decide(&sku(1), true).kind, OutcomeKind::Applied);
    assert_eq!((rig.b2c(&sku(1)), rig.balance(&sku(1), "unexplained:shop")), (13, 0));
}
