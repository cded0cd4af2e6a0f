//! What answers with HTTP 200 mean for a write: success, userErrors, errors.

use crossdock_domain::Span;
use crossdock_domain::answer::{Budget, Failure, Receipt};

use crate::shop::{self, LOCATION, answer};

/// The answer to a write of three rows.
fn set(payload: &str) -> Result<Receipt, Failure> {
    let body = format!(r#"{{"data":{{"inventorySetQuantities":{payload}}}}}"#);
    answer(&shop::set_levels(3), 200, &body).result
}

fn user_errors(errors: &str) -> Failure {
    set(&format!(r#"{{"inventoryAdjustmentGroup":null,"userErrors":[{errors}]}}"#)).unwrap_err()
}

fn user_error(code: &str, path: &str) -> String {
    format!(r#"{{"field":{path},"message":"So it is.","code":"{code}"}}"#)
}

const ROW_1: &str = r#"["input","quantities","1","inventoryItemId"]"#;

#[test]
fn a_write_that_was_done_is_dated_by_shopify() {
    let group = r#"{"inventoryAdjustmentGroup":{"id":"gid://shopify/InventoryAdjustmentGroup/5","createdAt":"2026-06-25T01:33:55Z"},"userErrors":[]}"#;
    let at = Some("2026-06-25T01:33:55Z".parse().unwrap());
    assert_eq!(set(group), Ok(Receipt::LevelsSet { at }));
}

#[test]
fn a_difference_that_was_added_is_a_write_that_was_done() {
    let adjusted = |payload: &str| {
        let body = format!(r#"{{"data":{{"inventoryAdjustQuantities":{payload}}}}}"#);
        answer(&shop::adjust_level(), 200, &body).result
    };
    let at = Some("2026-06-25T01:33:55Z".parse().unwrap());
    let done = r#"{"inventoryAdjustmentGroup":{"id":"gid://shopify/InventoryAdjustmentGroup/5","createdAt":"2026-06-25T01:33:55Z"},"userErrors":[]}"#;
    assert_eq!(adjusted(done), Ok(Receipt::LevelsSet { at }));
    let error =
        user_error("INVALID_INVENTORY_ITEM", r#"["input","changes","0","inventoryItemId"]"#);
    let refused =
        adjusted(&format!(r#"{{"inventoryAdjustmentGroup":null,"userErrors":[{error}]}}"#));
    let Err(Failure::Refused { rows, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(rows[0].0, 0);
    assert_eq!(adjusted("null").unwrap_err().class(), "unknown");
}

#[test]
fn a_write_that_changes_nothing_is_a_success() {
    let nothing = r#"{"inventoryAdjustmentGroup":null,"userErrors":[]}"#;
    assert_eq!(set(nothing), Ok(Receipt::LevelsSet { at: None }));
}

#[test]
fn an_answer_that_only_looks_like_a_success_is_none() {
    for payload in [
        "null",
        "{}",
        r#"{"userErrors":[]}"#,
        r#"{"inventoryAdjustmentGroup":null}"#,
        "[]",
        "7",
        r#"{"inventoryAdjustmentGroup":7,"userErrors":[]}"#,
        r#"{"inventoryAdjustmentGroup":null,"userErrors":null}"#,
    ] {
        assert_eq!(set(payload).unwrap_err().class(), "unknown", "{payload}");
    }
}

#[test]
fn every_code_of_a_write_is_sorted_by_what_happens_next() {
    let table = [
        ("CHANGE_FROM_QUANTITY_STALE", "stale"),
        ("COMPARE_QUANTITY_STALE", "stale"),
        ("IDEMPOTENCY_CONCURRENT_REQUEST", "unknown"),
        ("SERVICE_UNAVAILABLE", "unknown"),
        ("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", "stale"),
        ("IDEMPOTENCY_KEY_PARAMETER_MISMATCH", "refused"),
        ("COMPARE_QUANTITY_REQUIRED", "refused"),
        ("INVALID_INVENTORY_ITEM", "refused"),
        ("INVALID_LOCATION", "refused"),
        ("INVALID_NAME", "refused"),
        ("INVALID_QUANTITY_NEGATIVE", "refused"),
        ("INVALID_QUANTITY_TOO_HIGH", "refused"),
        ("INVALID_QUANTITY_TOO_LOW", "refused"),
        ("INVALID_REASON", "refused"),
        ("INVALID_REFERENCE_DOCUMENT", "refused"),
        ("ITEM_NOT_STOCKED_AT_LOCATION", "refused"),
        ("NON_MUTABLE_INVENTORY_ITEM", "refused"),
        ("NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR", "refused"),
        ("A_CODE_OF_2031", "refused"),
    ];
    for (code, class) in table {
        for path in ["null", ROW_1] {
            assert_eq!(user_errors(&user_error(code, path)).class(), class, "{code} at {path}");
        }
    }
}

#[test]
fn a_lost_compare_names_its_rows_where_shopify_does() {
    let stale = |path| match user_errors(&user_error("CHANGE_FROM_QUANTITY_STALE", path)) {
        Failure::Stale { rows, .. } => rows,
        other => panic!("{other:?}"),
    };
    assert_eq!(stale("null"), Vec::<usize>::new());
    assert_eq!(stale(r#"["input","quantities","2","changeFromQuantity"]"#), [2]);
    assert_eq!(stale(r#"["input","quantities",2,"changeFromQuantity"]"#), [2]);
    assert_eq!(stale(r#"["input","quantities","3","changeFromQuantity"]"#), Vec::<usize>::new());
}

#[test]
fn a_lost_compare_is_known_by_its_message_when_the_code_is_missing() {
    let error = r#"{"field":null,"message":"The changeFromQuantity argument no longer matches the persisted quantity.","code":null}"#;
    assert_eq!(user_errors(error).class(), "stale");
}

#[test]
fn a_refusal_blames_the_rows_that_shopify_blames_and_says_what_to_do() {
    let errors = [
        user_error("INVALID_INVENTORY_ITEM", ROW_1),
        user_error("INVALID_QUANTITY_TOO_HIGH", r#"["input","quantities","2","quantity"]"#),
        user_error(
            "CHANGE_FROM_QUANTITY_STALE",
            r#"["input","quantities","0","changeFromQuantity"]"#,
        ),
    ];
    let Failure::Refused { rows, why } = user_errors(&errors.join(",")) else {
        panic!("not refused")
    };
    assert_eq!(rows.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [1, 2]);
    assert!(rows[0].1.contains("link it again"), "{rows:?}");
    assert!(why.contains("INVALID_QUANTITY_TOO_HIGH"), "{why}");
}

#[test]
fn while_the_first_attempt_runs_nothing_else_that_is_said_counts() {
    let errors = [
        user_error("INVALID_LOCATION", ROW_1),
        user_error("IDEMPOTENCY_CONCURRENT_REQUEST", "null"),
    ];
    assert_eq!(user_errors(&errors.join(",")).class(), "unknown");
}

/// The classes of a top-level error for a write and for a read.
fn classes(errors: &str) -> (&'static str, &'static str) {
    let body = format!(r#"{{"errors":{errors},"data":null}}"#);
    let class = |call| answer(&call, 200, &body).result.unwrap_err().class();
    (class(shop::set_levels(1)), class(shop::read_levels(&[("1", LOCATION)])))
}

#[test]
fn every_top_level_error_is_sorted_by_what_happens_next() {
    let table = [
        ("THROTTLED", ("retry", "retry")),
        ("ACCESS_DENIED", ("unusable", "refused")),
        ("MAX_COST_EXCEEDED", ("refused", "refused")),
        ("SHOP_INACTIVE", ("unusable", "unusable")),
        ("BAD_REQUEST", ("refused", "refused")),
        ("INVALID_VARIABLE", ("refused", "refused")),
        ("INVALID_FIELD_ARGUMENTS", ("refused", "refused")),
        ("undefinedField", ("refused", "refused")),
        ("missingRequiredArguments", ("refused", "refused")),
        ("IDEMPOTENCY_CONCURRENT_REQUEST", ("unknown", "retry")),
        ("IDEMPOTENCY_KEY_PARAMETER_MISMATCH", ("refused", "refused")),
        ("INTERNAL_SERVER_ERROR", ("unknown", "retry")),
        ("TIMEOUT", ("unknown", "retry")),
        ("A_CODE_OF_2031", ("unknown", "retry")),
    ];
    for (code, wanted) in table {
        let error = format!(r#"[{{"message":"So it is.","extensions":{{"code":"{code}"}}}}]"#);
        assert_eq!(classes(&error), wanted, "{code}");
    }
    for odd in [r#""Something went wrong""#, "[{}]", "[7]", r#"[{"message":5}]"#, "{}"] {
        assert_eq!(classes(odd), ("unknown", "retry"), "{odd}");
    }
}

#[test]
fn one_doubt_among_several_errors_leaves_a_write_unknown() {
    let errors = r#"[{"message":"a","extensions":{"code":"ACCESS_DENIED"}},{"message":"b","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]"#;
    assert_eq!(classes(errors).0, "unknown");
}

#[test]
fn a_throttled_call_waits_until_the_bucket_holds_its_cost() {
    let body = |rate: &str| {
        format!(
            r#"{{"errors":[{{"message":"Throttled","extensions":{{"code":"THROTTLED"}}}}],"extensions":{{"cost":{{"requestedQueryCost":202,"actualQueryCost":null,"throttleStatus":{{"maximumAvailable":2000.0,"currentlyAvailable":118,"restoreRate":{rate}}}}}}}}}"#
        )
    };
    let throttled = |rate| {
        let answer = answer(&shop::set_levels(1), 200, &body(rate));
        let Err(Failure::Retry { after, .. }) = answer.result else { panic!("{answer:?}") };
        (after, answer.budget)
    };
    let (after, budget) = throttled("100");
    assert_eq!(after, Some(Span::from_ms(840)));
    assert_eq!(budget, Some(Budget { available: 118, maximum: 2_000, restored_per_s: 100 }));
    assert_eq!(throttled("1").0, Some(Span::from_s(60)), "no answer can stop us for longer");
    assert_eq!(throttled("0").0, Some(Span::from_s(1)));
}

#[test]
fn a_denial_names_the_scope_that_is_missing() {
    let denied = |extensions: &str| {
        let body = format!(
            r#"{{"errors":[{{"message":"Access denied","extensions":{{"code":"ACCESS_DENIED"{extensions}}}}}]}}"#
        );
        answer(&shop::set_levels(1), 200, &body).result.unwrap_err().why().to_owned()
    };
    assert!(denied("").contains("write_inventory"));
    assert!(denied(r#","requiredAccess":"`write_stock` access scope.""#).contains("write_stock"));
}

#[test]
fn a_variable_that_is_not_accepted_blames_its_row() {
    let body = r#"{"errors":[{"message":"Variable $input was provided invalid value","extensions":{"code":"INVALID_VARIABLE","problems":[{"path":["quantities",2,"quantity"],"explanation":"too large"}]}}]}"#;
    let result = answer(&shop::set_levels(3), 200, body).result;
    let Err(Failure::Refused { rows, .. }) = result else { panic!("{result:?}") };
    assert_eq!(rows, [(2, "too large".to_owned())]);
}
