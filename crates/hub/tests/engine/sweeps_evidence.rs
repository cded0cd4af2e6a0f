//! What a reconciliation reports: exactly the discrepancies that there are, each with what speaks for how it came about.

use std::collections::BTreeMap;

use crossdock_domain::Span;
use crossdock_domain::entry::EntryKind;
use crossdock_domain::stock::terms::Repair;
use crossdock_domain::sweep::{Evidence, Finding, SweepState};

use crate::rig::{Rig, shop_of, sku};

/// Injects `k` discrepancies of three kinds, lets everything come to rest, and says which evidence each should have.
fn injected(rig: &mut Rig, k: usize) -> BTreeMap<String, Evidence> {
    let mut wanted = BTreeMap::new();
    let (mut foreign, mut sold, mut undone) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..k {
        let item = sku(3 * n + 1);
        match n % 3 {
            0 => foreign.push(item),
            1 => sold.push(item),
            _ => undone.push(item),
        }
    }
    for item in &undone {
        rig.allocate(item, 4, "b2c", "b2b");
        wanted.insert(item.clone(), Evidence::WriteLost);
    }
    rig.settle();
    rig.lose_levels();
    for item in &undone {
        rig.edit(item, 10);
    }
    for item in &foreign {
        rig.edit(item, 3);
        wanted.insert(item.clone(), Evidence::Foreign);
    }
    for item in &sold {
        rig.sell(item, 2);
        wanted.insert(item.clone(), Evidence::DeliveryMissed);
    }
    rig.run(Span::from_s(120));
    wanted
}

fn by_sku(rig: &Rig, findings: &[Finding]) -> BTreeMap<String, Evidence> {
    let (reader, client) = (rig.reader(), rig.client());
    let named = findings.iter().map(|finding| {
        let item = reader.item_alone(&client, finding.item).unwrap().unwrap();
        (item.sku, finding.evidence)
    });
    named.collect()
}

fn the_report_lists_exactly_what_was_injected(k: usize) {
    let mut rig = Rig::with(shop_of(3 * k + 20));
    rig.rebuilds = vec![1_000];
    rig.link_all("shop");
    rig.stock_terms(|terms| terms.repair = Repair::Ask);
    let wanted = injected(&mut rig, k);
    let (sweep, findings) = rig.swept(true);
    assert_eq!(findings.len(), k);
    assert_eq!(sweep.state, SweepState::Asking);
    assert_eq!(by_sku(&rig, &findings), wanted);
    for finding in &findings {
        assert!(finding.repair.is_some() && !finding.rests_on.is_empty(), "{finding:?}");
    }
    rig.obey(&crossdock_domain::command::Command::ApplyFindings {
        sweep: sweep.number,
        findings: None,
    });
    rig.settle();
    for item in wanted.keys() {
        rig.assert_in_step(item);
    }
    let (_, none) = rig.swept(true);
    assert!(none.is_empty(), "once repaired, nothing is left: {none:?}");
}

#[test]
fn one_injected_discrepancy_is_reported_alone() {
    the_report_lists_exactly_what_was_injected(1);
}

#[test]
fn ten_injected_discrepancies_are_reported_exactly() {
    the_report_lists_exactly_what_was_injected(10);
}

#[test]
fn a_hundred_injected_discrepancies_are_reported_exactly() {
    the_report_lists_exactly_what_was_injected(100);
}

#[test]
fn a_difference_that_nothing_dates_or_explains_is_said_to_be_unexplained() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().weather(|faults| faults.webhooks.delay_ms_max = 0);
    rig.sell("DEMO-001", 1);
    // Within the same second, which is the grain of the partner's instants.
    rig.lose_levels();
    rig.edit("DEMO-001", 4);
    rig.run(Span::from_s(120));
    assert_eq!(rig.level("DEMO-001").observed, Some(9));
    let (_, findings) = rig.swept(true);
    assert_eq!((findings.len(), findings[0].evidence), (1, Evidence::Unexplained));
    assert_eq!(rig.b2c("DEMO-001"), 4);
}

#[test]
fn the_evidence_of_a_missed_delivery_names_the_orders_that_explain_it() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.lose_levels();
    rig.sell("DEMO-001", 1);
    rig.sell("DEMO-001", 2);
    rig.run(Span::from_s(120));
    let (_, findings) = rig.swept(true);
    assert_eq!(
        (findings[0].evidence, findings[0].difference),
        (Evidence::DeliveryMissed, Some(-3))
    );
    let journal = rig.journal();
    let kinds: Vec<_> = findings[0]
        .rests_on
        .iter()
        .map(|number| journal.iter().find(|entry| entry.number == *number).unwrap())
        .map(|entry| (entry.kind, entry.topic.clone()))
        .collect();
    assert_eq!(kinds[0], (EntryKind::Delivery, "orders/create".to_owned()));
    assert_eq!(kinds[1], (EntryKind::Delivery, "orders/create".to_owned()));
    assert_eq!(kinds[2], (EntryKind::Answer, "read_page".to_owned()), "the page that showed it");
}

#[test]
fn the_evidence_of_a_lost_write_names_its_send_and_its_answer() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop()
        .weather(|faults| faults.webhooks.drop_topics = vec!["inventory_levels/update".to_owned()]);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.settle();
    rig.edit("DEMO-001", 10);
    rig.run(Span::from_s(120));
    rig.stock_terms(|terms| terms.repair = Repair::Ask);
    let (_, findings) = rig.swept(true);
    assert_eq!(findings[0].evidence, Evidence::WriteLost);
    let journal = rig.journal();
    let kinds: Vec<_> = findings[0]
        .rests_on
        .iter()
        .map(|number| journal.iter().find(|entry| entry.number == *number).unwrap().kind)
        .collect();
    assert_eq!(kinds, [EntryKind::Send, EntryKind::Answer, EntryKind::Answer]);
    rig.is_truthful = false;
}

#[test]
fn a_search_index_that_lags_hides_nothing_for_longer_than_the_overlap() {
    let setup = crossdock_sandbox::shopify::Setup { index_lag_seconds: 90, ..shop_of(3) };
    let mut rig = Rig::with(setup);
    rig.link_all("shop");
    rig.run(Span::from_s(3_600));
    rig.lose_levels();
    rig.swept(false);
    rig.edit("DEMO-001", 4);
    rig.run(Span::from_s(60));
    let (_, findings) = rig.swept(false);
    assert!(findings.is_empty(), "the index does not know of it yet");
    rig.run(Span::from_s(60));
    let (_, findings) = rig.swept(false);
    assert_eq!(findings.len(), 1, "asked for again by the overlap");
}
