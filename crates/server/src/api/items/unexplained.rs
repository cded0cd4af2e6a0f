//! Units that came in at a partner and that nothing explains: a person's word on them.

use axum::extract::State;
use axum::response::Response;
use crossdock_domain::ConnectionId;
use crossdock_domain::command::Command;
use serde::Deserialize;

use crate::access::{Desk, ToWrite};
use crate::api::submit::{Manners, submit_and_answer};
use crate::api::terms::Terms;
use crate::app::App;
use crate::body;
use crate::problem::Problem;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Word {
    connection: ConnectionId,
    accept: bool,
}

/// `POST …/items/{item}/unexplained`: they are there and can be sold, or the partner's counter is set back.
pub(crate) async fn decide(
    State(app): State<App>,
    desk: Desk<ToWrite>,
    terms: Terms,
    body::Json(word): body::Json<Word>,
) -> Result<Response, Problem> {
    let item = desk.text("item").to_owned();
    let (connection, accept) = (word.connection, word.accept);
    let command = Command::DecideUnexplained { item, connection, accept };
    submit_and_answer(&app, &desk, &command, (terms, Manners::ACT)).await
}
