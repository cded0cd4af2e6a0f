//! A database that cannot be used: whoever starts a hub is told why in one line, and nothing is started.

use std::process::{Command, Output};

use crate::cluster::server::Postgres;
use crate::hub::{program, text};

const PASSWORD: &str = "password-canary";

fn run(url: &str, words: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(program());
    command.arg("--data").arg(folder.path().join("data")).args(words);
    command.current_dir(folder.path()).env("CROSSDOCK_DATABASE_URL", url).output().unwrap()
}

/// Both who looks and who starts get one line with these words.
fn assert_refused(url: &str, says: &[&str]) {
    let start = ["serve", "--public", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
    assert_each_is_refused(&[&["check"], &start], url, says);
}

fn assert_each_is_refused(commands: &[&[&str]], url: &str, says: &[&str]) {
    for words in commands {
        let output = run(url, words);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{words:?} with {url}: {told}");
        assert_eq!(told.trim_end().lines().count(), 1, "{words:?} with {url}: {told}");
        for says in says {
            assert!(told.contains(says), "{words:?} with {url}: {told}");
        }
        assert!(!told.contains(PASSWORD), "{told}");
    }
}

#[test]
fn an_address_that_is_none_is_refused_with_how_one_reads() {
    for (url, says) in [
        ("mysql://user@host/database", "does not begin with postgres://"),
        ("postgres://", "it names no host"),
        (&format!("postgres://me:{PASSWORD}@host:99999/database"), "`port`"),
        (&format!("postgres://me:{PASSWORD}@host/database?sslmode=perhaps"), "sslmode=perhaps"),
    ] {
        assert_refused(
            url,
            &["CROSSDOCK_DATABASE_URL", says, "postgres://user:password@host:5432/database"],
        );
    }
}

/// To a person. Who starts a hub waits for it.
#[test]
fn a_server_that_is_not_there_is_named_with_the_reason() {
    let port = crate::hub::free_port();
    let url = format!("postgres://me:{PASSWORD}@127.0.0.1:{port}/mine?sslmode=disable");
    let says = [&format!("127.0.0.1:{port}/mine"), "away", "Connection refused"];
    assert_each_is_refused(&[&["check"], &["token", "list"]], &url, &says);
}

/// A server that asks some of its users for more than others.
fn strict() -> Postgres {
    let server = Postgres::start();
    let rules = server.ask("SELECT current_setting('hba_file')");
    let others = std::fs::read_to_string(&rules).unwrap();
    let first =
        "host all asked 127.0.0.1/32 scram-sha-256\nhostnossl all sealed 127.0.0.1/32 reject\n";
    std::fs::write(&rules, format!("{first}{others}")).unwrap();
    server.ask("SELECT pg_reload_conf()");
    server.ask("CREATE ROLE asked LOGIN PASSWORD 'another'; CREATE ROLE sealed LOGIN; CREATE ROLE weak LOGIN");
    server
}

#[test]
fn whom_the_server_does_not_let_in_is_told_why() {
    let server = strict();
    let at = |user: &str, database: &str| format!("postgres://{user}@{}/{database}", server.host());
    let refuses = "the database refuses";
    assert_refused(
        &at(&format!("asked:{PASSWORD}"), "crossdock"),
        &[refuses, "password authentication failed for user \"asked\""],
    );
    assert_refused(&at("asked", "crossdock"), &[refuses, "password missing"]);
    assert_refused(&at("nobody", "crossdock"), &[refuses, "role \"nobody\" does not exist"]);
    assert_refused(&at("crossdock", "nowhere"), &[refuses, "database \"nowhere\" does not exist"]);
    assert_refused(
        &(at("sealed", "crossdock") + "?sslmode=disable"),
        &[refuses, "sslmode=require"],
    );
    assert_refused(
        &(at("crossdock", "crossdock") + "?sslmode=require"),
        &[refuses, "does not speak TLS"],
    );
}

#[test]
fn a_database_that_is_not_ours_to_change_is_left_to_its_owner() {
    let server = strict();
    let url = format!("postgres://weak@{}/crossdock", server.host());
    let refused = run(&url, &["serve", "--public", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
    let told = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{told}");
    assert!(told.contains("permission denied") && told.contains("by their owner"), "{told}");
    assert_eq!(told.trim_end().lines().count(), 1, "{told}");
    // Who looks changes nothing, and sees that there is nothing yet.
    assert!(text(&run(&url, &["check"]).stdout).contains("will be made"));
}

#[test]
fn a_schema_of_tomorrow_and_a_server_of_yesterday_are_refused() {
    let server = strict();
    drop(server.store());
    server.ask("INSERT INTO migrations VALUES (99, '\\x00')");
    assert_refused(&server.address, &["schema 99", "start the newer version"]);
    // The server cannot be older than it is; but it can say so.
    server.ask(
        "CREATE FUNCTION public.current_setting(text) RETURNS text LANGUAGE sql \
         AS $$ SELECT CASE $1 WHEN 'server_version_num' THEN '140010' ELSE '14.10' END $$",
    );
    server.ask("ALTER DATABASE crossdock SET search_path = public, pg_catalog");
    assert_refused(&server.address, &["PostgreSQL 14.10", "15 or newer"]);
}
