//! The proof that somebody may: a handler that takes a [`Seat`] or a [`Desk`] runs only for those who may. An address that
//! names a client or a connection has no other way in.

use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::{FromRequestParts, RawPathParams};
use crossdock_domain::{ClientId, ConnectionId, LaneId};
use http::request::Parts;

use super::{Caller, Right};
use crate::app::App;
use crate::problem::{Kind, Problem};

/// A seat before one lane, a client's or a shared connection's, in which this caller may do what `R` allows.
#[derive(Debug)]
pub struct Seat<R: Right> {
    lane: LaneId,
    /// Who asks.
    pub caller: Caller,
    names: Vec<(String, String)>,
    right: PhantomData<R>,
}

impl<R: Right> Seat<R> {
    /// A seat, if the caller may sit there. To one who is limited to a client, what belongs to others or to several does
    /// not exist.
    pub fn open(caller: Caller, lane: LaneId) -> Result<Self, Problem> {
        match &lane {
            LaneId::Client(client) if !caller.sees(client) => {
                return Err(no_client(client.as_str()));
            }
            LaneId::Connection(connection) if caller.only_client().is_some() => {
                return Err(no_connection(connection.as_str()));
            }
            LaneId::House => caller.must_see_all()?,
            LaneId::Client(_) | LaneId::Connection(_) => {}
        }
        caller.must_have(R::SCOPE)?;
        Ok(Self { lane, caller, names: Vec::new(), right: PhantomData })
    }

    /// The lane.
    #[must_use]
    pub fn lane(&self) -> LaneId {
        self.lane.clone()
    }

    /// Where the addresses of what lies in this lane begin.
    #[must_use]
    pub fn base(&self) -> String {
        match &self.lane {
            LaneId::House => "/api/v1".to_owned(),
            LaneId::Client(client) => format!("/api/v1/clients/{client}"),
            LaneId::Connection(connection) => format!("/api/v1/connections/{connection}"),
        }
    }

    /// A part of the address, as text.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        let found = self.names.iter().find(|(key, _)| key == name);
        found.map(|(_, text)| text.as_str()).unwrap_or_default()
    }

    /// A part of the address, read. What does not read names nothing that we have.
    pub fn id<T: std::str::FromStr>(&self, name: &str) -> Result<T, Problem> {
        let text = self.text(name);
        text.parse().map_err(|_| Problem::not_found(format!("There is no {name} `{text}`.")))
    }

    /// A list of nothing may mean that there is no such lane: then says so.
    pub(crate) async fn must_exist(&self, app: &App) -> Result<(), Problem> {
        let lane = self.lane();
        let (entries, _) = app.look.at(move |reader| reader.lane_length(&lane)).await?;
        if entries > 0 {
            return Ok(());
        }
        Err(match &self.lane {
            LaneId::Client(client) => no_client(client.as_str()),
            LaneId::Connection(connection) => no_connection(connection.as_str()),
            LaneId::House => Problem::not_found("Nothing has happened yet."),
        })
    }
}

/// One client's desk, at which this caller may do what `R` allows.
#[derive(Debug)]
pub struct Desk<R: Right> {
    /// Whose.
    pub client: ClientId,
    seat: Seat<R>,
}

impl<R: Right> Desk<R> {
    /// A desk, if the caller may stand at it.
    pub fn open(caller: Caller, client: ClientId) -> Result<Self, Problem> {
        let seat = Seat::open(caller, LaneId::Client(client.clone()))?;
        Ok(Self { client, seat })
    }
}

impl<R: Right> Deref for Desk<R> {
    type Target = Seat<R>;

    fn deref(&self) -> &Seat<R> {
        &self.seat
    }
}

pub(crate) fn no_client(client: &str) -> Problem {
    Problem::not_found(format!("There is no client `{client}`."))
}

pub(crate) fn no_connection(connection: &str) -> Problem {
    Problem::not_found(format!("There is no connection `{connection}`."))
}

/// Who asks, and the parts of the address by name.
async fn asked(parts: &mut Parts, app: &App) -> Result<(Caller, Vec<(String, String)>), Problem> {
    let caller = Caller::from_request_parts(parts, app).await?;
    let params = RawPathParams::from_request_parts(parts, app).await;
    let params = params.map_err(|error| Problem::new(Kind::Malformed, error.to_string()))?;
    let names = params.iter().map(|(key, text)| (key.to_owned(), text.to_owned())).collect();
    Ok((caller, names))
}

fn named<'n>(names: &'n [(String, String)], name: &str) -> Option<&'n str> {
    names.iter().find(|(key, _)| key == name).map(|(_, text)| text.as_str())
}

impl<R: Right> FromRequestParts<App> for Desk<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let (caller, names) = asked(parts, app).await?;
        let given = named(&names, "client").unwrap_or_default();
        let client = ClientId::new(given).map_err(|_| no_client(given))?;
        let seat = Seat::open(caller, LaneId::Client(client.clone()))?;
        Ok(Self { client, seat: Seat { names, ..seat } })
    }
}

impl<R: Right> FromRequestParts<App> for Seat<R> {
    type Rejection = Problem;

    /// Before the client's lane that the address names, else before the shared connection's.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let (caller, names) = asked(parts, app).await?;
        if let Some(given) = named(&names, "client") {
            let client = ClientId::new(given).map_err(|_| no_client(given))?;
            let seat = Self::open(caller, LaneId::Client(client))?;
            return Ok(Self { names, ..seat });
        }
        let NewSeat(seat, id) = before_connection(caller, names)?;
        // A lane is made by its first entry, so a slip of the pen would leave one behind.
        let directory = app.engine.directory();
        let known = directory.connection(&id);
        if known.is_none_or(|known| known.connection.lane != seat.lane) {
            return Err(no_connection(id.as_str()));
        }
        Ok(seat)
    }
}

/// A seat before the lane of a shared connection that may not be there yet.
#[derive(Debug)]
pub struct NewSeat<R: Right>(pub Seat<R>, pub ConnectionId);

fn before_connection<R: Right>(
    caller: Caller,
    names: Vec<(String, String)>,
) -> Result<NewSeat<R>, Problem> {
    let given = named(&names, "connection").unwrap_or_default();
    let id = ConnectionId::new(given).map_err(|_| no_connection(given))?;
    let seat = Seat::open(caller, LaneId::Connection(id.clone()))?;
    Ok(NewSeat(Seat { names, ..seat }, id))
}

impl<R: Right> FromRequestParts<App> for NewSeat<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let (caller, names) = asked(parts, app).await?;
        before_connection(caller, names)
    }
}

/// The proof that somebody may run the whole house.
#[derive(Debug, Clone, Copy)]
pub struct Operator;

impl FromRequestParts<App> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Caller::from_request_parts(parts, app).await?.must_run_the_house()?;
        Ok(Self)
    }
}
