//! A hub as a child process: its folder, its ports, its API. Killed when dropped.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use crossdock_store::Store;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::fresh::Fresh;

/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// What a server's connections to a database are doing.
const AT_WORK: &str = "SELECT pid, state, wait_event, now() - xact_start, left(query, 100) FROM pg_stat_activity \
    WHERE datname = current_database() AND pid <> pg_backend_pid()";

/// A hub, running or not.
pub(crate) struct Hub {
    folder: tempfile::TempDir,
    child: Option<Child>,
    pub(crate) public: u16,
    pub(crate) admin: u16,
    http: reqwest::Client,
    /// More of its environment.
    pub(crate) environment: Vec<(&'static str, String)>,
    /// Where its store is, if the tests run on a server.
    place: Fresh,
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The program under test: this build's, or the one that `CROSSDOCK_BIN` names.
pub(crate) fn program() -> PathBuf {
    let named = std::env::var_os("CROSSDOCK_BIN").map(PathBuf::from);
    named.unwrap_or_else(|| env!("CARGO_BIN_EXE_crossdock").into())
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

impl Hub {
    /// A hub with this shop configured; not running yet.
    pub(crate) fn new(shop: &crate::shop::Shop) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (public, admin) = (free_port(), free_port());
        let config = format!(
            "data = \"{}\"\n\n[listen]\npublic = \"127.0.0.1:{public}\"\nadmin = \"127.0.0.1:{admin}\"\n\n{}",
            folder.path().join("data").display(),
            shop.config()
        );
        std::fs::write(folder.path().join("crossdock.toml"), config).unwrap();
        let place = Fresh::new();
        let environment =
            place.url().map(|url| ("CROSSDOCK_DATABASE_URL", url)).into_iter().collect();
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Self { folder, child: None, public, admin, http, environment, place }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The store, while no hub has it.
    pub(crate) fn store(&self) -> Store {
        match self.place.url() {
            Some(_) => self.place.store(),
            None => Store::open(&self.folder().join("data/crossdock.db")).unwrap(),
        }
    }

    /// Every byte of it.
    pub(crate) fn stored(&self) -> Vec<u8> {
        if let Some(url) = self.place.url() {
            // Bytes that can be read are to be found as they are.
            let mut dump = Command::new("pg_dump");
            let dump = dump.arg(&url).env("PGOPTIONS", "-c bytea_output=escape").output().unwrap();
            assert!(dump.status.success(), "{}", text(&dump.stderr));
            return dump.stdout;
        }
        let files =
            ["data/crossdock.db", "data/crossdock.db-wal"].map(|file| self.folder().join(file));
        files.into_iter().flat_map(|file| std::fs::read(file).unwrap_or_default()).collect()
    }

    /// A command line for this hub.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.arg("--config").arg(self.folder().join("crossdock.toml")).args(words);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// What a command prints; it must succeed.
    pub(crate) fn say(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{words:?}: {out}{err}");
        out
    }

    /// Starts the hub and waits until it is ready.
    pub(crate) async fn start(&mut self) {
        self.start_with(|_| {}).await;
    }

    pub(crate) async fn start_with(&mut self, prepare: impl FnOnce(&mut Command)) {
        self.spawn(prepare);
        self.until("the hub to be ready", async || self.is_ready().await).await;
    }

    /// Starts the hub, and waits for nothing.
    pub(crate) fn spawn(&mut self, prepare: impl FnOnce(&mut Command)) {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder().join("log"))
            .unwrap();
        let mut command = self.command(&["serve"]);
        command.stdout(Stdio::null()).stderr(log);
        prepare(&mut command);
        self.child = Some(command.spawn().unwrap());
    }

    pub(crate) async fn is_ready(&self) -> bool {
        let url = format!("http://127.0.0.1:{}/health/ready", self.public);
        self.http.get(&url).send().await.is_ok_and(|answer| answer.status().is_success())
    }

    /// With what the process has ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<std::process::ExitStatus> {
        self.child.as_mut()?.try_wait().unwrap()
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// `kill -9`, and a new start, which lives until it has folded something of what waits: of an entry that three processes
    /// in a row have died of, nobody can tell that it was not to blame, and it would be parked.
    pub(crate) async fn kill_and_start(&mut self) {
        self.kill();
        self.start().await;
        self.until("something to be folded", async || {
            self.metric("crossdock_entries_folded_total").await > 0
                || self.metric("crossdock_arrivals_pending").await == 0
        })
        .await;
    }

    /// The process, if it runs. One that has ended by itself is a failure.
    pub(crate) fn pid(&mut self) -> Option<u32> {
        let child = self.child.as_mut()?;
        let ended = child.try_wait().unwrap();
        assert!(ended.is_none(), "it ended by itself; the log ends:\n{}", self.log_end());
        self.child.as_ref().map(Child::id)
    }

    /// Waits until something holds; says what, and shows the log's end, if it never does.
    pub(crate) async fn until(&self, what: &str, holds: impl AsyncFn() -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds().await {
            assert!(Instant::now() < end, "waited for {what}; {}", self.state());
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// What can be told of a hub that does not do what is waited for.
    fn state(&self) -> String {
        let process = self.child.as_ref().map_or("not started".to_owned(), |child| {
            let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
            status.unwrap_or_default().lines().find(|line| line.starts_with("State")).map_or_else(
                || "the process is gone".to_owned(),
                |state| format!("the process is {state}"),
            )
        });
        let database = self.place.url().map_or(String::new(), |url| {
            let asked = Command::new("psql").args([&url, "-XAtc", AT_WORK]).output();
            asked.map_or_else(|error| error.to_string(), |output| text(&output.stdout))
        });
        format!("{process}; the database works on:\n{database}\nthe log ends:\n{}", self.log_end())
    }

    pub(crate) fn log_end(&self) -> String {
        let log = std::fs::read_to_string(self.folder().join("log")).unwrap_or_default();
        let lines: Vec<_> = log.lines().rev().take(12).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn token(&self) -> String {
        std::fs::read_to_string(self.folder().join("data/admin.token")).unwrap_or_default()
    }

    /// Asks the API on the admin listener; status and JSON.
    pub(crate) async fn ask(
        &self,
        method: reqwest::Method,
        path: &str,
        body: Option<Value>,
    ) -> reqwest::Result<(u16, Value)> {
        let url = format!("http://127.0.0.1:{}{path}", self.admin);
        let mut request = self.http.request(method, url).bearer_auth(self.token());
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let bytes = answer.bytes().await?;
        Ok((status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(reqwest::Method::GET, path, None).await.unwrap();
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask(reqwest::Method::POST, path, Some(body)).await.unwrap()
    }

    /// A page, as it changes.
    pub(crate) async fn page(&self, path: &str) -> reqwest::Response {
        let url = format!("http://127.0.0.1:{}{path}", self.admin);
        let ask = self.http.get(url).bearer_auth(self.token());
        let page = ask.header("accept", "text/event-stream").send().await.unwrap();
        assert_eq!(page.status().as_u16(), 200, "{path}");
        page
    }

    /// What becomes of a question on the public listener that is asked with a token.
    pub(crate) async fn status_with(&self, token: &str, path: &str) -> u16 {
        let url = format!("http://127.0.0.1:{}{path}", self.public);
        self.http.get(url).bearer_auth(token).send().await.unwrap().status().as_u16()
    }

    /// One number of the metrics.
    pub(crate) async fn metric(&self, name: &str) -> u64 {
        let url = format!("http://127.0.0.1:{}/metrics", self.admin);
        let answer = self.http.get(url).bearer_auth(self.token()).send().await.unwrap();
        let text = answer.text().await.unwrap();
        let line = text.lines().find(|line| line.split([' ', '{']).next() == Some(name));
        line.and_then(|line| line.rsplit(' ').next()).and_then(|n| n.parse().ok()).unwrap_or(0)
    }

    /// Sends a webhook; the status.
    pub(crate) async fn deliver(&self, path: &str, headers: &[(&str, String)], body: &[u8]) -> u16 {
        let url = format!("http://127.0.0.1:{}{path}", self.public);
        let mut request = self.http.post(url).body(body.to_vec());
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        request.send().await.unwrap().status().as_u16()
    }

    /// Links everything that the shop has, and waits until it was read.
    pub(crate) async fn link_all(&self, items: usize) {
        let path = "/api/v1/clients/main/connections/shop/link";
        let how = json!({ "adopt": true, "sync": true, "create": true });
        let (status, body) = self.post(path, how).await;
        assert!(status < 300, "{status} {body}");
        self.until("the shop's items to be linked", async || self.items().await.len() >= items)
            .await;
        self.calm().await;
    }

    /// Waits until nothing waits to be folded and no call is owed, but for reconciliations that are planned for later.
    pub(crate) async fn calm(&self) {
        self.until_nothing_is_left(async || self.under_way().await).await;
    }

    /// Waits until nothing is left; says what is, if that never comes.
    pub(crate) async fn until_nothing_is_left(&self, left: impl AsyncFn() -> Option<Value>) {
        let end = Instant::now() + PATIENCE;
        while let Some(left) = left().await {
            assert!(Instant::now() < end, "still under way: {left:#}; {}", self.state());
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// What is still under way.
    async fn under_way(&self) -> Option<Value> {
        let tasks = self.get("/api/v1/clients/main/tasks?limit=20").await;
        let is_planned =
            |task: &&Value| task["work"]["work"] == "begin_sweep" && task["state"] == "waiting";
        let open = tasks["tasks"].as_array().into_iter().flatten().filter(|task| !is_planned(task));
        let open: Vec<_> = open.cloned().collect();
        let pending = self.metric("crossdock_arrivals_pending").await;
        let is_calm = open.is_empty() && pending == 0;
        (!is_calm).then(|| json!({ "arrivals": pending, "tasks": open }))
    }

    /// All items with their stock.
    pub(crate) async fn items(&self) -> Vec<Value> {
        let found = self.get("/api/v1/clients/main/items?limit=500").await;
        found["items"].as_array().cloned().unwrap_or_default()
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
