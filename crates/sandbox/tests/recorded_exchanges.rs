//! Replays exchanges recorded at a real shop (API 2026-04) and compares the answers, up to ids and times.
//!
//! The recordings lie outside the product; where they are missing the tests say so and do nothing.
//! What the sandbox does not reproduce is listed in `DIFFERENCES`, and the list is checked too.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]
#![allow(clippy::print_stderr, reason = "a skipped test must be seen")]

mod recorded;
mod support;

use recorded::documents::{
    ACTIVATE, ADJUST, ADJUST_WITH_LITERAL_KEY, CATALOG, DEACTIVATE, LIFECYCLE_READ, MISSING_TOPIC,
    MOVE, NULL_INPUT, SET, SET_ON_HAND, SHORT_ADJUST, SHORT_SET, SHORT_SET_ON_HAND, SUBSCRIBE,
    SUBSCRIPTION, UNSUBSCRIBE, UPDATE_SUBSCRIPTION, URI_VALIDATION, WEBHOOK_VALIDATION,
};
use recorded::{Replay, without_directive};

/// Fixture, case, the path inside the answer (empty: the whole case), and why it differs.
const DIFFERENCES: &[(&str, &str, &str, &str)] = &[
    (LEVELS, "operations/sourceLocationAdd", "", "locations come from the setup"),
    (LEVELS, "operations/destinationLocationAdd", "", "locations come from the setup"),
    (LEVELS, "operations/productSet", "", "products come from the setup"),
    (LIFECYCLE, "setup/trackInventory", "", "products come from the setup"),
    (LIFECYCLE, "*", "totalInventory", "the real total lags behind for seconds, ours does not"),
    (ITEM_LEVELS, "ProductsHydrateNodes", "status", "the sandbox has active products only"),
    (WEBHOOKS, "schemaAndAccess", "", "no introspection"),
    (WEBHOOKS, "filterValidation/setupCustomer", "", "no customers"),
    (WEBHOOKS, "filterValidation/cleanupCustomer", "", "no customers"),
];

const CONTRACT: &str = "inventory_mutations_contract_2026-04";
const ITEM_LEVELS: &str = "inventory_item_levels_query_2026-04";
const LEVELS: &str = "inventory_levels_pagination_2026-04";
const LIFECYCLE: &str = "inventory_activate_deactivate_lifecycle_2026-04";
const REASONS: &str = "inventory_reason_validation_2026-04";
const BOUNDS: &str = "inventory_set_quantities_bounds_2026-04";
const NAMES: &str = "inventory_set_quantities_name_and_duplicates_2026-04";
const ZERO: &str = "inventory_adjust_zero_delta_noop_2026-04";
const WEBHOOKS: &str = "webhook_subscription_lifecycle_2026-04";
const URIS: &str = "webhook_subscription_uri_validation_2026-04";

/// Replays every case of a fixture; `document` names the document where the recording has none.
fn replay(replay: &mut Replay, fixture: &'static str, document: impl Fn(&str) -> String) {
    let Some(cases) = recorded::cases(fixture) else { return };
    for case in &cases {
        let allowed = DIFFERENCES
            .iter()
            .filter(|(name, at, _, _)| *name == fixture && (*at == case.name || *at == "*"));
        let paths: Vec<&str> = allowed.map(|(_, _, path, _)| *path).collect();
        if paths.contains(&"") {
            continue;
        }
        let query = case.query.clone().unwrap_or_else(|| document(&case.name));
        replay.compare(case, &query, &paths);
    }
}

#[test]
fn every_listed_difference_names_a_case_that_exists() {
    for (fixture, name, _, _) in DIFFERENCES {
        let Some(cases) = recorded::cases(fixture) else { return };
        assert!(*name == "*" || cases.iter().any(|case| case.name == *name), "{fixture} {name}");
    }
}

