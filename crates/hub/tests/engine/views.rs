//! Reports after some play: the document's own SQL, word for word, and what the views say of what happened.

use std::ops::ControlFlow;

use serde_json::{Value, json};

use crate::rig::{Mood, Rig};

const DOCUMENT: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/sources/shopify-stock.md");

/// The document, or nothing (visibly) where it is missing.
#[expect(clippy::print_stderr, reason = "a test that was skipped says so")]
fn document() -> Option<String> {
    let text = std::fs::read_to_string(DOCUMENT).ok();
    if text.is_none() {
        eprintln!("skipped: no {DOCUMENT}");
    }
    text
}

/// Rows as objects.
fn ask(rig: &Rig, sql: &str) -> Vec<Value> {
    let reader = rig.reader();
    let mut question = reader.question(sql).unwrap();
    let columns = question.columns();
    let mut found = Vec::new();
    question
        .each(|row| {
            found.push(Value::Object(columns.iter().cloned().zip(row).collect()));
            ControlFlow::Continue(())
        })
        .unwrap();
    found
}

/// A sale in the shop, a B2B order, and an item whose stock the shop refuses to take.
fn played() -> Rig {
    let mut rig = Rig::new().linked(&["DEMO-001", "DEMO-002", "DEMO-003"]);
    rig.sell("DEMO-001", 3);
    rig.settle();
    rig.order("PO-1", &[("DEMO-002", 4)]);
    rig.settle();
    rig.shop().moods([Mood::Status(422)]);
    rig.order("PO-2", &[("DEMO-003", 1)]);
    rig.settle();
    rig
}

#[test]
fn the_documents_own_sql_is_answered() {
    let Some(document) = document() else { return };
    let rig = played();
    let quoted = document.split('"').filter(|text| text.starts_with("SELECT "));
    let answers: Vec<_> = quoted.map(|sql| (sql, ask(&rig, sql))).collect();
    assert_eq!(answers.len(), 2, "{answers:#?}");
    for (sql, rows) in answers {
        if sql.contains("inventory_sync_log") {
            assert_newest_first(&rows);
        } else {
            let [failed] = &rows[..] else { panic!("{sql}: {rows:#?}") };
            assert!(failed["product_id"].as_str().unwrap().starts_with("itm_"), "{failed}");
            assert!(failed["sync_error"].as_str().unwrap().contains("422"), "{failed}");
            assert!(failed["last_synced_at"].as_str().unwrap().ends_with('Z'), "{failed}");
        }
    }
}

fn assert_newest_first(rows: &[Value]) {
    let times: Vec<_> = rows.iter().map(|row| row["created_at"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older), "{times:?}");
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row["sku"].as_str().unwrap(), row["change"].as_i64().unwrap()))
        .collect();
    let opened = [("DEMO-003", 10), ("DEMO-002", 10), ("DEMO-001", 10)];
    assert_eq!(told[..3], [("DEMO-003", -1), ("DEMO-002", -4), ("DEMO-001", -3)]);
    assert!(opened.iter().all(|opening| told[3..].contains(opening)), "{told:?}");
}

#[test]
fn every_table_and_column_that_the_document_names_is_there() {
    let Some(document) = document() else { return };
    let rig = played();
    let tables = document.split("## 📝 Database Tables Used").nth(1).unwrap();
    let tables: Vec<_> =
        tables.lines().filter_map(|line| line.strip_prefix("- `")?.split('`').next()).collect();
    assert_eq!(tables, ["product_inventory", "inventory_sync_log", "webhook_events"]);
    for table in tables {
        assert!(!ask(&rig, &format!("SELECT * FROM {table}")).is_empty(), "{table}");
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for prefix in ["product_inventory.", "inventory."] {
        for rest in document.split(prefix).skip(1) {
            let column = rest.split(|c| !is_name(c)).next().unwrap();
            // The example also calls a service of this name.
            if column != "ts" && !column.is_empty() {
                ask(&rig, &format!("SELECT {column} FROM product_inventory"));
            }
        }
    }
}

#[test]
fn a_sale_is_a_line_with_its_webhook_and_what_stood_there_before() {
    let rig = played();
    let sql = "SELECT * FROM inventory_sync_log WHERE sku = 'DEMO-001' AND reason = 'observed'";
    let [sale] = &ask(&rig, sql)[..] else { panic!("one sale is one line") };
    assert_eq!(
        (&sale["pool"], &sale["old_quantity"], &sale["new_quantity"], &sale["change"]),
        (&json!("b2c"), &json!(10), &json!(7), &json!(-3))
    );
    assert_eq!(
        (&sale["source"], &sale["topic"], &sale["connection"]),
        (&json!("webhook"), &json!("inventory_levels/update"), &json!("shop"))
    );
    let webhook = sale["webhook_id"].as_str().unwrap();
    let events = ask(&rig, &format!("SELECT * FROM webhook_events WHERE webhook_id = '{webhook}'"));
    assert_eq!((events.len(), &events[0]["status"]), (1, &json!("processed")));
    assert_eq!(events[0]["entry"], sale["entry"]);
}

#[test]
fn the_log_adds_up_to_the_stock_of_every_product() {
    let rig = played();
    let stock =
        "SELECT product_id, b2b_stock, b2c_stock FROM product_inventory ORDER BY product_id";
    let log = "SELECT product_id, \
        coalesce(sum(change) FILTER (WHERE pool = 'b2b'), 0) AS b2b_stock, \
        coalesce(sum(change) FILTER (WHERE pool = 'b2c'), 0) AS b2c_stock \
        FROM inventory_sync_log GROUP BY product_id ORDER BY product_id";
    assert_eq!(ask(&rig, stock), ask(&rig, log));
}

#[test]
fn a_repeated_webhook_is_one_line() {
    let mut rig = Rig::new().linked(&["DEMO-001"]);
    rig.shop().weather(|faults| faults.webhooks.duplicate = 1.0);
    rig.sell("DEMO-001", 1);
    rig.settle();
    let sql =
        "SELECT count(*) AS lines, count(DISTINCT webhook_id) AS webhooks FROM webhook_events";
    let counted = ask(&rig, sql).remove(0);
    assert_eq!(counted["lines"], counted["webhooks"]);
    let failed = ask(&rig, "SELECT * FROM webhook_events WHERE status <> 'processed'");
    assert!(failed.is_empty(), "{failed:#?}");
}
