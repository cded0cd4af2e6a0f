//! What was handed on of a reception, as digests: what says the same again changes nothing, and is not handed on.

use crossdock_domain::Number;
use crossdock_domain::fact::ReceptionFact;
use sha2::{Digest as _, Sha256};

use super::FoldError;

/// Tellings of one reception that are remembered.
const DIGESTS_MAX: usize = 4;

/// A telling, as it is remembered.
#[derive(Debug)]
pub(super) struct Digest {
    /// What of the reception was read; nothing if it was merely told.
    read: &'static str,
    said: String,
}

impl Digest {
    pub(super) fn of(told: &ReceptionFact) -> Result<Self, FoldError> {
        let is_head = told.lines.is_empty() && !told.has_all_lines;
        let read = match (told.reading, is_head) {
            (Number(0), _) => "",
            (Number(_), true) => "head:",
            (Number(_), false) => "lines:",
        };
        // By which reading it was told makes no difference to what it says.
        let bytes = if told.reading.is_zero() {
            serde_json::to_vec(told)
        } else {
            serde_json::to_vec(&ReceptionFact { reading: Number(0), ..told.clone() })
        };
        let bytes = bytes.map_err(|e| FoldError::Entry(e.to_string()))?;
        let mut said = hex::encode(Sha256::digest(bytes));
        said.truncate(32);
        Ok(Self { read, said })
    }

    /// What a list shows of a reception. That one was put away is taken from the list itself, and needs no reading.
    pub(super) fn of_row(row: &ReceptionFact) -> Result<String, FoldError> {
        let row = ReceptionFact { shelved: None, reading: Number(0), ..row.clone() };
        Self::of(&row).map(|digest| digest.said)
    }

    /// Whether the same was handed on, so that it changes nothing. A reading beats what was merely told of the same instant,
    /// so only a reading stands for it.
    pub(super) fn is_known(&self, digests: &[String]) -> bool {
        digests.iter().any(|known| match known.strip_suffix(&self.said) {
            Some(read) => self.read.is_empty() || read == self.read,
            None => false,
        })
    }

    /// Remembers it as handed on. What was read of the same before no longer holds: read once more, it is news.
    pub(super) fn remember(self, digests: &mut Vec<String>) {
        let said = format!("{}{}", self.read, self.said);
        digests.retain(|known| *known != said);
        if !self.read.is_empty() {
            digests.retain(|known| !known.starts_with(self.read));
        }
        digests.insert(0, said);
        digests.truncate(DIGESTS_MAX);
    }
}
