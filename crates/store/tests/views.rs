//! The reporting views: what they show, that they cost no more when there is more, and that nothing can be written
//! through them or beside them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod fresh;
#[path = "views/stock.rs"]
#[allow(dead_code, reason = "the looks' tests use the rest")]
mod stock;

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossdock_store::Reader;
use crossdock_store::reader::ask::BadQuestion;
use serde_json::{Value, json};

use fresh::Fresh;
use stock::Shelf;

const NEWEST: &str = "SELECT * FROM inventory_sync_log ORDER BY created_at DESC LIMIT 10";
/// How long a test waits for what is to come.
const PATIENCE: Duration = Duration::from_secs(30);
const FAILED: &str = "SELECT product_id, sync_error, last_synced_at FROM product_inventory \
    WHERE sync_error IS NOT NULL";

/// Columns, rows, and the steps that they took.
fn ask(reader: &Reader, sql: &str) -> (Vec<String>, Vec<Vec<Value>>, u64) {
    let mut question = reader.question(sql).unwrap();
    let mut rows = Vec::new();
    question
        .each(|row| {
            rows.push(row);
            ControlFlow::Continue(())
        })
        .unwrap();
    (question.columns(), rows, question.steps())
}

fn rows(reader: &Reader, sql: &str) -> Vec<Vec<Value>> {
    ask(reader, sql).1
}

#[test]
fn an_item_is_shown_with_its_pools_its_place_and_its_ids_there() {
    let shelf = Shelf::with(3);
    let sql = "SELECT product_id, sku, client_id, b2b_stock, b2c_stock, sync_enabled, sync_status, connection, \
        location_id, shop_stock, shopify_variant_id, shopify_inventory_item_id, last_synced_at \
        FROM product_inventory WHERE sku = 'SKU-2'";
    assert_eq!(
        rows(&shelf.reader(), sql),
        [json!([
            "itm_2",
            "SKU-2",
            "main",
            0,
            12,
            1,
            "synced",
            "shop",
            "L1",
            12,
            "v2",
            "c2",
            "2026-09-21T14:13:20.000000Z"
        ])
        .as_array()
        .unwrap()
        .clone()]
    );
}

#[test]
fn an_item_that_has_a_reference_is_called_by_it() {
    let mut shelf = Shelf::with(2);
    shelf.refer(2, "prod_123");
    let found = rows(&shelf.reader(), "SELECT product_id FROM product_inventory ORDER BY sku");
    assert_eq!(found, [[json!("itm_1")], [json!("prod_123")]]);
    let log = "SELECT sku FROM inventory_sync_log WHERE product_id = 'prod_123'";
    assert_eq!(rows(&shelf.reader(), log), [[json!("SKU-2")]]);
}

#[test]
fn an_item_that_is_linked_nowhere_has_one_line_without_a_place() {
    let mut shelf = Shelf::with(1);
    shelf.lonely(7);
    let sql = "SELECT product_id, sync_status, b2c_stock, connection, sync_error FROM product_inventory \
        WHERE sku = 'SKU-7'";
    assert_eq!(
        rows(&shelf.reader(), sql),
        [[json!("itm_7"), json!("not_linked"), json!(0), Value::Null, Value::Null]]
    );
}

#[test]
fn a_place_that_is_only_observed_is_no_line_unless_its_role_is_to_publish() {
    let mut shelf = Shelf::with(1);
    shelf.watch(1, "L2");
    shelf.watch(1, "L\"3");
    let places = "SELECT location_id FROM product_inventory ORDER BY location_id";
    assert_eq!(rows(&shelf.reader(), places), [[json!("L1")]]);
    shelf.publish_at("L2");
    assert_eq!(rows(&shelf.reader(), places), [[json!("L1")], [json!("L2")]]);
}

#[test]
fn an_error_is_shown_with_its_product() {
    let mut shelf = Shelf::with(5);
    shelf.fail(4, "the shop says no");
    assert_eq!(
        rows(&shelf.reader(), FAILED),
        [[json!("itm_4"), json!("the shop says no"), json!("2026-09-21T14:13:20.000000Z")]]
    );
}

