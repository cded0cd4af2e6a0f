//! A connection that takes longer: bytes wait so long in each direction, however many they are.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

const CHUNK: usize = 64 * 1024;

/// The server's address as it is reached from farther away. Lives as long as this process.
pub(crate) fn start(server: &str, each_way: Duration) -> Result<String> {
    let (rest, database) = server.rsplit_once('/').context("no database in the address")?;
    let (scheme, host) = rest.rsplit_once('@').context("no user in the address")?;
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let port = listener.local_addr()?.port();
    let target = host.to_owned();
    thread::spawn(move || {
        for near in listener.incoming().flatten() {
            // One that cannot be connected is closed: whoever asked is told.
            if let Ok(far) = TcpStream::connect(&target) {
                let _ = carry(&near, &far, each_way);
            }
        }
    });
    Ok(format!("{scheme}@127.0.0.1:{port}/{database}"))
}

fn carry(near: &TcpStream, far: &TcpStream, each_way: Duration) -> Result<()> {
    for stream in [near, far] {
        stream.set_nodelay(true)?;
    }
    for (from, to) in [(near, far), (far, near)] {
        let (from, to) = (from.try_clone()?, to.try_clone()?);
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || take(from, &sender));
        thread::spawn(move || hand_on(to, &receiver, each_way));
    }
    Ok(())
}

fn take(mut from: TcpStream, to: &mpsc::Sender<(Instant, Vec<u8>)>) {
    let mut bytes = vec![0; CHUNK];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        let chunk = bytes.get(..count).unwrap_or_default().to_vec();
        if to.send((Instant::now(), chunk)).is_err() {
            return;
        }
    }
}

fn hand_on(mut to: TcpStream, from: &mpsc::Receiver<(Instant, Vec<u8>)>, after: Duration) {
    while let Ok((came, chunk)) = from.recv() {
        // What is late already has waited enough.
        if let Some(rest) = after.checked_sub(came.elapsed()) {
            thread::sleep(rest);
        }
        if to.write_all(&chunk).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
