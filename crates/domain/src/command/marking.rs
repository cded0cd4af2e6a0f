//! A customer's order as it is to be marked at the partner that keeps it.

use serde::{Deserialize, Serialize};

use crate::call::Departure;
use crate::{ClientId, ConnectionId, RemoteId};

/// An order that was shipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkShipped {
    /// The shared connection.
    pub connection: ConnectionId,
    /// Of this account.
    pub merchant: RemoteId,
    /// On behalf of this client: an account that is another's, or nobody's any more, is not touched.
    pub client: ClientId,
    /// The partner's id of the order.
    pub order: RemoteId,
    /// How it has left.
    pub departure: Departure,
}
