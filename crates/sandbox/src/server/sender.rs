//! The task that sends webhooks when they fall due, to this machine only.
//!
//! What is due and what follows from an outcome is decided in the partner's `deliveries.rs`.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use tokio::sync::{Semaphore, watch};

use super::Shared;
use crate::exchange::{AttemptOutcome, WebhookAttempt};
use crate::partner::Partner;

/// How many webhooks may be under way at once.
const IN_FLIGHT_MAX: usize = 32;
/// The shop's own limits; the other partners' are not known.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest sleep: the partner's clock may have been pushed meanwhile.
const NAP_MAX: Duration = Duration::from_millis(500);

/// Sends until stopped.
pub(super) async fn run<P: Partner>(partner: Shared<P>, mut stopped: watch::Receiver<bool>) {
    let client = match client() {
        Ok(client) => client,
        Err(error) => return tracing::error!(%error, "no HTTP client, webhooks stay unsent"),
    };
    let slots = Arc::new(Semaphore::new(IN_FLIGHT_MAX));
    loop {
        // `due` alone, without `with`: that would wake this very task for ever.
        let (attempts, nap) = due(&partner);
        for attempt in attempts {
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
            let (client, partner) = (client.clone(), partner.clone());
            tokio::spawn(async move {
                let outcome = send(&client, &attempt).await;
                partner.with(|partner, now| partner.attempted(attempt.id, &outcome, now));
                drop(slot);
            });
        }
        tokio::select! {
            () = tokio::time::sleep(nap) => {}
            () = partner.inner.wake.notified() => {}
            _ = stopped.changed() => return,
        }
    }
}

fn due<P: Partner>(partner: &Shared<P>) -> (Vec<WebhookAttempt>, Duration) {
    let now = partner.inner.clock.now();
    let mut guard = partner.inner.partner.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let attempts = guard.due(now);
    let wait = guard.next_due().map(|due| due.duration_since(now));
    drop(guard);
    let nap = wait.map_or(NAP_MAX, |wait| Duration::try_from(wait).unwrap_or_default());
    (attempts, nap.min(NAP_MAX))
}

fn client() -> Result<Client, reqwest::Error> {
    Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TOTAL_TIMEOUT)
        .redirect(Policy::none())
        .no_proxy()
        // Whatever the machine's resolver thinks, `localhost` is this machine.
        .resolve("localhost", SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
        .build()
}

async fn send(client: &Client, attempt: &WebhookAttempt) -> AttemptOutcome {
    let url = match attempt.url.parse::<Url>() {
        Ok(url) if is_here(&url) => url,
        _ => return AttemptOutcome::Failed("not a loopback address, not sent".to_owned()),
    };
    let mut request = client.post(url).body(attempt.body.clone());
    for (name, value) in &attempt.headers {
        request = request.header(name, value);
    }
    match request.send().await {
        Ok(response) => AttemptOutcome::Status(response.status().as_u16()),
        Err(error) if error.is_timeout() => AttemptOutcome::Failed("timed out".to_owned()),
        Err(error) if error.is_connect() => AttemptOutcome::Failed("no connection".to_owned()),
        Err(_) => AttemptOutcome::Failed("the connection broke".to_owned()),
    }
}

/// A sandbox must never reach anybody but this machine.
fn is_here(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webhooks_go_to_loopback_addresses_and_nowhere_else() {
        let here = |url: &str| is_here(&url.parse().unwrap());
        assert!(here("http://127.0.0.1:9000/hook"));
        assert!(here("http://[::1]:9000/hook"));
        assert!(here("http://localhost:9000/hook"));
        assert!(!here("http://10.0.0.1/hook"));
        assert!(!here("https://example.com/hook"));
        assert!(!here("http://127.0.0.1.example.com/hook"));
    }
}
