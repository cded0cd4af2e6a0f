//! Reading recordings, playing them, and comparing answers up to ids, times and cursors.

pub(crate) mod documents;

use std::collections::BTreeMap;
use std::path::Path;

use crossdock_sandbox::shopify::{ExactItem, LocationSetup, Setup};
use jiff::Timestamp;
use serde_json::Value;

use crate::support::Counter;

/// One recorded exchange.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) query: Option<String>,
    variables: Value,
    response: Value,
}

/// The cases of a fixture, or nothing (visibly) where the recordings are missing.
pub(crate) fn cases(fixture: &str) -> Option<Vec<Case>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/fixtures/shopify/graphql");
    let path = Path::new(folder).join(format!("{fixture}.json"));
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: no recording at {}", path.display());
        return None;
    };
    let recording: Value = serde_json::from_str(&text).unwrap();
    let cases = recording["cases"].as_array().unwrap().iter().map(|case| {
        let response = &case["response"];
        let name = case.get("case").or(case.get("operationName")).unwrap();
        Case {
            name: name.as_str().unwrap().to_owned(),
            query: case["query"].as_str().map(str::to_owned),
            variables: case["variables"].clone(),
            response: response.get("body").unwrap_or(response).clone(),
        }
    });
    Some(cases.collect())
}

/// The document as a caller would send it who forgets the directive.
pub(crate) fn without_directive(document: &str) -> String {
    document
        .replace("@idempotent(key: $idempotencyKey)", "")
        .replace(", $idempotencyKey: String!", "")
}

/// A shop set up as the recorded one was, and which of its ids stands for which recorded one.
pub(crate) struct Replay {
    counter: Counter,
    ours: BTreeMap<String, String>,
}

const PLACES: [(u64, u64, &str); 5] = [
    (106_318_430_514, 143_273_001_266, "Shop location"),
    (106_318_463_282, 143_273_034_034, "My Custom Location"),
    (112_829_759_794, 143_273_066_802, "Reasons"),
    (113_884_234_034, 152_183_472_434, "Inventory Item Levels Source 1783701856472"),
    (113_884_266_802, 152_183_505_202, "Inventory Item Levels Destination 1783701856472"),
];

impl Replay {
    pub(crate) fn open() -> Self {
        let title = "Hermes Inventory Quantity Contracts 2026-04 1782351234393";
        let known = |item_id, variant_id, product_id, title: &str, at, available| ExactItem {
            item_id,
            variant_id,
            product_id,
            title: title.to_owned(),
            sku: None,
            tracked: true,
            levels: vec![(at, available)],
        };
        let shop = PLACES[0].0;
        let mut exact = vec![
            known(53_469_430_055_218, 51_364_592_877_874, 10_220_854_182_194, title, shop, 0),
            known(53_214_089_609_522, 51_111_189_479_730, 10_173_439_443_250, "Lifecycle", shop, 0),
            known(53_237_600_747_826, 1, 1, "Reasons", PLACES[2].0, 1),
            known(53_564_958_638_386, 2, 2, "Levels", PLACES[3].0, 0),
        ];
        let others = [
            53_489_877_745_970,
            53_489_877_778_738,
            53_489_632_280_882,
            53_489_632_346_418,
            53_489_632_444_722,
            53_228_116_934_962,
            53_228_116_967_730,
            53_228_117_295_410,
            53_228_117_328_178,
            53_228_117_360_946,
        ];
        exact.extend((100..).zip(others).map(|(id, item)| known(item, id, id, "Other", shop, 0)));
        let locations = PLACES.map(|(id, level_number, name)| LocationSetup {
            id,
            level_number,
            name: name.to_owned(),
        });
        let setup = Setup { items: 0, exact, locations: locations.to_vec(), ..Setup::default() };
        let mut counter = Counter::open(setup);
        "2026-04".clone_into(&mut counter.version);
        Self { counter, ours: BTreeMap::new() }
    }

