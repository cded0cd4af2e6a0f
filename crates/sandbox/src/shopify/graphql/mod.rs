//! GraphQL over the shop: parse, validate, price, execute, answer.
//!
//! A hand-written executor for the part of the Admin API that stock needs, not a GraphQL library:
//! `schema.rs` is the list of what exists, the files below it say what each field holds.

mod document;
mod goods;
mod inputs;
mod judging;
mod moving;
mod paging;
mod places;
mod price;
mod project;
mod quantities;
mod roots;
mod sales;
mod schema;
mod stocking;
mod subscribing;
mod validate;
mod values;
mod writing;

use jiff::{SignedDuration, Timestamp};

use super::log::Happening;
use super::shop::Shop;
use crate::json::Json;
use document::{Kind, Operation};
use project::Projection;
pub(crate) use values::Record;
use values::{Problem, Resolved};

/// A query may not ask for more points than this, however full the bucket is.
const COST_MAX: u32 = 1000;

/// The body of the answer to one document.
pub(crate) fn answer(
    shop: &mut Shop,
    query: &str,
    variables: &serde_json::Value,
    version: &str,
    now: Timestamp,
) -> Json {
    let operation = match document::lower(query, variables) {
        Ok(operation) => operation,
        Err(problem) => return refused(&[problem]),
    };
    let problems = validate::problems(&operation, version);
    if !problems.is_empty() {
        return refused(&problems);
    }
    let requested = price::requested(&operation);
    if requested > COST_MAX {
        return too_expensive(shop, requested);
    }
    let struck = shop.faults.calls.throttled.strikes(&mut shop.weather);
    if struck || shop.bucket.take(requested, now).is_err() {
        shop.note(now, Happening::Weather { fault: "throttled".to_owned() });
        return throttled(shop, requested);
    }
    execute(shop, &operation, version, requested, now)
}

fn execute(
    shop: &mut Shop,
    operation: &Operation,
    version: &str,
    requested: u32,
    now: Timestamp,
) -> Json {
    let lag = SignedDuration::from_secs(i64::from(shop.setup.index_lag_seconds));
    let mut projection = Projection::new(now - lag);
    let mut data = Vec::new();
    for field in operation.root_fields() {
        let key = field.key().to_owned();
        let resolved = match operation.kind {
            Kind::Mutation => {
                projection.spend(price::MUTATION);
                writing::perform(shop, field, version, now).map(|record| {
                    projection.prepay();
                    Resolved::record(record)
                })
            }
            Kind::Query => projection.root(shop, field),
        };
        let value = projection.settle(shop, field, resolved);
        data.push((key, value));
    }
    let actual = projection.spent().min(requested);
    shop.bucket.give_back(requested - actual);
    let mut extensions = vec![("cost".to_owned(), shop.bucket.told(requested, Some(actual)))];
    if !projection.warnings.is_empty() {
        extensions.push(("search".to_owned(), Json::List(projection.warnings)));
    }
    let mut answer = Vec::new();
    if !projection.problems.is_empty() {
        let problems = projection.problems.iter().map(Problem::told);
        answer.push(("errors".to_owned(), Json::List(problems.collect())));
    }
    answer.push(("data".to_owned(), Json::Object(data)));
    answer.push(("extensions".to_owned(), Json::Object(extensions)));
    Json::Object(answer)
}

/// An answer without data and without cost: the document died in validation.
fn refused(problems: &[Problem]) -> Json {
    let told = problems.iter().map(Problem::told).collect();
    Json::object([("errors", Json::List(told))])
}

fn throttled(shop: &Shop, requested: u32) -> Json {
    let problem = Problem::new("Throttled", "THROTTLED");
    let cost = Json::object([("cost", shop.bucket.told(requested, None))]);
    Json::object([("errors", Json::List(vec![problem.told()])), ("extensions", cost)])
}

fn too_expensive(shop: &Shop, requested: u32) -> Json {
    let message = format!(
        "Query cost is {requested}, which exceeds the single query max cost limit ({COST_MAX})."
    );
    let problem = Problem::new(&message, "MAX_COST_EXCEEDED")
        .with("cost", i64::from(requested).into())
        .with("maxCost", i64::from(COST_MAX).into());
    let cost = Json::object([("cost", shop.bucket.told(requested, None))]);
    Json::object([("errors", Json::List(vec![problem.told()])), ("extensions", cost)])
}
