//! Who calls, and for which merchant: the company's own staff, or one merchant's people.
//!
//! Known: a staff token without a selected merchant works over all of them; a merchant's token nearly always needs the
//! header; goods and the upload of orders need it in any case. What a wrong one is answered is assumed: 403, and 422
//! where it is missing.

use super::centre::Centre;
use super::problem::Problem;
use crate::exchange::HttpRequest;

/// The header that selects a merchant.
const SELECTED: &str = "x-selected-client-id";
/// What anybody may read without selecting a merchant.
const FREE_AREAS: [&str; 3] = ["merchants", "warehouses", "services"];

/// A caller who was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The company's own people.
    Staff { selected: Option<u64> },
    /// One merchant's people.
    Merchant { id: u64 },
}

impl Caller {
    pub(crate) fn sees(self, merchant_id: u64) -> bool {
        match self {
            Self::Staff { selected } => selected.is_none_or(|id| id == merchant_id),
            Self::Merchant { id } => id == merchant_id,
        }
    }

    pub(crate) fn is_staff(self) -> bool {
        matches!(self, Self::Staff { .. })
    }

    /// The one merchant whom the call is about.
    pub(crate) fn one_merchant(self) -> Result<u64, Problem> {
        let (Self::Staff { selected: Some(id) } | Self::Merchant { id }) = self else {
            return Err(Problem::invalid(
                "X-Selected-Client-Id",
                "The X-Selected-Client-Id header is required.",
            ));
        };
        Ok(id)
    }
}

impl Centre {
    /// Looks at the token and the selected merchant. `area` is the first part of the path.
    pub(crate) fn caller(&self, request: &HttpRequest, area: &str) -> Result<Caller, Problem> {
        let bearer = request.header("authorization").and_then(|text| text.strip_prefix("Bearer "));
        let query = request.query();
        let by_query = query.iter().find(|(name, _)| name == "api_token");
        let token = bearer.or_else(|| by_query.map(|(_, token)| token.as_str()));
        let token = token.ok_or_else(Problem::unauthenticated)?;
        let selected = match request.header(SELECTED).map(str::trim) {
            None | Some("") => None,
            Some(text) => Some(text.parse::<u64>().map_err(|_| Problem::forbidden())?),
        };
        if token == self.setup.token {
            let is_known = selected.is_none_or(|id| self.merchants.contains_key(&id));
            return if is_known {
                Ok(Caller::Staff { selected })
            } else {
                Err(Problem::forbidden())
            };
        }
        let whose = self.merchants.values().find(|one| one.token.as_deref() == Some(token));
        let id = whose.ok_or_else(Problem::unauthenticated)?.id;
        let may = selected.map_or_else(|| FREE_AREAS.contains(&area), |selected| selected == id);
        if may { Ok(Caller::Merchant { id }) } else { Err(Problem::forbidden()) }
    }
}
