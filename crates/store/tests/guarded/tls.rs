//! The line to a server whose certificate an authority of our own has signed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crossdock_store::{Server, Store, StoreError};

use crate::{fresh, has_no_server};

/// A server of the test's own, which lets nobody in without TLS.
struct Guarded {
    folder: PathBuf,
    port: String,
}

impl Guarded {
    fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("crossdock-tls-{}", std::process::id()));
        let address = run(Command::new(script()).arg("start").arg(&folder));
        let port = fs::read_to_string(folder.join("port")).unwrap().trim().to_owned();
        make_certificates(&folder);
        let at = |name: &str| folder.join(name).display().to_string();
        fs::write(
            folder.join("data/pg_hba.conf"),
            "hostssl all all all trust\nlocal all all trust\n",
        )
        .unwrap();
        let settings = [
            format!("ALTER SYSTEM SET ssl_cert_file = '{}'", at("server.pem")),
            format!("ALTER SYSTEM SET ssl_key_file = '{}'", at("server.key")),
            "ALTER SYSTEM SET ssl = on".to_owned(),
            "SELECT pg_reload_conf()".to_owned(),
        ];
        for sql in &settings {
            run(Command::new("psql").args([address.trim(), "-qAtXc", sql]));
        }
        let guarded = Self { folder, port };
        // The server reads its settings anew in its own time.
        while !matches!(
            guarded.connect("127.0.0.1", "sslmode=disable"),
            Err(StoreError::Refused(_))
        ) {}
        guarded
    }

    fn connect(&self, host: &str, words: &str) -> Result<(), StoreError> {
        let url = format!("postgres://crossdock@{host}:{}/crossdock?{words}", self.port);
        Store::connect(&Server::parse(&url).unwrap()).map(drop)
    }

    /// Words that name an authority.
    fn signed_by(&self, mode: &str, authority: &str) -> String {
        format!("sslmode={mode}&sslrootcert={}", self.folder.join(authority).display())
    }

    fn refusal(&self, host: &str, words: &str) -> String {
        match self.connect(host, words) {
            Err(StoreError::Refused(why)) => why,
            other => panic!("{words}: {other:?}"),
        }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        run(Command::new(script()).arg("stop").arg(&self.folder));
    }
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/postgres")
}

fn run(command: &mut Command) -> String {
    let done = command.output().unwrap();
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).into_owned()
}

/// An authority, a certificate for `localhost` that it has signed, and an authority that has signed nothing.
fn make_certificates(folder: &Path) {
    let script = "set -e
        key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650'
        openssl req -x509 $key -keyout ca.key -out ca.pem -subj /CN=ours
        openssl req -x509 $key -keyout wrong.key -out wrong.pem -subj /CN=another
        openssl req $key -keyout server.key -out server.csr -subj /CN=localhost
        echo subjectAltName=DNS:localhost > san
        openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -extfile san -out server.pem
        chmod 600 server.key
        chown --reference=data server.key server.pem";
    run(Command::new("bash").args(["-c", script]).current_dir(folder));
}

#[test]
fn a_certificate_is_checked_as_far_as_the_address_asks_for_it() {
    if has_no_server() {
        return;
    }
    let server = Guarded::start();
    let ours = |mode| server.signed_by(mode, "ca.pem");
    let wrong = |mode| server.signed_by(mode, "wrong.pem");
    for words in ["", "sslmode=prefer", "sslmode=require"] {
        server.connect("127.0.0.1", words).unwrap();
    }
    server.connect("localhost", &ours("verify-full")).unwrap();
    server.connect("localhost", &ours("verify-ca")).unwrap();
    server.connect("127.0.0.1", &ours("verify-ca")).unwrap();
    server.connect("127.0.0.1", &ours("require")).unwrap();

    let name = server.refusal("127.0.0.1", &ours("verify-full"));
    assert!(name.contains("it is for another name"), "{name}");
    for mode in ["require", "verify-ca", "verify-full"] {
        let why = server.refusal("localhost", &wrong(mode));
        assert!(why.contains("nobody known signed it"), "{mode}: {why}");
    }
    let system = server.refusal("localhost", "sslmode=verify-full");
    assert!(system.contains("nobody known signed it"), "{system}");

    let plain = server.refusal("127.0.0.1", "sslmode=disable");
    assert!(plain.contains("if it wants TLS, say sslmode=require"), "{plain}");
}

#[test]
fn a_server_without_tls_is_named_as_such_where_tls_is_asked_for() {
    if has_no_server() {
        return;
    }
    let url = format!("{}?sslmode=require", fresh::server().unwrap());
    let refused = Store::connect(&Server::parse(&url).unwrap());
    let Err(StoreError::Refused(why)) = refused else { panic!("{refused:?}") };
    assert!(why.starts_with("the server does not speak TLS"), "{why}");
}
