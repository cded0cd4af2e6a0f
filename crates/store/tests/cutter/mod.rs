//! A wire between a store and its server that is cut around a commit.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

/// What becomes of the next commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is cut off before it gets to the server.
    LoseTheQuestion,
    /// The server does as told, and its answer is lost.
    LoseTheAnswer,
}

type Meanwhile = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Plan {
    next: Mutex<Option<(Fate, Meanwhile)>>,
    has_cut: AtomicBool,
}

/// The wire.
pub(crate) struct Cutter(Arc<Plan>);

impl Cutter {
    /// A wire to the server at this address, and the address of its near end.
    pub(crate) fn before(url: &str) -> (Self, String) {
        let (user, rest) = url.split_once('@').unwrap();
        let (host, database) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let near = format!("{user}@{}/{database}", listener.local_addr().unwrap());
        let (plan, host) = (Arc::new(Plan::default()), host.to_owned());
        let cutter = Self(Arc::clone(&plan));
        std::thread::spawn(move || {
            while let Ok((client, _)) = listener.accept() {
                let server = TcpStream::connect(&host).unwrap();
                let plan = Arc::clone(&plan);
                std::thread::spawn(move || lead(client, server, &plan));
            }
        });
        (cutter, near)
    }

    /// Lets this happen to the next commit, and something else before the store hears of it.
    pub(crate) fn arm(&self, fate: Fate, meanwhile: impl FnOnce() + Send + 'static) {
        *self.0.next.lock().unwrap() = Some((fate, Box::new(meanwhile)));
    }

    pub(crate) fn has_cut(&self) -> bool {
        self.0.has_cut.load(SeqCst)
    }
}

/// One connection, to its end.
fn lead(mut client: TcpStream, mut server: TcpStream, plan: &Plan) {
    let is_lost = Arc::new(AtomicBool::new(false));
    let back = {
        let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        let is_lost = Arc::clone(&is_lost);
        std::thread::spawn(move || {
            let mut bytes = vec![0; 64 << 10];
            while let Ok(count @ 1..) = from.read(&mut bytes) {
                if is_lost.load(SeqCst) || to.write_all(&bytes[..count]).is_err() {
                    return;
                }
            }
        })
    };
    let mut bytes = vec![0; 64 << 10];
    while let Ok(count @ 1..) = client.read(&mut bytes) {
        let said = &bytes[..count];
        let is_commit = said.windows(7).any(|word| word == b"COMMIT\0");
        if let Some((fate, meanwhile)) = plan.next.lock().unwrap().take_if(|_| is_commit) {
            plan.has_cut.store(true, SeqCst);
            is_lost.store(true, SeqCst);
            if fate == Fate::LoseTheAnswer {
                server.write_all(said).unwrap();
                back.join().unwrap();
            }
            meanwhile();
            break;
        }
        if server.write_all(said).is_err() {
            break;
        }
    }
    for end in [client, server] {
        // Whoever is at the other end has gone already, or learns it now.
        let _ = end.shutdown(Shutdown::Both);
    }
}
