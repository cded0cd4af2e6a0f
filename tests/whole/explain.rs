//! Explaining, as the README has it: for an item of the demo, the sum that the command line prints, the page's figures and
//! what really happened in the simulated shop are one and the same.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tokio::time::{Duration, Instant, sleep};

use crate::hub::{PATIENCE, free_port, text};

const SKU: &str = "DEMO-001";

/// A running demo, killed when dropped.
struct Demo {
    child: Child,
    folder: tempfile::TempDir,
    admin: u16,
    shop: String,
    http: reqwest::Client,
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Demo {
    /// Starts one, and waits until it says where its shop is.
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let admin = free_port();
        let mut child = Command::new(env!("CARGO_BIN_EXE_crossdock"))
            .args(["demo", "--items", "4", "--rate", "40", "--dir"])
            .arg(folder.path())
            .args(["--admin", &format!("127.0.0.1:{admin}")])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let shop = said.find_map(|line| {
            line.trim().strip_prefix("simulated shop").map(|url| url.trim().to_owned())
        });
        let shop = shop.unwrap();
        // What it goes on to say must find a reader, or it would stand still.
        std::thread::spawn(move || said.for_each(drop));
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Self { child, folder, admin, shop, http }
    }

    /// What the command line prints.
    fn explained(&self, more: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_crossdock"))
            .arg("--data")
            .arg(self.folder.path())
            .args(["--client", "main", "explain", "stock", SKU])
            .args(more)
            .output()
            .unwrap();
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{out}{err}");
        out
    }

    async fn page(&self) -> String {
        let token = std::fs::read_to_string(self.folder.path().join("admin.token")).unwrap();
        let url = format!("http://127.0.0.1:{}/stock/{SKU}", self.admin);
        self.http.get(url).bearer_auth(token).send().await.unwrap().text().await.unwrap()
    }

    /// What really became of the item, by the shop's own log.
    async fn truth(&self) -> Value {
        let url = format!("{}/_sandbox/truth", self.shop);
        let all: Value = self.http.get(url).send().await.unwrap().json().await.unwrap();
        let items = all["items"].as_array().unwrap();
        items.iter().find(|item| item["sku"] == SKU).unwrap().clone()
    }

    async fn stop_trade(&self) {
        let url = format!("{}/_sandbox/trade", self.shop);
        let told = self.http.post(url).json(&json!({ "stop": true })).send().await.unwrap();
        assert!(told.status().is_success());
    }
}

/// The cells of a printed table's row.
fn cells(line: &str) -> Vec<&str> {
    line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()
}

/// The rows of a printed table, by its title.
fn table<'t>(printed: &'t str, title: &str) -> Vec<Vec<&'t str>> {
    let after = printed.lines().skip_while(|line| !line.starts_with(title));
    after.skip(2).take_while(|line| !line.is_empty()).map(cells).collect()
}

/// Before, these and holds of an account, as printed.
fn sum(printed: &str, account: &str) -> [i64; 3] {
    let rows = table(printed, "HOW THEY ADD UP");
    let row = rows.iter().find(|row| row[0] == account);
    let row = row.unwrap_or_else(|| panic!("no {account} in {printed}"));
    [row[1], row[2], row[3]].map(|figure| figure.parse().unwrap())
}

/// What the printed movements come to in an account.
fn moved(printed: &str, account: &str) -> i64 {
    let rows = table(printed, "MOVEMENTS");
    let moved = rows.iter().filter(|row| row[0].parse::<u64>().is_ok()).map(|row| {
        let units: i64 = row[2].trim_start_matches('-').parse().unwrap();
        units * (i64::from(row[5] == account) - i64::from(row[3] == account))
    });
    moved.sum()
}

/// A figure of the page, by its key.
fn figure(page: &str, key: &str) -> i64 {
    let at = page.find(&format!("data-key=\"{key}")).unwrap_or_else(|| panic!("no {key}: {page}"));
    let inside = page[at..].split_once('>').unwrap().1.split_once('<').unwrap().0;
    inside.parse().unwrap_or_else(|_| panic!("{key} is {inside}"))
}

/// Whether all three say the same; `None` while goods are on the move, so that they cannot.
async fn compare(demo: &Demo) -> Option<()> {
    let printed = demo.explained(&["--all"]);
    let (truth, page) = (demo.truth().await, demo.page().await);
    let settled = printed.contains("both sides agree") && printed == demo.explained(&["--all"]);
    if !settled {
        return None;
    }
    let told = |key: &str| truth[key].as_i64().unwrap();
    let [before, these, holds] = sum(&printed, "B2C");
    let went_out = told("sold") - told("restocked") - told("cancelled") - told("edited");
    let [.., out] = sum(&printed, "at shop");
    if (holds, out) != (told("available"), went_out) {
        // The shop's last webhooks may be on their way still.
        return None;
    }
    assert_eq!((before, before + these), (0, holds), "{printed}");
    assert_eq!(moved(&printed, "B2C"), holds, "{printed}");
    assert_eq!(moved(&printed, "at shop"), out, "{printed}");
    assert!(printed.contains("Checked: "), "{printed}");
    assert_eq!(figure(&page, "b2c"), holds);
    assert_eq!(figure(&page, "sum.pool:b2c"), holds);
    assert_eq!(figure(&page, "sum.shopify:shop"), out);
    assert_eq!(figure(&page, "shows.shop."), told("available"));
    Some(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_explain_prints_is_what_the_page_shows_and_what_happened_in_the_shop() {
    let demo = Demo::start();
    let end = Instant::now() + PATIENCE;
    while table(&demo.explained(&[]), "MOVEMENTS").len() < 8 {
        assert!(Instant::now() < end, "nothing was sold: {}", demo.explained(&[]));
        sleep(Duration::from_millis(50)).await;
    }
    demo.stop_trade().await;
    while compare(&demo).await.is_none() {
        let printed = demo.explained(&["--all"]);
        assert!(Instant::now() < end, "{printed}\n{}", demo.truth().await);
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_that_is_not_there_is_named_in_the_refusal() {
    let folder = tempfile::tempdir().unwrap();
    let data = |folder: &Path| folder.join("data");
    let output = Command::new(env!("CARGO_BIN_EXE_crossdock"))
        .arg("--data")
        .arg(data(folder.path()))
        .args(["explain", "stock", "NO-SUCH"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("No item is called `NO-SUCH`"), "{output:?}");
}