#[test]
fn a_movement_between_pools_is_a_line_for_each_with_what_it_held_before_and_after() {
    let mut shelf = Shelf::with(1);
    shelf.allocate(1, 5);
    let sql = "SELECT pool, old_quantity, new_quantity, change, from_account, to_account, reason FROM \
        inventory_sync_log WHERE reason = 'allocated' ORDER BY pool";
    let (b2b, b2c) = (json!("pool:b2b"), json!("pool:b2c"));
    let why = json!("allocated");
    assert_eq!(
        rows(&shelf.reader(), sql),
        [
            vec![json!("b2b"), json!(0), json!(5), json!(5), b2c.clone(), b2b.clone(), why.clone()],
            vec![json!("b2c"), json!(11), json!(6), json!(-5), b2c, b2b, why],
        ]
    );
}

#[test]
fn a_webhook_is_shown_with_its_id_and_how_it_ended() {
    let mut shelf = Shelf::with(1);
    shelf.deliver("wh-waiting");
    shelf.park("wh-parked", "column 3 is missing");
    let sql = "SELECT webhook_id, topic, connection, shop_domain, client_id, status, outcome, error, received_at, \
        processed_at FROM webhook_events ORDER BY id";
    let found = rows(&shelf.reader(), sql);
    assert_eq!(found.len(), 3);
    assert_eq!(found[0][0], "wh-1");
    assert_eq!(found[0][5..8], [json!("processed"), json!("applied"), Value::Null]);
    let waiting = json!([
        "wh-waiting",
        "orders/create",
        "shop",
        "main.example",
        "main",
        "pending",
        null,
        null,
        "2026-09-21T14:13:20.000000Z",
        null
    ]);
    assert_eq!(found[1], *waiting.as_array().unwrap());
    assert_eq!(found[2][5..8], [json!("failed"), json!("failed"), json!("column 3 is missing")]);
}

#[test]
fn a_webhook_that_was_retried_is_shown_as_it_ended_then() {
    let mut shelf = Shelf::with(1);
    shelf.park("wh-parked", "column 3 is missing");
    shelf.retry_last();
    let sql = "SELECT status, outcome, error FROM webhook_events WHERE webhook_id = 'wh-parked'";
    assert_eq!(rows(&shelf.reader(), sql), [[json!("processed"), json!("applied"), Value::Null]]);
}

#[test]
fn what_is_asked_most_costs_no_more_when_there_is_more() {
    if fresh::is_not_for_a_server("PostgreSQL counts no steps") {
        return;
    }
    let (mut small, mut large) = (Shelf::with(50), Shelf::with(1_000));
    for shelf in [&mut small, &mut large] {
        shelf.fail(4, "the shop says no");
    }
    for sql in [
        NEWEST,
        FAILED,
        "SELECT * FROM webhook_events ORDER BY received_at DESC LIMIT 10",
        "SELECT * FROM webhook_events ORDER BY id DESC LIMIT 10",
        "SELECT * FROM product_inventory WHERE product_id = 'itm_7'",
        "SELECT * FROM product_inventory WHERE sku = 'SKU-7'",
        "SELECT * FROM inventory_sync_log WHERE product_id = 'itm_7' ORDER BY created_at DESC LIMIT 10",
        "SELECT * FROM inventory_sync_log WHERE sku = 'SKU-7' ORDER BY created_at DESC LIMIT 10",
        "SELECT * FROM inventory_sync_log WHERE created_at >= '2027-01-01'",
    ] {
        let ((_, few, before), (_, many, after)) =
            (ask(&small.reader(), sql), ask(&large.reader(), sql));
        assert_eq!(few.len(), many.len(), "{sql}");
        // Another way through the same index, at the most.
        assert!(after <= before + 20, "{sql}: {before} steps, and with more {after}");
    }
}

