//! The request of a call, as the connector makes it; and which tasks are to blame where it makes none.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crossdock_connectors::{Connector, Request, Unsendable};
use crossdock_domain::call::Call;
use crossdock_domain::connection::Connection;

use crate::fold::panic_words;
use crate::head::{LetGo, LetGoAs};

/// The connector's request. One that panics must not take the writer with it.
pub(crate) fn request(
    connector: &dyn Connector,
    connection: &Connection,
    call: &Call,
    key: &str,
) -> Result<Request, Unsendable> {
    let made = catch_unwind(AssertUnwindSafe(|| connector.request(call, key, connection)));
    made.unwrap_or_else(|panic| {
        let why = format!("making the request {}", panic_words(panic.as_ref()));
        Err(Unsendable { rows: Vec::new(), why })
    })
}

/// The tasks that are to blame; all, if none is named.
pub(crate) fn cannot_be_sent(call: &Call, unsendable: &Unsendable) -> Vec<LetGo> {
    let tasks = call.tasks();
    let named = |row: &usize| unsendable.rows.contains(row);
    let nobody = !(0..tasks.len()).any(|row| named(&row));
    let blamed = tasks.into_iter().enumerate().filter(|(row, _)| nobody || named(row));
    blamed
        .map(|(_, task)| LetGo { task, why: unsendable.why.clone(), verdict: LetGoAs::Stuck })
        .collect()
}
