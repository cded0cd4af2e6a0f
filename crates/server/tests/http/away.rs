//! While the store stands still or is away: who goes on waiting, and who is told in time that he need not.

use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::{io, thread};

use crossdock_domain::command::Command;
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::{Instant, LaneId};
use crossdock_hub::command_arrival;
use crossdock_server::engine::{Clock, EngineError, Running, Start, start};
use crossdock_store::vault::{KEY_BYTES, MasterKey};
use crossdock_store::{Arrival, Place, Store};

use crate::acme;
use crate::fresh::{Fresh, is_for_a_server};
use crate::house::{House, eventually};

/// A wire to the server. It can be closed to whoever comes, and cut for who is there.
struct Wire {
    is_closed: Arc<AtomicBool>,
    clients: Arc<Mutex<Vec<TcpStream>>>,
}

impl Wire {
    /// A wire to the server at this address, and the address of its near end.
    fn before(url: &str) -> (Self, String) {
        let (user, rest) = url.split_once('@').unwrap();
        let (host, database) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let near = format!("{user}@{}/{database}", listener.local_addr().unwrap());
        let wire = Self { is_closed: Arc::default(), clients: Arc::default() };
        let (is_closed, clients) = (Arc::clone(&wire.is_closed), Arc::clone(&wire.clients));
        let host = host.to_owned();
        thread::spawn(move || {
            while let Ok((client, _)) = listener.accept() {
                if !is_closed.load(SeqCst) {
                    let server = TcpStream::connect(&host).unwrap();
                    clients.lock().unwrap().push(client.try_clone().unwrap());
                    lead(&client, &server);
                    lead(&server, &client);
                }
            }
        });
        (wire, near)
    }

    fn cut(&self, clients: usize) {
        for client in &self.clients.lock().unwrap()[..clients] {
            // Who has gone already need not be cut.
            let _ = client.shutdown(Shutdown::Both);
        }
    }

    fn count(&self) -> usize {
        self.clients.lock().unwrap().len()
    }
}

fn lead(from: &TcpStream, to: &TcpStream) {
    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    thread::spawn(move || {
        // A cut ends both ways.
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
    });
}

struct Still;

impl Clock for Still {
    fn now(&self) -> Instant {
        Instant(1_800_000_000_000_000)
    }
}

fn named(name: &str, id: u8) -> Arrival {
    let lane: LaneId = "client:main".parse().unwrap();
    let command = Command::PutClient { name: name.to_owned() };
    command_arrival([id; 16], lane, &command, "test", None, Still.now())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_an_outcome_gets_it_once_the_database_is_back() {
    if !is_for_a_server("a file does not go away") {
        return;
    }
    let place = Fresh::new();
    let (wire, near) = Wire::before(&place.url().unwrap());
    let store = Store::at(&Place::server(&near).unwrap()).unwrap();
    let of_the_writer = wire.count();
    let key = MasterKey::new(vec![7; KEY_BYTES]).unwrap();
    let (clock, find, fresh_salt) = (Arc::new(Still), acme::find, [1; 16]);
    let Running { engine, .. } =
        start(Start { store, find, key, fresh_salt, clock, outbox: None }).unwrap();
    let (_, folded) = engine.keep_and_fold(named("one", 1)).await.unwrap();
    assert_eq!(folded.await.unwrap().outcome.kind, OutcomeKind::Applied);

    // Those who receive keep their connections; whoever folds has none.
    wire.is_closed.store(true, SeqCst);
    wire.cut(of_the_writer);
    let is_away = async || engine.gauges().health().database_away.then_some(());
    eventually(is_away).await;
    let (_, folded) = engine.keep_and_fold(named("other", 2)).await.unwrap();
    let behind = engine.operate(|_| Ok(())).await;
    assert_eq!(behind, Err(EngineError::Away), "it came behind who waits, and was turned away");
    wire.is_closed.store(false, SeqCst);
    assert_eq!(folded.await.unwrap().outcome.kind, OutcomeKind::Applied);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_an_operation_is_told_in_time_that_it_may_be_done_yet() {
    let house = House::new().await;
    let engine = &house.app.engine;
    let ((go_on, stands_still), (done, is_done)) = (mpsc::channel(), mpsc::channel());
    let (begun, has_begun) = mpsc::channel();
    let other = engine.clone();
    let first = tokio::spawn(async move {
        other
            .operate_for_sure({
                let stands_still = Arc::new(Mutex::new(stands_still));
                move |_| {
                    begun.send(()).unwrap();
                    stands_still.lock().unwrap().recv().unwrap();
                    Ok(())
                }
            })
            .await
    });
    tokio::task::block_in_place(|| has_begun.recv()).unwrap();
    let second = engine.operate(move |_| {
        done.send(()).unwrap();
        Ok(())
    });
    assert_eq!(second.await, Err(EngineError::Late));
    go_on.send(()).unwrap();
    assert_eq!(first.await.unwrap(), Ok(()));
    tokio::task::block_in_place(|| is_done.recv()).unwrap();
}
