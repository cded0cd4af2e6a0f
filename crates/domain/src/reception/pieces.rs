//! A reception of many lines, told in pieces: so that no entry works without bound.

use std::collections::BTreeMap;
use std::{iter, mem};

use crate::fact::{ReceptionFact, ReceptionLineFact};

/// The same reception in pieces of so many lines or fewer, in order. Lines that share a name stay together, since what one
/// telling says of an item is added up; so a piece with more lines than that has one item's. `skus_here` says, line by line,
/// under which SKU we have what a line calls otherwise. Only the last may say that these were all.
#[must_use]
pub fn in_pieces(
    mut fact: ReceptionFact,
    skus_here: Vec<Option<String>>,
    most: usize,
) -> Vec<ReceptionFact> {
    if fact.lines.len() <= most.max(1) {
        return vec![fact];
    }
    let skus_here = skus_here.into_iter().chain(iter::repeat(None));
    let groups = by_name(mem::take(&mut fact.lines).into_iter().zip(skus_here));
    let has_all_lines = mem::take(&mut fact.has_all_lines);
    let mut pieces: Vec<ReceptionFact> = Vec::new();
    for group in groups {
        match pieces.last_mut() {
            Some(last) if last.lines.len() + group.len() <= most => last.lines.extend(group),
            _ => pieces.push(ReceptionFact { lines: group, ..fact.clone() }),
        }
    }
    if let Some(last) = pieces.last_mut() {
        last.has_all_lines = has_all_lines;
    }
    pieces
}

/// Lines that share a SKU, an ASIN or a partner's id, together, in the order of the first of each.
fn by_name(
    lines: impl Iterator<Item = (ReceptionLineFact, Option<String>)>,
) -> Vec<Vec<ReceptionLineFact>> {
    let mut group_of: BTreeMap<(u8, String), usize> = BTreeMap::new();
    let mut groups: Vec<Vec<ReceptionLineFact>> = Vec::new();
    for (line, sku_here) in lines {
        let remote = line.remote_item.as_ref().map(ToString::to_string);
        let names = [(0, line.sku.clone()), (0, sku_here), (1, line.asin.clone()), (2, remote)];
        let names: Vec<_> =
            names.into_iter().filter_map(|(kind, name)| Some((kind, name?))).collect();
        let mut known: Vec<usize> = names.iter().filter_map(|n| group_of.get(n)).copied().collect();
        known.sort_unstable();
        known.dedup();
        let home = known.first().copied().unwrap_or(groups.len());
        if home == groups.len() {
            groups.push(Vec::new());
        }
        let mut others = Vec::new();
        for other in known.iter().skip(1) {
            others.extend(groups.get_mut(*other).map(mem::take).unwrap_or_default());
        }
        if known.len() > 1 {
            for group in group_of.values_mut().filter(|group| known.contains(group)) {
                *group = home;
            }
        }
        group_of.extend(names.into_iter().map(|name| (name, home)));
        if let Some(group) = groups.get_mut(home) {
            group.extend(others);
            group.push(line);
        }
    }
    groups.into_iter().filter(|group| !group.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(sku: &str, asin: &str) -> ReceptionLineFact {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        ReceptionLineFact { sku: text(sku), asin: text(asin), ..ReceptionLineFact::default() }
    }

    fn told(lines: Vec<ReceptionLineFact>) -> ReceptionFact {
        let reception = serde_json::json!({ "reception": "22", "has_all_lines": true });
        ReceptionFact { lines, ..serde_json::from_value(reception).unwrap() }
    }

    #[test]
    fn only_the_last_piece_says_that_these_were_all_the_lines() {
        let lines: Vec<_> = (0..5).map(|n| line(&format!("S{n}"), "")).collect();
        let pieces = in_pieces(told(lines), Vec::new(), 2);
        let seen: Vec<_> = pieces.iter().map(|p| (p.lines.len(), p.has_all_lines)).collect();
        assert_eq!(seen, [(2, false), (2, false), (1, true)]);
    }

    #[test]
    fn lines_of_the_same_thing_are_never_torn_apart() {
        let lines = vec![line("A", ""), line("B", ""), line("", "X"), line("A", "X")];
        let pieces = in_pieces(told(lines), Vec::new(), 2);
        let names: Vec<Vec<_>> = pieces
            .iter()
            .map(|p| p.lines.iter().map(|l| (l.sku.as_deref(), l.asin.as_deref())).collect())
            .collect();
        let together = vec![(Some("A"), None), (None, Some("X")), (Some("A"), Some("X"))];
        assert_eq!(names, [together, vec![(Some("B"), None)]]);
    }

    #[test]
    fn nor_are_lines_of_what_we_have_under_one_sku() {
        let lines = vec![line("A", ""), line("B", ""), line("", "X")];
        let pieces = in_pieces(told(lines), vec![None, None, Some("A".to_owned())], 2);
        let together = vec![line("A", ""), line("", "X")];
        let lines: Vec<_> = pieces.into_iter().map(|piece| piece.lines).collect();
        assert_eq!(lines, [together, vec![line("B", "")]]);
    }

    #[test]
    fn what_is_short_enough_stays_as_it_is() {
        let fact = told(vec![line("A", "")]);
        assert_eq!(in_pieces(fact.clone(), Vec::new(), 250), [fact]);
    }
}
