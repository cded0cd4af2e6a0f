//! Our reference in a partner's record of what we announced. Partners have no field for it, so it stands in the notes, where it
//! comes back with their lists: by it an announcement that nobody answered is found again.

const HEAD: &str = "Reference: ";

/// The notes of what is announced under a reference: that in front, so that nothing that is cut off takes it away.
#[must_use]
pub fn with_reference(notes: Option<&str>, reference: &str) -> String {
    match notes.map(str::trim).filter(|notes| !notes.is_empty()) {
        Some(notes) => format!("{HEAD}{reference}\n\n{notes}"),
        None => format!("{HEAD}{reference}"),
    }
}

/// Whether notes that came back are those that were written with a reference. What only speaks of it somewhere is another
/// reception, and so is one whose reference goes on with another word: `PO 1` is not `PO 1 B`. What is written in a line of its
/// own may come back with blanks for the breaks.
#[must_use]
pub fn bears_reference(found: &str, reference: &str, notes: Option<&str>) -> bool {
    let found = plain(found);
    let Some(rest) = found.trim_start().strip_prefix(&plain(&format!("{HEAD}{reference}"))) else {
        return false;
    };
    let written = with_reference(notes, reference);
    rest.trim().is_empty()
        || rest.starts_with("  ")
        || found.split_whitespace().eq(written.split_whitespace())
}

fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_known_again_with_line_breaks_or_blanks_for_them() {
        for notes in [None, Some("two pallets"), Some("two\npallets")] {
            let written = with_reference(notes, "PO 1");
            let blanks = written.replace('\n', " ");
            let narrow = written.replace("\n\n", " ");
            for found in [&written, &blanks, &narrow, &format!(" {written}\r\n")] {
                assert!(bears_reference(found, "PO 1", notes), "{found:?}");
            }
        }
        assert!(bears_reference("Reference: PO-1\r\n\r\nchanged since", "PO-1", None));
    }

    #[test]
    fn what_only_speaks_of_a_reference_does_not_bear_it() {
        for found in [
            "PO-1",
            "Reference: PO-7\n\nthe rest of PO-1 follows",
            "Reference: PO-7  Reference: PO-1",
            "Reference: PO-12",
            "Reference: PO-1 B",
            "Reference: PO-1 B\n\nnotes",
            "reference PO-1",
            "",
        ] {
            assert!(!bears_reference(found, "PO-1", Some("notes")), "{found:?}");
        }
    }
}
