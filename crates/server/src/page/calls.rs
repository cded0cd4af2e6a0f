//! Outgoing calls: what is owed to partners, and the requests that carried it.

use askama::Template;
use crossdock_domain::send::Send;
use crossdock_domain::task::{Task, TaskState};
use crossdock_domain::{Instant, Number, TaskId};
use crossdock_store::reader::tasks::TaskFilter;
use crossdock_store::{Reader, StoreError};
use serde::Deserialize;

use super::frame::{Frame, Section};
use super::shown::{Opened, Page, Piece, address, cut};
use super::words::{self, Chip, count};
use super::wrong::{self, Press};

const TASKS: u32 = 50;
const SENDS: u32 = 30;

#[derive(Template)]
#[template(path = "calls.html", blocks = ["badge", "said", "tasks", "sends"])]
pub(super) struct Calls {
    frame: Frame,
    asked: Asked,
    tasks: Vec<TaskRow>,
    sends: Vec<SendRow>,
    next: Option<String>,
    next_sends: Option<String>,
}

struct TaskRow {
    key: String,
    id: TaskId,
    what: &'static str,
    subject: String,
    connection: String,
    chip: Chip,
    attempts: u32,
    due: Option<Instant>,
    made_at: Instant,
    note: String,
    cause: Number,
    send: Option<Number>,
    retry: Option<Press>,
}

struct SendRow {
    key: String,
    number: Number,
    what: String,
    connection: String,
    chip: Chip,
    status: Option<u16>,
    took_ms: Option<u64>,
    attempt: u32,
    sent_at: Instant,
    note: String,
}

/// What the address asks.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Asked {
    state: Option<String>,
    connection: Option<String>,
    before: Option<u64>,
    over: Option<String>,
    task: Option<String>,
    /// Only requests before this one.
    sends: Option<u64>,
}

impl Asked {
    fn state(&self) -> Option<TaskState> {
        self.state.as_deref().and_then(TaskState::from_word)
    }
    fn with_over(&self) -> bool {
        self.over.is_some()
    }
    fn only(&self) -> Option<TaskId> {
        self.task.as_deref().and_then(|id| id.parse().ok())
    }
    fn is_first(&self) -> bool {
        self.before.is_none()
    }
    fn filter(&self) -> TaskFilter {
        TaskFilter {
            state: self.state(),
            over: self.with_over(),
            connection: self.connection.as_deref().and_then(|id| id.parse().ok()),
            before: self.before.map(TaskId),
            limit: TASKS + 1,
        }
    }
    fn before(&self, id: TaskId) -> String {
        let id = id.0.to_string();
        let pairs = [
            ("state", self.state().map(TaskState::word)),
            ("connection", self.connection.as_deref()),
            ("over", self.over.as_deref()),
            ("before", Some(id.as_str())),
        ];
        address("/calls", pairs.into_iter().filter_map(|(name, value)| Some((name, value?))))
    }
}

impl Page for Calls {
    type Named = ();
    type Asked = Asked;
    const SECTION: Section = Section::Calls;

    fn read(reader: &Reader, frame: Frame, (): &(), asked: &Asked) -> Opened<Self> {
        let mut found = match asked.only() {
            Some(id) => reader.task(&frame.journal, id)?.into_iter().collect(),
            None => reader.tasks(&frame.journal, &asked.filter())?,
        };
        let next = cut(&mut found, TASKS).map(|task| frame.within(&asked.before(task.id)));
        let mut tasks = Vec::with_capacity(found.len());
        for task in &found {
            tasks.push(TaskRow::new(reader, &frame, task)?);
        }
        let before = asked.sends.map(Number);
        let mut found = reader.sends_before(&frame.journal, before, SENDS + 1)?;
        let last = cut(&mut found, SENDS);
        let next_sends = last.map(|send| frame.within(&format!("/calls?sends={}", send.number)));
        let sends = found.iter().map(SendRow::new).collect();
        Ok(Some(Self { tasks, sends, next, next_sends, asked: asked.clone(), frame }))
    }

    fn pieces(&self) -> askama::Result<Vec<Piece>> {
        Ok(vec![
            Piece("badge", self.as_badge().render()?),
            Piece("said", self.as_said().render()?),
            Piece("tasks", self.as_tasks().render()?),
            Piece("sends", self.as_sends().render()?),
        ])
    }
}

impl TaskRow {
    fn new(reader: &Reader, frame: &Frame, task: &Task) -> Result<Self, StoreError> {
        let may_be_retried = matches!(task.state, TaskState::Stuck)
            || (task.state == TaskState::Waiting && task.attempts > 0);
        Ok(Self {
            key: task.id.to_string(),
            id: task.id,
            what: words::call(task.work.kind()),
            subject: wrong::subject(reader, frame, task)?,
            connection: task.connection.to_string(),
            chip: words::task(task.state),
            attempts: task.attempts,
            due: (task.state == TaskState::Waiting).then_some(task.due),
            made_at: task.made_at,
            note: words::failure(&task.note).1.to_owned(),
            cause: task.cause,
            send: task.send,
            retry: may_be_retried
                .then(|| Press::new("retry-task", &task.id, "Retry").in_lane(&task.lane)),
        })
    }
}

impl SendRow {
    fn new(send: &Send) -> Self {
        let rows = send.call.tasks().len() as u64;
        let kind = words::call(send.call.kind());
        Self {
            key: format!("s{}", send.number),
            number: send.number,
            what: if rows > 1 {
                format!("{kind} · {}", count(rows, "row"))
            } else {
                kind.to_owned()
            },
            connection: send.connection.to_string(),
            chip: words::send(send),
            status: send.status,
            took_ms: send.took_ms,
            attempt: send.attempt,
            sent_at: send.sent_at,
            note: words::failure(&send.note).1.to_owned(),
        }
    }
}