#[test]
fn the_newest_lines_come_by_their_index_and_unsorted() {
    let is_server = fresh::server().is_some();
    // A server looks into so small a table faster without an index.
    let shelf = Shelf::with(if is_server { 3_000 } else { 1 });
    let (explain, line, sorts) = if is_server {
        shelf.place.say("ANALYZE");
        ("EXPLAIN", 0, "Sort")
    } else {
        ("EXPLAIN QUERY PLAN", 3, "TEMP B-TREE")
    };
    let reader = shelf.reader();
    for (sql, index) in [
        (NEWEST, "movements_by_time"),
        ("SELECT * FROM webhook_events ORDER BY received_at DESC LIMIT 10", "deliveries_by_time"),
        (FAILED, "levels_in_error"),
    ] {
        let plan: Vec<_> = rows(&reader, &format!("{explain} {sql}"))
            .into_iter()
            .map(|row| row[line].as_str().unwrap().to_owned())
            .collect();
        assert!(plan.iter().any(|step| step.contains(index)), "{sql}: {plan:#?}");
        assert!(!plan.iter().any(|step| step.contains(sorts)), "{sql}: {plan:#?}");
    }
}

#[test]
fn the_lines_of_one_product_come_by_their_index() {
    if fresh::is_not_for_a_server("PostgreSQL plans by what there is") {
        return;
    }
    let sql = "SELECT * FROM inventory_sync_log WHERE product_id = 'itm_7' ORDER BY created_at DESC LIMIT 10";
    let plan =
        format!("{:#?}", rows(&Shelf::with(1).reader(), &format!("EXPLAIN QUERY PLAN {sql}")));
    assert!(plan.contains("movements_of_item (client=? AND <expr>=? AND item=?)"), "{plan}");
}

/// Why the database itself does not do something.
fn refusal(place: &Fresh, sql: &str) -> String {
    let Some(url) = place.url() else {
        let db = rusqlite::Connection::open(place.file()).unwrap();
        return db.execute(sql, []).unwrap_err().to_string();
    };
    let said = std::process::Command::new("psql").args([&url, "-qXc", sql]).output().unwrap();
    assert!(!said.status.success(), "{sql} is not refused");
    String::from_utf8_lossy(&said.stderr).into_owned()
}

#[test]
fn no_view_can_be_written() {
    let shelf = Shelf::with(1);
    for view in ["product_inventory", "inventory_sync_log", "webhook_events"] {
        for sql in [
            format!("INSERT INTO {view} DEFAULT VALUES"),
            format!("UPDATE {view} SET client_id = 'other'"),
            format!("DELETE FROM {view}"),
        ] {
            let refused = refusal(&shelf.place, &sql);
            let says = [
                "it is a view",
                "cannot insert into view",
                "cannot update view",
                "cannot delete from view",
            ];
            assert!(says.iter().any(|says| refused.contains(says)), "{sql}: {refused}");
        }
    }
}

/// What more than reads, in the words of either engine.
fn more_than_reads(shelf: &Shelf) -> Vec<String> {
    let both = [
        "DELETE FROM items",
        "UPDATE items SET sku = 'x' RETURNING sku",
        "CREATE TABLE t (a INTEGER)",
        "DROP VIEW product_inventory",
    ];
    let sqlite = [
        "INSERT INTO lanes VALUES (9, 'x', 0, 0, 0) RETURNING no",
        "PRAGMA journal_mode = DELETE",
        "BEGIN IMMEDIATE",
        &format!("VACUUM INTO '{}'", shelf.place.file().with_extension("copy").display()),
    ];
    let server = [
        "INSERT INTO lanes VALUES ('x', 'x', 0, 0) RETURNING no",
        "WITH gone AS (DELETE FROM items RETURNING sku) SELECT * FROM gone",
        "EXPLAIN ANALYZE DELETE FROM items",
        "SELECT nextval('arrival_seq')",
        "DO $$ BEGIN SET TRANSACTION READ WRITE; DELETE FROM items; END $$",
        "SET TRANSACTION READ WRITE",
        "COMMIT",
        "BEGIN",
        "VACUUM",
        "COPY items TO STDOUT",
    ];
    let own = if fresh::server().is_some() { &server[..] } else { &sqlite[..] };
    both.iter().chain(own).map(|sql| (*sql).to_owned()).collect()
}

