//! Nodes that start on one database: together on an empty one, and on one that is ahead of them.

use std::sync::Barrier;

use crossdock_store::{Server, Store, StoreError};

use crate::fresh::Fresh;
use crate::has_no_server;

const NODES: usize = 8;

#[test]
fn nodes_that_start_together_on_an_empty_database_all_come_up() {
    if has_no_server() {
        return;
    }
    for _ in 0..3 {
        let place = Fresh::new();
        let server = Server::parse(&place.url().unwrap()).unwrap();
        let ready = Barrier::new(NODES);
        std::thread::scope(|scope| {
            let start = || {
                ready.wait();
                Store::connect(&server).map(drop)
            };
            let nodes: Vec<_> = (0..NODES).map(|_| scope.spawn(start)).collect();
            for node in nodes {
                node.join().unwrap().unwrap();
            }
        });
    }
}

#[test]
fn a_schema_of_a_newer_version_is_refused_in_one_sentence() {
    if has_no_server() {
        return;
    }
    let place = Fresh::new();
    drop(place.store());
    place.say("INSERT INTO migrations VALUES (999, '')");
    let refused = Store::connect(&Server::parse(&place.url().unwrap()).unwrap());
    let Err(StoreError::Newer { found: 999, .. }) = refused else { panic!("{refused:?}") };
}
