//! Many nodes on one PostgreSQL, a shop that trades with all of them, and everything killed at random.

mod door;
mod journal;
mod late;
mod nodes;
pub(crate) mod server;
mod standby;
mod together;
mod weather;

use std::time::Duration;

use nodes::Nodes;
use server::Postgres;
use weather::Weather;

/// How long the weather lasts: some seconds, or as many minutes as `CROSSDOCK_CLUSTER_MINUTES` says.
#[expect(clippy::disallowed_methods, reason = "who runs the long form says so in the environment")]
fn span(short: Duration) -> Duration {
    let minutes = std::env::var("CROSSDOCK_CLUSTER_MINUTES").ok();
    let minutes = minutes.map(|text| text.parse().unwrap());
    minutes.map_or(short, Duration::from_mins)
}

async fn live_through(server: &Postgres, address: &str, seed: u64, span: Duration) {
    let mut nodes = Nodes::open(3, address).await;
    nodes.link().await;
    nodes.trade();
    Weather::new(seed).rage(&mut nodes, server, span).await;
    nodes.rest_and_judge(server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_and_their_server_are_killed_at_random_and_nothing_is_lost_or_doubled() {
    let server = Postgres::start();
    live_through(&server, &server.address, 11, span(Duration::from_secs(20))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_holds_behind_a_pooler_that_gives_every_transaction_another_connection() {
    let server = Postgres::start();
    let pooler = server.pooler();
    live_through(&server, &pooler.address, 12, span(Duration::from_secs(8))).await;
}
