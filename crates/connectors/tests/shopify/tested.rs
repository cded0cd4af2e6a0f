//! What a person reads after testing the connection.

use crossdock_domain::answer::Receipt;

use crate::shop::{self, answer};

fn tested(data: &str, errors: &str) -> String {
    let body = format!(r#"{{"data":{data},"errors":{errors}}}"#);
    match answer(&shop::TEST, 200, &body).result {
        Ok(Receipt::Tested { lines }) => lines.join("\n"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_test_says_in_words_that_all_is_well() {
    let lines = tested(
        r#"{"shop":{"name":"Snow Devil","myshopifyDomain":"snowdevil.myshopify.com"},
        "currentAppInstallation":{"accessScopes":[{"handle":"write_inventory"},{"handle":"read_products"},{"handle":"read_orders"}]},
        "publicApiVersions":[{"handle":"2026-07","supported":true}],
        "location":{"id":"gid://shopify/Location/106318430514","name":"Shop location","isActive":true}}"#,
        "[]",
    );
    let wanted = "Connected to Snow Devil (snowdevil.myshopify.com).\n\
                  All scopes that are needed are granted.\n\
                  Stock is published at location Shop location (106318430514).\n\
                  API version 2026-07 is supported.";
    assert_eq!(lines, wanted);
}

#[test]
fn a_test_says_in_words_what_is_missing() {
    let lines = tested(
        r#"{"shop":{"name":"Other","myshopifyDomain":"other.myshopify.com"},
        "currentAppInstallation":{"accessScopes":[{"handle":"read_inventory"}]},
        "publicApiVersions":[{"handle":"2027-01","supported":true},{"handle":"2026-07","supported":false}],
        "location":null}"#,
        r#"[{"message":"Access denied for location field.","path":["location"],"extensions":{"code":"ACCESS_DENIED"}}]"#,
    );
    for part in [
        "webhooks of other.myshopify.com will be refused",
        "Missing scope write_inventory",
        "Missing scope read_orders",
        "read_locations",
        "2026-07 is not supported; 2027-01",
        "Access denied for location field.",
    ] {
        assert!(lines.contains(part), "{part} is not in:\n{lines}");
    }
}

#[test]
fn a_test_of_a_location_that_is_gone_or_asleep_says_so() {
    let located = |location: &str| {
        tested(
            &format!(
                r#"{{"shop":{{"name":"S","myshopifyDomain":"snowdevil.myshopify.com"}},"location":{location}}}"#
            ),
            "null",
        )
    };
    assert!(located("null").contains("does not exist"));
    let asleep = r#"{"id":"gid://shopify/Location/106318430514","name":"Old","isActive":false}"#;
    assert!(located(asleep).contains("deactivated"));
    let other = r#"{"id":"gid://shopify/Location/9","name":"Other","isActive":true}"#;
    assert!(located(other).contains("Shopify named Other (9)"));
}

#[test]
fn a_test_that_names_no_shop_has_failed() {
    for body in [r#"{"data":{}}"#, r#"{"data":{"shop":null}}"#, r#"{"data":[]}"#] {
        assert_eq!(
            answer(&shop::TEST, 200, body).result.unwrap_err().class(),
            "unreadable",
            "{body}"
        );
    }
}
