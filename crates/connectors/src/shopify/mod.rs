//! Shopify: webhooks in; stock, items and tokens by GraphQL out. What is known about the partner, and what
//! is only assumed, stands in `README.md` beside this file.

mod offers;
mod settings;
mod versions;

mod admission;
mod mapping;
mod wire;

mod groups;
mod pages;
mod requests;

mod answers;
mod failures;
mod graph;
mod tested;

use crossdock_domain::Instant;
use crossdock_domain::Span;
use crossdock_domain::answer::Answer;
use crossdock_domain::call::Call;
use crossdock_domain::command::ToldReception;
use crossdock_domain::connection::Connection;

use crate::{
    Admission, BadSetting, Configured, Connector, Delivery, Given, Keys, Offers, Payload, Reading,
    Refusal, Request, Response, Unreadable, Unsendable,
};

/// The connector.
#[derive(Debug)]
pub struct Shopify;

impl Connector for Shopify {
    fn offers(&self) -> &'static Offers {
        &offers::OFFERS
    }

    fn configure(&self, given: &Given<'_>) -> Result<Configured, BadSetting> {
        settings::configure(given)
    }

    fn admit(
        &self,
        delivery: &Delivery<'_>,
        connection: &Connection,
        keys: &dyn Keys,
    ) -> Result<Admission, Refusal> {
        admission::admit(delivery, connection, keys)
    }

    fn read(
        &self,
        topic: &str,
        delivery: &Delivery<'_>,
        connection: &Connection,
    ) -> Result<Reading, Unreadable> {
        let shop = settings::value(&connection.settings, settings::SHOP_DOMAIN);
        mapping::reading(topic, delivery, shop)
    }

    fn tell(&self, _: &Payload<'_>, _: &Connection) -> Result<Vec<ToldReception>, Unreadable> {
        Err(Unreadable { why: "a shop has no receptions".to_owned() })
    }

    fn request(
        &self,
        call: &Call,
        key: &str,
        connection: &Connection,
    ) -> Result<Request, Unsendable> {
        requests::request(call, key, connection)
    }

    fn interpret(&self, call: &Call, response: &Response<'_>, connection: &Connection) -> Answer {
        answers::interpret(call, response, connection)
    }

    fn is_read(&self, _: &Connection) -> bool {
        true
    }

    /// At nine tenths of a token's life, so that there is time to try again before it dies.
    fn renew_at(&self, connection: &Connection, since: Instant, until: Instant) -> Option<Instant> {
        let life = until.since(since);
        settings::fetches_token(connection).then(|| since.plus(Span(life.0 / 10 * 9)))
    }
}
