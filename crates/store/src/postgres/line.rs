//! One connection to the server: asks, waits, and connects again when it was cut.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{StreamExt, pin_mut};
use rusqlite::types::Value;
use tokio::runtime::{Builder, Handle, Runtime, RuntimeFlavor};
use tokio::task::AbortHandle;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};

use super::bind::{Bound, Kind};
use super::dialect::translate;
use super::place::Server;
use crate::StoreError;
use crate::db::Columns;

/// Translated statements that are kept.
const TEXTS_KEPT: usize = 512;
/// How long a write that changes nothing may wait, after the server once owed an answer.
const COMMIT_WITHIN: Duration = Duration::from_mins(1);
/// What has come is read in the first turn of the runtime, and made sense of in the second.
const NOTICES: u32 = 3;
const WRITE_NOTHING: &str = "UPDATE installation SET value = value WHERE name = 'salt'";

/// Translated statements, by our words and by what of their parameters was nothing.
type Texts = HashMap<String, HashMap<Vec<bool>, Arc<str>>>;

/// A connection, and what waits to be sent with the next question.
pub struct Line {
    server: Server,
    runtime: Driver,
    client: RefCell<Client>,
    /// Carries the client's words to the server and back.
    carrier: RefCell<AbortHandle>,
    queued: RefCell<Vec<(Arc<str>, Vec<Bound>)>>,
    /// Translated statements, by what of their parameters was nothing.
    texts: RefCell<Texts>,
    /// The kind of every column, by table and name.
    kinds: RefCell<HashMap<(String, String), Kind>>,
    trips: Cell<u64>,
    /// The server was given up while it owed an answer.
    is_given_up: Cell<bool>,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Line {
    /// Connects.
    pub(crate) fn connect(server: &Server) -> Result<Self, StoreError> {
        let runtime = Driver::new()?;
        let (client, carrier) = runtime.block_on(open(server))?;
        Ok(Self {
            server: server.clone(),
            runtime,
            client: RefCell::new(client),
            carrier: RefCell::new(carrier),
            queued: RefCell::default(),
            texts: RefCell::default(),
            kinds: RefCell::default(),
            trips: Cell::new(0),
            is_given_up: Cell::new(false),
        })
    }

    /// A second connection to the same server.
    pub(crate) fn another(&self) -> Result<Self, StoreError> {
        Self::connect(&self.server)
    }

    /// Where it leads.
    pub(crate) const fn server(&self) -> &Server {
        &self.server
    }

    /// How many round trips were made: what was waited for.
    pub(crate) const fn trips(&self) -> u64 {
        self.trips.get()
    }

    /// Connects again if the connection was cut. What was begun on the old one is gone.
    pub(crate) fn renew(&self) -> Result<(), StoreError> {
        self.notice();
        if self.is_cut() {
            self.queued.borrow_mut().clear();
            let (client, carrier) = self.runtime.block_on(open(&self.server))?;
            self.client.replace(client);
            self.carrier.replace(carrier);
            self.is_given_up.set(false);
        }
        Ok(())
    }

    /// Reads what has come since somebody last waited: that the connection was cut, for example.
    fn notice(&self) {
        self.runtime.block_on(async {
            for _ in 0..NOTICES {
                tokio::task::yield_now().await;
            }
        });
    }

    /// Whether nothing more can be asked on this connection.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_given_up.get() || self.client.borrow().is_closed()
    }

    /// The same for who means to write. Where the server owed an answer, it may be that its commits wait for a standby
    /// that is gone: then a write that changes nothing waits with them, rather than one abandoned connection after
    /// another.
    pub(crate) fn renew_to_write(&self) -> Result<(), StoreError> {
        let owed = self.is_given_up.get();
        self.renew()?;
        if owed {
            let client = self.client.borrow();
            self.wait_for(COMMIT_WITHIN, async { Ok(client.batch_execute(WRITE_NOTHING).await?) })?;
        }
        Ok(())
    }

    /// Forgets what was queued and not sent.
    pub(crate) fn forget_queued(&self) {
        self.queued.borrow_mut().clear();
    }

    /// Sends a statement together with the next one that somebody waits for.
    pub(crate) fn queue(&self, sql: &str, params: Vec<Bound>) {
        let statement = self.prepare(sql, params);
        self.queued.borrow_mut().push(statement);
    }

