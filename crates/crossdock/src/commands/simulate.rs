//! `simulate`: hub and simulated shop, or prep centre, in one process and in virtual time, in bad weather, judged against the
//! partner's own log. Touches no data folder. Exit code 2 if anything was found.

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Instant as Stopwatch;

use anyhow::{Context, Result, bail};
use crossdock_server::engine::Clock;
use crossdock_simulation::{Campaign, Finding, Plant, Played, Plays, PrepCampaign};

use crate::cli::SimulateArgs;
use crate::clock::SystemClock;
use crate::print;

/// Seeds within which a planted fault has to be found.
const PLANT_SEEDS: u64 = 200;
/// Found stories that are shortened and told; the others are only named.
const STORIES_MAX: u64 = 3;
/// After so many seeds, a line says how far it is.
const PROGRESS: u64 = 100;

pub(super) fn run(args: &SimulateArgs) -> Result<ExitCode> {
    let plant = args.plant.as_deref().map(planted).transpose()?;
    let base = args.base.unwrap_or_else(|| SystemClock.now().0.unsigned_abs() % 1_000_000_000);
    let (seeds, hours, items) = (args.seeds, args.hours, args.items.clamp(1, 900));
    let campaign = Campaign { base, seeds, hours, items, plant };
    if args.prep {
        return played(&PrepCampaign(campaign), &Plant::OF_CENTRES, args);
    }
    played(&campaign, &Plant::OF_SHOPS, args)
}

fn played<P: Plays>(plays: &P, plants: &[Plant], args: &SimulateArgs) -> Result<ExitCode> {
    if args.plants {
        return every_plant(plays, plants, args.jobs);
    }
    if let Some(seed) = args.seed {
        return Ok(one_seed(plays, seed, args.story));
    }
    let Campaign { base, seeds, hours, items, .. } = plays.campaign();
    let what = plays.what();
    print::line(&format!(
        "the base seed is {base}: {seeds} seeds, {hours} hours each, {items} {what}"
    ));
    Ok(many_seeds(plays, args.jobs))
}

fn planted(name: &str) -> Result<Plant> {
    let names =
        |plants: &[Plant]| plants.iter().map(|one| one.name()).collect::<Vec<_>>().join(", ");
    Plant::named(name).with_context(|| {
        let (shops, centres) = (names(&Plant::OF_SHOPS), names(&Plant::OF_CENTRES));
        format!("`{name}` cannot be planted; there are {shops}; with --prep, {centres}")
    })
}

fn many_seeds(plays: &dyn Plays, jobs: usize) -> ExitCode {
    let (begun, mut played, mut failed, mut entries) = (Stopwatch::now(), 0_u64, 0_u64, 0_u64);
    each_seed(plays, jobs, |one| {
        played += 1;
        entries += one.entries;
        if let Some(finding) = one.finding {
            failed += 1;
            found(plays, one.seed, &finding, failed <= STORIES_MAX);
        }
        if played.is_multiple_of(PROGRESS) {
            print::line(&format!("{played} seeds played, {failed} failed"));
        }
        true
    });
    speed(plays, played, entries, begun);
    print::line(&format!("{played} seeds, {failed} failed"));
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(2) }
}

fn one_seed(plays: &dyn Plays, seed: u64, is_told: bool) -> ExitCode {
    let begun = Stopwatch::now();
    let ending = plays.tell(seed, is_told);
    if is_told {
        ending.story.lines().iter().for_each(|line| print::line(line));
    }
    speed(plays, 1, ending.entries, begun);
    match ending.finding {
        None => {
            print::line("nothing was found");
            ExitCode::SUCCESS
        }
        Some(finding) => {
            found(plays, seed, &finding, true);
            ExitCode::from(2)
        }
    }
}

/// What was found, the line that plays it again, and its shortest story.
fn found(plays: &dyn Plays, seed: u64, finding: &Finding, is_told: bool) {
    print::line(&format!("FOUND {}: {finding}", finding.kind()));
    print::line(&plays.reproduction(seed));
    if !is_told {
        return;
    }
    let short = plays.in_short(seed, finding.kind());
    let ending = short.ending;
    let what = plays.what();
    print::line(&format!("  in short, with {} acts and {} {what}:", short.acts, short.items));
    ending.story.lines().iter().for_each(|line| print::line(&format!("  {line}")));
    if let Some(finding) = ending.finding {
        print::line(&format!("  so {finding}"));
    }
}

fn every_plant<P: Plays>(plays: &P, plants: &[Plant], jobs: usize) -> Result<ExitCode> {
    let base = plays.campaign().base;
    print::line(&format!("the base seed is {base}: at most {PLANT_SEEDS} seeds each"));
    let (mut unnoticed, mut table) =
        (Vec::new(), print::Table::new(&["planted", "seeds", "found as"]));
    for plant in plants {
        let planted = plays.with_plant(*plant, PLANT_SEEDS);
        let mut first: Option<Played> = None;
        each_seed(&planted, jobs, |one| {
            let is_earlier = first.as_ref().is_none_or(|known| one.count < known.count);
            if one.finding.is_some() && is_earlier {
                first = Some(one);
            }
            first.is_none()
        });
        let kind = first.as_ref().and_then(|one| Some(one.finding.as_ref()?.kind()));
        let count = first.as_ref().map_or_else(|| "–".to_owned(), |one| one.count.to_string());
        table.row(&[plant.name().to_owned(), count, kind.unwrap_or("NOT FOUND").to_owned()]);
        if first.is_none() {
            unnoticed.push(plant.name());
        }
    }
    table.print("nothing was planted");
    if unnoticed.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    bail!("unnoticed: {}", unnoticed.join(", "))
}

/// Plays the seeds in so many threads, and hands each to the listener as it ends, until that says `false`.
fn each_seed(plays: &dyn Plays, jobs: usize, mut listener: impl FnMut(Played) -> bool) {
    let seeds: Vec<u64> = plays.campaign().seeds().collect();
    let next = AtomicUsize::new(0);
    let (tell, hear) = mpsc::channel();
    std::thread::scope(|threads| {
        for _ in 0..jobs.max(1) {
            let (tell, seeds, next) = (tell.clone(), &seeds, &next);
            threads.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(seed) = seeds.get(at) else { break };
                    if tell.send(plays.play_one(*seed, at as u64 + 1)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(tell);
        for played in hear {
            if !listener(played) {
                // The threads end with what they are playing: nobody hears them any more, and nothing is left to play.
                next.store(seeds.len(), Ordering::Relaxed);
                return;
            }
        }
    });
}

fn speed(plays: &dyn Plays, played: u64, entries: u64, begun: Stopwatch) {
    let Campaign { hours, items, .. } = plays.campaign();
    let (seconds, hours) = (begun.elapsed().as_secs_f64(), played * u64::from(*hours));
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let a_minute = hours as f64 * 60.0 / seconds.max(0.001);
    print::line(&format!(
        "{hours} hours of trade with {items} {} in {seconds:.1} s: {a_minute:.0} hours a minute; {entries} entries",
        plays.what()
    ));
}