#[test]
fn the_contract_of_inventory_mutations_is_kept() {
    let mut shop = Replay::open();
    replay_first_read(&mut shop);
    replay(&mut shop, CONTRACT, |case| match case {
        "inventorySetQuantities" | "missingSetChangeFromQuantity" | "legacySetShape" => SET.into(),
        "missingSetIdempotency" => without_directive(SET),
        "inventoryAdjustQuantities" => ADJUST.into(),
        "missingAdjustIdempotency" => without_directive(ADJUST),
        "missingAdjustChangeFromQuantity" => ADJUST_WITH_LITERAL_KEY.into(),
        "inventorySetOnHandQuantities" | "missingSetOnHandChangeFromQuantity" => SET_ON_HAND.into(),
        "missingSetOnHandIdempotency" => without_directive(SET_ON_HAND),
        unknown if unknown.contains("/setOnHand") => SHORT_SET_ON_HAND.into(),
        unknown if unknown.contains("/set") => SHORT_SET.into(),
        unknown if unknown.contains("/adjust") => SHORT_ADJUST.into(),
        _ => MOVE.into(),
    });
    replay_last_read(&mut shop);
}

/// The recorded reads before and after the contract's writes.
fn replay_first_read(shop: &mut Replay) {
    let Some(cases) = recorded::cases(ITEM_LEVELS) else { return };
    shop.compare(&cases[0], cases[0].query.as_ref().unwrap(), &["status"]);
}

fn replay_last_read(shop: &mut Replay) {
    let Some(cases) = recorded::cases(ITEM_LEVELS) else { return };
    shop.compare(&cases[1], cases[1].query.as_ref().unwrap(), &[]);
}

#[test]
fn levels_are_paged_searched_and_hidden_as_recorded() {
    replay(&mut Replay::open(), LEVELS, |case| panic!("{case} has its document"));
}

#[test]
fn a_level_sleeps_and_wakes_with_its_quantities() {
    replay(&mut Replay::open(), LIFECYCLE, |case| match case {
        "setup/setPrimaryQuantity" | "setup/setSecondaryQuantity" => {
            recorded::documents::SET_BRIEF.into()
        }
        "inventoryInactiveLifecycleDeactivate" => DEACTIVATE.into(),
        read if read.contains("Read") => LIFECYCLE_READ.into(),
        _ => ACTIVATE.into(),
    });
}

#[test]
fn reasons_are_those_of_the_list() {
    replay(&mut Replay::open(), REASONS, |case| panic!("{case} has its document"));
}

#[test]
fn quantities_stay_within_their_bounds() {
    replay(&mut Replay::open(), BOUNDS, |case| panic!("{case} has its document"));
}

#[test]
fn only_two_names_can_be_set_and_no_pair_twice() {
    replay(&mut Replay::open(), NAMES, |case| panic!("{case} has its document"));
}

#[test]
fn a_delta_of_zero_is_a_success_without_a_group() {
    replay(&mut Replay::open(), ZERO, |_| recorded::documents::ADJUST_BRIEF.into());
}

#[test]
fn subscriptions_are_made_changed_refused_and_deleted_as_recorded() {
    replay(&mut Replay::open(), WEBHOOKS, |case| match case {
        "catalog" => CATALOG.into(),
        "validation" => WEBHOOK_VALIDATION.into(),
        "graphqlValidation/missingCreateTopic" => MISSING_TOPIC.into(),
        "graphqlValidation/nullUpdateInput" => NULL_INPUT.into(),
        delete if delete.contains("/delete") => UNSUBSCRIBE.into(),
        update if update.contains("/update") => UPDATE_SUBSCRIPTION.into(),
        create if create.contains("/create") => SUBSCRIBE.into(),
        _ => SUBSCRIPTION.into(),
    });
}

#[test]
fn webhook_addresses_are_refused_as_recorded() {
    replay(&mut Replay::open(), URIS, |case| match case {
        "primary" => URI_VALIDATION.into(),
        "updateHttp" => UPDATE_SUBSCRIPTION.into(),
        _ => UNSUBSCRIBE.into(),
    });
}
