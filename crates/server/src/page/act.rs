//! Buttons: each is a form that leaves one command, waits for what becomes of it, and comes back to its page.

mod accounts;

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use axum::{Form, Router};
use crossdock_domain::brake::Extent;
use crossdock_domain::command::Command;
use crossdock_domain::stock::Pool;
use crossdock_domain::sweep::Scope;
use crossdock_domain::{ClientId, ConnectionId, LaneId, Number};
use crossdock_hub::command_arrival;
use crossdock_store::Received;
use serde::Deserialize;

use super::shown::Apology;
use crate::app::App;
use crate::engine::EngineError;
use crate::random;

/// How long a button waits for its outcome; the page then shows it as soon as it is there.
const WAIT: Duration = Duration::from_secs(3);
/// Who asks, in the journal.
const BY: &str = "page";

/// What a form says.
#[derive(Debug, Deserialize)]
struct Pressed {
    /// What it is done to.
    subject: String,
    /// The merchant account.
    client: ClientId,
    /// The shared connection in whose lane it is done, instead of the merchant account's.
    shared: Option<ConnectionId>,
    /// The page to come back to.
    back: String,
}

impl Pressed {
    fn lane(&self) -> LaneId {
        match &self.shared {
            Some(id) => LaneId::Connection(id.clone()),
            None => LaneId::Client(self.client.clone()),
        }
    }
}

/// A button's command; `None` if its subject cannot be read.
type Verb = fn(&str) -> Option<Command>;

pub(super) fn router() -> Router<App> {
    let verbs: [(&str, Verb); 22] = [
        ("/act/reconcile-changes", |id| reconcile(id, Scope::Changes)),
        ("/act/reconcile-all", |id| reconcile(id, Scope::All)),
        ("/act/poll-changes", |id| poll(id, Scope::Changes)),
        ("/act/poll-all", |id| poll(id, Scope::All)),
        ("/act/apply-findings", |subject| {
            let (sweep, findings) = named_findings(subject)?;
            Some(Command::ApplyFindings { sweep, findings })
        }),
        ("/act/dismiss-findings", |subject| {
            let (sweep, findings) = named_findings(subject)?;
            Some(Command::DismissFindings { sweep, findings })
        }),
        ("/act/pause-connection", pause),
        ("/act/resume-connection", |id| {
            Some(Command::ResumeConnection { connection: id.parse().ok()? })
        }),
        ("/act/go-live", go_live),
        ("/act/observe", |id| Some(Command::Observe { connection: id.parse().ok()? })),
        ("/act/approve-brake", |id| Some(Command::ApproveBrake { connection: id.parse().ok()? })),
        ("/act/reject-brake", |id| Some(Command::RejectBrake { connection: id.parse().ok()? })),
        ("/act/approve-counts", |pool| {
            Some(Command::ApproveCounts { pool: Pool::from_word(pool)? })
        }),
        ("/act/reject-counts", |pool| Some(Command::RejectCounts { pool: Pool::from_word(pool)? })),
        ("/act/test-connection", |id| {
            Some(Command::TestConnection { connection: id.parse().ok()? })
        }),
        ("/act/retry-entry", |number| {
            Some(Command::RetryEntry { entry: Number(number.parse().ok()?) })
        }),
        ("/act/retry-task", |id| Some(Command::RetryTask { task: id.parse().ok()? })),
        ("/act/accept-unexplained", |subject| decide(subject, Word::Accept)),
        ("/act/set-back-unexplained", |subject| decide(subject, Word::SetBack)),
        ("/act/sync-item", |item| Some(Command::Sync { item: Some(item.to_owned()) })),
        ("/act/stop-writing", |item| set_sync(item, Writing::Off)),
        ("/act/start-writing", |item| set_sync(item, Writing::On)),
    ];
    verbs.into_iter().fold(sync_all().merge(accounts::router()), |router, (path, verb)| {
        let pressed = move |State(app): State<App>, Form(pressed): Form<Pressed>| async move {
            press(app, pressed, verb).await
        };
        router.route(path, post(pressed))
    })
}

fn sync_all() -> Router<App> {
    let pressed = |State(app): State<App>, Form(pressed): Form<Pressed>| async move {
        press(app, pressed, |_| Some(Command::Sync { item: None })).await
    };
    Router::new().route("/act/sync-all", post(pressed))
}

fn pause(id: &str) -> Option<Command> {
    let why = "by hand, on the page".to_owned();
    Some(Command::PauseConnection { connection: id.parse().ok()?, why })
}

