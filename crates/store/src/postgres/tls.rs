//! How the line to the server is protected: what `sslmode` and `sslrootcert` of its address say, in the words that
//! PostgreSQL's own programs use. The driver knows half of them; the other half is told to rustls here.

use std::fmt;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Config, error::SqlState};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::StoreError;

/// What is asked of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guard {
    /// Nothing: plain.
    Disable,
    /// Encrypted where the server can.
    Prefer,
    /// Encrypted, by whomever.
    Require,
    /// Encrypted, by somebody whom a known authority has signed …
    VerifyCa,
    /// … for this host's name.
    VerifyFull,
}

/// The connector, and what the driver must know.
#[derive(Clone)]
pub(super) struct Tls {
    guard: Guard,
    connector: MakeRustlsConnect,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tls({:?})", self.guard)
    }
}

/// What of an address is about the line, and the rest of it.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) rest: String,
    mode: Option<String>,
    roots: Option<String>,
}

impl Asked {
    /// Takes `sslmode` and `sslrootcert` out of an address.
    pub(super) fn take_out_of(url: &str) -> Self {
        let Some((place, query)) = url.rsplit_once('?') else {
            return Self { rest: url.to_owned(), ..Self::default() };
        };
        let (mut mode, mut roots, mut others) = (None, None, Vec::new());
        for pair in query.split('&') {
            match pair.split_once('=') {
                Some(("sslmode", value)) => mode = Some(decoded(value)),
                Some(("sslrootcert", value)) => roots = Some(decoded(value)),
                _ => others.push(pair),
            }
        }
        let mark = if others.is_empty() { "" } else { "?" };
        Self { rest: [place, mark, &others.join("&")].concat(), mode, roots }
    }

    /// What it comes to for these hosts; the error says in words what is wrong with it.
    pub(super) fn settle(&self, config: &mut Config) -> Result<Tls, String> {
        let guard = match self.mode.as_deref() {
            None if self.roots.is_some() => Guard::VerifyFull,
            None if is_at_home(config) => Guard::Prefer,
            Some("disable") => Guard::Disable,
            Some("prefer" | "allow") => Guard::Prefer,
            // As PostgreSQL's own programs do: who names an authority wants it asked.
            Some("require") if self.roots.is_some() => Guard::VerifyCa,
            None | Some("require") => Guard::Require,
            Some("verify-ca") => Guard::VerifyCa,
            Some("verify-full") => Guard::VerifyFull,
            Some(other) => {
                return Err(format!(
                    "sslmode={other}: it is disable, prefer, require, verify-ca or verify-full"
                ));
            }
        };
        config.ssl_mode(match guard {
            Guard::Disable => SslMode::Disable,
            Guard::Prefer => SslMode::Prefer,
            Guard::Require | Guard::VerifyCa | Guard::VerifyFull => SslMode::Require,
        });
        let connector = MakeRustlsConnect::new(self.client(guard)?);
        Ok(Tls { guard, connector })
    }

    fn client(&self, guard: Guard) -> Result<ClientConfig, String> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier: Arc<dyn ServerCertVerifier> = match guard {
            Guard::Disable | Guard::Prefer | Guard::Require => Arc::new(Anybody(provider.clone())),
            Guard::VerifyCa => Arc::new(AnyName(self.authorities(&provider)?)),
            Guard::VerifyFull => self.authorities(&provider)?,
        };
        let versions =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let client = versions.map_err(|error| format!("TLS cannot be used: {error}"))?;
        Ok(client.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
    }

    fn authorities(
        &self,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Arc<WebPkiServerVerifier>, String> {
        let mut roots = RootCertStore::empty();
        match self.roots.as_deref() {
            None | Some("system") => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
            Some(path) => {
                let bad =
                    |why: &dyn fmt::Display| format!("sslrootcert {path} cannot be used: {why}");
                let found = CertificateDer::pem_file_iter(path).map_err(|error| bad(&error))?;
                for certificate in found {
                    let certificate = certificate.map_err(|error| bad(&error))?;
                    roots.add(certificate).map_err(|error| bad(&error))?;
                }
            }
        }
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
            .build()
            .map_err(|_| match &self.roots {
                Some(path) => format!("sslrootcert {path} holds no certificate"),
                None => "this machine knows no authorities: name a file by sslrootcert".to_owned(),
            })
    }
}

impl Tls {
    pub(super) fn connector(&self) -> MakeRustlsConnect {
        self.connector.clone()
    }

