//! How the connection to the database is kept from others.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, crypto::ring};
use tokio_postgres::{
    Config,
    config::{Host, SslMode},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::rows::{Cause, Failure};

/// Where the address does not say `sslmode=disable` or `sslmode=require`: no TLS to a database on
/// this machine, TLS to every other.
pub(super) fn decide(config: &mut Config) {
    if config.get_ssl_mode() == SslMode::Prefer {
        let stays_here = config.get_hosts().iter().all(is_here);
        config.ssl_mode(if stays_here { SslMode::Disable } else { SslMode::Require });
    }
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost"
                || name.parse().is_ok_and(|ip: std::net::Ipv4Addr| ip.is_loopback())
                || name.parse().is_ok_and(|ip: std::net::Ipv6Addr| ip.is_loopback())
        }
        Host::Unix(_) => true,
    }
}

/// Trusts whom the system trusts, or whom the file in `SSL_CERT_FILE` names; always checks the
/// name, too.
pub(super) fn connector() -> Result<MakeRustlsConnect, Failure> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::unavailable(Cause::Certificates(error.to_string())))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
