//! The tables of reconciliations: runs, findings, and which items a run has met.

use crossdock_domain::sweep::{Finding, Sweep, SweepMarks};
use crossdock_domain::{ClientId, Number};
use rusqlite::types::Value;

use super::{Cell, Columns, Row};
use crate::StoreError;

row!(Sweep in "sweeps" by (client: ClientId, number: Number)
    with (connection as "connection", scope as "scope", state as "state", since as "since",
        locations as "locations", started_at as "started_at", ended_at as "ended_at",
        pages as "pages", rows as "rows", findings as "findings", known as "known",
        raced as "raced", unlinked as "unlinked", is_approved as "is_approved",
        extent as "extent", note as "note"));
row!(Finding in "findings" by (client: ClientId, sweep: Number, id: u32)
    with (item as "item", connection as "connection", location as "location", found as "found",
        ours as "ours", theirs as "theirs", theirs_at as "theirs_at", difference as "difference",
        evidence as "evidence", rests_on as "rests_on", repair as "repair", state as "state",
        epoch as "epoch", bookings as "bookings", touched as "touched", found_at as "found_at",
        ended_by as "ended_by"));
row!(SweepMarks in "sweep_marks" by (client: ClientId, sweep: Number, place: u32, block: u64)
    with (bits as "bits"));