    /// Why no connection was made, with what to do about it where that is about how the line is protected.
    pub(super) fn complaint(&self, error: tokio_postgres::Error) -> StoreError {
        if let Some(said) = error.as_db_error() {
            let is_plain = matches!(self.guard, Guard::Disable);
            if is_plain && *said.code() == SqlState::INVALID_AUTHORIZATION_SPECIFICATION {
                return StoreError::Refused(format!(
                    "{} ({}); if it wants TLS, say sslmode=require in its address",
                    said.message(),
                    said.code().code()
                ));
            }
            return error.into();
        }
        let why = std::error::Error::source(&error);
        if let Some(Error::InvalidCertificate(wrong)) = why.and_then(rustls_error) {
            return StoreError::Refused(format!(
                "the server's certificate is not accepted ({}); sslrootcert names the authority that signed it",
                in_words(wrong)
            ));
        }
        if why.is_some_and(|why| why.to_string() == "server does not support TLS") {
            return StoreError::Refused(
                "the server does not speak TLS; where the network up to it is trusted, say sslmode=disable in its \
                 address"
                    .to_owned(),
            );
        }
        error.into()
    }
}

fn rustls_error<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e Error> {
    error.downcast_ref::<std::io::Error>()?.get_ref()?.downcast_ref()
}

fn in_words(wrong: &CertificateError) -> String {
    if *wrong == CertificateError::UnknownIssuer {
        "nobody known signed it".to_owned()
    } else if is_about_the_name(wrong) {
        "it is for another name".to_owned()
    } else {
        wrong.to_string()
    }
}

fn is_about_the_name(wrong: &CertificateError) -> bool {
    *wrong == CertificateError::NotValidForName
        || matches!(wrong, CertificateError::NotValidForNameContext { .. })
}

/// Whether no word of the line leaves this machine.
fn is_at_home(config: &Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    })
}

fn decoded(value: &str) -> String {
    percent_decode_str(value).decode_utf8_lossy().into_owned()
}

/// Takes whoever holds the key to the certificate that is shown: enough against those who only listen.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Takes whomever a known authority has signed, by whatever name.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // The name is looked at last: who fails by it has passed everything else.
        match self.0.verify_server_cert(certificate, between, name, ocsp, now) {
            Err(Error::InvalidCertificate(wrong)) if is_about_the_name(&wrong) => {
                Ok(ServerCertVerified::assertion())
            }
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(url: &str) -> Result<Guard, String> {
        let asked = Asked::take_out_of(url);
        let mut config: Config = asked.rest.parse().unwrap();
        asked.settle(&mut config).map(|tls| tls.guard)
    }

    #[test]
    fn without_a_word_a_line_through_the_network_is_encrypted_and_one_at_home_where_it_can_be() {
        assert_eq!(guard("postgres://u@db.example/x"), Ok(Guard::Require));
        assert_eq!(guard("postgres://u@10.0.0.1/x?application_name=a"), Ok(Guard::Require));
        assert_eq!(guard("postgres://u@127.0.0.1,db.example/x"), Ok(Guard::Require));
        for home in ["localhost", "127.0.0.1", "[::1]", "%2Frun%2Fpostgresql"] {
            assert_eq!(guard(&format!("postgres://u@{home}/x")), Ok(Guard::Prefer), "{home}");
        }
    }

    #[test]
    fn what_is_said_of_the_line_is_taken_out_and_the_rest_stays() {
        let asked = Asked::take_out_of(
            "postgres://u:p?@h/x?a=1&sslmode=verify-ca&sslrootcert=%2Fa%20b&c=2",
        );
        assert_eq!(asked.rest, "postgres://u:p?@h/x?a=1&c=2");
        assert_eq!(asked.mode.as_deref(), Some("verify-ca"));
        assert_eq!(asked.roots.as_deref(), Some("/a b"));
        assert_eq!(Asked::take_out_of("postgres://u:p?w@h/x").rest, "postgres://u:p?w@h/x");
        assert_eq!(Asked::take_out_of("postgres://h/x?sslmode=disable").rest, "postgres://h/x");
    }

    #[test]
    fn a_word_that_is_none_and_a_file_that_is_not_there_are_told() {
        assert!(guard("postgres://h/x?sslmode=always").unwrap_err().contains("verify-full"));
        let missing =
            guard("postgres://h/x?sslmode=verify-ca&sslrootcert=/nowhere.pem").unwrap_err();
        assert!(missing.starts_with("sslrootcert /nowhere.pem cannot be used"), "{missing}");
    }
}
