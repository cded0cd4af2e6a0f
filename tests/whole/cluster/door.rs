//! What stands before the nodes: a balancer that hands connections to one after the other, keeps none for long, and passes
//! over those that are down.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// After this a connection is cut, wherever it is: answers get lost on their way.
const CONNECTION_LIVES: Duration = Duration::from_millis(700);

/// Opens a door to nodes on these ports; its own port.
pub(crate) async fn open(nodes: Vec<u16>) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let next = Arc::new(AtomicUsize::new(0));
        while let Ok((guest, _)) = listener.accept().await {
            let (nodes, next) = (nodes.clone(), Arc::clone(&next));
            tokio::spawn(lead(guest, nodes, next));
        }
    });
    port
}

async fn lead(mut guest: TcpStream, nodes: Vec<u16>, next: Arc<AtomicUsize>) {
    for _ in 0..nodes.len() {
        let port = nodes[next.fetch_add(1, Relaxed) % nodes.len()];
        if let Ok(mut node) = TcpStream::connect(("127.0.0.1", port)).await {
            let _ = timeout(CONNECTION_LIVES, copy_bidirectional(&mut guest, &mut node)).await;
            return;
        }
    }
}
