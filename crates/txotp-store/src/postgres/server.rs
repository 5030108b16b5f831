//! Where the servers are, and how they are spoken to: what a connection string says.
//!
//! | host | spoken to |
//! | --- | --- |
//! | a folder with a Unix socket; `localhost`, 127.0.0.0/8, ::1 | in plain, unless `sslmode` asks for TLS |
//! | any other | by TLS 1.2 or 1.3 with the host's name verified, unless `sslmode=disable` |

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::StoreError;

/// What a connection string may say that is handed on as it is. What is not here, or below in [`Wishes`],
/// is an error: a misspelt wish for safety must not go unheard.
const HANDED_ON: &[&str] = &[
    "application_name",
    "channel_binding",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "user",
];

/// The least that keepalive can be set to.
const SECOND: Duration = Duration::from_secs(1);

/// A server, as one of those that a connection string names.
pub(super) struct Server {
    pub(super) config: Config,
    /// Where it is not spoken to in plain.
    pub(super) tls: Option<MakeRustlsConnect>,
}

/// What a connection string asks of TLS.
#[derive(Default)]
struct Wishes {
    /// `disable` is `false`. `prefer` is not less than `require` and `verify-full`, since TLS that is not
    /// verified, or that anybody on the way can turn off, keeps out nobody.
    tls: Option<bool>,
    /// A file of PEM with the certificates to trust instead of the system's.
    roots: Option<PathBuf>,
}

/// The servers of a connection string, in its order.
///
/// # Errors
/// [`StoreError::Location`] where it is not understood or says nothing of a host;
/// [`StoreError::Untrusted`] where there is no certificate to trust.
pub(super) fn parse(url: &str, patience: Duration) -> Result<Vec<Server>, StoreError> {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let mut wishes = Wishes::default();
    let mut handed_on = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').ok_or(StoreError::Location)?;
        match (name, value) {
            ("sslmode", "disable") => wishes.tls = Some(false),
            ("sslmode", "prefer" | "require" | "verify-full") => wishes.tls = Some(true),
            ("sslrootcert", file) => wishes.roots = Some(decode(file)?),
            // It always is.
            ("target_session_attrs", "read-write") => {}
            _ if HANDED_ON.contains(&name) => handed_on.push(pair),
            _ => return Err(StoreError::Location),
        }
    }
    let parsed: Config = format!("{place}?{}", handed_on.join("&"))
        .parse()
        .map_err(|_| StoreError::Location)?;
    split(&parsed, &wishes, patience)
}

fn decode(value: &str) -> Result<PathBuf, StoreError> {
    let text = String::from_utf8(percent_decode_str(value).collect());
    text.map(PathBuf::from).map_err(|_| StoreError::Location)
}

/// Makes one configuration for each server, so that each has its own share of the time: a server that
/// accepts a connection and then says nothing must not keep the next one from being asked.
fn split(parsed: &Config, wishes: &Wishes, patience: Duration) -> Result<Vec<Server>, StoreError> {
    let (hosts, addresses) = (parsed.get_hosts(), parsed.get_hostaddrs());
    let count = hosts.len().max(addresses.len());
    let fits = |length: usize| length == 0 || length == count;
    let ports = parsed.get_ports();
    let one_port = ports.len() == 1;
    if count == 0
        || !fits(hosts.len())
        || !fits(addresses.len())
        || !(fits(ports.len()) || one_port)
    {
        return Err(StoreError::Location);
    }
    let share = share(patience, count);
    let mut connector = None;
    let mut servers = Vec::with_capacity(count);
    for place in 0..count {
        let (host, address) = (hosts.get(place), addresses.get(place));
        let is_local =
            host.is_none_or(is_local) && address.is_none_or(std::net::IpAddr::is_loopback);
        let is_socket = matches!(host, Some(Host::Unix(_))) && address.is_none();
        let mut config = login(parsed);
        match host {
            Some(Host::Tcp(name)) => _ = config.host(name),
            #[cfg(unix)]
            Some(Host::Unix(folder)) => _ = config.host_path(folder),
            None => {}
        }
        address.map(|address| config.hostaddr(*address));
        let port = ports.get(place).or_else(|| ports.first());
        port.map(|port| config.port(*port));
        config
            .connect_timeout(share)
            .tcp_user_timeout(patience)
            .keepalives_idle(self::share(patience, 2).max(SECOND))
            .keepalives_interval(self::share(patience, 4).max(SECOND))
            .keepalives_retries(2)
            .target_session_attrs(TargetSessionAttrs::ReadWrite);
        let tls = if !is_socket && wishes.tls.unwrap_or(!is_local) {
            if connector.is_none() {
                connector = Some(trust(wishes.roots.as_deref())?);
            }
            connector.clone()
        } else {
            None
        };
        config.ssl_mode(tls.as_ref().map_or(SslMode::Disable, |_| SslMode::Require));
        servers.push(Server { config, tls });
    }
    Ok(servers)
}

