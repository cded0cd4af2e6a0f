//! A digest of the state: equal state, equal digest, on any engine. Over canonical logical rows, in key order.

use std::ops::ControlFlow;

use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};

use crate::StoreError;
use crate::books::STATE_TABLES;
use crate::db::{Db, Params};
use crate::store::Store;

/// The state's digest, table by table, so that a difference can be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateDigest {
    /// Table, number of rows, digest in hex.
    pub tables: Vec<(&'static str, u64, String)>,
}

impl StateDigest {
    /// One digest over all tables, in hex.
    #[must_use]
    pub fn whole(&self) -> String {
        let mut hasher = Sha256::new();
        for (table, rows, digest) in &self.tables {
            hasher.update(format!("{table} {rows} {digest}\n"));
        }
        hex::encode(hasher.finalize())
    }

    /// The tables in which two states differ.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        let pairs = self.tables.iter().zip(&other.tables);
        pairs.filter(|(a, b)| a != b).map(|(a, _)| a.0).collect()
    }
}

impl Store {
    /// The digest of the state as flushed.
    pub fn state_digest(&self) -> Result<StateDigest, StoreError> {
        let mut tables = Vec::new();
        for (table, key, rest) in STATE_TABLES {
            let (rows, digest) = self.table_digest(table, key, rest)?;
            tables.push((*table, rows, digest));
        }
        Ok(StateDigest { tables })
    }

    fn table_digest(
        &self,
        table: &str,
        key: &[&str],
        rest: &[&str],
    ) -> Result<(u64, String), StoreError> {
        let columns: Vec<_> = key.iter().chain(rest).copied().collect();
        let sql = format!("SELECT {} FROM {table} ORDER BY {}", columns.join(", "), key.join(", "));
        let mut hasher = Sha256::new();
        let count = hash_rows(&self.db, &sql, (), &mut hasher)?;
        Ok((count, hex::encode(hasher.finalize())))
    }
}

/// Adds a query's rows to a digest, all their columns in order, and counts them.
pub(crate) fn hash_rows(
    db: &Db,
    sql: &str,
    params: impl Params,
    hasher: &mut Sha256,
) -> Result<u64, StoreError> {
    let mut count = 0;
    db.walk(sql, params, |row| {
        count += 1;
        for _ in 0..row.width() {
            add(hasher, row.take_ref()?);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(count)
}

/// Type, length and bytes, so that no two rows run into each other.
fn add(hasher: &mut Sha256, value: ValueRef<'_>) {
    let (tag, bytes): (u8, std::borrow::Cow<'_, [u8]>) = match value {
        ValueRef::Null => (0, (&[][..]).into()),
        ValueRef::Integer(number) => (1, number.to_be_bytes().to_vec().into()),
        ValueRef::Real(number) => (2, number.to_bits().to_be_bytes().to_vec().into()),
        ValueRef::Text(text) => (3, text.into()),
        ValueRef::Blob(blob) => (4, blob.into()),
    };
    hasher.update([tag]);
    hasher.update((bytes.len() as u64).to_be_bytes());
    hasher.update(&bytes);
}
