//! The real connector, except that it panics on deliveries that hold a certain word.

use crossdock_connectors::shopify::Shopify;
use crossdock_connectors::{
    Admission, BadSetting, Configured, Connector, Delivery, Given, Keys, Offers, Payload, Reading,
    Refusal, Request, Response, Unreadable, Unsendable,
};
use crossdock_domain::Instant;
use crossdock_domain::answer::Answer;
use crossdock_domain::call::Call;
use crossdock_domain::command::ToldReception;
use crossdock_domain::connection::Connection;

use super::depot::{DEPOT, Depot};

/// A delivery that holds this word brings the connector down.
pub(crate) const PANIC_WORD: &str = "crash-the-connector";

/// The connectors of a rig.
pub(crate) fn find(name: &str) -> Option<&'static dyn Connector> {
    match name {
        "shopify" => Some(&Moody),
        DEPOT => Some(&Depot),
        other => crossdock_connectors::find(other),
    }
}

struct Moody;

impl Connector for Moody {
    fn offers(&self) -> &'static Offers {
        Shopify.offers()
    }
    fn configure(&self, given: &Given<'_>) -> Result<Configured, BadSetting> {
        Shopify.configure(given)
    }
    fn admit(
        &self,
        delivery: &Delivery<'_>,
        connection: &Connection,
        keys: &dyn Keys,
    ) -> Result<Admission, Refusal> {
        Shopify.admit(delivery, connection, keys)
    }
    fn read(
        &self,
        topic: &str,
        delivery: &Delivery<'_>,
        connection: &Connection,
    ) -> Result<Reading, Unreadable> {
        let body = String::from_utf8_lossy(delivery.body);
        assert!(!body.contains(PANIC_WORD), "the connector tripped");
        Shopify.read(topic, delivery, connection)
    }
    fn tell(
        &self,
        payload: &Payload<'_>,
        connection: &Connection,
    ) -> Result<Vec<ToldReception>, Unreadable> {
        Shopify.tell(payload, connection)
    }
    fn request(
        &self,
        call: &Call,
        key: &str,
        connection: &Connection,
    ) -> Result<Request, Unsendable> {
        Shopify.request(call, key, connection)
    }
    fn interpret(&self, call: &Call, response: &Response<'_>, connection: &Connection) -> Answer {
        Shopify.interpret(call, response, connection)
    }
    fn is_read(&self, connection: &Connection) -> bool {
        Shopify.is_read(connection)
    }
    fn renew_at(&self, connection: &Connection, since: Instant, until: Instant) -> Option<Instant> {
        Shopify.renew_at(connection, since, until)
    }
}
