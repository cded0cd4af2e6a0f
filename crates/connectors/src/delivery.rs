//! Webhooks on their way in: as they arrived, admitted or refused, and what they say.

use crossdock_domain::fact::Fact;
use serde::{Deserialize, Serialize};

/// Header names (lower case) and values, in the order in which they came.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Headers(pub Vec<(String, String)>);

impl Headers {
    /// The value of the only header of this name (lower case); `None` also when there are two, since then
    /// nobody can say which one the sender meant.
    #[must_use]
    pub fn only(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(key, _)| key == name);
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }
}

/// One webhook request as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// Its headers.
    pub headers: &'a Headers,
    /// Its raw bytes.
    pub body: &'a [u8],
    /// Topic that the address itself names, for addresses that serve one topic only.
    pub route_topic: Option<&'a str>,
    /// Whether it came with a crossdock token that may write here: it is trusted as the token's holder is. Always false
    /// once it was let in.
    pub has_token: bool,
}

impl<'a> Delivery<'a> {
    /// One that was let in before: its topic is known, and nobody asks again who sent it.
    #[must_use]
    pub const fn kept(headers: &'a Headers, body: &'a [u8]) -> Self {
        Self { headers, body, route_topic: None, has_token: false }
    }
}

/// A delivery whose sender was verified. Only [`crate::Connector::admit`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// Equal for repeats of the same delivery, and for nothing else on this connection.
    pub dedupe_key: String,
    /// What it is about.
    pub topic: String,
    /// What several deliveries that came of one action have in common, to correlate them.
    pub event_id: Option<String>,
}

/// Why a delivery is not let in. It is counted, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No signature, or none that can be decoded.
    #[error("the delivery carries no readable signature")]
    Unsigned,
    /// The signature does not match the bytes.
    #[error(
        "the signature does not match: the secret is wrong, or the bytes were changed on the way"
    )]
    BadSignature,
    /// Nothing to check with: the connection has no secret.
    #[error(
        "the connection has no webhook secret: set one, then the partner's retries will get in"
    )]
    NoSecret,
    /// It is meant for another account.
    #[error("the delivery names another account than this connection's")]
    OtherAccount,
    /// It lacks what every genuine delivery has.
    #[error("the delivery lacks a header that every genuine one carries")]
    Malformed,
}

impl Refusal {
    /// One word for counters and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::BadSignature => "bad_signature",
            Self::NoSecret => "no_secret",
            Self::OtherAccount => "other_account",
            Self::Malformed => "malformed",
        }
    }
    /// The HTTP status that this sender gets.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Unsigned | Self::BadSignature | Self::NoSecret | Self::OtherAccount => 401,
            Self::Malformed => 400,
        }
    }
}

/// What a delivery says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// Facts, in the order in which the partner told them.
    pub facts: Vec<Fact>,
    /// For a person: why this delivery changes nothing, or what of it could not be read and was left out.
    pub note: Option<String>,
}
