//! Calls on their way out: what the wire shall send, and what came back. Values only.

use crossdock_domain::Span;
use serde::{Deserialize, Serialize};

use crate::Headers;

/// HTTP methods that connectors use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Read.
    Get,
    /// Do.
    Post,
    /// Replace.
    Put,
    /// Remove.
    Delete,
}

/// One HTTP request. It is recorded before it is sent, so it holds no secret: the wire fills those in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Path and query, relative to the connection's base address: a connector cannot choose a host.
    pub path: String,
    /// Headers without credentials.
    pub headers: Headers,
    /// Body without credentials.
    pub body: String,
    /// Credentials to fill in at the last moment.
    pub fills: Vec<Fill>,
    /// A secret in the answer that must be kept and struck out before the answer is recorded.
    pub keep: Option<Keep>,
    /// What it will cost of the partner's budget, at the most.
    pub cost: u32,
}

/// A credential to fill in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fill {
    /// The vault's slot.
    pub slot: String,
    /// Where it goes.
    pub place: Place,
}

/// Where a credential goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A header's whole value.
    Header(String),
    /// A field of a form-encoded body.
    Form(String),
    /// The header `Authorization`, after the word `Bearer`.
    Bearer,
}

/// A secret in the answer's JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keep {
    /// JSON pointer to it.
    pub pointer: String,
    /// The vault's slot to keep it in.
    pub slot: String,
}

/// What came back from the outside.
#[derive(Debug, Clone, Copy)]
pub struct Response<'a> {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: &'a Headers,
    /// Body, cut at the wire's limit.
    pub body: &'a [u8],
    /// `Retry-After`, read by the wire.
    pub retry_after: Option<Span>,
}
