//! `GET /metrics`: counts in the text format of Prometheus.

use std::fmt::Write as _;
use std::sync::atomic::Ordering::Relaxed;

use axum::extract::State;
use axum::response::IntoResponse;
use crossdock_domain::connection::Connection;
use crossdock_domain::merchant::Merchant;
use crossdock_domain::{ClientId, Instant};
use crossdock_store::Reader;
use crossdock_store::reader::overview::{TallyLine, TaskCount};
use crossdock_store::reader::upkeep::Upkeep;
use http::header::CONTENT_TYPE;

use crate::access::{Caller, Scope};
use crate::api::merchants::lag_s;
use crate::app::App;
use crate::engine::Gauges;
use crate::problem::Problem;

/// `GET /metrics`.
pub(crate) async fn metrics(
    State(app): State<App>,
    caller: Caller,
) -> Result<impl IntoResponse, Problem> {
    caller.must_have(Scope::Read)?;
    caller.must_see_all()?;
    let look = |reader: &Reader| {
        let counts = (reader.tallies()?, reader.open_task_counts()?);
        Ok((counts, reader.upkeep_of_all()?, reader.merchants(None)?))
    };
    let ((tallies, tasks), upkeep, merchants) = app.look.at(look).await?;
    let mut page = Page::default();
    page.engine(app.engine.gauges());
    page.tallies(&tallies);
    page.tasks(&tasks);
    page.upkeep(&upkeep);
    page.merchants(&merchants, app.engine.now());
    page.process(&app);
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4")], page.0))
}

/// Name, kind, what it is, and where it is read from, if it is known.
type PerMerchant =
    (&'static str, &'static str, &'static str, fn(&Merchant, Instant) -> Option<u64>);

/// What is told of every account of a shared connection.
const PER_MERCHANT: [PerMerchant; 5] = [
    ("receptions_imported_total", "counter", "Receptions first told of, by account.", |m, _| {
        Some(m.tally.imported)
    }),
    (
        "receptions_duplicates_prevented_total",
        "counter",
        "Tellings that said nothing new, by account.",
        |m, _| Some(m.tally.repeated),
    ),
    (
        "receptions_errors_total",
        "counter",
        "Tellings that could not be handed on, read or fetched, by account.",
        |m, _| Some(m.tally.errors),
    ),
    ("receptions_waiting", "gauge", "Tellings that wait for a mapping, by account.", |m, _| {
        Some(m.tally.waiting)
    }),
    (
        "receptions_lag_seconds",
        "gauge",
        "How long ago what an account has was last read to the end.",
        lag_s,
    ),
];

/// Name, what it is, and where it is read from.
type Gauge = (&'static str, &'static str, fn(&Upkeep) -> u64);

#[derive(Default)]
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, what: &str) {
        let _ = writeln!(self.0, "# HELP crossdock_{name} {what}\n# TYPE crossdock_{name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: u64) {
        let labels: Vec<_> =
            labels.iter().map(|(label, text)| format!("{label}=\"{}\"", escaped(text))).collect();
        let labels =
            if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "crossdock_{name}{labels} {value}");
    }

    fn engine(&mut self, gauges: &Gauges) {
        let counters = [
            ("arrivals_total", &gauges.arrivals, "Deliveries, commands and answers kept."),
            ("duplicates_total", &gauges.duplicates, "Arrivals that had been seen before."),
            ("refused_total", &gauges.refused, "Deliveries refused."),
            ("entries_folded_total", &gauges.folded, "Entries folded."),
            ("entries_parked_total", &gauges.parked, "Entries whose folding failed."),
            ("sends_total", &gauges.sends, "Calls handed to the wire."),
            ("commits_total", &gauges.commits, "Commits."),
        ];
        for (name, value, what) in counters {
            self.family(name, "counter", what);
            self.sample(name, &[], value.load(Relaxed));
        }
        let levels = [
            ("arrivals_pending", &gauges.pending, "Arrivals that wait to be folded."),
            ("queue", &gauges.queue, "Requests that wait for the writer."),
        ];
        for (name, value, what) in levels {
            self.family(name, "gauge", what);
            self.sample(name, &[], value.load(Relaxed));
        }
    }

    fn tallies(&mut self, lines: &[TallyLine]) {
        self.family("deliveries_not_kept_total", "counter", "Refused or repeated, by connection.");
        for line in lines {
            let labels = [
                ("connection", line.connection.as_str()),
                ("what", &line.what),
                ("why", &line.detail),
            ];
            self.sample("deliveries_not_kept_total", &labels, line.count);
        }
    }

    fn tasks(&mut self, counts: &[TaskCount]) {
        self.family("tasks_open", "gauge", "Calls that are owed, by connection and state.");
        for count in counts {
            let labels = [("connection", count.connection.as_str()), ("state", count.state.word())];
            self.sample("tasks_open", &labels, count.count);
        }
    }

    fn upkeep(&mut self, all: &[(Connection, Upkeep)]) {
        let what = "When a connection was last reconciled, in seconds since 1970, by scope.";
        self.family("reconciled_timestamp_seconds", "gauge", what);
        for (_, upkeep) in all {
            let scopes = [("all", upkeep.compared_at), ("changes", upkeep.changes_compared_at)];
            for (scope, at) in scopes {
                let labels = [("connection", upkeep.connection.as_str()), ("scope", scope)];
                if let Some(at) = at {
                    self.sample(
                        "reconciled_timestamp_seconds",
                        &labels,
                        at.0.unsigned_abs() / 1_000_000,
                    );
                }
            }
        }
        let gauges: [Gauge; 4] = [
            ("discrepancies_waiting", "Discrepancies that wait for a person.", |u| u.waiting),
            ("reconciliation_failed", "1 if the last one came to nothing.", |u| {
                u64::from(u.failed.is_some())
            }),
            ("brake_on", "1 if the brake is on.", |u| u64::from(u.braked_since.is_some())),
            ("observing", "1 if nothing is written yet.", |u| u64::from(u.is_observing)),
        ];
        for (name, what, said) in gauges {
            self.family(name, "gauge", what);
            for (_, upkeep) in all {
                self.sample(name, &[("connection", upkeep.connection.as_str())], said(upkeep));
            }
        }
    }

    fn merchants(&mut self, all: &[Merchant], now: Instant) {
        for (name, kind, what, said) in PER_MERCHANT {
            self.family(name, kind, what);
            for merchant in all {
                let client = merchant.client.as_ref().map_or("", ClientId::as_str);
                let labels = [
                    ("connection", merchant.connection.as_str()),
                    ("merchant", merchant.remote.as_str()),
                    ("client", client),
                ];
                if let Some(value) = said(merchant, now) {
                    self.sample(name, &labels, value);
                }
            }
        }
    }

    fn process(&mut self, app: &App) {
        self.family("connections", "gauge", "Connections, by connector and whether they send.");
        let directory = app.engine.directory();
        for known in directory.connections() {
            let connection = &known.connection;
            let state = if connection.status.sends() { "active" } else { "paused" };
            let labels = [
                ("connection", connection.id.as_str()),
                ("connector", &connection.connector),
                ("state", state),
            ];
            self.sample("connections", &labels, 1);
        }
        if let Some(bytes) = resident_bytes() {
            self.family("process_resident_bytes", "gauge", "Memory that the process holds.");
            self.sample("process_resident_bytes", &[], bytes);
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Only Linux says it in this file; elsewhere the line is left out.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1_024)
}
