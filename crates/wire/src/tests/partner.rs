//! A partner on a raw socket: reads requests, answers as it was told, byte by byte.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What to do after a request was read.
#[derive(Clone)]
pub(super) enum Play {
    /// Write this, and wait for the next request.
    Answer(Vec<u8>),
    /// Write this, and cut the connection.
    Cut(Vec<u8>),
    /// Write this, and nothing more, ever.
    Hang(Vec<u8>),
}

pub(super) struct Partner {
    pub(super) port: u16,
    heard: UnboundedReceiver<String>,
}

impl Partner {
    /// Plays these in turn, whichever connection the requests come on.
    pub(super) async fn start(plays: impl IntoIterator<Item = Play>) -> Self {
        let plays = Arc::new(Mutex::new(VecDeque::from_iter(plays)));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (hear, heard) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&plays), hear.clone()));
            }
        });
        Self { port, heard }
    }

    pub(super) async fn answering(head: &str, body: &str) -> Self {
        Self::start([Play::Answer(answer(head, body))]).await
    }

    pub(super) fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The next request, as soon as it was read and before it is answered.
    pub(super) async fn hears(&mut self) -> String {
        self.heard.recv().await.unwrap()
    }

    /// Requests that nobody asked for yet.
    pub(super) fn unheard(&mut self) -> usize {
        std::iter::from_fn(|| self.heard.try_recv().ok()).count()
    }
}

/// Status line and headers, then a body with its length.
pub(super) fn answer(head: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

async fn serve(
    mut stream: TcpStream,
    plays: Arc<Mutex<VecDeque<Play>>>,
    hear: UnboundedSender<String>,
) {
    while let Some(request) = read(&mut stream).await {
        // A request beyond the last play is heard, too, and fails its test there.
        let play = plays.lock().unwrap().pop_front().unwrap_or(Play::Cut(Vec::new()));
        hear.send(request).ok();
        let (Play::Answer(bytes) | Play::Cut(bytes) | Play::Hang(bytes)) = &play;
        stream.write_all(bytes).await.ok();
        match play {
            Play::Answer(_) => {}
            Play::Cut(_) => return,
            Play::Hang(_) => std::future::pending().await,
        }
    }
}

/// One request with its body; `None` when the connection ends before.
async fn read(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Some(text.into_owned());
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
