//! A database with the roles that `docs/sql` makes, under names of its own: roles belong to the whole server.

use std::process::Command;

use crossdock_store::{Server, Store};

use crate::stock::Shelf;

const ROLES: &str = include_str!("../../../../docs/sql/roles.sql");
const READER: &str = include_str!("../../../../docs/sql/reader.sql");

/// Items of two clients, `main` and `other`; an owner, a hub, and a reader of `main`.
pub(crate) struct Roles {
    shelf: Option<Shelf>,
    admin: String,
    suffix: String,
}

impl Roles {
    pub(crate) fn new() -> Self {
        let shelf = Shelf::with(3);
        let admin = shelf.place.url().unwrap();
        let suffix = admin.rsplit_once('/').unwrap().1.to_owned();
        let roles = Self { shelf: Some(shelf), admin, suffix };
        roles.say(&roles.renamed(ROLES));
        roles.say(&roles.renamed(READER));
        roles
    }

    /// The same in a cloud: the database belongs to an administrator who is no superuser, and who does it all.
    pub(crate) fn by_a_mere_administrator() -> Self {
        let shelf = Shelf::with(3);
        let admin = shelf.place.url().unwrap();
        let suffix = admin.rsplit_once('/').unwrap().1.to_owned();
        let mut roles = Self { shelf: Some(shelf), admin, suffix };
        let mere = roles.name("admin");
        roles.say(&format!(
            "DROP SCHEMA public CASCADE; CREATE ROLE {mere} LOGIN NOSUPERUSER CREATEROLE; \
             ALTER DATABASE {} OWNER TO {mere}; CREATE SCHEMA public AUTHORIZATION {mere}",
            roles.suffix
        ));
        roles.admin = roles.url("admin");
        drop(Store::connect(&Server::parse(&roles.admin).unwrap()).unwrap());
        roles.say(&roles.renamed(ROLES));
        roles.say(&roles.renamed(READER));
        roles
    }

    /// The text of a script, about the roles of this database.
    pub(crate) fn renamed(&self, sql: &str) -> String {
        ["crossdock_owner", "crossdock_hub", "report_main"]
            .into_iter()
            .fold(sql.to_owned(), |sql, role| sql.replace(role, &self.name(role)))
    }

    pub(crate) fn name(&self, role: &str) -> String {
        format!("{role}_{}", self.suffix)
    }

    /// The database's address for one of its roles.
    pub(crate) fn url(&self, role: &str) -> String {
        let (_, rest) = self.admin.split_once('@').unwrap();
        format!("postgres://{}@{rest}", self.name(role))
    }

    /// Has the administrator do something.
    pub(crate) fn say(&self, sql: &str) -> String {
        psql(&self.admin, sql).unwrap_or_else(|why| panic!("{sql}: {why}"))
    }

    /// What one of the roles gets to see, line by line, or why it does not.
    pub(crate) fn ask(&self, role: &str, sql: &str) -> Result<String, String> {
        psql(&self.url(role), sql)
    }
}

impl Drop for Roles {
    fn drop(&mut self) {
        let server = crate::fresh::server().unwrap();
        // With the database everything goes that a role owns or may do.
        drop(self.shelf.take());
        for role in ["report_main", "crossdock_hub", "crossdock_owner", "stranger", "admin"] {
            let _ = psql(&server, &format!("DROP ROLE IF EXISTS {}", self.name(role)));
        }
    }
}

fn psql(url: &str, sql: &str) -> Result<String, String> {
    let args = [url, "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", sql];
    let said = Command::new("psql").args(args).output().unwrap();
    if said.status.success() {
        Ok(String::from_utf8_lossy(&said.stdout).trim().to_owned())
    } else {
        Err(String::from_utf8_lossy(&said.stderr).into_owned())
    }
}
