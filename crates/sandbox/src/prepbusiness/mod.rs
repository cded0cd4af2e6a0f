//! A simulated PrepBusiness company: the pure core. Requests and times go in, answers and webhooks come out.
//!
//! A prep centre takes in goods for many merchants: they announce an inbound, ship it, and people there check it in. It
//! knows nothing of any hub and shares no types with any connector. Sockets are in `server/`.
//!
//! The partner documents no test environment, few error bodies and no limits: what is only assumed here says so.

mod access;
mod acts;
mod announcing;
mod bodies;
mod calls;
mod centre;
mod counting;
mod deliveries;
mod driven;
mod faults;
mod goods;
mod inbound_bodies;
mod inbounds;
mod inventory;
mod live_work;
mod log;
mod opening;
mod order_bodies;
mod orders;
mod outbounds;
mod paging;
mod problem;
mod reference;
mod routes;
mod setup;
mod signing;
mod spelling;
mod subscriptions;
mod summary;
mod truth;

pub use acts::{Impossible, Units, Which};
pub use centre::Centre;
pub use faults::{CallFaults, Faults, Knob, PagingFaults, SigningKey, WebhookFaults};
pub use goods::Status;
pub use live_work::Work;
pub use log::{Goods, Happening, LogEntry};
pub use setup::{
    Envelope, Ids, ItemSetup, MerchantKey, MerchantSetup, MerchantsShape, Setup, Times,
    WarehouseSetup,
};
pub use subscriptions::EVENTS;
pub use truth::{GoodsTruth, InboundTruth, LineTruth};
