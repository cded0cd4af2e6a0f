//! PrepBusiness: goods announced to a prep centre, and what of them was checked in. One account serves many merchants; its
//! webhooks carry neither id nor time, so in `api` mode they are hints and what they are about is read. What is known about
//! the partner, and what is only assumed, stands in `README.md` beside this file.

mod offers;
mod settings;

mod admission;
mod mapping;
mod reading;
mod shapes;
mod wire;

mod table;
mod telling;

mod requests;

mod answers;
mod counters;
mod failures;
mod orders;
mod pages;

use crossdock_domain::Instant;
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
pub struct PrepBusiness;

impl Connector for PrepBusiness {
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
        reading::reading(topic, delivery, connection)
    }

    fn tell(
        &self,
        payload: &Payload<'_>,
        _: &Connection,
    ) -> Result<Vec<ToldReception>, Unreadable> {
        telling::told(payload)
    }

    /// The partner has no idempotency keys: a create carries our reference instead.
    fn request(
        &self,
        call: &Call,
        _key: &str,
        connection: &Connection,
    ) -> Result<Request, Unsendable> {
        requests::request(call, connection)
    }

    fn interpret(&self, call: &Call, response: &Response<'_>, connection: &Connection) -> Answer {
        answers::interpret(call, response, connection)
    }

    fn is_read(&self, connection: &Connection) -> bool {
        settings::mode(connection) == settings::Mode::Api
    }

    /// Tokens live until they are revoked.
    fn renew_at(&self, _: &Connection, _: Instant, _: Instant) -> Option<Instant> {
        None
    }
}
