//! What the wire is given, and what it hands back. Values only; none of them prints a secret.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use crossdock_connectors::{Headers, Request};
use crossdock_domain::Span;
use secrecy::SecretString;

use crate::target::host;

/// Finds the newest secret of a slot of the call's own connection.
pub type Vault<'a> = dyn Fn(&str) -> Option<SecretString> + Sync + 'a;

/// One recorded call to carry out.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    /// Scheme and host, and a path that all of the partner's addresses begin with, if there is one.
    pub base_url: &'a str,
    /// Plain http and private addresses are allowed, and nothing else is.
    pub sandbox: bool,
    /// As it was recorded, without credentials.
    pub request: &'a Request,
    /// The whole call may take so long.
    pub timeout: Span,
    /// So long from now its bytes may still go out, by the clock of whoever recorded the send.
    pub remaining: Span,
    /// Where the credentials are.
    pub vault: &'a Vault<'a>,
}

/// What came of a call.
pub struct Carried {
    /// Sorted by what is certain.
    pub result: Carriage,
    /// The answer's body, secrets struck out; empty unless the partner answered.
    pub body: Bytes,
    /// From the order to the last byte.
    pub took: Duration,
    /// A secret that the answer held and that belongs into the vault.
    pub kept: Option<Kept>,
}

/// What is certain about a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carriage {
    /// The partner answered, and all of its answer was read.
    Response {
        /// HTTP status.
        status: u16,
        /// Those headers that explain something.
        headers: Headers,
        /// `Retry-After`, if there was one that can be read.
        retry_after: Option<Span>,
    },
    /// It certainly never reached the partner, and never will.
    NotSent {
        /// Why, in words.
        why: String,
    },
    /// It may have reached the partner, and no complete answer came.
    Lost {
        /// Why, in words.
        why: String,
    },
}

/// A secret out of an answer.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The vault's slot to keep it in.
    pub slot: String,
    /// The secret.
    pub secret: SecretString,
}

impl fmt::Debug for Order<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Order")
            .field("host", &host(self.base_url))
            .field("sandbox", &self.sandbox)
            .field("request", &self.request)
            .field("timeout", &self.timeout)
            .field("remaining", &self.remaining)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Megabytes of a partner's data help nobody in a log line.
        f.debug_struct("Carried")
            .field("result", &self.result)
            .field("body_bytes", &self.body.len())
            .field("took", &self.took)
            .field("kept", &self.kept)
            .finish()
    }
}
