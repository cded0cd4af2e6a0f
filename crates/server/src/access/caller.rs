//! Who asks, and what he may.

use axum::extract::FromRequestParts;
use crossdock_domain::ClientId;
use crossdock_store::digest_of;
use crossdock_store::operations::Token;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::app::App;
use crate::problem::{Kind, Problem};

/// What a token may be made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Look at everything of its clients.
    Read,
    /// Bring items in step; nothing else.
    Sync,
    /// Change items, stock and orders; look; bring in step.
    Write,
    /// Everything, connections and secrets too.
    Admin,
}

impl Scope {
    /// All scopes, narrow ones first.
    pub const ALL: [Self; 4] = [Self::Read, Self::Sync, Self::Write, Self::Admin];

    /// The word in tables and API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Sync => "sync",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }

    /// Whether who has this scope may do what needs `wanted`.
    #[must_use]
    pub const fn covers(self, wanted: Self) -> bool {
        match self {
            Self::Admin => true,
            Self::Write => !matches!(wanted, Self::Admin),
            Self::Read => matches!(wanted, Self::Read),
            Self::Sync => matches!(wanted, Self::Sync),
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// To whom commands are attributed.
    pub by: String,
    scopes: Vec<Scope>,
    client: Option<ClientId>,
}

impl Caller {
    /// The operator, by his token (`cli`) or from the page (`page`).
    #[must_use]
    pub fn operator(by: &str) -> Self {
        Self { by: by.to_owned(), scopes: vec![Scope::Admin], client: None }
    }

    fn of(token: &Token) -> Self {
        let scopes = token.scopes.iter().filter_map(|word| Scope::from_word(word)).collect();
        Self { by: format!("token:{}", token.name), scopes, client: token.client.clone() }
    }

    /// Who holds the token that came along, if it is one of ours; then it counts as used.
    pub(crate) fn with_token(app: &App, headers: &HeaderMap) -> Option<Self> {
        let directory = app.engine.directory();
        let token = directory.token(&digest_of(bearer(headers)?.as_bytes()))?;
        app.engine.used(token.digest);
        Some(Self::of(token))
    }

    /// The one client that he is limited to.
    #[must_use]
    pub const fn only_client(&self) -> Option<&ClientId> {
        self.client.as_ref()
    }

    /// Whether he may know of this client at all.
    #[must_use]
    pub fn sees(&self, client: &ClientId) -> bool {
        self.client.as_ref().is_none_or(|only| only == client)
    }

    /// Refuses who lacks a scope.
    pub fn must_have(&self, wanted: Scope) -> Result<(), Problem> {
        if self.scopes.iter().any(|scope| scope.covers(wanted)) {
            return Ok(());
        }
        let words: Vec<_> = self.scopes.iter().map(|scope| scope.word()).collect();
        let has = if words.is_empty() { "none".to_owned() } else { words.join(", ") };
        let detail = format!("This needs the scope `{}`; the token has: {has}.", wanted.word());
        Err(Problem::new(Kind::Forbidden, detail))
    }

    /// Refuses who is limited to one client.
    pub fn must_see_all(&self) -> Result<(), Problem> {
        match self.client {
            None => Ok(()),
            Some(_) => Err(Problem::new(
                Kind::Forbidden,
                "This concerns the whole installation; the token is limited to one client.",
            )),
        }
    }

    /// Refuses who lacks the scope `admin`, or has it for one client only.
    pub fn must_run_the_house(&self) -> Result<(), Problem> {
        self.must_have(Scope::Admin)?;
        self.must_see_all()
    }
}

/// The bearer token of a request.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        // The admin listener has looked before and left whom it knows.
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let unknown = |detail: &str| Problem::new(Kind::Unauthorised, detail);
        bearer(&parts.headers).ok_or_else(|| unknown("Send `Authorization: Bearer <token>`."))?;
        Self::with_token(app, &parts.headers)
            .ok_or_else(|| unknown("The token is not known, or was revoked."))
    }
}

/// A scope as a type, so that what a handler may do stands in its signature.
pub trait Right: Send + Sync + 'static {
    /// The scope that it takes.
    const SCOPE: Scope;
}

macro_rules! right {
    ($($name:ident is $scope:ident)+) => {
        $(#[doc = concat!("The right that comes with [`Scope::", stringify!($scope), "`].")]
        #[derive(Debug, Clone, Copy)]
        pub struct $name;
        impl Right for $name {
            const SCOPE: Scope = Scope::$scope;
        })+
    };
}

right! {
    ToRead is Read
    ToSync is Sync
    ToWrite is Write
    ToRun is Admin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_covers_itself_and_what_is_narrower() {
        for scope in Scope::ALL {
            assert!(scope.covers(scope));
            assert!(Scope::Admin.covers(scope));
            assert_eq!(scope.covers(Scope::Admin), scope == Scope::Admin);
        }
        assert!(!Scope::Sync.covers(Scope::Read));
        assert!(!Scope::Read.covers(Scope::Sync));
        assert!(!Scope::Read.covers(Scope::Write));
    }

    #[test]
    fn a_token_of_one_client_does_not_run_the_house() {
        let client = ClientId::new("acme").ok();
        let caller = Caller { by: "t".to_owned(), scopes: vec![Scope::Admin], client };
        assert!(caller.must_run_the_house().is_err());
        assert!(Caller::operator("cli").must_run_the_house().is_ok());
    }
}
