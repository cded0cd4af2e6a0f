//! Fills credentials into a request, in the last moment before it goes out. What comes of this is never recorded,
//! printed or sent twice.

use std::sync::Arc;

use bytes::Bytes;
use crossdock_connectors::{Fill, Method, Place, Request};
use reqwest::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
};
use reqwest::{Body, Url};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::gate::{Gate, Gated};
use crate::order::Vault;
use crate::strike::{Strikes, form_encode};

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// Headers that the wire answers for: they say where a request goes, how long it is, and what the answer may look
/// like.
const OURS: [&str; 11] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A request with its credentials.
pub(crate) struct Filled {
    headers: HeaderMap,
    body: Zeroizing<String>,
    /// The credentials, to know them again in the answer.
    pub(crate) strikes: Strikes,
}

/// Fills in what the request asks for, or says in words what is missing.
pub(crate) fn fill(request: &Request, vault: &Vault<'_>) -> Result<Filled, String> {
    let mut filled = Filled {
        headers: headers(request)?,
        body: Zeroizing::new(request.body.clone()),
        strikes: Strikes::default(),
    };
    for fill in &request.fills {
        filled.fill(fill, vault)?;
    }
    Ok(filled)
}

impl Filled {
    fn fill(&mut self, fill: &Fill, vault: &Vault<'_>) -> Result<(), String> {
        let slot = &fill.slot;
        let secret =
            vault(slot).ok_or_else(|| format!("the vault has no secret in slot {slot}"))?;
        let secret = secret.expose_secret();
        self.strikes.add(secret);
        match &fill.place {
            Place::Header(name) => self.fill_header(name, slot, secret),
            Place::Form(name) => self.fill_form(name, slot, secret),
            Place::Bearer => {
                // As long as it has to be from the start: a string that grows leaves copies of the secret behind.
                let value = Zeroizing::new(["Bearer ", secret].concat());
                self.fill_header(AUTHORIZATION.as_str(), slot, &value)
            }
        }
    }

    fn fill_header(&mut self, name: &str, slot: &str, secret: &str) -> Result<(), String> {
        let mut value = HeaderValue::from_str(secret).map_err(|_| {
            format!("the secret in slot {slot} holds a line break or the like: no header may")
        })?;
        value.set_sensitive(true);
        self.headers.insert(header_name(name)?, value);
        Ok(())
    }

    fn fill_form(&mut self, name: &str, slot: &str, secret: &str) -> Result<(), String> {
        let kind = self.headers.entry(CONTENT_TYPE).or_insert(FORM);
        if !kind.as_bytes().starts_with(FORM.as_bytes()) {
            return Err(format!("slot {slot} goes into a form, and the body is none"));
        }
        // Large enough from the start: a string that grows leaves copies of the secret behind.
        let room = self.body.len() + 2 + 3 * (name.len() + secret.len());
        let mut body = Zeroizing::new(String::with_capacity(room));
        body.push_str(&self.body);
        if !body.is_empty() {
            body.push('&');
        }
        form_encode(name, &mut body);
        body.push('=');
        form_encode(secret, &mut body);
        self.body = body;
        Ok(())
    }

    /// The request as the sender takes it, its body behind the gate.
    pub(crate) fn into_request(
        self,
        method: Method,
        url: Url,
        gate: &Arc<Gate>,
    ) -> (reqwest::Request, Strikes, Held) {
        let mut request = reqwest::Request::new(spoken(method), url);
        *request.headers_mut() = self.headers;
        if self.body.is_empty() {
            return (request, self.strikes, Held::Nothing);
        }
        // Wiped when the last byte is written and nobody holds the body any more.
        let bytes = Bytes::from_owner(self.body);
        *request.body_mut() = Some(Body::wrap(Gated::new(Arc::clone(gate), bytes)));
        (request, self.strikes, Held::Body)
    }
}

/// What the gate can hold back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    Body,
    Nothing,
}

fn headers(request: &Request) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers.0 {
        let value = HeaderValue::from_str(value)
            .map_err(|_| format!("the request's header {name} holds what no header may hold"))?;
        headers.append(header_name(name)?, value);
    }
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    Ok(headers)
}

fn header_name(name: &str) -> Result<HeaderName, String> {
    let read = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| format!("`{name}` is no name of a header"))?;
    if OURS.contains(&read.as_str()) {
        return Err(format!("the header {read} is not for a connector to set"));
    }
    Ok(read)
}

const fn spoken(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Delete => reqwest::Method::DELETE,
    }
}

#[cfg(test)]
mod tests {
    use crossdock_connectors::Headers;

    use super::*;

    fn request(place: Place) -> Request {
        Request {
            method: Method::Get,
            path: "/".to_owned(),
            headers: Headers::default(),
            body: String::new(),
            fills: vec![Fill { slot: "token".to_owned(), place }],
            keep: None,
            cost: 1,
        }
    }

    fn filled(place: Place, secret: &'static str) -> Result<Filled, String> {
        fill(&request(place), &|_| Some(secret.into()))
    }

    #[test]
    fn a_filled_header_is_hidden_from_the_sender_below_us() {
        let filled = filled(Place::Header("x-access".to_owned()), "canary-1").unwrap();
        assert_eq!(filled.headers["x-access"], "canary-1");
        assert!(!format!("{:?}", filled.headers).contains("canary"));
    }

    #[test]
    fn a_bearer_is_announced_as_one_and_hidden_all_the_same() {
        let filled = filled(Place::Bearer, "canary-1").unwrap();
        assert_eq!(filled.headers["authorization"], "Bearer canary-1");
        assert!(!format!("{:?}", filled.headers).contains("canary"));
        let refused = filled_error("canary-2\r\nx-other: 1");
        assert!(!refused.contains("canary"), "{refused}");
    }

    fn filled_error(secret: &'static str) -> String {
        filled(Place::Bearer, secret).err().unwrap()
    }
}
