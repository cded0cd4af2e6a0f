//! Identifiers: one newtype each, so that a client's id can never be passed where an item's is meant.
//!
//! Ids that people or partners choose are text; ids that we give are 64-bit numbers counted per client,
//! printed with a readable prefix (`itm_12`, `tsk_7`). Partners' ids are kept as text, so that a number
//! above 2^53 survives exactly.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An identifier that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not {wanted}")]
pub struct BadId {
    /// What was given, cut to a printable length.
    pub given: String,
    /// What would have been accepted.
    pub wanted: &'static str,
}

impl BadId {
    pub(crate) fn new(given: &str, wanted: &'static str) -> Self {
        Self { given: given.chars().take(80).collect(), wanted }
    }
}

/// Longest slug or reference that is accepted, in bytes.
pub const TEXT_ID_BYTES_MAX: usize = 190;

const SLUG: &str = "a slug: 1 to 63 of a-z, 0-9, `-` and `_`, beginning with a letter or digit";

fn is_slug(text: &str) -> bool {
    let first = text.bytes().next();
    text.len() <= 63
        && first.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
}

fn is_reference(text: &str) -> bool {
    !text.is_empty() && text.len() <= TEXT_ID_BYTES_MAX && !text.chars().any(char::is_control)
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $check:path, $wanted:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads one; the error says what is accepted.
            pub fn new(text: impl Into<String>) -> Result<Self, BadId> {
                let text = text.into();
                if $check(&text) { Ok(Self(text)) } else { Err(BadId::new(&text, $wanted)) }
            }
            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                Self::new(text)
            }
        }
        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                Self::new(text)
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// A merchant: the tenant whose goods, orders and stock these are.
    ClientId, is_slug, SLUG
);
text_id!(
    /// One configured account at a partner.
    ConnectionId, is_slug, SLUG
);
text_id!(
    /// The caller's own name for an order, unique per client.
    OrderRef, is_reference, "a reference: 1 to 190 bytes without control characters"
);
text_id!(
    /// The caller's own name for a shipment, unique per order.
    ShipmentRef, is_reference, "a reference: 1 to 190 bytes without control characters"
);
text_id!(
    /// A partner's id for one of its records, as text whatever the partner makes it of.
    RemoteId, is_reference, "a partner's id: 1 to 190 bytes without control characters"
);

macro_rules! counted_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0)
            }
        }
        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(|digits| digits.parse().ok())
                    .map(Self)
                    .ok_or_else(|| BadId::new(text, concat!("an id like `", $prefix, "_12`")))
            }
        }
        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }
    };
}

counted_id!(
    /// One sellable SKU of a client.
    ItemId, "itm"
);
counted_id!(
    /// One call that we owe a partner.
    TaskId, "tsk"
);

/// The place of an entry in its lane's journal: 1, 2, 3 … without gaps.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Number(pub u64);

impl Number {
    /// Whether it is no entry's.
    #[must_use]
    pub const fn is_zero(&self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// One ordered sequence of entries.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum LaneId {
    /// What belongs to no client: the installation's own settings.
    House,
    /// Everything of one merchant.
    Client(ClientId),
    /// A connection that serves several merchants: routing only.
    Connection(ConnectionId),
}

impl LaneId {
    /// The client whose lane this is.
    #[must_use]
    pub fn client(&self) -> Option<&ClientId> {
        match self {
            Self::Client(client) => Some(client),
            Self::House | Self::Connection(_) => None,
        }
    }
}

impl fmt::Display for LaneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::House => f.write_str("house"),
            Self::Client(id) => write!(f, "client:{id}"),
            Self::Connection(id) => write!(f, "connection:{id}"),
        }
    }
}

impl FromStr for LaneId {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        match text.split_once(':') {
            None if text == "house" => Ok(Self::House),
            Some(("client", id)) => Ok(Self::Client(id.parse()?)),
            Some(("connection", id)) => Ok(Self::Connection(id.parse()?)),
            _ => Err(BadId::new(text, "a lane: `house`, `client:<id>` or `connection:<id>`")),
        }
    }
}

impl TryFrom<String> for LaneId {
    type Error = BadId;
    fn try_from(text: String) -> Result<Self, BadId> {
        text.parse()
    }
}

impl From<LaneId> for String {
    fn from(id: LaneId) -> String {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_print_with_their_prefix_and_read_back() {
        assert_eq!(ItemId(12).to_string(), "itm_12");
        assert_eq!("itm_12".parse(), Ok(ItemId(12)));
        assert!("tsk_12".parse::<ItemId>().is_err());
    }

    #[test]
    fn a_slug_with_a_slash_or_a_capital_is_refused() {
        for bad in ["", "a/b", "Shop", "-a", "a b", &"x".repeat(64)] {
            assert!(ClientId::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn lanes_read_back_as_printed() {
        for lane in ["house", "client:main", "connection:prep"] {
            assert_eq!(lane.parse::<LaneId>().map(|l| l.to_string()).as_deref(), Ok(lane));
        }
    }
}
