//! The three numbers that the harness needs from the hub's Prometheus text.

use anyhow::{Context, Result};

/// As of one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Counters {
    /// Stored so far.
    pub(crate) arrivals: u64,
    pub(crate) folded: u64,
    /// Stored, not yet folded.
    pub(crate) pending: u64,
}

impl Counters {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        Ok(Self {
            arrivals: total(text, "crossdock_arrivals_total")?,
            folded: total(text, "crossdock_entries_folded_total")?,
            pending: total(text, "crossdock_arrivals_pending")?,
        })
    }
}

/// Over all its labels.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts, which Prometheus writes as floats"
)]
fn total(text: &str, name: &str) -> Result<u64> {
    let mut values = text
        .lines()
        .filter_map(|line| line.strip_prefix(name))
        .filter(|rest| rest.starts_with(['{', ' ']))
        .filter_map(|rest| rest.rsplit(' ').next()?.parse::<f64>().ok())
        .peekable();
    values.peek().with_context(|| format!("the hub tells no {name}"))?;
    Ok(values.sum::<f64>().max(0.0) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_counts_over_all_its_labels() {
        let text = "# TYPE crossdock_arrivals_total counter\n\
                    crossdock_arrivals_total{connection=\"a b\"} 3\n\
                    crossdock_arrivals_total{connection=\"c\"} 4\n\
                    crossdock_entries_folded_total 5\n\
                    crossdock_entries_folded_total_created 99\n\
                    crossdock_arrivals_pending 2\n";
        let expected = Counters { arrivals: 7, folded: 5, pending: 2 };
        assert_eq!(Counters::parse(text).unwrap(), expected);
    }

    #[test]
    fn a_metric_that_is_missing_is_said() {
        assert!(Counters::parse("crossdock_arrivals_total 1\n").is_err());
    }
}
