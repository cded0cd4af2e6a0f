//! Exchanges that were recorded with a real shop: what Shopify really says, and what we make of it.

use crossdock_domain::answer::{Answer, Budget, Failure, Receipt};
use serde_json::Value;

use crate::shop;

/// The answer to a write of two rows that each recorded case of a file gives, by name.
fn recorded(file: &str) -> Vec<(String, Answer)> {
    let Some(bytes) = shop::evidence(&format!("fixtures/shopify/graphql/{file}")) else {
        return Vec::new();
    };
    let file: Value = serde_json::from_slice(&bytes).unwrap();
    let cases = file["cases"].as_array().unwrap().iter();
    cases
        .map(|case| {
            let body = case["response"].to_string();
            let name = case["case"].as_str().unwrap().to_owned();
            (name, shop::answer(&shop::set_levels(2), 200, &body))
        })
        .collect()
}

fn find<'a>(answers: &'a [(String, Answer)], name: &str) -> Option<&'a Answer> {
    if answers.is_empty() {
        return None; // The skip was said aloud when the file was looked for.
    }
    Some(&answers.iter().find(|(case, _)| case == name).unwrap().1)
}

fn rows(answer: &Answer) -> Vec<usize> {
    match &answer.result {
        Err(Failure::Refused { rows, .. }) => rows.iter().map(|(row, _)| *row).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_write_that_was_recorded_is_a_success_with_its_budget() {
    let answers = recorded("inventory_mutations_contract_2026-04.json");
    let Some(answer) = find(&answers, "inventorySetQuantities") else { return };
    let at = Some("2026-06-25T01:33:55Z".parse().unwrap());
    assert_eq!(answer.result, Ok(Receipt::LevelsSet { at }));
    let budget = Budget { available: 1_986, maximum: 2_000, restored_per_s: 100 };
    assert_eq!(answer.budget, Some(budget));
}

#[test]
fn writes_of_a_form_that_shopify_no_longer_takes_are_refused() {
    let answers = recorded("inventory_mutations_contract_2026-04.json");
    for name in ["missingSetIdempotency", "missingSetChangeFromQuantity", "legacySetShape"] {
        let Some(answer) = find(&answers, name) else { return };
        assert_eq!(rows(answer), Vec::<usize>::new(), "{name}");
    }
}

#[test]
fn the_recorded_refusals_blame_the_row_they_name() {
    let answers = recorded("inventory_mutations_contract_2026-04.json");
    for name in
        ["unknownIdValidation/setUnknownInventoryItem", "unknownIdValidation/setUnknownLocation"]
    {
        let Some(answer) = find(&answers, name) else { return };
        assert_eq!(rows(answer), [0], "{name}");
    }
    let pairs = recorded("inventory_set_quantities_name_and_duplicates_2026-04.json");
    let Some(pair) = find(&pairs, "cases/duplicatePair") else { return };
    assert_eq!(rows(pair), [0, 1]);
    let bounds = recorded("inventory_set_quantities_bounds_2026-04.json");
    let Some(low) = find(&bounds, "cases/availableTooLow") else { return };
    assert_eq!(rows(low), [0]);
    let Some(negative) = find(&bounds, "cases/availableNegativeWithinBounds") else { return };
    assert_eq!(negative.result, Ok(Receipt::LevelsSet { at: None }));
}

#[test]
fn every_recorded_write_is_a_success_or_a_refusal_and_never_a_doubt() {
    for file in [
        "inventory_mutations_contract_2026-04.json",
        "inventory_reason_validation_2026-04.json",
        "inventory_set_quantities_bounds_2026-04.json",
        "inventory_set_quantities_name_and_duplicates_2026-04.json",
    ] {
        let cases = recorded(file);
        // The other mutations answer under their own names, which our write never asks for.
        let ours = cases
            .iter()
            .filter(|(name, _)| name.to_lowercase().contains("set") && !name.contains("OnHand"));
        for (name, answer) in ours {
            let class = answer.result.as_ref().map_or_else(Failure::class, |_| "done");
            assert!(matches!(class, "done" | "refused"), "{file} {name}: {answer:?}");
        }
    }
}

#[test]
fn an_answer_to_something_else_is_never_taken_for_ours() {
    let answers = recorded("inventory_mutations_contract_2026-04.json");
    for name in ["inventoryAdjustQuantities", "inventorySetOnHandQuantities"] {
        let Some(answer) = find(&answers, name) else { return };
        assert_eq!(answer.result.as_ref().unwrap_err().class(), "unknown", "{name}");
    }
}

#[test]
fn the_warning_of_an_ignored_search_is_seen_in_a_recorded_answer() {
    let file = "fixtures/shopify/graphql/inventory_levels_pagination_2026-04.json";
    let Some(bytes) = shop::evidence(file) else { return };
    let file: Value = serde_json::from_slice(&bytes).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let case = cases.iter().find(|case| case["case"] == "operations/activeRead").unwrap();
    let answer =
        shop::answer(&shop::read_items(Some("A"), None), 200, &case["response"].to_string());
    let failure = answer.result.unwrap_err();
    assert_eq!(failure.class(), "refused");
    assert!(failure.why().contains("location_id"), "{}", failure.why());
    assert!(answer.budget.is_some());
}
