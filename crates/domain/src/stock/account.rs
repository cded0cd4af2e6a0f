//! Accounts of the stock ledger. Inside accounts are pools and what is committed; outside accounts are where goods
//! come from and go to. All accounts of an item add up to zero.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::BadId;
use crate::{ConnectionId, OrderRef};

/// A named share of an item's stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pool {
    /// Sold to businesses, by us.
    B2b,
    /// Sold to the public, in shops.
    B2c,
}

impl Pool {
    /// Both.
    pub const ALL: [Self; 2] = [Self::B2b, Self::B2c];
    /// The word in tables, API and pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::B2b => "b2b",
            Self::B2c => "b2c",
        }
    }
    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pool| pool.word() == word)
    }
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::B2b => Self::B2c,
            Self::B2c => Self::B2b,
        }
    }
}

/// One account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Account {
    /// Inside: a share that can be sold.
    Pool(Pool),
    /// Inside: taken for a B2B order, not yet gone.
    Committed(OrderRef),
    /// Inside: an increase at a partner that nothing explains, until an order or a person does.
    Unexplained(ConnectionId),
    /// Inside: checked in, and not fit to be sold.
    Unsellable,
    /// Outside: where goods come from.
    Supplier,
    /// Outside: where goods go to.
    Customer,
    /// Outside: found or lost in counting, and opening balances.
    Count,
    /// Outside: what a partner sold, took back or changed at its own counter.
    Partner {
        /// The connector's name.
        connector: String,
        /// The connection.
        connection: ConnectionId,
    },
}

impl Account {
    /// The pool `b2b`.
    pub const B2B: Self = Self::Pool(Pool::B2b);
    /// The pool `b2c`.
    pub const B2C: Self = Self::Pool(Pool::B2c);

    /// The short words that people and programs may move stock between by hand.
    #[must_use]
    pub fn from_short_word(word: &str) -> Option<Self> {
        match word {
            "b2b" => Some(Self::B2B),
            "b2c" => Some(Self::B2C),
            "unsellable" => Some(Self::Unsellable),
            "supplier" => Some(Self::Supplier),
            "customer" => Some(Self::Customer),
            "count" => Some(Self::Count),
            _ => None,
        }
    }

    /// Whether it is a pool.
    #[must_use]
    pub const fn is_pool(&self) -> bool {
        matches!(self, Self::Pool(_))
    }

    /// Whether a person may move stock to or from it directly.
    #[must_use]
    pub const fn is_by_hand(&self) -> bool {
        match self {
            Self::Pool(_) | Self::Unsellable | Self::Supplier | Self::Customer | Self::Count => {
                true
            }
            Self::Committed(_) | Self::Unexplained(_) | Self::Partner { .. } => false,
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pool(pool) => write!(f, "pool:{}", pool.word()),
            Self::Committed(order) => write!(f, "committed:{order}"),
            Self::Unexplained(connection) => write!(f, "unexplained:{connection}"),
            Self::Unsellable => f.write_str("unsellable"),
            Self::Supplier => f.write_str("supplier"),
            Self::Customer => f.write_str("customer"),
            Self::Count => f.write_str("count"),
            Self::Partner { connector, connection } => write!(f, "{connector}:{connection}"),
        }
    }
}

impl FromStr for Account {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        if let Some(account) = Self::from_short_word(text) {
            return Ok(account);
        }
        match text.split_once(':') {
            Some(("pool", "b2b")) => Ok(Self::B2B),
            Some(("pool", "b2c")) => Ok(Self::B2C),
            Some(("committed", order)) => Ok(Self::Committed(order.parse()?)),
            Some(("unexplained", connection)) => Ok(Self::Unexplained(connection.parse()?)),
            Some((connector, connection)) if !connector.is_empty() && connector != "pool" => {
                Ok(Self::Partner {
                    connector: connector.to_owned(),
                    connection: connection.parse()?,
                })
            }
            _ => Err(BadId {
                given: text.chars().take(80).collect(),
                wanted: "an account: b2b, b2c, unsellable, supplier, customer, count, or one of the ledger's own",
            }),
        }
    }
}

impl TryFrom<String> for Account {
    type Error = BadId;
    fn try_from(text: String) -> Result<Self, BadId> {
        text.parse()
    }
}

impl From<Account> for String {
    fn from(account: Account) -> String {
        account.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_read_back_as_printed() {
        for text in [
            "pool:b2b",
            "pool:b2c",
            "committed:PO-7",
            "unsellable",
            "supplier",
            "count",
            "unexplained:shop",
            "acme:shop",
        ] {
            assert_eq!(text.parse::<Account>().map(|a| a.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn an_order_reference_with_a_colon_keeps_it() {
        let account: Account = "committed:PO:7".parse().unwrap();
        assert_eq!(account.to_string(), "committed:PO:7");
    }

    #[test]
    fn a_pool_that_does_not_exist_is_refused() {
        assert!("pool:b3b".parse::<Account>().is_err());
    }
}
