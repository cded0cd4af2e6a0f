//! Explaining an item: the same value that the page and the command line show.

use axum::Json;
use axum::extract::State;
use crossdock_domain::Number;
use crossdock_domain::stock::Account;
use crossdock_store::reader::explain::LedgerAsked;
use serde::Deserialize;
use serde_json::Value;

use super::page_limit;
use crate::access::{Desk, ToRead};
use crate::app::App;
use crate::body;
use crate::explain::{Explanation, Ground, Sight};
use crate::problem::{Kind, Problem};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// Only movements of this account: `b2b`, `b2c`, or one of the ledger's own names.
    account: Option<String>,
    /// Only those of entries before this one.
    before: Option<u64>,
    /// Movements of so many entries.
    limit: Option<u32>,
    check: Option<HowMuch>,
}

/// How much is added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum HowMuch {
    /// The whole history, however long it is.
    All,
}

/// `GET …/items/{item}/explain`.
pub(crate) async fn show(
    State(app): State<App>,
    desk: Desk<ToRead>,
    body::Query(asked): body::Query<Asked>,
) -> Result<Json<Value>, Problem> {
    let asked = LedgerAsked {
        account: asked.account.as_deref().map(account).transpose()?,
        before: asked.before.map(Number),
        limit: page_limit(asked.limit),
        check_all: asked.check == Some(HowMuch::All),
    };
    let (client, lane, name) = (desk.client.clone(), desk.lane(), desk.text("item").to_owned());
    let now = app.engine.now();
    let limited = desk.caller.only_client();
    let sight = limited.map_or(Sight::House, |_| Sight::OneClient);
    let found = app
        .look
        .at(move |reader| {
            let connections = reader.connections(Some(&lane))?;
            let connections = &connections;
            let ground = Ground { reader, client: &client, connections, now, sight };
            Explanation::read(ground, &name, &asked)
        })
        .await?;
    let found = found
        .ok_or_else(|| Problem::not_found(format!("No item is called `{}`.", desk.text("item"))))?;
    let shown = serde_json::to_value(found).map_err(|error| Problem::ours(error.to_string()))?;
    Ok(Json(shown))
}

fn account(text: &str) -> Result<Account, Problem> {
    text.parse().map_err(|error: crossdock_domain::id::BadId| {
        Problem::new(Kind::Unacceptable, format!("{error}."))
    })
}
