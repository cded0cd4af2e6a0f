//! The marks of stock: simulation, reconciliation, explaining. In this process and on one thread: what is measured needs no
//! server, and no partner.

mod compare;
mod explain;
mod history;
mod shop;
mod simulate;

use anyhow::Result;

use crate::folder::Folder;
use crate::measure::suite::say;
use crate::options::{StockOptions, StockPart};
use crate::report::Mark;
use crate::report::marks::{at_least, at_most};
use crate::report::table::{grouped, grouped_count, marks_block};
use compare::Compared;
use explain::Explained;
use simulate::Simulated;

const LEVELS: u64 = 100_000;
const MOVEMENTS: u64 = 100_000;
const HOURS_A_MINUTE: f64 = 300.0;
const COMPARED_S: f64 = 5.0;
const GROWTH_MB: f64 = 16.0;
const EXPLAINED_MS: f64 = 100.0;

/// Measures what is wanted and prints figures and marks.
pub(crate) fn run(options: &StockOptions) -> Result<()> {
    let folder = Folder::create(options.data.clone(), false)?;
    let wants = |part| options.only.contains(&part);
    let much = |all: u64| if options.quick { all / 10 } else { all };
    // Comparing comes first: of memory the others would leave traces.
    let compared = wants(StockPart::Compare).then(|| {
        say("comparing a large shop");
        compare::measure(&folder.path, much(LEVELS))
    });
    let explained = wants(StockPart::Explain).then(|| {
        say("explaining an item with a long history");
        explain::measure(&folder.path, much(MOVEMENTS))
    });
    let simulated = wants(StockPart::Simulate).then(|| {
        say("simulating");
        simulate::measure(options.base, simulate::seeds(options.quick))
    });
    let (compared, explained) = (compared.transpose()?, explained.transpose()?);
    let simulated = simulated.transpose()?;
    let blocks = [
        simulated.as_ref().map(simulated_block),
        compared.as_ref().map(compared_block),
        explained.as_deref().map(|ways| explained_block(much(MOVEMENTS), ways)),
    ];
    print!("{}", blocks.into_iter().flatten().collect::<String>());
    if options.quick {
        println!("\n! --quick: a tenth of everything, which says nothing of the marks");
        return Ok(());
    }
    let marks = judge(simulated.as_ref(), compared.as_ref(), explained.as_deref());
    print!("{}", marks_block(&marks));
    Ok(())
}

fn simulated_block(simulated: &Simulated) -> String {
    let Simulated { hours, items, entries, hours_a_minute, hours_a_cpu_minute } = simulated;
    format!(
        "\nSIMULATION\n  {hours} hours of trade with {items} items, {} entries: {} hours a minute, {} a minute of processor\n",
        grouped_count(*entries),
        grouped(*hours_a_minute),
        grouped(*hours_a_cpu_minute),
    )
}

fn compared_block(compared: &Compared) -> String {
    let memory = &compared.memory;
    format!(
        "\nRECONCILIATION of {} linked levels, {} findings\n  \
         {:.2} s of the hub's processor time, {:.1} ms the longest turn\n  \
         most memory: {:.0} MB before, {:.0} MB after a tenth, {:.0} MB at the end: {}\n",
        grouped_count(compared.levels),
        compared.findings,
        compared.cpu.as_secs_f64(),
        compared.longest_turn_ms,
        memory.before,
        memory.first_tenth,
        memory.after,
        if memory.growth() <= GROWTH_MB { "flat" } else { "NOT FLAT" },
    )
}

fn explained_block(movements: u64, ways: &[Explained]) -> String {
    let lines = ways.iter().map(|way| {
        let Explained { asked, median_ms, slowest_ms } = way;
        format!("  {asked:<40} median {median_ms:>6.1} ms, slowest {slowest_ms:>6.1} ms\n")
    });
    format!(
        "\nEXPLAINING an item with {} movements\n{}",
        grouped_count(movements),
        lines.collect::<String>()
    )
}

fn judge(
    simulated: Option<&Simulated>,
    compared: Option<&Compared>,
    explained: Option<&[Explained]>,
) -> Vec<Mark> {
    let hours = simulated.map(|simulated| simulated.hours_a_minute);
    let seconds = compared.map(|compared| compared.cpu.as_secs_f64());
    let growth = compared.map(|compared| compared.memory.growth());
    let ways = explained.map(|ways| ways.iter().map(|way| way.median_ms).fold(0.0, f64::max));
    vec![
        at_least("simulated hours a minute, 200 items, one core", HOURS_A_MINUTE, "", hours)
            .disturbed_if(simulated.is_some_and(Simulated::is_disturbed)),
        at_most("of the hub's processor to compare 100,000 levels", COMPARED_S, "s", seconds),
        at_most("more memory for nine tenths of them than for one", GROWTH_MB, "MB", growth),
        at_most("to explain 100,000 movements, slowest way", EXPLAINED_MS, "ms", ways),
    ]
}