    /// Plays one case and compares the answer, but for the paths that may differ.
    pub(crate) fn compare(&mut self, case: &Case, query: &str, allowed: &[&str]) {
        let mut variables = case.variables.clone();
        self.rename(&mut variables);
        let ours = self.counter.ask(query, &variables);
        // A full bucket for every case, as the recorder waited between them.
        self.counter.wait(60);
        let compared = ["data", "errors"].map(|part| (part, &case.response[part], &ours[part]));
        for (part, recorded, ours) in compared {
            self.same(recorded, ours, &format!("{}: {part}", case.name), allowed);
        }
        let search =
            ("search", &case.response["extensions"]["search"], &ours["extensions"]["search"]);
        self.same(search.1, search.2, &format!("{}: {}", case.name, search.0), allowed);
        if case.query.is_some() {
            costs_about_the_same(&case.name, &case.response, &ours);
        }
    }

    /// Puts our ids where the recording has its own.
    fn rename(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(ours) = self.ours.get(text) {
                    text.clone_from(ours);
                }
            }
            Value::Array(values) => values.iter_mut().for_each(|value| self.rename(value)),
            Value::Object(fields) => fields.values_mut().for_each(|value| self.rename(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn same(&mut self, recorded: &Value, ours: &Value, path: &str, allowed: &[&str]) {
        if allowed.iter().any(|name| path.ends_with(name)) || path.ends_with(".locations") {
            return;
        }
        match (recorded, ours) {
            (Value::Object(left), Value::Object(right)) => {
                let keys = |object: &serde_json::Map<String, Value>| {
                    object.keys().cloned().collect::<Vec<_>>()
                };
                assert_eq!(keys(left), keys(right), "{path}");
                for (key, value) in left {
                    self.same(value, &right[key], &format!("{path}.{key}"), allowed);
                }
            }
            (Value::Array(left), Value::Array(right)) => {
                assert_eq!(left.len(), right.len(), "{path}: {recorded} against {ours}");
                for (position, (left, right)) in left.iter().zip(right).enumerate() {
                    self.same(left, right, &format!("{path}.{position}"), allowed);
                }
            }
            (Value::String(left), Value::String(right)) if is_id(left) && is_id(right) => {
                let known = self.ours.entry(left.clone()).or_insert_with(|| right.clone());
                assert_eq!(known, right, "{path}: one recorded id stands for two of ours");
            }
            (Value::String(left), Value::String(right)) => {
                let times = left.parse::<Timestamp>().is_ok() && right.parse::<Timestamp>().is_ok();
                assert!(times || left == right, "{path}: {left:?} against {right:?}");
            }
            (Value::Number(left), Value::Number(right)) => {
                assert_eq!(left.as_f64(), right.as_f64(), "{path}");
            }
            _ => assert_eq!(recorded, ours, "{path}"),
        }
    }
}

/// Ids that a shop makes up while it runs, and cursors.
fn is_id(text: &str) -> bool {
    let kinds = ["InventoryAdjustmentGroup", "WebhookSubscription"];
    let made = kinds.iter().any(|kind| text.starts_with(&format!("gid://shopify/{kind}/")));
    made || text.starts_with("eyJ")
}

/// Mutations cost the same; queries within a fifth, since their real formula is not published.
fn costs_about_the_same(name: &str, recorded: &Value, ours: &Value) {
    let cost = |answer: &Value, which: &str| answer["extensions"]["cost"][which].as_f64();
    for which in ["requestedQueryCost", "actualQueryCost"] {
        let (Some(theirs), Some(ours)) = (cost(recorded, which), cost(ours, which)) else {
            assert_eq!(cost(recorded, which), cost(ours, which), "{name}");
            continue;
        };
        let slack = if theirs < 14.0 { 0.0 } else { theirs * 0.2 };
        assert!((theirs - ours).abs() <= slack, "{name}: {which} {theirs} against {ours}");
    }
}
