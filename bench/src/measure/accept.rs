//! Webhooks accepted per second, flat out: hub, bare handler and Node in turn, round after round.

use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::field::Field;
use super::{WARM_UP, per_second};
use crate::load::body::Bodies;
use crate::load::generator::Load;
use crate::load::pace::Pace;
use crate::machine::{self, Neighbours};
use crate::report::{Contest, Round, Side};
use crate::target::child::Child;
use crate::target::hub::Hub;
use crate::target::{Target, busy};

/// All targets at one body size.
pub(crate) async fn contest(field: &Field<'_>, bodies: &Rc<Bodies>) -> Result<Contest> {
    let pids = field.pids();
    let mut contest = Contest::new(bodies.size);
    for _ in 0..field.options.rounds() {
        if let Some(hub) = &field.hub {
            field.settle(&pids).await?;
            contest.hub.rounds.push(hub_round(field, hub, bodies, &pids).await?);
        }
        let others = [
            (&field.bare, &mut contest.bare),
            (&field.node, &mut contest.node),
            (&field.careful, &mut contest.careful),
        ];
        for (target, side) in others {
            if let Some(target) = target {
                field.settle(&pids).await?;
                side.rounds.push(round(field, target, bodies, &pids).await?);
            }
        }
    }
    finish(&mut contest);
    Ok(contest)
}

/// Hub and Node on a machine whose two cores are kept busy by somebody else.
pub(crate) async fn beside_busy_loops(field: &Field<'_>) -> Result<Contest> {
    let mut contest = Contest::new(field.small.size);
    contest.beside_busy_loops = true;
    let loops = busy::two_loops(&field.ground)?;
    let mut pids = field.pids();
    pids.extend(loops.iter().map(Child::pid));
    for _ in 0..field.options.rounds() {
        if let Some(hub) = &field.hub {
            field.settle(&pids).await?;
            contest.hub.rounds.push(hub_round(field, hub, &field.small, &pids).await?);
        }
        if let Some(node) = &field.node {
            field.settle(&pids).await?;
            contest.node.rounds.push(round(field, node, &field.small, &pids).await?);
        }
    }
    finish(&mut contest);
    Ok(contest)
}

fn finish(contest: &mut Contest) {
    let sides = [&mut contest.hub, &mut contest.bare, &mut contest.node, &mut contest.careful];
    for side in sides {
        side.median = Side::median_of(&side.rounds);
    }
}

/// As `round`, and watches what the hub folds meanwhile; then waits until it has folded all, so that
/// its neighbours' rounds are not disturbed.
async fn hub_round(
    field: &Field<'_>,
    hub: &Hub,
    bodies: &Rc<Bodies>,
    pids: &[u32],
) -> Result<Round> {
    let before = hub.counters().await?;
    let made_before = hub.target.feed.borrow().made();
    let since = Instant::now();
    let mut round = round(field, &hub.target, bodies, pids).await?;
    let after = hub.counters().await?;
    round.folded_per_second = Some(per_second(after.folded - before.folded, since.elapsed()));
    round.left_to_fold = Some(after.pending);
    hub.drain().await?;
    let sent = hub.target.feed.borrow().made() - made_before;
    hub.check_kept(sent, before).await?;
    Ok(round)
}

async fn round(
    field: &Field<'_>,
    target: &Target,
    bodies: &Rc<Bodies>,
    pids: &[u32],
) -> Result<Round> {
    let pid = target.child.pid();
    let connections = field.options.connections;
    let mut load =
        Load::start(target.port, connections, &target.feed, bodies, Pace::flat_out).await?;
    tokio::time::sleep(WARM_UP).await;
    let neighbours = Neighbours::watch(pids)?;
    let cpu_before = machine::cpu_seconds(pid)?;
    load.count();
    tokio::time::sleep(field.options.window()).await;
    let cpu = Duration::from_secs_f64(machine::cpu_seconds(pid)? - cpu_before);
    let others_share = neighbours.share()?;
    let resident_mb = machine::resident_mb(pid)?;
    let outcome = load.finish().await.with_context(|| format!("driving {}", target.name))?;
    Ok(Round {
        per_second: per_second(outcome.accepted, outcome.elapsed),
        p50_ms: outcome.latency.p50,
        p99_ms: outcome.latency.p99,
        cpu_micros: 1e6 / per_second(outcome.accepted, cpu).max(1.0),
        resident_mb,
        others_share,
        folded_per_second: None,
        left_to_fold: None,
    })
}
