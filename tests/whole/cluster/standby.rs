//! A synchronous standby: it takes over and has all that was acknowledged; without it nothing is acknowledged.

use std::time::Duration;

use tokio::time::sleep;

use super::nodes::Nodes;
use super::server::Postgres;

/// Trade before the server is lost; what matters comes after.
const LOAD: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_that_takes_over_in_the_middle_of_a_load_has_all_that_was_acknowledged() {
    let server = Postgres::start();
    let standby = server.standby();
    let address = format!(
        "postgres://crossdock@{},{}/crossdock?target_session_attrs=read-write",
        server.host(),
        standby.host()
    );
    let mut nodes = Nodes::open(2, &address).await;
    nodes.link().await;
    nodes.trade();
    sleep(LOAD).await;
    server.crash();
    standby.promote();
    sleep(LOAD).await;
    nodes.rest_and_judge(&standby).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_standby_is_gone_nothing_is_acknowledged_and_what_was_sent_then_is_kept_once() {
    let server = Postgres::start();
    let standby = server.standby();
    let nodes = Nodes::open(2, &server.address).await;
    let [one, other] = [&nodes.hubs[0], &nodes.hubs[1]];
    assert_eq!(nodes.deliver(one, "w-1").await, 200);

    standby.crash();
    assert_eq!(nodes.deliver(one, "w-2").await, 503, "its commit waits for the standby");
    assert_eq!(nodes.deliver(other, "w-2").await, 503, "and so does its repeat");
    // Now the first commit stands on the server, though no standby has it.
    server.crash();
    server.again();
    for hub in [one, other] {
        assert_eq!(nodes.deliver(hub, "w-2").await, 503, "a repeat is no proof either");
    }

    standby.again();
    one.until("the webhook to be acknowledged", async || nodes.deliver(one, "w-2").await == 200)
        .await;
    assert_eq!(nodes.deliver(other, "w-3").await, 200);
    one.calm().await;
    for id in ["w-1", "w-2", "w-3"] {
        let kept = format!("SELECT count(*) FROM arrivals WHERE delivery_id = '{id}'");
        assert_eq!(server.ask(&kept), "1", "{id}");
    }
}
