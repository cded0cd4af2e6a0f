//! Counts that the brake holds: what waits, and a person's word.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::Value;

use super::told;
use crate::client::{Client, list, nothing, part};
use crate::print::{self, Table, cell};

/// A person's word.
#[derive(Debug, Clone, Copy)]
pub(super) enum Word {
    Approve,
    Reject,
}

impl Word {
    /// What was said, if anything was.
    pub(super) const fn said(approve: bool, reject: bool) -> Option<Self> {
        match (approve, reject) {
            (true, _) => Some(Self::Approve),
            (false, true) => Some(Self::Reject),
            (false, false) => None,
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
        }
    }
}

pub(super) async fn run(
    hub: &Client,
    client: &str,
    (pool, word): (&str, Option<Word>),
    as_json: bool,
) -> Result<ExitCode> {
    let path = format!("/api/v1/clients/{client}/pools/{}/brake", part(pool));
    let Some(word) = word else {
        return match hub.get(&path).await {
            Ok(found) if !as_json => {
                show(pool, &found);
                Ok(ExitCode::SUCCESS)
            }
            answer => told(answer, as_json),
        };
    };
    let path = format!("{path}/{}", word.path());
    loop {
        // So many are decided at a time; whoever has decided means all of them.
        let answer = hub.post(&path, nothing()).await;
        let is_more = answer.as_ref().is_ok_and(|answer| answer["more"] == true);
        let code = told(answer, as_json)?;
        if !is_more {
            return Ok(code);
        }
    }
}

fn show(pool: &str, found: &Value) {
    if found["engaged"] != true {
        return print::line(&format!("No count of {pool} waits: the brake is off."));
    }
    print::line(&format!(
        "The brake holds {} counts of {pool}, since {}.",
        found["waiting"],
        cell(&found["since"])
    ));
    print::line(&format!("  {}", cell(&found["why"])));
    print::line(&format!("  crossdock entries {} shows what set it off\n", found["entry"]));
    let mut table = Table::new(&["SKU", "FROM", "TO", "VERSION", "ENTRY"]);
    for line in list(found, "sample") {
        table.row(&["sku", "from", "to", "version", "entry"].map(|key| cell(&line[key])));
    }
    table.print("no line to show");
    print::line(&format!(
        "\nif the stock is really so:  crossdock stock held --pool {pool} --approve\n\
         if the export was wrong:    crossdock stock held --pool {pool} --reject"
    ));
}
