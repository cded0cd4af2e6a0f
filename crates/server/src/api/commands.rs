//! What came of a command that was not folded while its caller waited.

use axum::extract::State;
use axum::response::Response;

use super::submit::{Manners, answer, outcome_of};
use super::terms::Terms;
use crate::access::{Seat, ToWrite};
use crate::app::App;
use crate::problem::Problem;

/// `GET /api/v1/clients/{client}/commands/{command}`.
pub(crate) async fn show(
    State(app): State<App>,
    seat: Seat<ToWrite>,
    terms: Terms,
) -> Result<Response, Problem> {
    let (lane, arrival) = (seat.lane(), seat.id("command")?);
    let known = app.look.at(move |reader| reader.command_digest(&lane, arrival)).await?;
    if known.is_none() {
        return Err(Problem::not_found(format!("There is no command `{arrival}`.")));
    }
    let done = outcome_of(&app, seat.lane(), arrival, terms.wait).await?;
    answer(&seat, done, Manners::ACT)
}
