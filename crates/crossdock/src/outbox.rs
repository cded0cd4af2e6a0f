//! From the engine to the wire and back: recorded calls go out, answers come in as arrivals.

use std::sync::Arc;
use std::time::Duration;

use crossdock_domain::Span;
use crossdock_hub::{AnswerHead, Outgoing, WireResult, answer_arrival};
use crossdock_server::engine::{Engine, slot_of};
use crossdock_wire::{Carriage, Carried, Kept, Order, Wire};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::data::random;

/// How long calls under way may take to end when we stop. What is cut off then is repeated under its key.
const DRAIN: Duration = Duration::from_secs(5);

/// Carries calls out until we stop, then waits a little for those under way.
pub(crate) async fn run(
    engine: Engine,
    wire: Arc<Wire>,
    mut outbox: mpsc::UnboundedReceiver<Outgoing>,
    mut stopped: watch::Receiver<bool>,
) {
    let mut under_way = JoinSet::new();
    loop {
        tokio::select! {
            outgoing = outbox.recv() => match outgoing {
                Some(outgoing) => {
                    under_way.spawn(carry(engine.clone(), Arc::clone(&wire), outgoing));
                }
                None => break,
            },
            Some(_) = under_way.join_next() => {}
            _ = stopped.wait_for(|stop| *stop) => break,
        }
    }
    let drained = async { while under_way.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(DRAIN, drained).await;
}

async fn carry(engine: Engine, wire: Arc<Wire>, outgoing: Outgoing) {
    let directory = engine.directory();
    let vault =
        |slot: &str| directory.connection(&outgoing.connection)?.secrets.newest(slot).cloned();
    let carried = wire
        .carry(&Order {
            base_url: &outgoing.base_url,
            sandbox: outgoing.sandbox,
            request: &outgoing.request,
            timeout: outgoing.timeout,
            remaining: outgoing.deadline.since(engine.now()),
            vault: &vault,
        })
        .await;
    if let Err(error) = bring_back(&engine, &outgoing, carried).await {
        // The send stays open: after its deadline, or at the next start, it is taken for lost.
        tracing::error!(%error, send = %outgoing.number, "an answer could not be kept");
    }
}

/// Keeps the answer. A secret that it held is in the vault before the answer is in the journal: once the fold knows of
/// a token, it is there.
async fn bring_back(engine: &Engine, outgoing: &Outgoing, carried: Carried) -> anyhow::Result<()> {
    if let Some(kept) = carried.kept {
        keep_secret(engine, outgoing, kept).await?;
    }
    let took = Span(u64::try_from(carried.took.as_micros()).unwrap_or(u64::MAX));
    let result = match carried.result {
        Carriage::Response { status, headers, retry_after } => {
            WireResult::Response { status, headers, retry_after }
        }
        Carriage::NotSent { why } => WireResult::NotSent { why },
        Carriage::Lost { why } => WireResult::Lost { why },
    };
    let head = AnswerHead {
        send: outgoing.number,
        attempt: outgoing.attempt,
        took_ms: took.as_ms(),
        result,
    };
    let arrival = answer_arrival(
        random()?,
        outgoing.lane.clone(),
        outgoing.connection.clone(),
        outgoing.kind.word(),
        &head,
        &carried.body,
        engine.now(),
    );
    engine.keep_for_sure(arrival).await?;
    Ok(())
}

async fn keep_secret(engine: &Engine, outgoing: &Outgoing, kept: Kept) -> anyhow::Result<()> {
    let slot = slot_of(&outgoing.connection, &kept.slot);
    let sealed = engine.master_key().seal(&slot, &kept.secret, &random()?)?;
    let at = engine.now();
    Ok(engine.operate_for_sure(move |store| store.keep_secret(&slot, &sealed, at)).await?)
}
