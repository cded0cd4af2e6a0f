//! Who asks, and what he may: tokens of programs, the operator's token and sessions, and the gate of the admin listener.

mod admin;
mod caller;
mod desk;
mod gate;
mod sign_in;

pub use admin::{Admin, SESSION_COOKIE, SESSION_TIME, SIGN_IN_TIME};
pub use caller::{Caller, Right, Scope, ToRead, ToRun, ToSync, ToWrite};
pub use desk::{Desk, NewSeat, Operator, Seat};
pub(crate) use desk::{no_client, no_connection};
pub(crate) use gate::gate;
pub(crate) use sign_in::{new_link, only_operator, sign_in, sign_out};
