//! Tasks: calls that we owe partners, under way and over.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use crossdock_domain::command::Command;
use crossdock_domain::task::{Task, TaskState};
use crossdock_domain::{ConnectionId, TaskId};
use crossdock_store::reader::tasks::TaskFilter;
use serde::Deserialize;
use serde_json::{Value, json};

use super::submit::{Manners, submit_and_answer};
use super::terms::Terms;
use super::{last_of_full, page_limit};
use crate::access::{Seat, ToRead, ToWrite};
use crate::app::App;
use crate::body;
use crate::problem::Problem;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    state: Option<TaskState>,
    #[serde(default)]
    over: bool,
    connection: Option<ConnectionId>,
    before: Option<TaskId>,
    limit: Option<u32>,
}

/// `GET …/tasks`: newest first; those that are not over, unless asked for.
pub(crate) async fn list(
    State(app): State<App>,
    seat: Seat<ToRead>,
    body::Query(filter): body::Query<Filter>,
) -> Result<Json<Value>, Problem> {
    let limit = page_limit(filter.limit);
    let filter = TaskFilter {
        state: filter.state,
        over: filter.over,
        connection: filter.connection,
        before: filter.before,
        limit,
    };
    let lane = seat.lane();
    let tasks = app.look.at(move |reader| reader.tasks(&lane, &filter)).await?;
    if tasks.is_empty() {
        seat.must_exist(&app).await?;
    }
    let next = last_of_full(&tasks, limit).map(|task| task.id);
    let tasks: Vec<_> = tasks.iter().map(shown).collect();
    Ok(Json(json!({ "tasks": tasks, "next": next })))
}

/// `GET …/tasks/{task}`.
pub(crate) async fn show(
    State(app): State<App>,
    seat: Seat<ToRead>,
) -> Result<Json<Value>, Problem> {
    let (lane, id): (_, TaskId) = (seat.lane(), seat.id("task")?);
    let task = app.look.at(move |reader| reader.task(&lane, id)).await?;
    let task = task.ok_or_else(|| Problem::not_found(format!("There is no task `{id}`.")))?;
    Ok(Json(shown(&task)))
}

/// `POST …/tasks/{task}/retry`.
pub(crate) async fn retry(
    State(app): State<App>,
    seat: Seat<ToWrite>,
    terms: Terms,
) -> Result<Response, Problem> {
    let command = Command::RetryTask { task: seat.id("task")? };
    submit_and_answer(&app, &seat, &command, (terms, Manners::ACT)).await
}

pub(super) fn shown(task: &Task) -> Value {
    json!({
        "task": task.id,
        "connection": task.connection,
        "kind": task.work.kind(),
        "subject": task.work.subject(),
        "work": task.work,
        "state": task.state,
        "due": task.due,
        "attempts": task.attempts,
        "cause": task.cause,
        "send": task.send,
        "note": task.note,
        "made_at": task.made_at,
        "changed_at": task.changed_at,
    })
}