    /// Sends what is queued.
    pub(crate) fn send_queued(&self) -> Result<(), StoreError> {
        let queued = self.queued.take();
        if queued.is_empty() { Ok(()) } else { self.trip(&queued).map(drop) }
    }

    /// Runs a statement, and says how many rows it returned or changed.
    pub(crate) fn execute(&self, sql: &str, values: Vec<Value>) -> Result<u64, StoreError> {
        self.send_queued()?;
        let (text, bound) = self.prepare(sql, one_by_one(values));
        self.trips.set(self.trips.get() + 1);
        let client = self.client.borrow();
        self.wait(async { Ok(client.execute_typed(&text, &typed(&bound)).await?) })
    }

    /// Runs statements without parameters.
    pub(crate) fn batch(&self, sql: &str) -> Result<(), StoreError> {
        self.send_queued()?;
        self.trips.set(self.trips.get() + 1);
        let client = self.client.borrow();
        self.wait(async { Ok(client.batch_execute(sql).await?) })
    }

    /// All rows of a query, after what was queued, in one round trip.
    pub(crate) fn ask(&self, sql: &str, params: Vec<Bound>) -> Result<Vec<Row>, StoreError> {
        let mut all = self.queued.take();
        all.push(self.prepare(sql, params));
        Ok(self.trip(&all)?.pop().unwrap_or_default())
    }

    /// The rows of several queries, in order, after what was queued, in one round trip.
    pub(crate) fn ask_all(
        &self,
        questions: Vec<(String, Vec<Bound>)>,
    ) -> Result<Vec<Vec<Row>>, StoreError> {
        let mut all = self.queued.take();
        let queued = all.len();
        all.extend(questions.into_iter().map(|(sql, params)| self.prepare(&sql, params)));
        if all.len() == queued {
            self.queued.replace(all);
            return Ok(Vec::new());
        }
        Ok(self.trip(&all)?.split_off(queued))
    }

