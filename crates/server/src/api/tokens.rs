//! API tokens: shown once when made, kept only as digests.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use crossdock_domain::ClientId;
use crossdock_store::digest_of;
use crossdock_store::operations::Token;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::beside;
use crate::access::{Operator, Scope};
use crate::app::App;
use crate::body;
use crate::problem::{Kind, Problem};
use crate::random;

/// Characters of a token's digest by which it is called.
const PREFIX_CHARS: usize = 16;
/// Fewer could name somebody else's by chance.
const PREFIX_CHARS_LEAST: usize = 8;
const NAME_BYTES_MAX: usize = 100;
const TOKENS_MAX: usize = 1_000;

/// `GET /api/v1/tokens`.
pub(crate) async fn list(State(app): State<App>, _: Operator) -> Result<Json<Value>, Problem> {
    let tokens: Value = app.engine.directory().tokens().map(shown).collect();
    Ok(Json(json!({ "tokens": tokens })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    name: String,
    scopes: Vec<String>,
    client: Option<ClientId>,
}

/// `POST /api/v1/tokens`.
pub(crate) async fn make(
    State(app): State<App>,
    _: Operator,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<impl IntoResponse, Problem> {
    check(&app, &wanted)?;
    let word = format!("cdk_{}", random::word());
    let token = Token {
        digest: digest_of(word.as_bytes()),
        name: wanted.name,
        scopes: wanted.scopes,
        client: wanted.client,
        made_at: app.engine.now(),
        used_at: None,
        revoked_at: None,
    };
    let shown = beside(shown(&token), json!({ "token": word }));
    app.engine.operate(move |store| store.keep_token(&token)).await?;
    Ok((StatusCode::CREATED, Json(shown)))
}

fn check(app: &App, wanted: &Wanted) -> Result<(), Problem> {
    let refuse = |why: String| Err(Problem::new(Kind::Unacceptable, why));
    let name = wanted.name.trim();
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
        return refuse(format!("A name is 1 to {NAME_BYTES_MAX} bytes."));
    }
    if let Some(bad) = wanted.scopes.iter().find(|word| Scope::from_word(word).is_none()) {
        let words: Vec<_> = Scope::ALL.iter().map(|scope| scope.word()).collect();
        return refuse(format!("There is no scope `{bad}`; there are: {}.", words.join(", ")));
    }
    if wanted.scopes.is_empty() {
        return refuse("A token without a scope is good for nothing.".to_owned());
    }
    if app.engine.directory().tokens().count() >= TOKENS_MAX {
        return refuse(format!("There are {TOKENS_MAX} tokens already."));
    }
    Ok(())
}

/// `DELETE /api/v1/tokens/{token}`: by the beginning of its digest.
pub(crate) async fn revoke(
    State(app): State<App>,
    _: Operator,
    Path(prefix): Path<String>,
) -> Result<StatusCode, Problem> {
    let directory = app.engine.directory();
    let is_meant = |token: &&Token| {
        prefix.len() >= PREFIX_CHARS_LEAST && hex::encode(token.digest).starts_with(&prefix)
    };
    let meant: Vec<_> = directory.tokens().filter(is_meant).collect();
    let [token] = meant.as_slice() else {
        return Err(match meant.len() {
            0 => Problem::not_found(format!("There is no token `{prefix}`.")),
            _ => Problem::new(Kind::Conflict, "Several tokens begin so: give more of it."),
        });
    };
    if token.revoked_at.is_none() {
        let revoked = Token { revoked_at: Some(app.engine.now()), ..(*token).clone() };
        app.engine.operate(move |store| store.keep_token(&revoked)).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

fn shown(token: &Token) -> Value {
    let digest: String = hex::encode(token.digest).chars().take(PREFIX_CHARS).collect();
    json!({
        "digest": digest,
        "name": token.name,
        "scopes": token.scopes,
        "client": token.client,
        "made_at": token.made_at,
        "used_at": token.used_at,
        "revoked_at": token.revoked_at,
    })
}
