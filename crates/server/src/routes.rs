//! Addresses with their methods, as a list beside the router: what is mounted can be counted, and nothing can be mounted
//! without being on the list.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};
use http::Method;

use crate::app::App;

/// One address and one method that it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The method.
    pub method: Method,
    /// The path, with `{names}` in it.
    pub path: String,
}

/// Addresses, with what answers them.
#[derive(Debug, Default)]
pub struct Routes {
    router: Router<App>,
    listed: Vec<Address>,
}

impl Routes {
    /// Takes GET at a path.
    #[must_use]
    pub fn get<H: Handler<T, App>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.takes((Method::GET, MethodFilter::GET), path, handler)
    }

    /// Takes POST at a path.
    #[must_use]
    pub fn post<H: Handler<T, App>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.takes((Method::POST, MethodFilter::POST), path, handler)
    }

    /// Takes PUT at a path.
    #[must_use]
    pub fn put<H: Handler<T, App>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.takes((Method::PUT, MethodFilter::PUT), path, handler)
    }

    /// Takes DELETE at a path.
    #[must_use]
    pub fn delete<H: Handler<T, App>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.takes((Method::DELETE, MethodFilter::DELETE), path, handler)
    }

    fn takes<H: Handler<T, App>, T: 'static>(
        mut self,
        (method, filter): (Method, MethodFilter),
        path: &str,
        handler: H,
    ) -> Self {
        self.listed.push(Address { method, path: path.to_owned() });
        Self { router: self.router.route(path, on(filter, handler)), ..self }
    }

    /// Takes all that others take.
    #[must_use]
    pub fn merge(mut self, others: Self) -> Self {
        self.listed.extend(others.listed);
        Self { router: self.router.merge(others.router), ..self }
    }

    /// Takes under a path what others take.
    #[must_use]
    pub fn under(mut self, path: &str, others: Self) -> Self {
        self.listed.extend(others.listed.into_iter().map(|address| {
            let rest = if address.path == "/" { "" } else { address.path.as_str() };
            Address { path: format!("{path}{rest}"), ..address }
        }));
        Self { router: self.router.nest(path, others.router), ..self }
    }

    /// The addresses, in the order in which they were named.
    #[must_use]
    pub fn addresses(&self) -> &[Address] {
        &self.listed
    }

    /// What answers them.
    pub fn into_router(self) -> Router<App> {
        self.router
    }
}
