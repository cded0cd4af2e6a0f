//! One HTTP exchange as plain values, so that a simulated partner can be driven without sockets.

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
