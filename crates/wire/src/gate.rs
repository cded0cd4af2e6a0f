//! The gate that a request's body passes on its way out: it knows for certain whether the request can have gone.
//!
//! The sender asks for the body only when it has a connection, and without the body the request is not complete, so
//! nobody can act on it. Whoever closes the gate first therefore knows that the request never went and never will;
//! an opened gate means that it may have gone, whatever happens after. The deadline is checked here, in the last
//! moment in which it can be.
//!
//! A request without a body gives the sender nothing to ask for. Its gate is passed before the connection is made,
//! which errs on the side of doubt.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Instant;

const WAITING: u8 = 0;
const OPENED: u8 = 1;
const CLOSED: u8 = 2;
const LATE: u8 = 3;

pub(crate) struct Gate {
    state: AtomicU8,
    deadline: Instant,
}

/// The gate is closed: these bytes do not go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Shut {
    #[error("the send's deadline had passed before its bytes went out")]
    Late,
    #[error("the call was given up before its bytes went out")]
    GivenUp,
}

impl Gate {
    pub(crate) fn new(deadline: Instant) -> Self {
        Self { state: AtomicU8::new(WAITING), deadline }
    }

    /// The bytes are about to go out. Once only, and not after the deadline or after [`Gate::close`].
    pub(crate) fn open(&self, now: Instant) -> Result<(), Shut> {
        let next = if now < self.deadline { OPENED } else { LATE };
        match self.state.compare_exchange(WAITING, next, Ordering::SeqCst, Ordering::SeqCst) {
            Ok(_) if next == OPENED => Ok(()),
            Ok(_) | Err(LATE) => Err(Shut::Late),
            // Opened before is as bad as closed: one order is one request.
            Err(_) => Err(Shut::GivenUp),
        }
    }

    /// Gives up. `Some` if that was in time: nothing went out and nothing will.
    pub(crate) fn close(&self) -> Option<Shut> {
        match self.state.compare_exchange(WAITING, CLOSED, Ordering::SeqCst, Ordering::SeqCst) {
            Ok(_) | Err(CLOSED) => Some(Shut::GivenUp),
            Err(LATE) => Some(Shut::Late),
            Err(_) => None,
        }
    }
}

/// A body of one piece behind a gate.
pub(crate) struct Gated {
    gate: Arc<Gate>,
    bytes: Option<Bytes>,
}

impl Gated {
    pub(crate) fn new(gate: Arc<Gate>, bytes: Bytes) -> Self {
        Self { gate, bytes: Some(bytes) }
    }
}

impl Body for Gated {
    type Data = Bytes;
    type Error = Shut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Shut>>> {
        let Some(bytes) = self.bytes.take() else { return Poll::Ready(None) };
        Poll::Ready(Some(self.gate.open(Instant::now()).map(|()| Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    /// Exact, so that the length is announced: not every partner takes a body in chunks.
    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn gate() -> (Gate, Instant) {
        let now = Instant::now();
        (Gate::new(now + Duration::from_secs(1)), now)
    }

    #[test]
    fn before_the_deadline_the_bytes_may_go_once() {
        let (gate, now) = gate();
        assert_eq!(gate.open(now), Ok(()));
        assert_eq!(gate.open(now), Err(Shut::GivenUp));
        assert_eq!(gate.close(), None);
    }

    #[test]
    fn at_the_deadline_they_stay() {
        let (gate, now) = gate();
        assert_eq!(gate.open(now + Duration::from_secs(1)), Err(Shut::Late));
        assert_eq!(gate.open(now), Err(Shut::Late));
        assert_eq!(gate.close(), Some(Shut::Late));
    }

    #[test]
    fn what_was_given_up_in_time_never_goes() {
        let (gate, now) = gate();
        assert_eq!(gate.close(), Some(Shut::GivenUp));
        assert_eq!(gate.open(now), Err(Shut::GivenUp));
        assert_eq!(gate.close(), Some(Shut::GivenUp));
    }
}
