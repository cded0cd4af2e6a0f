//! One keep-alive connection: writes a delivery, reads the answer's status. No pipelining, no chunks:
//! an answer that this cannot read ends the run.

use anyhow::{Context, Result, bail, ensure};
use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::body::Bodies;
use super::feed::Outgoing;

const ANSWER_BYTES: usize = 8 * 1024;
const HEAD_END: &[u8] = b"\r\n\r\n";

pub(crate) struct Connection {
    stream: TcpStream,
    received: BytesMut,
}

impl Connection {
    pub(crate) async fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: BytesMut::with_capacity(ANSWER_BYTES) })
    }

    /// Sends one delivery and waits for its answer's status.
    pub(crate) async fn exchange(&mut self, delivery: &Outgoing, bodies: &Bodies) -> Result<u16> {
        let opening = bodies.opening(delivery.opening).context("no such body")?;
        let body = Buf::chain(opening.bytes.as_slice(), delivery.closing.as_bytes());
        let mut request = Buf::chain(delivery.head.as_slice(), body);
        self.stream.write_all_buf(&mut request).await.context("writing a delivery")?;
        self.received.clear();
        loop {
            let count = self.stream.read_buf(&mut self.received).await.context("reading")?;
            ensure!(count > 0, "the server closed the connection instead of answering");
            if let Some(answer) = Answer::parse(&self.received)? {
                ensure!(answer.length == self.received.len(), "more came than one answer");
                return Ok(answer.status);
            }
        }
    }

    /// What came last, for the message about an answer that was not 200.
    pub(crate) fn last_answer(&self) -> String {
        String::from_utf8_lossy(&self.received).into_owned()
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    /// Of head and body.
    length: usize,
}

impl Answer {
    /// `None` until all of it is there.
    fn parse(received: &[u8]) -> Result<Option<Self>> {
        let Some(head) = received.windows(HEAD_END.len()).position(|bytes| bytes == HEAD_END)
        else {
            return Ok(None);
        };
        let mut lines = received.get(..head).unwrap_or_default().split(|byte| *byte == b'\n');
        let status = lines
            .next()
            .and_then(|line| line.get(9..12))
            .and_then(number)
            .and_then(|status| u16::try_from(status).ok())
            .context("no status in the answer")?;
        let Some(body) = lines.find_map(content_length) else {
            bail!("an answer without Content-Length")
        };
        let length = head + HEAD_END.len() + body;
        Ok((received.len() >= length).then_some(Self { status, length }))
    }
}

fn content_length(line: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    let (name, value) = line.split_at_checked(NAME.len())?;
    name.eq_ignore_ascii_case(NAME).then(|| number(value)).flatten()
}

fn number(text: &[u8]) -> Option<usize> {
    std::str::from_utf8(text).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_where_its_length_says() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: x\r\n\r\nOK";
        let expected = Answer { status: 200, length: whole.len() };
        assert_eq!(Answer::parse(whole).unwrap(), Some(expected));
        for cut in 0..whole.len() {
            assert_eq!(Answer::parse(&whole[..cut]).unwrap(), None, "cut after {cut}");
        }
    }

    #[test]
    fn an_answer_of_unknown_length_is_refused() {
        assert!(Answer::parse(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }
}
