//! What can go wrong with a store, sorted by what happens next.

/// Why a store did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full: nothing was kept, and nothing may be acknowledged. Passes when there is room again.
    #[error("the disk is full: nothing more is accepted until there is room")]
    Full,
    /// The disk failed. What was being committed may or may not be there: only a restart can tell.
    #[error("the disk failed while writing ({0}): stop, and look at the disk")]
    Broken(String),
    /// The file was written by a newer version.
    #[error("the store has schema {found}, this version knows {known}: start the newer version")]
    Newer {
        /// Schema of the file.
        found: u32,
        /// Newest schema of this version.
        known: u32,
    },
    /// A migration that was already applied reads differently now.
    #[error("migration {0} was changed after it was applied: use an unchanged build")]
    Drift(u32),
    /// A row does not hold what it must.
    #[error("table {table} holds something unreadable: {why}")]
    Unreadable {
        /// Table.
        table: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The database server does not answer, or can't be written to now. Passes; what was being committed was looked up or
    /// is not acknowledged.
    #[error("the database is away ({0}): nothing is accepted until it is back")]
    Away(String),
    /// Somebody else was in the way. Trying again helps.
    #[error("another node was faster ({0}): try again")]
    Contended(String),
    /// The database server does not let us in, or does not allow what we need.
    #[error("the database refuses: {0}")]
    Refused(String),
    /// The database does not take a value, or refuses a row: nothing of the transaction was kept, and the same would come to
    /// the same again.
    #[error("the database does not take it: {0}")]
    Data(String),
    /// Anything else that PostgreSQL says.
    #[error("database: {0}")]
    Postgres(String),
    /// Anything else that SQLite says.
    #[error("store: {0}")]
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt) => {
                Self::Broken(error.to_string())
            }
            Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch) => {
                Self::Data(error.to_string())
            }
            _ => Self::Sqlite(error),
        }
    }
}
