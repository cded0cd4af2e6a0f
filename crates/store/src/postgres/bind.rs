//! Values on their way to PostgreSQL and back.

use std::error::Error;

use rusqlite::types::{Value, ValueRef};
use tokio_postgres::Row;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::StoreError;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Integer,
    Text,
    Bytes,
}

impl Kind {
    /// The kind of a column by the name that the catalogue has for its type.
    pub(crate) fn of(data_type: &str) -> Option<Self> {
        match data_type {
            "bigint" => Some(Self::Integer),
            "text" => Some(Self::Text),
            "bytea" => Some(Self::Bytes),
            _ => None,
        }
    }

    const fn list(self) -> Type {
        match self {
            Self::Integer => Type::INT8_ARRAY,
            Self::Text => Type::TEXT_ARRAY,
            Self::Bytes => Type::BYTEA_ARRAY,
        }
    }
}

/// A parameter: one value, or a column of them for `unnest`.
#[derive(Debug, Clone)]
pub(crate) enum Bound {
    One(Value),
    List(Kind, Vec<Value>),
}

impl Bound {
    /// Whether it is nothing.
    pub(super) const fn is_null(&self) -> bool {
        matches!(self, Self::One(Value::Null))
    }

    pub(super) fn ty(&self) -> Type {
        match self {
            Self::One(Value::Integer(_)) => Type::INT8,
            Self::One(Value::Real(_)) => Type::FLOAT8,
            Self::One(Value::Text(_)) => Type::TEXT,
            Self::One(Value::Blob(_)) => Type::BYTEA,
            // The server finds out from where it stands.
            Self::One(Value::Null) => Type::UNKNOWN,
            Self::List(kind, _) => kind.list(),
        }
    }
}

impl ToSql for Bound {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::One(value) => Cell(value).to_sql(ty, out),
            Self::List(_, values) => values.iter().map(Cell).collect::<Vec<_>>().to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// One value, or one of a list.
#[derive(Debug)]
struct Cell<'v>(&'v Value);

impl ToSql for Cell<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            Value::Null => Ok(IsNull::Yes),
            Value::Integer(number) => number.to_sql(ty, out),
            Value::Real(number) => number.to_sql(ty, out),
            Value::Text(text) => text.as_str().to_sql(ty, out),
            Value::Blob(bytes) => bytes.as_slice().to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// One column of a row, as SQLite would have it.
pub(crate) fn cell(row: &Row, index: usize) -> Result<ValueRef<'_>, StoreError> {
    let unreadable = |why: String| StoreError::Unreadable {
        table: "a query",
        why: format!("column {index}: {why}"),
    };
    let column = row.columns().get(index).ok_or_else(|| unreadable("there is none".to_owned()))?;
    let value = match *column.type_() {
        Type::INT8 => row.try_get::<_, Option<i64>>(index).map(|v| v.map(ValueRef::Integer)),
        Type::INT4 => {
            row.try_get::<_, Option<i32>>(index).map(|v| v.map(|v| ValueRef::Integer(v.into())))
        }
        Type::BOOL => {
            row.try_get::<_, Option<bool>>(index).map(|v| v.map(|v| ValueRef::Integer(v.into())))
        }
        Type::FLOAT8 => row.try_get::<_, Option<f64>>(index).map(|v| v.map(ValueRef::Real)),
        Type::TEXT | Type::VARCHAR | Type::NAME => row
            .try_get::<_, Option<&str>>(index)
            .map(|v| v.map(|text| ValueRef::Text(text.as_bytes()))),
        Type::BYTEA => row.try_get::<_, Option<&[u8]>>(index).map(|v| v.map(ValueRef::Blob)),
        _ => return Err(unreadable(format!("type {} has no place here", column.type_()))),
    };
    Ok(value.map_err(|error| unreadable(error.to_string()))?.unwrap_or(ValueRef::Null))
}
