//! Answers: what came of a send, sorted by what happens next. The receipts of levels are read in `answer_levels`.

use crossdock_connectors::Response;
use crossdock_domain::answer::{Answer, Failure, Receipt};
use crossdock_domain::call::Call;
use crossdock_domain::connection::{Connection, TokenLife};
use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_domain::retry;
use crossdock_domain::send::{Send, SendState};
use crossdock_domain::task::{TaskState, Work};
use crossdock_domain::{Instant, Span, TaskId};
use crossdock_store::Unpacked;
use serde_json::json;

use super::{Fold, FoldError};
use crate::head::{self, AnswerHead, WireResult};
use crate::pace;

/// More warnings than these nobody reads, and a partner may have ever new ones.
const WARNINGS_MAX: usize = 20;

impl Fold<'_> {
    pub(super) fn fold_answer(&mut self, bytes: &Unpacked) -> Result<Outcome, FoldError> {
        let head: AnswerHead =
            head::read(bytes.head()).map_err(|e| FoldError::Entry(e.to_string()))?;
        let Some(mut send) = self.send(head.send)? else {
            return Ok(Outcome::unknown_entity(format!("there is no send {}", head.send)));
        };
        if send.state == SendState::Settled || send.attempt != head.attempt {
            return Ok(Outcome::new(OutcomeKind::Stale, "what came of it is known already"));
        }
        let Some(connection) = self.connection(&send.connection)? else {
            return Ok(Outcome::new(OutcomeKind::Unroutable, "its connection is gone"));
        };
        let answer = self.meaning(&send, &head, bytes.body(), &connection)?;
        send.took_ms = Some(head.took_ms);
        send.status = match &head.result {
            WireResult::Response { status, .. } => Some(*status),
            WireResult::NotSent { .. } | WireResult::Lost { .. } => None,
        };
        send.state = SendState::Settled;
        if let Some(budget) = answer.budget {
            pace::learn(self.store, &connection, budget, self.at)?;
        }
        self.warn(&connection, &answer.warnings)?;
        match answer.result {
            Ok(receipt) => self.fold_receipt(&connection, send, receipt),
            Err(failure) => self.fold_failure(&connection, send, &failure),
        }
    }

    /// The connector's reading of a response; what the wire itself knows needs no connector.
    fn meaning(
        &self,
        send: &Send,
        head: &AnswerHead,
        body: &[u8],
        connection: &Connection,
    ) -> Result<Answer, FoldError> {
        let answer = match &head.result {
            WireResult::Response { status, headers, retry_after } => {
                let response =
                    Response { status: *status, headers, body, retry_after: *retry_after };
                self.connector(connection)?.interpret(&send.call, &response, connection)
            }
            WireResult::NotSent { why } => {
                Answer::failed(Failure::Retry { after: None, why: why.clone() })
            }
            WireResult::Lost { why } => Answer::failed(Failure::Unknown { why: why.clone() }),
        };
        Ok(answer)
    }

    /// Keeps a warning of the partner's once, as long as there is room: they stand until the settings are saved again.
    fn warn(&mut self, connection: &Connection, warnings: &[String]) -> Result<(), FoldError> {
        let room = WARNINGS_MAX.saturating_sub(connection.warnings.len());
        let is_fresh = |warning: &&String| !connection.warnings.contains(warning);
        let fresh: Vec<_> = warnings.iter().filter(is_fresh).take(room).cloned().collect();
        if !fresh.is_empty()
            && let Some(mut row) = self.connection(&connection.id)?
        {
            let body = json!({ "warnings": fresh });
            self.announce("connection.warned", Some(&connection.id), body);
            row.warnings.extend(fresh);
            self.store.put(row);
        }
        Ok(())
    }

    fn fold_receipt(
        &mut self,
        connection: &Connection,
        mut send: Send,
        receipt: Receipt,
    ) -> Result<Outcome, FoldError> {
        let call = send.call.clone();
        let receipt = match self.fold_shared_receipt(connection, &call, receipt)? {
            Ok(outcome) => {
                send.note.clone_from(&outcome.note);
                self.store.put(send);
                return Ok(outcome);
            }
            Err(receipt) => receipt,
        };
        let note = match (&call, receipt) {
            (Call::SetLevels { .. } | Call::AdjustLevel { .. }, Receipt::LevelsSet { at }) => {
                let note = self.levels_set(connection, &send, at)?;
                self.recover_abandoned(connection, &send, at)?;
                note
            }
            (Call::ReadLevels { rows }, Receipt::LevelsRead { rows: readings })
                if rows.len() == readings.len() =>
            {
                self.levels_read(connection, rows, &readings)?
            }
            (Call::ReadItems { task, .. }, Receipt::Items { items, next }) => {
                match self.task(*task)? {
                    Some(task) => self.items_read(connection, &task, &items, next)?,
                    None => "its task is gone".to_owned(),
                }
            }
            (Call::ReadPage { task, .. }, Receipt::Page { rows, next }) => {
                match self.task(*task)? {
                    Some(task) => self.page_read(connection, (&send, &task), &rows, next)?,
                    None => "its task is gone".to_owned(),
                }
            }
            (Call::RenewToken { task }, Receipt::TokenRenewed { lives }) => {
                self.token_renewed(connection, *task, lives)?
            }
            (Call::Test { task }, Receipt::Tested { lines }) => {
                let note = lines.join("\n");
                self.end_task(*task, TaskState::Done, &note)?;
                note
            }
            (call, _) => {
                let why = format!("the answer is not one to {}", call.kind().word());
                return self.fold_failure(connection, send, &Failure::Unreadable { why });
            }
        };
        send.note.clone_from(&note);
        self.store.put(send);
        Ok(Outcome::applied(note))
    }

    fn token_renewed(
        &mut self,
        connection: &Connection,
        task: TaskId,
        lives: Span,
    ) -> Result<String, FoldError> {
        let life = TokenLife { since: self.at, until: self.at.plus(lives) };
        self.end_task(task, TaskState::Done, "a fresh token is in the vault")?;
        if let Some(mut row) = self.connection(&connection.id)? {
            row.token = Some(life);
            self.store.put(row);
        }
        let again = self.connector(connection)?.renew_at(connection, life.since, life.until);
        if let Some(due) = again {
            self.owe(&connection.id, Work::RenewToken, due)?;
        }
        Ok(format!("token good until {}", life.until))
    }

    fn fold_failure(
        &mut self,
        connection: &Connection,
        mut send: Send,
        failure: &Failure,
    ) -> Result<Outcome, FoldError> {
        let note = format!("{}: {}", failure.class(), failure.why());
        send.note.clone_from(&note);
        if let Failure::Unauthorised { renew, why } = failure {
            self.unauthorised(connection, &send, *renew, why)?;
        }
        if let Failure::Unusable { why } = failure {
            self.unusable(connection, &send, why)?;
        }
        if send.call.kind().is_harmless() {
            self.harmless_failed(connection, &send, failure, &note)?;
        } else if matches!(send.call, Call::PutReception { .. }) {
            self.put_failed(connection, &send, failure, &note)?;
        } else if matches!(send.call, Call::ShipOrder { .. }) {
            self.marking_failed(connection, &send, failure, &note)?;
        } else {
            self.write_failed(connection, &mut send, failure, &note)?;
            if send.state == SendState::Settled {
                self.recover_abandoned(connection, &send, None)?;
            }
        }
        self.store.put(send);
        Ok(Outcome::applied(note))
    }

    fn unauthorised(
        &mut self,
        connection: &Connection,
        send: &Send,
        renew: bool,
        why: &str,
    ) -> Result<(), FoldError> {
        let is_renewal = matches!(send.call, Call::RenewToken { .. });
        if renew && !is_renewal {
            self.renew_token(&connection.id)
        } else {
            self.pause(&connection.id, &format!("the partner refuses our credentials: {why}"))
        }
    }

    /// The partner serves us no more: nothing goes out until a person has looked, and whoever waits for a result is told.
    fn unusable(
        &mut self,
        connection: &Connection,
        send: &Send,
        why: &str,
    ) -> Result<(), FoldError> {
        self.pause(&connection.id, &format!("the partner serves us no more: {why}"))?;
        match &send.call {
            Call::ReadLevels { rows } => self.reads_refused(&connection.id, rows, why),
            Call::SetLevels { .. } | Call::AdjustLevel { .. } => {
                for row in send.call.writes() {
                    if let Some(level) = self.flying(&connection.id, row, send.number)? {
                        self.end_run(&level, Err(why))?;
                    }
                }
                Ok(())
            }
            Call::ReadItems { .. }
            | Call::ReadPage { .. }
            | Call::ReadMerchants { .. }
            | Call::ReadReceptions { .. }
            | Call::ReadReception { .. }
            | Call::ReadCounters { .. }
            | Call::PutReception { .. }
            | Call::ReadOrder { .. }
            | Call::ShipOrder { .. }
            | Call::RenewToken { .. }
            | Call::Test { .. } => Ok(()),
        }
    }

    /// A call that changes nothing at the partner has failed: it is simply asked again, or needs a person.
    fn harmless_failed(
        &mut self,
        connection: &Connection,
        send: &Send,
        failure: &Failure,
        note: &str,
    ) -> Result<(), FoldError> {
        let tasks = send.call.tasks();
        if let Call::ReadPage { task, .. } = &send.call
            && self.page_failed(*task, matches!(failure, Failure::Refused { .. }), note)?
        {
            return Ok(());
        }
        if self.reading_failed(connection, send, failure, note)? {
            return Ok(());
        }
        match failure {
            Failure::Retry { after, .. } => self.wait_again(connection, &tasks, *after, note),
            // Who asks whether it works has his answer.
            Failure::Unusable { why } if matches!(send.call, Call::Test { .. }) => {
                for id in &tasks {
                    self.end_task(*id, TaskState::Stuck, why)?;
                }
                Ok(())
            }
            Failure::Unknown { .. }
            | Failure::Stale { .. }
            | Failure::Unauthorised { .. }
            | Failure::Unusable { .. }
            | Failure::Unreadable { .. } => self.wait_again(connection, &tasks, None, note),
            Failure::Refused { rows, why } => {
                for (index, id) in tasks.iter().enumerate() {
                    let named = rows.iter().find(|(row, _)| *row == index);
                    if rows.is_empty() || named.is_some() {
                        let why = named.map_or(why.as_str(), |(_, why)| why);
                        self.end_task(*id, TaskState::Stuck, why)?;
                    } else {
                        self.postpone(*id, self.at, "another row was refused")?;
                    }
                }
                if let Call::ReadLevels { rows: asked } = &send.call {
                    self.reads_refused(&send.connection, asked, why)?;
                }
                Ok(())
            }
        }
    }

    /// Lets tasks wait for their next attempt.
    pub(super) fn wait_again(
        &mut self,
        connection: &Connection,
        tasks: &[TaskId],
        after: Option<Span>,
        note: &str,
    ) -> Result<(), FoldError> {
        for id in tasks {
            let due = self.next_attempt(connection, *id, after)?;
            self.postpone(*id, due, note)?;
        }
        Ok(())
    }

    pub(super) fn next_attempt(
        &mut self,
        connection: &Connection,
        id: TaskId,
        after: Option<Span>,
    ) -> Result<Instant, FoldError> {
        let attempts = self.task(id)?.map_or(1, |task| task.attempts.max(1));
        let wait = retry::delay(&connection.calls, attempts, id.0);
        // What the partner asked for counts, and a little jitter on top, so that not everybody comes back at once.
        let asked = after.map(|span| Span(span.0 + wait.0 % 250_000));
        Ok(self.at.plus(asked.unwrap_or(wait)))
    }
}
