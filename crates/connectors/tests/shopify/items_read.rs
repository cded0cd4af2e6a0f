//! What a page of items means, and which pages are none.

use crossdock_domain::Instant;
use crossdock_domain::answer::Receipt;
use crossdock_domain::fact::ItemFact;

use crate::shop::{self, answer, remote};

fn page(nodes: &str, page_info: &str, extensions: &str) -> String {
    format!(
        r#"{{"data":{{"productVariants":{{"nodes":[{nodes}],"pageInfo":{page_info}}}}},"extensions":{extensions}}}"#
    )
}

const VARIANT: &str = r#"{"id":"gid://shopify/ProductVariant/42","sku":"ABC-1","displayName":"Shirt - red","inventoryItem":{"id":"gid://shopify/InventoryItem/53469430055218","tracked":true,"updatedAt":"2026-06-25T01:33:54Z"}}"#;
const LAST: &str = r#"{"hasNextPage":false,"endCursor":"c2"}"#;

#[test]
fn a_page_of_items_tells_what_is_counted_and_where_the_next_begins() {
    let body = page(VARIANT, r#"{"hasNextPage":true,"endCursor":"c2"}"#, "{}");
    let item = ItemFact {
        item: Some(remote("53469430055218")),
        variant: Some(remote("42")),
        sku: Some("ABC-1".to_owned()),
        title: Some("Shirt - red".to_owned()),
        tracked: Some(true),
        at: Some("2026-06-25T01:33:54Z".parse::<Instant>().unwrap()),
    };
    let next = Some("c2".to_owned());
    let wanted = Ok(Receipt::Items { items: vec![item], next });
    assert_eq!(answer(&shop::read_items(None, None), 200, &body).result, wanted);
}

#[test]
fn a_page_that_names_no_end_or_its_own_beginning_is_no_page() {
    for page_info in [
        r#"{"hasNextPage":true,"endCursor":null}"#,
        r#"{"hasNextPage":true,"endCursor":"c1"}"#,
        "{}",
        "null",
    ] {
        let result =
            answer(&shop::read_items(None, Some("c1")), 200, &page(VARIANT, page_info, "{}"))
                .result;
        assert_eq!(result.unwrap_err().class(), "unreadable", "{page_info}");
    }
}

#[test]
fn only_an_equal_sku_is_the_one_asked_for() {
    let found =
        |sku| match answer(&shop::read_items(Some(sku), None), 200, &page(VARIANT, LAST, "{}"))
            .result
        {
            Ok(Receipt::Items { items, next: None }) => items.len(),
            other => panic!("{other:?}"),
        };
    assert_eq!((found("ABC-1"), found("abc-1"), found("ABC-10")), (1, 0, 0));
}

#[test]
fn a_search_that_shopify_did_not_understand_is_no_answer() {
    let warned = r#"{"search":[{"path":["productVariants"],"warnings":[{"field":"sku","message":"Invalid search field for this query.","code":"invalid_field"}]}]}"#;
    let failure = answer(&shop::read_items(Some("A"), None), 200, &page(VARIANT, LAST, warned))
        .result
        .unwrap_err();
    assert_eq!(failure.class(), "refused");
    assert!(failure.why().contains("Invalid search field"), "{}", failure.why());
}
