//! The command line's way into the hub: its API on the admin listener. If none runs, a house is opened for as long as
//! the command takes.

#![expect(clippy::indexing_slicing, reason = "JSON answers null for what is not there")]

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::commands::Place;
use crate::data::{Announcement, DataDir};
use crate::house::{House, Plan};

/// A hub that has just begun to answer says where within so many looks, so long apart.
const LOOKS: u32 = 40;
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// An open way in.
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
    /// Open only because no hub was running.
    house: Option<House>,
}

/// An answer that is no success.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub(crate) struct Problem {
    /// What the hub said, in words.
    pub(crate) detail: String,
    /// All that it said.
    pub(crate) body: Value,
}

/// Where the holder can be reached. One that has just started says so in a moment.
async fn announced_soon(data: &DataDir) -> Option<Announcement> {
    for _ in 0..LOOKS {
        if let Some(announced) = data.announced() {
            return Some(announced);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    data.announced()
}

impl Client {
    /// Opens a way into the hub of this place.
    pub(crate) async fn open(place: &Place) -> Result<Self> {
        let data = DataDir::open(&place.data)?;
        let (house, admin) = if data.hold()?.is_some() {
            let house = House::open(Plan {
                data: place.data.clone(),
                config: place.config.clone(),
                public: None,
                admin: SocketAddr::from(([127, 0, 0, 1], 0)),
                sends: false,
            })
            .await?;
            let admin = house.admin;
            (Some(house), admin)
        } else {
            let announced = announced_soon(&data).await.with_context(|| {
                format!("a crossdock process holds {} but cannot be reached", place.data.display())
            })?;
            (None, announced.admin)
        };
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_mins(1))
            .build()
            .context("cannot prepare to ask the hub")?;
        Ok(Self { http, base: format!("http://{admin}"), token: data.admin_token()?, house })
    }

    /// Scheme and host of the admin listener.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Whether a hub is running, so that calls go out.
    pub(crate) const fn is_running(&self) -> bool {
        self.house.is_none()
    }

    /// The merchant account meant: the one given, or the only one.
    pub(crate) async fn client(&self, place: &Place) -> Result<String> {
        let accounts = Accounts::of(&self.get("/api/v1/clients").await?);
        match &place.client {
            Some(given) if accounts.0.is_empty() || accounts.has(given) => Ok(given.clone()),
            Some(given) => bail!("there is no merchant account `{given}`; {}", accounts.choice()),
            None => accounts.only(),
        }
    }

    /// The same, but the one given may be new.
    pub(crate) async fn client_or_new(&self, place: &Place) -> Result<String> {
        match &place.client {
            Some(given) => Ok(given.clone()),
            None => self.client(place).await,
        }
    }

    /// The shared connection meant: the one given, or the only one.
    pub(crate) async fn shared(&self, given: Option<&str>) -> Result<String> {
        if let Some(id) = given {
            return Ok(id.to_owned());
        }
        match self.all_shared().await?.as_slice() {
            [only] => Ok(only.clone()),
            [] => bail!(
                "no connection serves several merchant accounts yet: `crossdock connection add` makes one"
            ),
            several => bail!("say which with --connection: {}", several.join(", ")),
        }
    }

    /// The connections that serve several merchant accounts.
    pub(crate) async fn all_shared(&self) -> Result<Vec<String>> {
        let found = self.get("/api/v1/connections").await?;
        let ids = list(&found, "connections").filter_map(|row| row["connection"].as_str());
        Ok(ids.map(str::to_owned).collect())
    }

    /// Where the addresses of a lane begin: a shared connection's, where one is named, else the merchant account's.
    pub(crate) async fn base_of(&self, place: &Place, shared: Option<&str>) -> Result<String> {
        match shared {
            Some(id) => Ok(format!("/api/v1/connections/{}", part(id))),
            None => Ok(format!("/api/v1/clients/{}", part(&self.client(place).await?))),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value> {
        self.ask(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Result<Value> {
        self.ask(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Result<Value> {
        self.ask(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Result<Value> {
        self.ask(Method::DELETE, path, None).await
    }

    /// Hands over a file as it is.
    pub(crate) async fn post_file(&self, path: &str, kind: &str, file: Vec<u8>) -> Result<Value> {
        let request = self.request(Method::POST, path).header(CONTENT_TYPE, kind).body(file);
        Self::answered(request).await
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        Self::answered(request).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    async fn answered(request: RequestBuilder) -> Result<Value> {
        let response = request.send().await.context("the hub does not answer")?;
        let status = response.status();
        let bytes = response.bytes().await.context("the hub's answer broke off")?;
        let body: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        if status.is_success() {
            return Ok(body);
        }
        let words = body["detail"].as_str().or_else(|| body["title"].as_str());
        let detail = words.map_or_else(|| format!("the hub answered {status}"), str::to_owned);
        Err(anyhow!(Problem { detail, body }))
    }

    /// Closes the house if it was opened for this command.
    pub(crate) async fn close(self) -> Result<()> {
        match self.house {
            Some(house) => house.close().await,
            None => Ok(()),
        }
    }
}

/// Merchant accounts: their ids, each with its name.
struct Accounts(Vec<(String, String)>);

impl Accounts {
    fn of(clients: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let accounts = list(clients, "clients");
        Self(accounts.map(|account| (text(&account["client"]), text(&account["name"]))).collect())
    }

    fn has(&self, id: &str) -> bool {
        self.0.iter().any(|(known, _)| known == id)
    }

    fn only(&self) -> Result<String> {
        match self.0.as_slice() {
            [(only, _)] => Ok(only.clone()),
            [] => Ok("main".to_owned()),
            [(first, _), ..] => bail!(
                "there are several merchant accounts; {}\nor once for all that follows: export CROSSDOCK_CLIENT={first}",
                self.choice()
            ),
        }
    }

    /// What may be said, a line each, to be copied.
    fn choice(&self) -> String {
        let width = self.0.iter().map(|(id, _)| id.len()).max().unwrap_or_default();
        let lines = self.0.iter().map(|(id, name)| format!("\n  --client {id:width$}  {name}"));
        let lines: String = lines.map(|line| line.trim_end().to_owned()).collect();
        format!("say which is meant:{lines}")
    }
}

/// The members of a JSON list, under a key or as the whole.
pub(crate) fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    let found = if value.is_array() { value } else { &value[key] };
    found.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

/// A part of a path, so written that a slash in a name stays in the name.
pub(crate) fn part(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// An empty JSON body.
pub(crate) fn nothing() -> Value {
    json!({})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accounts(known: &Value) -> Accounts {
        Accounts::of(&json!({ "clients": known }))
    }

    #[test]
    fn the_only_merchant_account_is_meant_and_of_several_each_is_named() {
        let only = json!([{ "client": "acme", "name": "Acme Toys" }]);
        assert_eq!(accounts(&only).only().unwrap(), "acme");
        assert_eq!(accounts(&json!([])).only().unwrap(), "main");
        let several = json!([{ "client": "acme", "name": "Acme Toys" },
            { "client": "neighbour", "name": null }]);
        let why = accounts(&several).only().unwrap_err().to_string();
        let said: Vec<_> = why.lines().collect();
        assert!(said[0].contains("several merchant accounts"), "{why}");
        assert_eq!(said[1..3], ["  --client acme       Acme Toys", "  --client neighbour"]);
        assert!(said[3].ends_with("CROSSDOCK_CLIENT=acme"), "{why}");
    }
}
