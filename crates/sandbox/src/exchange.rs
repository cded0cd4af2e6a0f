//! One HTTP exchange, and one webhook, as plain values: so a simulated partner can be driven without sockets.

/// A request as it reaches a simulated partner.
#[derive(Debug, Clone, Default)]
pub struct HttpRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path with its query, as sent.
    pub path: String,
    /// Header names and values; names in any case.
    pub headers: Vec<(String, String)>,
    /// The raw bytes.
    pub body: Vec<u8>,
}

impl HttpRequest {
    /// The first header of that name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The path without its query.
    #[must_use]
    pub fn bare_path(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// The query's names and values, decoded, in the order of the query.
    #[must_use]
    pub fn query(&self) -> Vec<(String, String)> {
        let Some((_, query)) = self.path.split_once('?') else { return Vec::new() };
        pairs(query)
    }
}

/// What the partner answers, and what befalls the answer on its way.
#[derive(Debug, Clone)]
pub struct HttpAnswer {
    /// The status code.
    pub status: u16,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// The raw bytes.
    pub body: Vec<u8>,
    /// What whoever carries this answer must do to it.
    pub mishap: Mishap,
}

/// What goes wrong between a partner and its caller. The answer's bytes are what would have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    /// Nothing: deliver the answer.
    None,
    /// The connection breaks and nothing was done.
    CutBeforeWork,
    /// The connection breaks although the work was done.
    CutAfterWork,
    /// The answer comes this late; longer than any caller waits when it stands for a time-out.
    Held {
        /// For how long.
        milliseconds: u64,
    },
}

impl HttpAnswer {
    /// A JSON answer without mishap.
    #[must_use]
    pub fn json(status: u16, body: String) -> Self {
        let headers =
            vec![("content-type".to_owned(), "application/json; charset=utf-8".to_owned())];
        Self { status, headers, body: body.into_bytes(), mishap: Mishap::None }
    }

    /// The same answer with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// One webhook to send now.
#[derive(Debug, Clone)]
pub struct WebhookAttempt {
    /// Name it when reporting what came of it.
    pub id: u64,
    /// 1 is the first try.
    pub attempt: u32,
    /// Where to.
    pub url: String,
    /// All headers, signature included.
    pub headers: Vec<(String, String)>,
    /// The exact bytes.
    pub body: Vec<u8>,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// An answer came in time, with this status.
    Status(u16),
    /// None came.
    Failed(String),
}

impl AttemptOutcome {
    /// Whether the receiver took it.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Status(status) if (200..300).contains(status))
    }

    /// In words, for a log.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Status(status) => status.to_string(),
            Self::Failed(reason) => reason.clone(),
        }
    }
}

/// The decoded pairs of a query or a form.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (percent_decoded(name), percent_decoded(value))
        })
        .collect()
}

/// A form value without its percent signs and pluses.
pub(crate) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let code: String = rest.by_ref().take(2).map(char::from).collect();
                bytes.extend(u8::from_str_radix(&code, 16).ok());
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
