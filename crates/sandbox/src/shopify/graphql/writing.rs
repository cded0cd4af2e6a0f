//! Mutations: the idempotency directive, the keys, and which mutation is whose.

use jiff::Timestamp;

use super::document::Field;
use super::values::{Problem, Record, Resolved, UserError, refusal};
use super::{moving, quantities, stocking, subscribing};
use crate::json::Json;
use crate::shopify::idempotency::{Outcome, Standing};
use crate::shopify::log::Happening;
use crate::shopify::setup::FailedKeys;
use crate::shopify::shop::Shop;
use crate::shopify::versions::{Directive, WriteRules};

/// Mutations that must carry a key from 2026-04 on.
const KEY_REQUIRED: [&str; 5] = [
    "inventorySetQuantities",
    "inventoryAdjustQuantities",
    "inventorySetOnHandQuantities",
    "inventoryMoveQuantities",
    "inventoryActivate",
];

/// Carries out one mutation field: the payload, or a problem that leaves it null.
pub(crate) fn perform(
    shop: &mut Shop,
    field: &Field,
    version: &str,
    now: Timestamp,
) -> Result<Record, Problem> {
    let rules = WriteRules::of(version);
    let key = field.idempotency_key().filter(|_| rules.idempotency != Directive::Unknown);
    let required = KEY_REQUIRED.contains(&field.name.as_str());
    if required && rules.idempotency == Directive::Required && key.is_none() {
        let message =
            "The @idempotent directive is required for this mutation but was not provided.";
        shop.note_refused(&field.name, None, &["BAD_REQUEST"], now);
        return Err(Problem::new(message, "BAD_REQUEST"));
    }
    let Some(key) = key else { return dispatch(shop, field, None, version, now) };
    if key.trim().is_empty() {
        return Err(Problem::new("The idempotency key must not be blank.", "BAD_REQUEST"));
    }
    perform_once(shop, field, &key, version, now)
}

fn perform_once(
    shop: &mut Shop,
    field: &Field,
    key: &str,
    version: &str,
    now: Timestamp,
) -> Result<Record, Problem> {
    let operation = fingerprint(field);
    match shop.keys.standing(key, &operation, now) {
        Standing::Fresh => {}
        Standing::OtherParameters => {
            return Ok(refused_key(shop, field, key, "IDEMPOTENCY_KEY_PARAMETER_MISMATCH", now));
        }
        Standing::Repeat(_) if shop.faults.calls.still_running.strikes(&mut shop.weather) => {
            return Ok(refused_key(shop, field, key, "IDEMPOTENCY_CONCURRENT_REQUEST", now));
        }
        Standing::Repeat(Outcome::Done(record)) => {
            let (mutation, key) = (field.name.clone(), key.to_owned());
            shop.note(now, Happening::Replayed { mutation, key });
            return Ok(record);
        }
        Standing::Repeat(Outcome::Failed) => {
            if shop.setup.failed_keys == FailedKeys::Remembered {
                let code = "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED";
                return Ok(refused_key(shop, field, key, code, now));
            }
        }
    }
    let record = dispatch(shop, field, Some(key), version, now)?;
    let outcome = if succeeded(&record) { Outcome::Done(record.clone()) } else { Outcome::Failed };
    shop.keys.keep(key, &operation, outcome, now);
    Ok(record)
}

fn dispatch(
    shop: &mut Shop,
    field: &Field,
    key: Option<&str>,
    version: &str,
    now: Timestamp,
) -> Result<Record, Problem> {
    match field.name.as_str() {
        "inventorySetQuantities" | "inventorySetOnHandQuantities" | "inventoryAdjustQuantities" => {
            quantities::perform(shop, field, key, version, now)
        }
        "inventoryMoveQuantities" => moving::perform(shop, field, key, now),
        "inventoryActivate" => Ok(stocking::activate(shop, field, key, now)),
        "inventoryDeactivate" => Ok(stocking::deactivate(shop, field, now)),
        "inventoryItemUpdate" => Ok(stocking::update_item(shop, field, now)),
        "webhookSubscriptionCreate" => Ok(subscribing::create(shop, field, version, now)),
        "webhookSubscriptionUpdate" => Ok(subscribing::update(shop, field, now)),
        _ => Ok(subscribing::delete(shop, field)),
    }
}

/// The mutation with all its arguments, spelt the same every time.
fn fingerprint(field: &Field) -> String {
    let arguments =
        field.arguments.iter().map(|(name, argument)| format!("{name}={}", argument.value));
    format!("{}({})", field.name, arguments.collect::<Vec<_>>().join(","))
}

fn succeeded(record: &Record) -> bool {
    matches!(record.field("userErrors"), Resolved::Nodes(errors) if errors.is_empty())
}

fn refused_key(
    shop: &mut Shop,
    field: &Field,
    key: &str,
    code: &'static str,
    now: Timestamp,
) -> Record {
    let message = match code {
        "IDEMPOTENCY_KEY_PARAMETER_MISMATCH" => {
            "The same idempotency key cannot be used with different operation parameters."
        }
        "IDEMPOTENCY_CONCURRENT_REQUEST" => {
            "This request is currently inprogress, please try again."
        }
        _ => "The previous attempt with this idempotency key failed.",
    };
    shop.note_refused(&field.name, Some(key), &[code], now);
    refusal("Payload", main_field(&field.name), &[UserError::nowhere(message, code)])
}

/// The payload's main field.
fn main_field(mutation: &str) -> &'static str {
    match mutation {
        "inventoryActivate" => "inventoryLevel",
        "inventoryItemUpdate" => "inventoryItem",
        "webhookSubscriptionCreate" | "webhookSubscriptionUpdate" => "webhookSubscription",
        _ => "inventoryAdjustmentGroup",
    }
}

impl Shop {
    pub(crate) fn note_refused(
        &mut self,
        mutation: &str,
        key: Option<&str>,
        codes: &[&str],
        now: Timestamp,
    ) {
        let refused = Happening::Refused {
            mutation: mutation.to_owned(),
            key: key.map(str::to_owned),
            codes: codes.iter().map(|code| (*code).to_owned()).collect(),
        };
        self.note(now, refused);
    }

    /// The complaint about an input list that is too long, as every mutation makes it.
    pub(crate) fn list_too_long(rows: usize) -> Option<Problem> {
        const ROWS_MAX: usize = 250;
        let message = format!(
            "The input array size of {rows} is greater than the maximum allowed of {ROWS_MAX}."
        );
        let problem = Problem::new(&message, "MAX_INPUT_SIZE_EXCEEDED");
        (rows > ROWS_MAX).then(|| problem.with("size", Json::from(rows)))
    }
}
