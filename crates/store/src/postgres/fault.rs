//! What PostgreSQL complains of, sorted by what happens next.

use std::error::Error as _;

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::StoreError;

/// What the driver calls what it can't do with an address and a server, whenever it tries: its kinds of errors have no other
/// names.
const WONT_PASS: [&str; 2] = ["invalid configuration", "authentication error"];

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        let Some(said) = error.as_db_error() else {
            let why =
                error.source().map_or_else(|| error.to_string(), |why| format!("{error}: {why}"));
            // A password that is asked for and not given, or a way of asking that we do not know: no time mends that.
            let is_lasting = WONT_PASS.contains(&error.to_string().as_str());
            return if is_lasting { Self::Refused(why) } else { Self::Away(why) };
        };
        let code = said.code();
        let words = format!("{} ({})", said.message(), code.code());
        if *code == SqlState::T_R_SERIALIZATION_FAILURE
            || *code == SqlState::T_R_DEADLOCK_DETECTED
            // Only where we said how long a lock may be waited for.
            || *code == SqlState::LOCK_NOT_AVAILABLE
        {
            return Self::Contended(words);
        }
        if *code == SqlState::DISK_FULL {
            return Self::Full;
        }
        let is_away = matches!(code.code().get(..2), Some("08" | "57" | "53"))
            // We stood still for so long that the server has taken our locks away.
            || *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
            // A standby is asked to write: the address leads to a server that no longer, or not yet, is the primary.
            || *code == SqlState::READ_ONLY_SQL_TRANSACTION;
        if is_away {
            return Self::Away(words);
        }
        if matches!(code.code().get(..2), Some("28" | "3D"))
            || *code == SqlState::INSUFFICIENT_PRIVILEGE
        {
            return Self::Refused(words);
        }
        // Data exceptions, violated constraints, rows and keys that are too large.
        if matches!(code.code().get(..2), Some("22" | "23" | "54")) {
            return Self::Data(words);
        }
        Self::Postgres(words)
    }
}
