//! Input types: which fields they have under which version, and what is wrong with a value.
//!
//! Only what the sandbox's mutations take. Rules that end in user errors are not here but beside
//! the mutations; these are the ones a schema checks before anything runs.

use serde_json::Value;

use crate::shopify::subscriptions::TOPICS;
use crate::shopify::versions::{Field as Presence, WriteRules};

/// Something wrong inside a value: where, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) path: Vec<String>,
    pub(crate) explanation: String,
}

/// The fields of an input type, or nothing if the sandbox does not check that type.
fn fields(type_name: &str, version: &str) -> Option<Vec<(&'static str, &'static str)>> {
    let rules = WriteRules::of(version);
    let listed = match type_name {
        "InventorySetQuantitiesInput" => {
            "name:String! reason:String! referenceDocumentUri:String quantities:[InventoryQuantityInput!]!"
        }
        "InventoryQuantityInput" | "InventorySetQuantityInput" => {
            "inventoryItemId:ID! locationId:ID! quantity:Int!"
        }
        "InventoryAdjustQuantitiesInput" => {
            "name:String! reason:String! referenceDocumentUri:String changes:[InventoryChangeInput!]!"
        }
        "InventoryChangeInput" => {
            "inventoryItemId:ID! locationId:ID! delta:Int! ledgerDocumentUri:String"
        }
        "InventorySetOnHandQuantitiesInput" => {
            "reason:String! referenceDocumentUri:String setQuantities:[InventorySetQuantityInput!]!"
        }
        "InventoryMoveQuantitiesInput" => {
            "reason:String! referenceDocumentUri:String! changes:[InventoryMoveQuantityChange!]!"
        }
        "InventoryMoveQuantityChange" => {
            "inventoryItemId:ID! quantity:Int! from:InventoryMoveQuantityTerminalInput! to:InventoryMoveQuantityTerminalInput!"
        }
        "InventoryMoveQuantityTerminalInput" => {
            "locationId:ID! name:String! ledgerDocumentUri:String"
        }
        "InventoryItemInput" => {
            "sku:String cost:Decimal tracked:Boolean requiresShipping:Boolean countryCodeOfOrigin:CountryCode provinceCodeOfOrigin:String harmonizedSystemCode:String measurement:InventoryItemMeasurementInput countryHarmonizedSystemCodes:[CountryHarmonizedSystemCodeInput!]"
        }
        "WebhookSubscriptionInput" => {
            "uri:String callbackUrl:URL format:WebhookSubscriptionFormat includeFields:[String!] filter:String metafieldNamespaces:[String!] metafields:[HasMetafieldsMetafieldIdentifierInput!] name:String"
        }
        _ => return None,
    };
    let mut found: Vec<_> =
        listed.split_whitespace().filter_map(|field| field.split_once(':')).collect();
    let compares = [
        "InventoryQuantityInput",
        "InventoryChangeInput",
        "InventorySetQuantityInput",
        "InventoryMoveQuantityTerminalInput",
    ];
    if compares.contains(&type_name) && rules.change_from_quantity != Presence::Absent {
        found.push(("changeFromQuantity", "Int"));
    }
    if rules.compare_quantity != Presence::Absent {
        match type_name {
            "InventorySetQuantitiesInput" => found.push(("ignoreCompareQuantity", "Boolean")),
            "InventoryQuantityInput" => found.push(("compareQuantity", "Int")),
            _ => {}
        }
    }
    Some(found)
}

/// Everything wrong with a value of that type.
pub(crate) fn faults(type_text: &str, value: Option<&Value>, version: &str) -> Vec<Fault> {
    let mut found = Vec::new();
    check(type_text, value.unwrap_or(&Value::Null), version, &[], &mut found);
    found
}

fn check(type_text: &str, value: &Value, version: &str, path: &[String], found: &mut Vec<Fault>) {
    let fault = |explanation: String| Fault { path: path.to_vec(), explanation };
    let (inner, mandatory) = match type_text.strip_suffix('!') {
        Some(inner) => (inner, true),
        None => (type_text, false),
    };
    if value.is_null() {
        if mandatory {
            found.push(fault("Expected value to not be null".to_owned()));
        }
        return;
    }
    if let Some(element) = inner.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let single = std::slice::from_ref(value);
        let values = value.as_array().map_or(single, Vec::as_slice);
        for (position, value) in values.iter().enumerate() {
            check(element, value, version, &below(path, &position.to_string()), found);
        }
        return;
    }
    if let Some(known) = fields(inner, version) {
        check_object(inner, &known, value, version, path, found);
    } else if let Some(explanation) = scalar_fault(inner, value) {
        found.push(fault(explanation));
    }
}

fn check_object(
    type_name: &str,
    known: &[(&'static str, &'static str)],
    value: &Value,
    version: &str,
    path: &[String],
    found: &mut Vec<Fault>,
) {
    let Some(sent) = value.as_object() else {
        let explanation = format!("Expected {value} to be a key-value object.");
        found.push(Fault { path: path.to_vec(), explanation });
        return;
    };
    for key in sent.keys().filter(|key| !known.iter().any(|(name, _)| name == key)) {
        let explanation = format!("Field is not defined on {type_name}");
        found.push(Fault { path: below(path, key), explanation });
    }
    for (name, type_text) in known {
        let field = sent.get(*name).unwrap_or(&Value::Null);
        check(type_text, field, version, &below(path, name), found);
    }
}

fn scalar_fault(type_name: &str, value: &Value) -> Option<String> {
    let right = match type_name {
        "Int" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "String" | "URL" => value.is_string(),
        "Boolean" => value.is_boolean(),
        "ID" => {
            let text = value.as_str().unwrap_or_default();
            if !text.starts_with("gid://shopify/") {
                return Some(format!("Invalid global id '{text}'"));
            }
            true
        }
        "WebhookSubscriptionTopic" => {
            let topic = value.as_str().unwrap_or_default();
            if !TOPICS.contains(&topic) {
                return Some(format!("Expected \"{topic}\" to be one of: {}", TOPICS.join(", ")));
            }
            true
        }
        _ => true,
    };
    (!right).then(|| format!("Could not coerce value {value} to {type_name}"))
}

fn below(path: &[String], key: &str) -> Vec<String> {
    path.iter().cloned().chain([key.to_owned()]).collect()
}