    /// Hands on row after row until `take` has enough.
    pub(crate) fn walk(
        &self,
        sql: &str,
        values: Vec<Value>,
        mut take: impl FnMut(&mut Columns<'_>) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        if !self.queued.borrow().is_empty() {
            for row in self.ask(sql, one_by_one(values))? {
                if take(&mut Columns::postgres(&row, "a query"))?.is_break() {
                    break;
                }
            }
            return Ok(());
        }
        self.trips.set(self.trips.get() + 1);
        let (text, bound) = self.prepare(sql, one_by_one(values));
        let client = self.client.borrow();
        self.wait(async {
            let rows = client.query_typed_raw(&text, typed(&bound)).await?;
            pin_mut!(rows);
            while let Some(row) = rows.next().await {
                if take(&mut Columns::postgres(&row?, "a query"))?.is_break() {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Lets somebody talk to the server in a way of his own, for as long as he likes.
    pub(super) fn with_client<T, E>(
        &self,
        talk: impl AsyncFnOnce(&Client) -> Result<T, E>,
    ) -> Result<T, E> {
        let client = self.client.borrow();
        self.runtime.block_on(async { talk(&client).await })
    }

    /// Closes the connection, whatever the server still has to say: who finds nobody there stops. It is not told to cancel:
    /// pgbouncer (seen in 1.18) ends itself where whoever sent a cancel goes before it was carried out.
    pub(super) fn hang_up(&self) {
        self.carrier.borrow().abort();
        self.is_given_up.set(true);
        // What was aborted is gone with the runtime's next turn.
        self.notice();
    }

    /// What a column of a table holds.
    pub(crate) fn kind(&self, table: &str, column: &str) -> Result<Kind, StoreError> {
        if self.kinds.borrow().is_empty() {
            self.learn_kinds()?;
        }
        let name = (table.to_owned(), column.trim_matches('"').to_owned());
        self.kinds.borrow().get(&name).copied().ok_or_else(|| {
            StoreError::Postgres(format!("the database has no column {table}.{}", name.1))
        })
    }

    fn learn_kinds(&self) -> Result<(), StoreError> {
        let found = self.ask(
            "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns \
             WHERE table_schema = current_schema()",
            Vec::new(),
        )?;
        let mut kinds = self.kinds.borrow_mut();
        for row in found {
            if let Some(kind) = Kind::of(row.try_get(2)?) {
                kinds.insert((row.try_get(0)?, row.try_get(1)?), kind);
            }
        }
        Ok(())
    }

    /// Statements in order, without waiting between them; what each returned. The first complaint is the one that counts.
    fn trip(&self, statements: &[(Arc<str>, Vec<Bound>)]) -> Result<Vec<Vec<Row>>, StoreError> {
        self.trips.set(self.trips.get() + 1);
        let client = self.client.borrow();
        self.wait(async {
            let typed: Vec<_> = statements.iter().map(|(_, bound)| typed(bound)).collect();
            let asked = statements
                .iter()
                .zip(&typed)
                .map(|((text, _), params)| client.query_typed(text, params));
            let answered = join_all(asked).await;
            answered.into_iter().map(|rows| Ok(rows?)).collect()
        })
    }

    fn wait<T>(
        &self,
        answer: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.wait_for(self.server.answer_within, answer)
    }

    fn wait_for<T>(
        &self,
        within: Duration,
        answer: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let answered = self.runtime.block_on(async { tokio::time::timeout(within, answer).await });
        answered.unwrap_or_else(|_| {
            // What becomes of the statement is unknown: on this connection nothing can follow it.
            self.is_given_up.set(true);
            Err(no_answer(within))
        })
    }

    /// A statement in PostgreSQL's words, with the parameters that it still has.
    fn prepare(&self, sql: &str, mut bound: Vec<Bound>) -> (Arc<str>, Vec<Bound>) {
        let is_null: Vec<bool> = bound.iter().map(Bound::is_null).collect();
        bound.retain(|value| !value.is_null());
        let mut texts = self.texts.borrow_mut();
        let kept = texts.get(sql).and_then(|texts| texts.get(&is_null));
        if let Some(text) = kept {
            return (text.clone(), bound);
        }
        if texts.len() >= TEXTS_KEPT {
            texts.clear();
        }
        let text: Arc<str> = translate(sql, &is_null).into();
        texts.entry(sql.to_owned()).or_default().insert(is_null, text.clone());
        (text, bound)
    }
}

/// Drives the connection while somebody waits for it.
struct Driver(Option<Runtime>);

impl Driver {
    fn new() -> Result<Self, StoreError> {
        let made = Builder::new_current_thread().enable_all().build();
        Ok(Self(Some(made.map_err(|error| StoreError::Broken(error.to_string()))?)))
    }

    /// Waits on this thread, also where that belongs to a runtime of many threads.
    fn block_on<T>(&self, answer: impl Future<Output = T>) -> T {
        #[expect(clippy::expect_used, reason = "the runtime is only taken when this is dropped")]
        let runtime = self.0.as_ref().expect("it is only taken when dropped");
        match Handle::try_current().map(|outer| outer.runtime_flavor()) {
            Ok(RuntimeFlavor::MultiThread) => {
                tokio::task::block_in_place(|| runtime.block_on(answer))
            }
            _ => runtime.block_on(answer),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

async fn open(server: &Server) -> Result<(Client, AbortHandle), StoreError> {
    let connected = server.config.connect(server.tls.connector());
    // The driver's own limit is for the first byte: a server that stands still takes connections, and says nothing.
    let connected = tokio::time::timeout(server.answer_within, connected).await;
    let connected = connected.map_err(|_| no_answer(server.answer_within))?;
    let (client, connection) = connected.map_err(|error| server.tls.complaint(error))?;
    let carrier = tokio::spawn(async move {
        // Whoever asks next is told that the connection is closed, and why.
        let _ = connection.await;
    });
    Ok((client, carrier.abort_handle()))
}

fn no_answer(within: Duration) -> StoreError {
    StoreError::Away(format!("no answer within {} s", within.as_secs()))
}

fn one_by_one(values: Vec<Value>) -> Vec<Bound> {
    values.into_iter().map(Bound::One).collect()
}

fn typed(bound: &[Bound]) -> Vec<(&(dyn ToSql + Sync), Type)> {
    bound.iter().map(|value| (value as &(dyn ToSql + Sync), value.ty())).collect()
}
