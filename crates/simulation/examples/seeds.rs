//! Plays seeds and prints what was found: `cargo run --release -p crossdock-simulation --example seeds -- BASE SEEDS HOURS
//! ITEMS [PLANT] [story]`. For who works on hub or simulation; operators have `crossdock simulate`.
#![expect(clippy::print_stdout, reason = "it prints")]

use crossdock_simulation::{Campaign, Manner, Plant, play_safely, shrink};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, or: u64| args.get(at).and_then(|a| a.parse().ok()).unwrap_or(or);
    let plant = args.get(4).and_then(|name| Plant::named(name));
    let is_told = args.iter().any(|arg| arg == "story");
    let campaign = Campaign {
        base: number(0, 1),
        seeds: number(1, 10),
        hours: u32::try_from(number(2, 2)).unwrap_or(2),
        items: usize::try_from(number(3, 8)).unwrap_or(8),
        plant,
    };
    let (mut failed, mut entries) = (0, 0);
    let one = number(5, 0);
    let mut listener = |played: crossdock_simulation::Played| {
        entries += played.entries;
        if let Some(finding) = played.finding {
            failed += 1;
            println!("after {} seeds: {}", played.count, campaign.reproduction(played.seed));
            println!("   {}: {finding}", finding.kind());
            if is_told {
                let manner = Manner { plant, is_told: true };
                let short = shrink(&campaign.plan(played.seed), manner, finding.kind());
                let ending = play_safely(&short, manner);
                println!(
                    "   {} acts, {:?}",
                    short.acts.len(),
                    ending.finding.map(|f| f.to_string())
                );
                for line in ending.story.lines() {
                    println!("   {line}");
                }
            }
        }
        failed < if plant.is_some() { 1 } else { 10 }
    };
    if one > 0 {
        let _ = listener(campaign.play_one(one, 1));
    } else {
        campaign.run(listener);
    }
    println!("{} seeds, {failed} failed, {entries} entries", campaign.seeds);
}
