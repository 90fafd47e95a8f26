//! How the connection to the database is kept from others.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::rows::{Cause, Failure};

/// Trusts whom this file names, otherwise whom the system trusts or the file in `SSL_CERT_FILE`
/// names; always checks the name, too.
pub(super) fn connector(authorities: Option<&Path>) -> Result<MakeRustlsConnect, Failure> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| failure(error.to_string()))?
        .with_root_certificates(authorities.map_or_else(|| Ok(of_the_system()), named)?)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn of_the_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

fn named(path: &Path) -> Result<RootCertStore, Failure> {
    let unusable =
        || failure("sslrootcert names no file with an authority's certificates".to_owned());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|_| unusable())? {
        let certificate = certificate.map_err(|_| unusable())?;
        roots.add(certificate).map_err(|_| unusable())?;
    }
    if roots.is_empty() { Err(unusable()) } else { Ok(roots) }
}

fn failure(what: String) -> Failure {
    Failure::unavailable(Cause::Certificates(what))
}
