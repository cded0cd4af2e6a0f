//! Who may call: the permanent token, tokens from the client-credentials grant, and uninstalling.

use jiff::{SignedDuration, Timestamp};

use super::bodies;
use super::log::Happening;
use super::shop::Shop;
use crate::exchange::{HttpAnswer, HttpRequest, pairs};
use crate::json::Json;
use crate::random::Random;

/// How long a granted token lives.
const TOKEN_SECONDS: i64 = 86_399;

/// The tokens that open the shop.
#[derive(Debug)]
pub(crate) struct Access {
    permanent: Option<String>,
    granted: Vec<(String, Timestamp)>,
    chance: Random,
    pub(crate) installed: Installed,
}

/// Whether the app is in the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Installed {
    Yes,
    No,
}

/// Which tokens to end early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tokens {
    /// Those from the client-credentials grant.
    Granted,
    /// Those and the permanent one.
    All,
}

impl Access {
    pub(crate) fn new(permanent: String, seed: u64) -> Self {
        Self {
            permanent: Some(permanent),
            granted: Vec::new(),
            chance: Random::new(seed, "tokens"),
            installed: Installed::Yes,
        }
    }

    pub(crate) fn admits(&self, token: Option<&str>, now: Timestamp) -> bool {
        let Some(token) = token else { return false };
        let granted = self.granted.iter().any(|(known, until)| known == token && now < *until);
        self.installed == Installed::Yes && (granted || self.permanent.as_deref() == Some(token))
    }
}

impl Shop {
    /// Ends tokens before their time, so that the next call gets a 401.
    pub fn expire_tokens(&mut self, which: Tokens) {
        self.access.granted.clear();
        if which == Tokens::All {
            self.access.permanent = None;
        }
    }

    /// The merchant removes the app: `app/uninstalled` is the last webhook, every call gets a 401.
    pub fn uninstall(&mut self, now: Timestamp) {
        if self.access.installed == Installed::No {
            return;
        }
        self.access.installed = Installed::No;
        self.outbox.clear();
        let notice = bodies::uninstalled_notice(self);
        self.announce(vec![notice], now);
        self.subscriptions.clear();
        self.expire_tokens(Tokens::Granted);
        self.note(now, Happening::Uninstalled);
    }

    /// The app is installed again, with its permanent token and without subscriptions.
    pub fn install(&mut self) {
        self.access.installed = Installed::Yes;
        self.access.permanent = Some(self.setup.access_token.clone());
    }

    /// `POST /admin/oauth/access_token`.
    pub(crate) fn grant_token(&mut self, request: &HttpRequest, now: Timestamp) -> HttpAnswer {
        let asked = |name| parameter(request, name).unwrap_or_default();
        if asked("grant_type") != "client_credentials" {
            return oauth_error(
                "unsupported_grant_type",
                "Only client_credentials is granted here.",
            );
        }
        let known = asked("client_id") == self.setup.client_id
            && asked("client_secret") == self.setup.client_secret;
        if !known || self.access.installed == Installed::No {
            return oauth_error("invalid_client", "Client authentication failed.");
        }
        let token =
            format!("shpat_{:016x}{:016x}", self.access.chance.bits(), self.access.chance.bits());
        let until = now + SignedDuration::from_secs(TOKEN_SECONDS);
        self.access.granted.push((token.clone(), until));
        let body = Json::object([
            ("access_token", token.into()),
            ("scope", self.setup.scopes.join(",").into()),
            ("expires_in", TOKEN_SECONDS.into()),
        ]);
        HttpAnswer::json(200, body.plain())
    }
}

fn oauth_error(error: &str, description: &str) -> HttpAnswer {
    let body = Json::object([("error", error.into()), ("error_description", description.into())]);
    HttpAnswer::json(400, body.plain())
}

/// A parameter of a form-encoded or JSON body: the token endpoint takes both.
fn parameter(request: &HttpRequest, name: &str) -> Option<String> {
    if let Ok(body) = serde_json::from_slice::<serde_json::Value>(&request.body) {
        return body.get(name)?.as_str().map(str::to_owned);
    }
    let body = String::from_utf8_lossy(&request.body).into_owned();
    pairs(&body).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}
