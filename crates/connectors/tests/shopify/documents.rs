//! Our GraphQL documents against Shopify's own schema, captured from a real shop at the version that we ask
//! for by default.

use std::path::PathBuf;

use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use crossdock_domain::call::Call;
use serde_json::Value;

use crate::shop::{self, LOCATION, shopify};

const SCHEMA: &str = "shopify/admin-2026-07.graphql";

fn documents() -> Vec<(PathBuf, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/shopify/graphql");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .map(|path| (path.clone(), std::fs::read_to_string(path).unwrap()))
        .collect();
    files.sort();
    files
}

fn calls() -> Vec<Call> {
    vec![
        shop::set_levels(1),
        shop::adjust_level(),
        shop::read_levels(&[("1", LOCATION)]),
        shop::read_levels(&[("1", "1"), ("1", "2")]),
        shop::read_levels(
            &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"].map(|at| ("1", at)),
        ),
        shop::read_items(None, None),
        shop::read_page(Some("2026-11-20T10:00:00Z"), None),
        shop::read_page(None, None),
        shop::TEST,
    ]
}

fn body(call: &Call) -> Value {
    let request = shopify().request(call, "key", &shop::connection()).unwrap();
    serde_json::from_str(&request.body).unwrap()
}

#[test]
fn what_is_sent_is_one_of_the_files_and_every_file_is_sent() {
    let sent: Vec<_> =
        calls().iter().map(|call| body(call)["query"].as_str().unwrap().to_owned()).collect();
    let files = documents();
    assert_eq!(sent.len(), files.len());
    for (path, document) in files {
        assert!(sent.contains(&document), "{} is sent by no call", path.display());
    }
}

#[test]
fn every_document_fits_shopifys_schema() {
    let Some(bytes) = shop::evidence(SCHEMA) else { return };
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("directive @idempotent"), "the schema is older than 2026-01");
    // Shopify's own schema is not ours to judge, and judging it takes long.
    let schema = Schema::parse(text, SCHEMA).unwrap_or_else(|bad| panic!("{}", bad.errors));
    let schema = Valid::assume_valid(schema);
    for (path, document) in documents() {
        let checked = ExecutableDocument::parse_and_validate(&schema, &document, &path);
        assert!(checked.is_ok(), "{}:\n{}", path.display(), checked.unwrap_err().errors);
    }
    let wrong = documents().remove(0).1.replace(" id ", " idd ");
    let checked = ExecutableDocument::parse_and_validate(&schema, wrong, "wrong.graphql");
    assert!(checked.is_err(), "a check that finds nothing checks nothing");
}

#[test]
fn variables_are_those_that_the_document_declares() {
    for call in calls() {
        let body = body(&call);
        let document = body["query"].as_str().unwrap();
        let (head, _) = document.split_once('{').unwrap();
        let mut declared: Vec<_> = head
            .split('$')
            .skip(1)
            .map(|part| part.split(':').next().unwrap().to_owned())
            .collect();
        declared.sort();
        let given: Vec<_> = body["variables"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(given, declared, "{document}");
    }
}

#[test]
fn the_version_asked_for_by_default_is_the_one_the_documents_are_checked_against() {
    let default = &shop::connection().settings["api_version"];
    assert!(SCHEMA.contains(default.as_str()), "{SCHEMA} is not for {default}");
}

#[test]
fn a_write_carries_what_the_oldest_accepted_version_demands() {
    let old = shop::connected(
        &[("shop_domain", "x"), ("api_version", "2026-04")],
        &["access_token", "webhook_secret"],
    );
    let request = shopify().request(&shop::set_levels(2), "key", &old).unwrap();
    assert_eq!(request.path, "/admin/api/2026-04/graphql.json");
    let body: Value = serde_json::from_str(&request.body).unwrap();
    assert!(body["query"].as_str().unwrap().contains("@idempotent(key: $key)"));
    for row in body["variables"]["input"]["quantities"].as_array().unwrap() {
        assert!(row["changeFromQuantity"].is_i64());
    }
}
