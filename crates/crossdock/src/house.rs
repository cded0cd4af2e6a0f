//! The house as it runs: engine, wire and listeners, opened together and closed together.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use axum::Router;
use crossdock_server::access::Admin;
use crossdock_server::app::{App, Parts};
use crossdock_server::engine::{self, Clock, Engine, Start};
use crossdock_server::limits::Limits;
use crossdock_server::look::Look;
use crossdock_server::router::{admin_router, public_router};
use crossdock_server::serve::serve;
use crossdock_store::{Place, Store, StoreError};
use crossdock_wire::Wire;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

use crate::clock::{AgreedClock, SystemClock};
use crate::config::{Config, Environment, environment};
use crate::data::{Announcement, DataDir, Held, random, store_place};
use crate::{outbox, settle};

/// How long a start waits for connections that another node has made known.
const KNOWN_WITHIN: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// How the house is opened.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The data folder.
    pub(crate) data: PathBuf,
    /// Clients, connections, listeners.
    pub(crate) config: Config,
    /// The public listener; none for a command while nothing runs.
    pub(crate) public: Option<SocketAddr>,
    /// The admin listener.
    pub(crate) admin: SocketAddr,
    /// Whether calls go out.
    pub(crate) sends: bool,
}

/// An open house.
pub(crate) struct House {
    pub(crate) engine: Engine,
    pub(crate) app: App,
    pub(crate) public: Option<SocketAddr>,
    pub(crate) admin: SocketAddr,
    thread: Option<JoinHandle<Result<(), StoreError>>>,
    stop: watch::Sender<bool>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
    _held: Held,
}

impl House {
    /// Opens everything. The configuration's differences are entries before the first request is taken.
    pub(crate) async fn open(plan: Plan) -> Result<Self> {
        let data = DataDir::open(&plan.data)?;
        let Some(held) = data.hold()? else {
            bail!("{} is in use by another crossdock process", plan.data.display());
        };
        let key = data.master_key(environment("CROSSDOCK_MASTER_KEY").as_deref())?;
        let place = store_place(&plan.data)?;
        let store = Store::at(&place).with_context(|| format!("cannot open the store {place}"))?;
        let clock: Arc<dyn Clock> = match &place {
            Place::File(_) => Arc::new(SystemClock),
            Place::Server(_) => Arc::new(AgreedClock::new()),
        };
        let (outbox_in, outbox_out) = mpsc::unbounded_channel();
        let running = engine::start(Start {
            store,
            find: crossdock_connectors::find,
            key,
            fresh_salt: random()?,
            clock,
            outbox: plan.sends.then_some(outbox_in),
        })?;
        let engine = running.engine;
        let (stop, stopped) = watch::channel(false);
        let mut tasks = Vec::new();
        if plan.sends {
            let wire = Arc::new(Wire::new().context("cannot prepare outgoing calls")?);
            let carrier = outbox::run(engine.clone(), wire, outbox_out, stopped.clone());
            tasks.push(tokio::spawn(carrier));
        }
        engine.taken_up().await?;
        let look = Look::new(place);
        settle::settle((&engine, &look), &plan.config, &environment as Environment<'_>).await?;
        until_known(&engine, &plan.config).await;
        let admin_token = data.admin_token()?;
        let hosts = plan.config.listen.admin_hosts.clone();
        let parts = Parts {
            engine: engine.clone(),
            look,
            admin: Admin::new(&SecretString::from(admin_token.as_str()), hosts),
            limits: Limits::default(),
        };
        let app = App::new(parts, crossdock_connectors::all());
        let mut house = Self {
            engine,
            app,
            public: None,
            admin: plan.admin,
            thread: Some(running.thread),
            stop,
            tasks,
            _held: held,
        };
        house.listen(&plan, &stopped).await?;
        data.announce(&Announcement {
            public: house.public,
            admin: house.admin,
            pid: std::process::id(),
        })?;
        Ok(house)
    }

    async fn listen(&mut self, plan: &Plan, stopped: &watch::Receiver<bool>) -> Result<()> {
        let public = match plan.public {
            Some(addr) => Some(bind(addr).await?),
            None => None,
        };
        // Nobody is told that we are ready before both are there.
        let admin = bind(plan.admin).await?;
        self.admin = admin.local_addr()?;
        if let Some(listener) = public {
            self.public = Some(listener.local_addr()?);
            let router = public_router(self.app.clone());
            self.spawn(listener, router, stopped.clone());
        }
        let router = admin_router(self.app.clone());
        self.spawn(admin, router, stopped.clone());
        Ok(())
    }

    fn spawn(&mut self, listener: TcpListener, router: Router, mut stopped: watch::Receiver<bool>) {
        let app = self.app.clone();
        self.tasks.push(tokio::spawn(async move {
            let stop = async move {
                // An error means that whoever could stop us is gone: then we stop as well.
                let _ = stopped.wait_for(|stop| *stop).await;
            };
            if let Err(error) = serve(listener, router, &app.limits, stop).await {
                tracing::error!(%error, "a listener has stopped");
            }
        }));
    }

    /// A fresh one-time link to the page.
    pub(crate) fn sign_in_link(&self) -> String {
        let token = self.app.admin.new_sign_in(self.engine.now());
        format!("http://{}/sign-in?token={token}", self.admin)
    }

    /// Ends when the writer has ended by itself: something is broken, and only a restart can tell how much.
    pub(crate) async fn broken(&mut self) -> StoreError {
        let Some(thread) = self.thread.take() else { return std::future::pending().await };
        let ended = tokio::task::spawn_blocking(move || thread.join()).await;
        match ended {
            Ok(Ok(Err(error))) => error,
            _ => StoreError::Broken("the writer has stopped".to_owned()),
        }
    }

    /// Closes everything: no more requests are taken, those under way are answered, and what is owed waits for the
    /// next start.
    pub(crate) async fn close(self) -> Result<()> {
        self.stop.send_replace(true);
        for task in self.tasks {
            let _ = task.await;
        }
        // The writer ends when the last door to it is gone.
        drop((self.engine, self.app));
        if let Some(thread) = self.thread {
            let ended = tokio::task::spawn_blocking(move || thread.join()).await;
            if let Ok(Ok(result)) = ended {
                result?;
            }
        }
        Ok(())
    }
}

/// Waits until this node knows the connections of its configuration: where another node has folded them, that is a moment
/// later, and a webhook that comes before would be told that there is no such address.
async fn until_known(engine: &Engine, config: &Config) {
    let mut commits = engine.commits();
    let all_known = async {
        while config.connections.keys().any(|id| engine.directory().connection(id).is_none()) {
            // A node looks at what others have done several times a second, whether it tells of it or not.
            let _ = tokio::time::timeout(LOOK_AGAIN, commits.changed()).await;
        }
    };
    if tokio::time::timeout(KNOWN_WITHIN, all_known).await.is_err() {
        tracing::warn!(
            "a connection of the configuration is not known yet: its webhooks are refused until it is"
        );
    }
}

pub(crate) async fn bind(addr: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(addr)
        .await
        .with_context(|| format!("cannot listen on {addr}: is another program there?"))
}
