//! One column's value: how each of our types stands in SQLite. Times are microseconds, closed words are text,
//! nested values are JSON text.

use crossdock_domain::brake::{Engaged, Extent, Ruling, Side};
use crossdock_domain::call::{Call, CallKind};
use crossdock_domain::connection::{CallSettings, ConnectionStatus, Stage, TokenLife};
use crossdock_domain::entry::{EntryKind, OutcomeKind};
use crossdock_domain::fact::Fact;
use crossdock_domain::item::{NameKind, Place};
use crossdock_domain::link::LinkKind;
use crossdock_domain::merchant::{MerchantTally, Remembered};
use crossdock_domain::order::{OrderStatus, Shipment, Taken};
use crossdock_domain::reception::{Destination, LineTold, ReceptionStatus, ReceptionTold, Shelved};
use crossdock_domain::send::SendState;
use crossdock_domain::stock::count_brake::CountedChange;
use crossdock_domain::stock::level::Standing;
use crossdock_domain::stock::publishing::PublishingTerms;
use crossdock_domain::stock::terms::Brake;
use crossdock_domain::stock::{Account, Allocation, Backing, Pool, Publishing, Reason, StockTerms};
use crossdock_domain::sweep::{Evidence, FindingState, Found, Repair, Scope, SweepState};
use crossdock_domain::sync::SyncStage;
use crossdock_domain::task::{TaskState, Work};
use crossdock_domain::{
    ClientId, ConnectionId, Instant, ItemId, LaneId, Number, OrderRef, RemoteId, TaskId,
};
use rusqlite::types::{Value, ValueRef};

/// A type that stands in one column.
pub trait Cell: Sized {
    /// As SQLite keeps it.
    fn value(&self) -> Value;
    /// Read back; the error says what was wanted.
    fn read(value: ValueRef<'_>) -> Result<Self, String>;
}

fn not(wanted: &str, value: ValueRef<'_>) -> String {
    format!("wanted {wanted}, found {}", value.data_type())
}

impl Cell for i64 {
    fn value(&self) -> Value {
        Value::Integer(*self)
    }
    fn read(value: ValueRef<'_>) -> Result<Self, String> {
        value.as_i64().map_err(|_| not("a whole number", value))
    }
}

macro_rules! narrow_cell {
    ($($narrow:ty),*) => {$(
        impl Cell for $narrow {
            fn value(&self) -> Value {
                Value::Integer(i64::try_from(*self).unwrap_or(i64::MAX))
            }
            fn read(value: ValueRef<'_>) -> Result<Self, String> {
                i64::read(value)?.try_into().map_err(|_| "a number out of range".to_owned())
            }
        }
    )*};
}
narrow_cell!(u16, u32, u64);

impl Cell for bool {
    fn value(&self) -> Value {
        Value::Integer(i64::from(*self))
    }
    fn read(value: ValueRef<'_>) -> Result<Self, String> {
        Ok(i64::read(value)? != 0)
    }
}

impl Cell for String {
    fn value(&self) -> Value {
        Value::Text(self.clone())
    }
    fn read(value: ValueRef<'_>) -> Result<Self, String> {
        value.as_str().map(str::to_owned).map_err(|_| not("text", value))
    }
}

/// A digest.
impl Cell for [u8; 32] {
    fn value(&self) -> Value {
        Value::Blob(self.to_vec())
    }
    fn read(value: ValueRef<'_>) -> Result<Self, String> {
        let bytes = value.as_blob().map_err(|_| not("a digest", value))?;
        bytes.try_into().map_err(|_| format!("wanted 32 bytes, found {}", bytes.len()))
    }
}

impl Cell for Vec<u8> {
    fn value(&self) -> Value {
        Value::Blob(self.clone())
    }
    fn read(value: ValueRef<'_>) -> Result<Self, String> {
        value.as_blob().map(<[u8]>::to_vec).map_err(|_| not("bytes", value))
    }
}

impl<T: Cell> Cell for Option<T> {
    fn value(&self) -> Value {
        self.as_ref().map_or(Value::Null, Cell::value)
    }
    fn read(value: ValueRef<'_>) -> Result<Self, String> {
        if value == ValueRef::Null { Ok(None) } else { T::read(value).map(Some) }
    }
}

impl Cell for Instant {
    fn value(&self) -> Value {
        Value::Integer(self.0)
    }
    fn read(value: ValueRef<'_>) -> Result<Self, String> {
        i64::read(value).map(Self)
    }
}

macro_rules! number_cell {
    ($($id:ident),*) => {$(
        impl Cell for $id {
            fn value(&self) -> Value {
                self.0.value()
            }
            fn read(value: ValueRef<'_>) -> Result<Self, String> {
                u64::read(value).map(Self)
            }
        }
    )*};
}
number_cell!(ItemId, Number, TaskId);

macro_rules! text_cell {
    ($($id:ident),*) => {$(
        impl Cell for $id {
            fn value(&self) -> Value {
                Value::Text(self.to_string())
            }
            fn read(value: ValueRef<'_>) -> Result<Self, String> {
                let text = value.as_str().map_err(|_| not("text", value))?;
                text.parse().map_err(|e: crossdock_domain::id::BadId| e.to_string())
            }
        }
    )*};
}
text_cell!(ClientId, ConnectionId, LaneId, OrderRef, RemoteId, Account);

macro_rules! word_cell {
    ($($closed:ident),*) => {$(
        impl Cell for $closed {
            fn value(&self) -> Value {
                Value::Text(self.word().to_owned())
            }
            fn read(value: ValueRef<'_>) -> Result<Self, String> {
                let word = value.as_str().map_err(|_| not("a word", value))?;
                Self::from_word(word).ok_or_else(|| {
                    format!("`{word}` is no word for {}", stringify!($closed))
                })
            }
        }
    )*};
}
word_cell!(
    CallKind,
    EntryKind,
    Evidence,
    FindingState,
    Found,
    LinkKind,
    NameKind,
    OrderStatus,
    OutcomeKind,
    Pool,
    Reason,
    ReceptionStatus,
    Ruling,
    Scope,
    SendState,
    Shelved,
    Side,
    Standing,
    SweepState,
    SyncStage,
    TaskState
);

macro_rules! json_cell {
    ($($nested:ty),*) => {$(
        impl Cell for $nested {
            fn value(&self) -> Value {
                // These types hold only strings, numbers and lists of them: writing them cannot fail.
                Value::Text(serde_json::to_string(self).unwrap_or_default())
            }
            fn read(value: ValueRef<'_>) -> Result<Self, String> {
                let text = value.as_str().map_err(|_| not("JSON text", value))?;
                serde_json::from_str(text).map_err(|e| e.to_string())
            }
        }
    )*};
}
json_cell!(
    std::collections::BTreeMap<String, String>,
    std::collections::BTreeMap<RemoteId, Number>,
    Vec<String>,
    Vec<Number>,
    Vec<RemoteId>,
    Vec<Place>,
    Vec<Taken>,
    Vec<Shipment>,
    Vec<(ItemId, i64)>,
    serde_json::Value,
    Allocation,
    Destination,
    Fact,
    LineTold,
    MerchantTally,
    Remembered,
    ReceptionTold,
    Backing,
    Brake,
    Call,
    CallSettings,
    ConnectionStatus,
    CountedChange,
    Engaged,
    Extent,
    Repair,
    Publishing,
    PublishingTerms,
    Stage,
    StockTerms,
    TokenLife,
    Work
);
