//! What the journal on the server proves: every acknowledged delivery once, no gaps, no time that goes back, no task that
//! was carried out under two keys.

use std::collections::{BTreeMap, BTreeSet};

use crossdock_domain::entry::EntryKind;
use crossdock_domain::{Instant, Number};
use crossdock_store::{Store, Unpacked};
use serde_json::Value;

use crate::shop::Shop;

/// Reads the whole journal and judges it.
pub(crate) fn judge(store: &Store, shop: &Shop) {
    let mut kept: BTreeMap<String, u32> = BTreeMap::new();
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for lane in store.lanes().unwrap() {
        let (mut last, mut time) = (0, Instant(i64::MIN));
        loop {
            let entries = store.recorded(&lane, Number(last + 1), 1_000).unwrap();
            if entries.is_empty() {
                break;
            }
            for entry in &entries {
                assert_eq!(entry.number.0, last + 1, "{lane} has no gaps");
                assert!(entry.at >= time, "{lane} {}: time does not go back", entry.number);
                (last, time) = (entry.number.0, entry.at);
                let bytes = Unpacked::new(&entry.packed).unwrap();
                match entry.kind {
                    EntryKind::Delivery => {
                        *kept.entry(delivery_id(bytes.head())).or_default() += 1;
                    }
                    EntryKind::Send => note_keys(&mut keys, bytes.body()),
                    _ => {}
                }
            }
        }
    }
    let acknowledged: BTreeSet<_> = shop.acknowledged().into_iter().collect();
    assert!(acknowledged.len() > 100, "there was something to acknowledge");
    for id in &acknowledged {
        assert_eq!(kept.get(id), Some(&1), "delivery {id} is in the journal once");
    }
    assert!(kept.values().all(|count| *count == 1), "nothing is in the journal twice");
    each_task_once(shop, &keys);
}

fn delivery_id(head: &[u8]) -> String {
    let head: Value = serde_json::from_slice(head).unwrap();
    let headers = head["headers"].as_array().into_iter().flatten();
    let id = headers.clone().find(|pair| pair[0] == "x-shopify-webhook-id").unwrap();
    id[1].as_str().unwrap().to_owned()
}

/// Under which keys each task that writes was ever sent.
fn note_keys(keys: &mut BTreeMap<String, BTreeSet<String>>, record: &[u8]) {
    let record: Value = serde_json::from_slice(record).unwrap();
    let send = &record["send"];
    let call = &send["call"];
    for row in call["rows"].as_array().into_iter().flatten().chain(call.get("row")) {
        if let (Some(task), Some(key)) = (row.get("task"), send["key"].as_str()) {
            keys.entry(task.to_string()).or_default().insert(key.to_owned());
        }
    }
}

/// No row was written twice under one key, and no task was carried out under two.
fn each_task_once(shop: &Shop, keys: &BTreeMap<String, BTreeSet<String>>) {
    let writes = shop.writes();
    let distinct: BTreeSet<_> = writes.iter().collect();
    assert_eq!(writes.len(), distinct.len(), "no row was written twice under one key");
    assert!(writes.len() > 10, "there was something to write");
    let carried: BTreeSet<&str> = writes.iter().filter_map(|(key, _)| key.as_deref()).collect();
    assert!(!keys.is_empty(), "the journal has sends");
    let known: BTreeSet<&str> = keys.values().flatten().map(String::as_str).collect();
    assert!(carried.is_subset(&known), "every write is in the journal");
    for (task, keys) in keys {
        let done: Vec<_> = keys.iter().filter(|key| carried.contains(key.as_str())).collect();
        assert!(done.len() < 2, "task {task} was carried out under {done:?}");
    }
}
