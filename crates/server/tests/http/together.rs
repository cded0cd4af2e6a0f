//! Two nodes on one database. Needs a server.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crossdock_domain::ConnectionId;
use crossdock_server::engine::Gauges;
use reqwest::Method;
use serde_json::json;

use crate::fresh::is_for_a_server;
use crate::house::{House, SECRET, Says, eventually, told};

async fn nodes() -> Option<[House; 2]> {
    if !is_for_a_server("there is one node") {
        return None;
    }
    let one = House::new().await;
    let other = one.beside().await;
    Some([one, other])
}

/// Waits until so many looks at what others have done are over.
async fn looks(node: &House, count: u64) {
    let seen = |gauges: &Gauges| gauges.looks.load(Relaxed);
    let end = seen(node.app.engine.gauges()) + count;
    eventually(async || (seen(node.app.engine.gauges()) >= end).then_some(())).await;
}

fn count(gauge: &AtomicU64) -> u64 {
    gauge.load(Relaxed)
}

#[tokio::test]
async fn what_requests_are_checked_against_is_read_again_when_another_node_has_changed_it_and_only_then()
 {
    let Some([one, other]) = nodes().await else { return };
    one.put_connection("main", "shop", "acme-1").await;
    let shop = ConnectionId::new("shop").unwrap();
    eventually(async || other.app.engine.directory().connection(&shop).map(|_| ())).await;
    // Whoever saw the connection before the mark of its commit reads it once more.
    looks(&other, 2).await;

    let reads = &other.app.engine.gauges().directory_reads;
    let before = count(reads);
    looks(&other, 8).await;
    assert_eq!(count(reads), before, "nothing was changed");

    let known = |node: &House| node.app.engine.directory().tokens().count();
    one.token(&["read"], None).await;
    eventually(async || (known(&other) == 1).then_some(())).await;
    assert!(count(reads) > before);
}

#[tokio::test]
async fn of_two_nodes_that_are_given_one_new_id_for_two_merchants_at_once_one_is_told_that_it_is_taken()
 {
    let Some([one, other]) = nodes().await else { return };
    for n in 0..12 {
        let id = format!("shop-{n}");
        let put = async |node: &House, client: &str| {
            let wanted = json!({
                "connector": "acme", "settings": { "account": client }, "secrets": { "secret": SECRET },
            });
            let path = format!("/api/v1/clients/{client}/connections/{id}");
            told(node.admin(Method::PUT, &path).json(&wanted)).await
        };
        let (mine, theirs) = tokio::join!(put(&one, "main"), put(&other, "other"));
        let mut statuses = [mine.0, theirs.0];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{mine:?} {theirs:?}");
        let refused = if mine.0 == 409 { mine.1 } else { theirs.1 };
        assert_eq!(refused["type"], "/problems/reference-taken", "{refused}");
    }
    assert_eq!(one.connections(), 12);
}

/// The database refuses the first row of an odd item, with a complaint for each try.
fn complain(node: &House, of: &[&str]) {
    let complaints: Vec<String> = of.iter().map(|code| format!("'{code}'")).collect();
    let complaints = complaints.join(", ");
    node.say("CREATE SEQUENCE tries");
    node.say(&format!(
        "CREATE FUNCTION complain() RETURNS trigger LANGUAGE plpgsql AS $$ \
         DECLARE complaint text := (ARRAY[{complaints}])[nextval('tries')]; \
         BEGIN IF complaint IS NULL THEN RETURN NEW; END IF; \
         RAISE EXCEPTION 'odd' USING ERRCODE = complaint; END $$",
    ));
    node.say(
        "CREATE TRIGGER odd BEFORE INSERT ON items FOR EACH ROW WHEN (NEW.title = 'odd') \
         EXECUTE FUNCTION complain()",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_away_while_entries_are_folded_alone_ends_no_node() {
    if !is_for_a_server("a file does not go away") {
        return;
    }
    let node = House::furnished(Says(None)).await;
    complain(&node, &["23514", "57P01", "40001"]);
    let put = node.admin(Method::PUT, "/api/v1/clients/main/items/C");
    let (status, answer) = told(put.json(&json!({ "title": "odd" }))).await;
    assert_eq!(status, 200, "what passes is tried again until it is done: {answer}");
    let read = node.read("/api/v1/clients/main/items/C").await;
    assert_eq!(read["title"], "odd", "{read}");
}
