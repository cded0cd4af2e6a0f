//! Stock between a shop and our books.

use crossdock_domain::entry::OutcomeKind;

use crate::rig::Rig;

#[test]
fn a_sale_in_the_shop_reaches_our_books() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    assert_eq!(rig.b2c("DEMO-001"), 10);
    rig.sell("DEMO-001", 3);
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), 7);
    assert_eq!(rig.balance("DEMO-001", "shopify:shop"), 3);
    rig.assert_in_step("DEMO-001");
}

#[test]
fn a_b2b_order_on_a_shared_item_reaches_the_shop_and_its_echo_books_nothing() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    let outcome = rig.order("PO-1", &[("DEMO-001", 4)]);
    assert_eq!(outcome.kind, OutcomeKind::Applied);
    rig.settle();
    assert_eq!(rig.available("DEMO-001"), 6);
    assert_eq!(rig.balance("DEMO-001", "shopify:shop"), 0, "the echo books nothing");
    rig.assert_in_step("DEMO-001");
}
