//! The trait that every partner's folder implements: nine pure functions, none with a default, so that a
//! connector that forgets to verify does not compile.

use std::collections::BTreeMap;

use crossdock_domain::answer::Answer;
use crossdock_domain::call::Call;
use crossdock_domain::command::ToldReception;
use crossdock_domain::connection::Connection;
use crossdock_domain::{Instant, RemoteId};
use secrecy::SecretString;

use crate::{Admission, Delivery, Offers, Reading, Refusal, Request, Response};

/// The translator of one partner's language.
pub trait Connector: Send + Sync {
    /// What this partner can be asked for, which settings and secrets it takes, and its routes: data.
    fn offers(&self) -> &'static Offers;

    /// Checks settings, writes them in their one form, and fills in the connector's defaults.
    fn configure(&self, given: &Given<'_>) -> Result<Configured, BadSetting>;

    /// Checks the sender on the raw bytes, and names the delivery. Runs before anything is stored.
    fn admit(
        &self,
        delivery: &Delivery<'_>,
        connection: &Connection,
        keys: &dyn Keys,
    ) -> Result<Admission, Refusal>;

    /// What an admitted delivery says. `topic` is the one that [`Connector::admit`] named.
    fn read(
        &self,
        topic: &str,
        delivery: &Delivery<'_>,
        connection: &Connection,
    ) -> Result<Reading, Unreadable>;

    /// What a person or a program tells by hand, in the forms that the partner's documents name: one outcome a reception,
    /// in their order.
    fn tell(
        &self,
        payload: &Payload<'_>,
        connection: &Connection,
    ) -> Result<Vec<ToldReception>, Unreadable>;

    /// The one HTTP request that carries out a call. `key` is fresh for every decision, and the same for
    /// every repeat of these bytes.
    fn request(
        &self,
        call: &Call,
        key: &str,
        connection: &Connection,
    ) -> Result<Request, Unsendable>;

    /// What the response to a call means.
    fn interpret(&self, call: &Call, response: &Response<'_>, connection: &Connection) -> Answer;

    /// Whether the partner is read, on a schedule and on request. If not, what counts is what it or a person tells.
    fn is_read(&self, connection: &Connection) -> bool;

    /// How long before its death a token is renewed, given when it was fetched and when it dies; `None` when
    /// this connection's token does not expire.
    fn renew_at(&self, connection: &Connection, since: Instant, until: Instant) -> Option<Instant>;
}

/// What a person gave as the settings of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// Name → text, as written.
    pub settings: &'a BTreeMap<String, String>,
    /// Slots for which the vault holds a secret or is about to.
    pub secret_slots: &'a [String],
    /// Whether the connection is marked as simulated.
    pub sandbox: bool,
}

/// Settings that a connector has checked and completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configured {
    /// Scheme and host for all calls, without a trailing slash.
    pub base_url: String,
    /// The one location where stock is published, if one is set.
    pub location: Option<RemoteId>,
    /// Name → text, in the one form, defaults filled in.
    pub settings: BTreeMap<String, String>,
    /// What a person should know.
    pub warnings: Vec<String>,
    /// Whether an access token must be fetched before anything can be sent.
    pub fetches_token: bool,
}

/// A setting that cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("setting `{name}`: {why}")]
pub struct BadSetting {
    /// Which.
    pub name: String,
    /// Why, and what would be accepted.
    pub why: String,
}

/// The secrets of one connection, opened.
pub trait Keys {
    /// All secrets in a slot, newest first; several while one is being rotated.
    fn all(&self, slot: &str) -> &[SecretString];
}

/// What is told by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload<'a> {
    /// A JSON document.
    Json(&'a [u8]),
    /// A table with a line of headings, as spreadsheets write it.
    Csv(&'a [u8]),
}

/// A delivery that cannot be read. Its bytes are kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Unreadable {
    /// Why, in words.
    pub why: String,
}

/// A call that cannot be put into a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Unsendable {
    /// Which rows of the call are to blame, so that the others can go without them; none when all of it is.
    pub rows: Vec<usize>,
    /// Why, and what a person can do.
    pub why: String,
}
