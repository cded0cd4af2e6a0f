//! What befalls a cluster: drawn from a seed, one thing after the other.

use std::process::Command;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::nodes::Nodes;
use super::server::Postgres;

/// A seed's dice.
pub(crate) struct Weather(u64);

impl Weather {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    /// Lets one thing after the other happen.
    pub(crate) async fn rage(&mut self, nodes: &mut Nodes, server: &Postgres, span: Duration) {
        let end = Instant::now() + span;
        while Instant::now() < end {
            sleep(Duration::from_millis(100 + self.below(900))).await;
            let count = nodes.hubs.len() as u64;
            let victim = usize::try_from(self.below(count)).unwrap();
            match self.below(6) {
                0..=2 => {
                    nodes.hubs[victim].kill();
                    sleep(Duration::from_millis(self.below(500))).await;
                    nodes.hubs[victim].start().await;
                }
                3 => server.cut_connections(),
                4 => {
                    server.crash();
                    sleep(Duration::from_millis(self.below(800))).await;
                    server.again();
                }
                _ => self.freeze(nodes, victim).await,
            }
        }
    }

    /// A node stands still for a while, as on a host that is starved, and then goes on as if nothing had been.
    async fn freeze(&mut self, nodes: &mut Nodes, victim: usize) {
        let pid = nodes.hubs[victim].pid().unwrap().to_string();
        signal("-STOP", &pid);
        sleep(Duration::from_millis(200 + self.below(1_500))).await;
        signal("-CONT", &pid);
    }
}

fn signal(name: &str, pid: &str) {
    assert!(Command::new("kill").args([name, pid]).status().unwrap().success());
}
