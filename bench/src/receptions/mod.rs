//! The marks of receptions: what it costs to read what a prep centre has of many merchants, and how fast a storm of its
//! check-ins is folded. In this process and on one thread; the centre is the simulated one, and its time does not count.

mod house;

use std::time::Duration;

use anyhow::Result;

use crate::folder::Folder;
use crate::measure::suite::say;
use crate::options::ReceptionOptions;
use crate::report::Mark;
use crate::report::marks::{at_least, at_most};
use crate::report::table::{grouped, grouped_count, marks_block};
use house::{House, Mode, Size};

const WHOLE: Size = Size { merchants: 50, inbounds: 40, lines: 20 };
const CHECK_INS: u64 = 10_000;
const POLL_S: f64 = 3.0;
const FOLDED_A_SECOND: f64 = 5_000.0;
const GROWTH_MB: f64 = 16.0;

/// What a first reading of everything took.
struct Polled {
    size: Size,
    calls: u64,
    cpu: Duration,
    again: Duration,
    growth_mb: f64,
}

/// What a storm of check-ins took.
struct Stormed {
    mode: Mode,
    deliveries: u64,
    entries: u64,
    cpu: Duration,
}

impl Stormed {
    fn a_second(&self) -> f64 {
        crate::measure::per_second(self.deliveries, self.cpu)
    }
}

/// Measures both and prints figures and marks.
pub(crate) fn run(options: &ReceptionOptions) -> Result<()> {
    let folder = Folder::create(options.data.clone(), false)?;
    let much = |all: u64| if options.quick { all / 10 } else { all };
    let size = Size { merchants: much(WHOLE.merchants), ..WHOLE };
    say("reading what a prep centre has");
    let polled = polled(&folder, size)?;
    say("a storm of check-ins");
    // Each check-in is told twice: of its inbound, and of its item.
    let check_ins = much(CHECK_INS / 2);
    let hints = stormed(&folder, size, check_ins, Mode::Api)?;
    let whole = stormed(&folder, size, check_ins, Mode::Manual)?;
    print!("{}{}{}", polled_block(&polled), stormed_block(&hints), stormed_block(&whole));
    if options.quick {
        println!("\n! --quick: a tenth of everything, which says nothing of the marks");
        return Ok(());
    }
    print!("{}", marks_block(&marks(&polled, &hints)));
    Ok(())
}

fn polled(folder: &Folder, size: Size) -> Result<Polled> {
    let mut house = House::furnished(&folder.path.join("poll.db"), size, Mode::Api)?;
    house.forget()?;
    // By then what is kept in memory of each table is as much as it ever is.
    house.poll(size.calls() / 2)?;
    let first_half = crate::machine::peak_mb()?;
    house.poll(u64::MAX)?;
    house.check(size)?;
    let (calls, cpu) = (house.calls, house.cpu);
    let growth_mb = (crate::machine::peak_mb()? - first_half).max(0.0);
    house.forget()?;
    house.poll(u64::MAX)?;
    Ok(Polled { size, calls, cpu, again: house.cpu, growth_mb })
}

fn stormed(folder: &Folder, size: Size, check_ins: u64, mode: Mode) -> Result<Stormed> {
    let file = match mode {
        Mode::Api => "hints.db",
        Mode::Manual => "storm.db",
    };
    let mut house = House::furnished(&folder.path.join(file), size, mode)?;
    house.subscribe()?;
    let before = house.entries()?;
    house.check_in(check_ins)?;
    house.forget()?;
    let deliveries = house.receive_all()?;
    house.fold_all()?;
    Ok(Stormed { mode, deliveries, entries: house.entries()? - before, cpu: house.cpu })
}

fn polled_block(polled: &Polled) -> String {
    let Size { merchants, inbounds, lines } = polled.size;
    format!(
        "\nPOLL of {merchants} merchants, {} inbounds, {} lines: {} calls\n  \
         {:.2} s of the hub's processor time, and {:.2} s to find that nothing has changed\n  \
         {:.1} MB more memory for the second half than for the first: {}\n",
        grouped_count(merchants * inbounds),
        grouped_count(merchants * inbounds * lines),
        grouped_count(polled.calls),
        polled.cpu.as_secs_f64(),
        polled.again.as_secs_f64(),
        polled.growth_mb,
        if polled.growth_mb <= GROWTH_MB { "flat" } else { "NOT FLAT" },
    )
}

fn stormed_block(stormed: &Stormed) -> String {
    let way = match stormed.mode {
        Mode::Api => "as hints: what they are about is read later",
        Mode::Manual => "that count themselves, each with all lines of its inbound",
    };
    format!(
        "\nCHECK-INS {way}\n  {} deliveries, {} entries in all lanes: {} deliveries folded a second of processor\n",
        grouped_count(stormed.deliveries),
        grouped_count(stormed.entries),
        grouped(stormed.a_second()),
    )
}

fn marks(polled: &Polled, stormed: &Stormed) -> Vec<Mark> {
    let (seconds, growth) = (Some(polled.cpu.as_secs_f64()), Some(polled.growth_mb));
    vec![
        at_most("of the hub's processor to read 40,000 lines", POLL_S, "s", seconds),
        at_most("more memory for the second half than for the first", GROWTH_MB, "MB", growth),
        at_least("check-ins folded a second", FOLDED_A_SECOND, "", Some(stormed.a_second())),
    ]
}