/// A part of the time.
pub(super) fn share(patience: Duration, count: usize) -> Duration {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    patience.checked_div(count).unwrap_or(patience)
}

/// Who logs in, and where to.
fn login(parsed: &Config) -> Config {
    let mut config = Config::new();
    config.channel_binding(parsed.get_channel_binding());
    config.application_name(parsed.get_application_name().unwrap_or("txotp"));
    parsed.get_user().map(|user| config.user(user));
    parsed
        .get_password()
        .map(|password| config.password(password));
    parsed.get_dbname().map(|name| config.dbname(name));
    parsed.get_options().map(|options| config.options(options));
    config
}

/// Whether what is said to a host stays on this machine.
fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse()
                    .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

/// TLS that trusts the certificates of a file, or those of the system.
fn trust(file: Option<&Path>) -> Result<MakeRustlsConnect, StoreError> {
    let certificates = match file {
        Some(file) => {
            let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
            read.map_err(|_| StoreError::Untrusted)?
        }
        // What cannot be read of the system's is not trusted, and the rest is.
        None => rustls_native_certs::load_native_certs().certs,
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates);
    if roots.is_empty() {
        return Err(StoreError::Untrusted);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has the cipher suites of TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    /// Whether TLS is used with each server.
    fn tls(url: &str) -> Result<Vec<bool>, StoreError> {
        let servers = parse(url, PATIENCE)?;
        Ok(servers.iter().map(|server| server.tls.is_some()).collect())
    }

    fn roots() -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("roots.pem");
        std::fs::write(&file, include_str!("../../tests/data/root.pem")).unwrap();
        let name = file.to_str().unwrap().to_owned();
        (folder, name)
    }

    #[test]
    fn what_stays_on_this_machine_needs_no_tls() {
        for host in [
            "%2Frun%2Fpostgresql",
            "localhost",
            "127.0.0.1",
            "127.9.9.9",
            "[::1]",
        ] {
            assert_eq!(
                tls(&format!("postgres://u@{host}/d")),
                Ok(vec![false]),
                "{host}"
            );
        }
    }

    #[test]
    fn what_leaves_this_machine_has_tls_unless_it_is_disabled() {
        let (_folder, file) = roots();
        for host in [
            "db.example",
            "10.0.0.1",
            "[2001:db8::1]",
            "localhost.example",
        ] {
            let url = format!("postgres://u@{host}/d?sslrootcert={file}");
            assert_eq!(tls(&url), Ok(vec![true]), "{host}");
            for mode in ["prefer", "require", "verify-full"] {
                assert_eq!(tls(&format!("{url}&sslmode={mode}")), Ok(vec![true]));
            }
            assert_eq!(tls(&format!("{url}&sslmode=disable")), Ok(vec![false]));
        }
    }

    #[test]
    fn an_address_and_a_name_must_both_be_local_for_plain() {
        let (_folder, file) = roots();
        let url =
            |host, address| format!("postgres://u@{host}/d?hostaddr={address}&sslrootcert={file}");
        assert_eq!(tls(&url("localhost", "127.0.0.1")), Ok(vec![false]));
        assert_eq!(tls(&url("localhost", "10.0.0.1")), Ok(vec![true]));
        assert_eq!(tls(&url("db.example", "127.0.0.1")), Ok(vec![true]));
    }

    #[test]
    fn each_server_of_a_list_is_judged_by_itself() {
        let (_folder, file) = roots();
        let url = format!("postgres://u@a.example:1,localhost:2,b.example/d?sslrootcert={file}");
        assert_eq!(tls(&url), Ok(vec![true, false, true]));
        let ports: Vec<_> = parse(&url, PATIENCE)
            .unwrap()
            .iter()
            .map(|server| server.config.get_ports().to_vec())
            .collect();
        assert_eq!(ports, [[1], [2], [5432]]);
    }

    #[test]
    fn nothing_unknown_is_passed_over() {
        for query in [
            "sslmod=require",
            "sslmode=allow",
            "sslmode=",
            "sslmode",
            "target_session_attrs=any",
            "connect_timeout=1",
            "sslcert=x",
        ] {
            let url = format!("postgres://u@localhost/d?{query}");
            assert_eq!(tls(&url), Err(StoreError::Location), "{query}");
        }
        for url in ["postgres://", "postgres:///d", "postgres://u@localhost:x/d"] {
            assert_eq!(tls(url), Err(StoreError::Location), "{url}");
        }
    }

    #[test]
    fn without_a_certificate_to_trust_there_is_no_connection() {
        for file in ["/nowhere/roots.pem", "/dev/null"] {
            let url = format!("postgres://u@db.example/d?sslrootcert={file}");
            assert_eq!(tls(&url), Err(StoreError::Untrusted), "{file}");
        }
    }
}