#[test]
fn a_question_that_does_more_than_read_is_refused() {
    let shelf = Shelf::with(1);
    let reader = shelf.reader();
    for sql in more_than_reads(&shelf) {
        let refused = reader.question(&sql).and_then(|mut q| q.each(|_| ControlFlow::Continue(())));
        assert_eq!(refused, Err(BadQuestion::Writes), "{sql}");
        assert_eq!(rows(&reader, "SELECT count(*) FROM items"), [[json!(1)]], "after {sql}");
    }
    assert!(!shelf.place.file().with_extension("copy").exists());
}

#[test]
fn a_question_cannot_hide_a_second_statement() {
    let shelf = Shelf::with(1);
    let reader = shelf.reader();
    assert_eq!(reader.question("SELECT 1; DELETE FROM items").err(), Some(BadQuestion::Several));
    assert_eq!(reader.question(" -- nothing").err(), Some(BadQuestion::Nothing));
    let misspelt = reader.question("SELECT * FROM product_inventry").err();
    let says = if fresh::server().is_some() {
        "relation \"product_inventry\" does not exist"
    } else {
        "no such table: product_inventry"
    };
    assert_eq!(misspelt, Some(BadQuestion::Unclear(says.to_owned())));
    assert_eq!(rows(&reader, "SELECT count(*) FROM items"), [[json!(1)]]);
}

#[test]
fn a_question_cannot_open_another_file() {
    if fresh::is_not_for_a_server("it opens files for superusers alone") {
        return;
    }
    let shelf = Shelf::with(1);
    let attach = format!("ATTACH '{}' AS other", shelf.place.file().display());
    assert!(shelf.reader().question(&attach).is_err());
}

#[test]
fn what_a_server_alone_has_a_type_for_is_shown_as_well() {
    if fresh::server().is_none() {
        return;
    }
    let shelf = Shelf::with(2);
    let sql = "SELECT sum(b2c_stock), true, date '2026-11-20', array['a', 'b'], 1.5, '\\x00ff'::bytea, NULL::inet, \
        '{\"a\": 1}'::jsonb FROM product_inventory";
    let found = rows(&shelf.reader(), sql);
    let wanted = json!([23, 1, "2026-11-20", "{a,b}", 1.5, "00ff", null, "{\"a\": 1}"]);
    assert_eq!(found, [wanted.as_array().unwrap().clone()]);
}

const ENDLESS: &str =
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";

#[test]
fn a_question_without_end_can_be_broken_off() {
    let shelf = Shelf::with(1);
    let reader = shelf.reader();
    let (break_off, is_over) = (reader.break_off(), AtomicBool::new(false));
    let ended = std::thread::scope(|threads| {
        threads.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                break_off.now();
                std::thread::yield_now();
            }
        });
        let ended = reader.question(ENDLESS).unwrap().each(|_| ControlFlow::Continue(()));
        is_over.store(true, Ordering::Relaxed);
        ended
    });
    assert_eq!(ended, Err(BadQuestion::TooLong));
}

#[test]
fn a_server_stops_working_on_a_question_that_was_broken_off() {
    if !fresh::is_for_a_server("a file has nobody who goes on alone") {
        return;
    }
    let shelf = Shelf::with(1);
    let (asks, looks) = (shelf.reader(), shelf.reader());
    let break_off = asks.break_off();
    let ended = std::thread::scope(|threads| {
        threads.spawn(move || {
            until_so_many_are_at_work(&looks, 1);
            break_off.now();
        });
        asks.question(ENDLESS).unwrap().each(|_| ControlFlow::Continue(()))
    });
    assert_eq!(ended, Err(BadQuestion::TooLong));
    until_so_many_are_at_work(&shelf.reader(), 0);
    assert_eq!(rows(&asks, "SELECT 1"), [[json!(1)]]);
}

fn until_so_many_are_at_work(reader: &Reader, wanted: u64) {
    let at_work = "SELECT count(*) FROM pg_stat_activity \
        WHERE datname = current_database() AND state = 'active' AND query LIKE 'WITH RECURSIVE n %'";
    let give_up = Instant::now() + PATIENCE;
    while rows(reader, at_work) != [[json!(wanted)]] {
        assert!(Instant::now() < give_up, "the server never had {wanted} at work");
        std::thread::yield_now();
    }
}