/// Named is the connection, and behind it what the page showed that it would zero and change, if that is accepted.
fn go_live(subject: &str) -> Option<Command> {
    let mut parts = subject.split('/');
    let connection = parts.next()?.parse().ok()?;
    let accept = match (parts.next(), parts.next()) {
        (None, None) => None,
        (zeroed, changed) => {
            Some(Extent { zeroed: zeroed?.parse().ok()?, changed: changed?.parse().ok()? })
        }
    };
    parts.next().is_none().then_some(Command::GoLive { connection, accept })
}

fn reconcile(id: &str, scope: Scope) -> Option<Command> {
    Some(Command::Reconcile { connection: id.parse().ok()?, all: scope == Scope::All })
}

fn poll(id: &str, scope: Scope) -> Option<Command> {
    Some(Command::Poll { connection: id.parse().ok()?, all: scope == Scope::All })
}

/// Named is the run, and behind it the one finding that is meant; all of them where none is.
fn named_findings(subject: &str) -> Option<(Number, Option<Vec<u32>>)> {
    let (sweep, finding) = match subject.split_once('/') {
        Some((sweep, finding)) => (sweep, Some(vec![finding.parse().ok()?])),
        None => (subject, None),
    };
    Some((Number(sweep.parse().ok()?), finding))
}

/// What a person says of units that nothing explains.
#[derive(Clone, Copy)]
enum Word {
    Accept,
    SetBack,
}

/// Named is the item, and behind it the connection where the units came in.
fn decide(subject: &str, word: Word) -> Option<Command> {
    let (item, connection) = subject.rsplit_once('/')?;
    let (item, connection) = (item.to_owned(), connection.parse().ok()?);
    Some(Command::DecideUnexplained { item, connection, accept: matches!(word, Word::Accept) })
}

#[derive(Clone, Copy)]
enum Writing {
    On,
    Off,
}

#[expect(clippy::unnecessary_wraps, reason = "one of the verbs, and others can fail")]
fn set_sync(item: &str, writing: Writing) -> Option<Command> {
    let enabled = matches!(writing, Writing::On);
    Some(Command::SetSync { item: item.to_owned(), enabled })
}

async fn press(app: App, pressed: Pressed, verb: Verb) -> Response {
    let Some(command) = verb(&pressed.subject) else {
        return Apology::with(StatusCode::BAD_REQUEST, "This button named nothing that there is.");
    };
    obey(&app, pressed.lane(), &command, pressed.back).await
}

/// Leaves a command in a lane, waits for what becomes of it, and comes back.
async fn obey(app: &App, lane: LaneId, command: &Command, back: String) -> Response {
    if !may_be_told(app, &lane) {
        return Apology::with(StatusCode::NOT_FOUND, "There is no such connection any more.");
    }
    let arrival = command_arrival(random::id(), lane, command, BY, None, app.engine.now());
    let (received, folded) = match app.engine.keep_and_fold(arrival).await {
        Ok(kept) => kept,
        Err(error) => return refused(&error),
    };
    // If it takes longer, the page says so, and what became of it once it is known.
    let _ = tokio::time::timeout(WAIT, folded).await;
    let (Received::Kept(seq) | Received::Duplicate(seq)) = received;
    let joint = if back.contains('?') { '&' } else { '?' };
    let back = if is_local(&back) { back } else { "/".to_owned() };
    Redirect::to(&format!("{back}{joint}done={seq}")).into_response()
}

/// A lane is made by its first entry, so none is for a connection that is not there.
fn may_be_told(app: &App, lane: &LaneId) -> bool {
    let LaneId::Connection(id) = lane else { return true };
    app.engine.directory().connection(id).is_some_and(|known| known.connection.lane == *lane)
}

/// Only our own pages are come back to.
fn is_local(back: &str) -> bool {
    let mut begin = back.chars();
    let first = begin.next() == Some('/');
    let second = !matches!(begin.next(), Some('/' | '\\'));
    first && second && back.chars().all(|c| c.is_ascii_graphic())
}

fn refused(error: &EngineError) -> Response {
    let why = match error {
        EngineError::Busy => {
            "Too much is waiting just now. Nothing was changed: go back and try again in a moment."
        }
        EngineError::DiskFull => {
            "The disk is full: nothing was changed. Make room, then try again."
        }
        EngineError::Away => {
            "The database does not answer. Once it is back, look whether this was done; if not, do it again."
        }
        EngineError::Late => {
            "This takes longer than it should. Look in a moment whether it was done; if not, do it again."
        }
        EngineError::Stopped => "The hub is stopping: nothing was changed.",
        EngineError::Store(_) => "The store failed: nothing was changed. The log says more.",
    };
    Apology::with(StatusCode::SERVICE_UNAVAILABLE, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_never_leads_to_another_site() {
        for bad in ["https://evil.example", "//evil.example", "/\\evil.example", "", "/a\r\nb: c"] {
            assert!(!is_local(bad), "{bad:?}");
        }
        assert!(is_local("/stock?search=a%20b&after=X"));
    }
}
