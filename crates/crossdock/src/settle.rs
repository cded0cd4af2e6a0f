//! The configuration becomes entries: it is compared with what is known, and differences are given as commands.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use crossdock_connectors::Given;
use crossdock_domain::command::{Command, PutConnection};
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::{ClientId, ConnectionId, LaneId};
use crossdock_hub::command_arrival;
use crossdock_server::engine::{Engine, Known, slot_of};
use crossdock_server::look::Look;
use secrecy::{ExposeSecret, SecretString};

use crate::config::{ClientConfig, Config, ConnectionConfig, Environment};
use crate::data::random;

/// Who these commands come from.
const BY: &str = "configuration";

/// Brings clients, secrets and connections to what the configuration says.
pub(crate) async fn settle(
    (engine, look): (&Engine, &Look),
    config: &Config,
    env: Environment<'_>,
) -> Result<()> {
    let mut clients = config.clients.clone();
    for client in config.connections.values().filter_map(|connection| connection.client.as_ref()) {
        clients.entry(client.clone()).or_default();
    }
    for (id, client) in &clients {
        settle_client((engine, look), id, client).await?;
    }
    for (id, wanted) in &config.connections {
        settle_connection(engine, id, wanted, env)
            .await
            .with_context(|| format!("connection `{id}`"))?;
    }
    Ok(())
}

async fn settle_client(
    (engine, look): (&Engine, &Look),
    id: &ClientId,
    client: &ClientConfig,
) -> Result<()> {
    let asked = id.clone();
    let known = look.at(move |reader| reader.client(&asked)).await?;
    if known.is_some_and(|known| client.name.as_ref().is_none_or(|name| *name == known.name)) {
        return Ok(());
    }
    let name = client.name.clone().unwrap_or_else(|| id.to_string());
    give(engine, LaneId::Client(id.clone()), &Command::PutClient { name }).await
}

async fn settle_connection(
    engine: &Engine,
    id: &ConnectionId,
    wanted: &ConnectionConfig,
    env: Environment<'_>,
) -> Result<()> {
    let Some(connector) = crossdock_connectors::find(&wanted.connector) else {
        let names: Vec<_> = crossdock_connectors::all().iter().map(|c| c.offers().name).collect();
        bail!("there is no connector `{}`: use one of {}", wanted.connector, names.join(", "));
    };
    if wanted.live && !wanted.sandbox {
        bail!(
            "`live` is only for simulated partners: look at `crossdock live plan {id}`, then go live"
        );
    }
    let lane = wanted.lane(id, connector)?;
    let directory = engine.directory();
    let known = directory.connection(id);
    must_be_its_own(engine, id, &lane, known).await?;
    let mut slots = Vec::new();
    let mut has_new_secret = false;
    for (slot, source) in &wanted.secrets {
        if !connector.offers().secrets.iter().any(|spec| spec.slot == slot) {
            bail!("{} takes no secret `{slot}`", wanted.connector);
        }
        let secrets = source.read(env)?;
        has_new_secret |= keep_secrets(engine, id, slot, &secrets, known).await?;
        slots.push(slot.clone());
    }
    let settings: BTreeMap<_, _> =
        wanted.settings.iter().map(|(name, value)| (name.clone(), value.to_string())).collect();
    let given = Given { settings: &settings, secret_slots: &slots, sandbox: wanted.sandbox };
    let configured = connector.configure(&given)?;
    for warning in &configured.warnings {
        tracing::warn!(connection = %id, "{warning}");
    }
    let is_same = |known: &Connection| {
        known.connector == wanted.connector
            && known.base_url == configured.base_url
            && known.location == configured.location
            && known.settings == configured.settings
            && known.sandbox == wanted.sandbox
            && known.calls == wanted.calls.clone().unwrap_or_else(connector.offers().call_defaults)
            && wanted.stock.as_ref().is_none_or(|stock| *stock == known.stock)
            && wanted.paused.is_none_or(|paused| paused != known.status.sends())
    };
    // With a new secret the connector may have other warnings, or none.
    if !has_new_secret && known.is_some_and(|known| is_same(&known.connection)) {
        return Ok(());
    }
    let command = Command::PutConnection(PutConnection {
        connection: id.clone(),
        connector: wanted.connector.clone(),
        sandbox: wanted.sandbox,
        settings,
        secret_slots: slots,
        calls: wanted.calls.clone(),
        paused: wanted.paused,
        stock: wanted.stock.clone(),
        live: wanted.live,
    });
    give(engine, lane, &command).await
}

/// An id is one lane's. A new one is taken before anything is kept under it: another node may be given the same for another
/// lane.
async fn must_be_its_own(
    engine: &Engine,
    id: &ConnectionId,
    lane: &LaneId,
    known: Option<&Known>,
) -> Result<()> {
    let owner = match known {
        Some(known) => known.connection.lane.clone(),
        None => engine.claim(id, lane).await?,
    };
    if owner != *lane {
        bail!("it belongs to {owner} already");
    }
    Ok(())
}

/// Seals secrets that the vault does not have yet, as far as is known here. Whether there were any.
async fn keep_secrets(
    engine: &Engine,
    id: &ConnectionId,
    slot: &str,
    secrets: &[SecretString],
    known: Option<&Known>,
) -> Result<bool> {
    let newest = known.and_then(|known| known.secrets.newest(slot));
    let is_known = |secret: &SecretString| {
        newest.is_some_and(|newest| newest.expose_secret() == secret.expose_secret())
    };
    if secrets.first().is_none_or(is_known) {
        return Ok(false);
    }
    // Another node may start with the same new secret: which of them keeps it, the store decides.
    let name = slot_of(id, slot);
    let mut sealed = Vec::new();
    for secret in secrets {
        sealed.push(engine.master_key().seal(&name, secret, &random()?)?);
    }
    Ok(engine.hold_secrets(vec![(name, sealed)]).await?)
}

/// Gives a command and waits until it is folded.
pub(crate) async fn give(engine: &Engine, lane: LaneId, command: &Command) -> Result<()> {
    let arrival = command_arrival(random()?, lane, command, BY, None, engine.now());
    let (_, folded) = engine.keep_and_fold(arrival).await?;
    let outcome = folded.await.context("the engine has stopped")?.outcome;
    if matches!(outcome.kind, OutcomeKind::Applied | OutcomeKind::Unchanged) {
        return Ok(());
    }
    bail!("{}: {}", outcome.kind.word(), outcome.note)
}
