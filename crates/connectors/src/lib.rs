//! Pure translators: bytes into facts, calls into requests, responses into answers; one folder a partner.
//!
//! A connector holds no socket, no clock, no database, no async. Adding a partner is one folder and one line
//! in `registry`.

mod registry;

pub mod connector;
pub mod delivery;
pub mod offers;
pub mod request;

pub mod prepbusiness;
pub mod shopify;

pub use connector::{
    BadSetting, Configured, Connector, Given, Keys, Payload, Unreadable, Unsendable,
};
pub use delivery::{Admission, Delivery, Headers, Reading, Refusal};
pub use offers::{DeliveryRoute, Finder, Offers, Schedules, SecretSpec, SettingSpec};
pub use registry::{all, find};
pub use request::{Fill, Keep, Method, Place, Request, Response};
