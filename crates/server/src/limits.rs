//! A limit on everything that comes in, named with its unit. Tests set their own.

use std::time::Duration;

/// Limits of both listeners.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections that may be open on one listener.
    pub connections_max: usize,
    /// Requests that may be worked on at once; more are told to come back.
    pub requests_max: usize,
    /// The head of a request must be there so soon after its first byte, and the first byte after connecting.
    pub header_time: Duration,
    /// The body must be there so soon after the head.
    pub body_time: Duration,
    /// A request is answered so soon, or given up. Longer than any wait that a caller may ask for.
    pub request_time: Duration,
    /// A connection lives so long at the most, requests under way apart.
    pub connection_age: Duration,
    /// How long requests under way may take to end when we stop.
    pub drain_time: Duration,
    /// Bytes of a request's head.
    pub header_bytes_max: usize,
    /// Headers of a request.
    pub headers_max: usize,
    /// Requests under way at once on one HTTP/2 connection.
    pub streams_max: u32,
    /// Bytes of a body of which any number may come in at once …
    pub small_body_bytes_max: u64,
    /// … and how many larger ones, or of a length that is not announced.
    pub large_bodies_max: usize,
    /// Bytes of a webhook.
    pub webhook_bytes_max: usize,
    /// Bytes of a call of the API.
    pub api_bytes_max: usize,
    /// Bytes of a call of the API that carries many lines.
    pub bulk_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 10_000,
            requests_max: 4_096,
            header_time: Duration::from_secs(10),
            body_time: Duration::from_secs(10),
            request_time: Duration::from_secs(40),
            connection_age: Duration::from_mins(15),
            drain_time: Duration::from_secs(10),
            header_bytes_max: 64 << 10,
            headers_max: 100,
            streams_max: 100,
            small_body_bytes_max: 64 << 10,
            large_bodies_max: 64,
            webhook_bytes_max: 5 << 20,
            api_bytes_max: 1 << 20,
            bulk_bytes_max: 4 << 20,
        }
    }
}
