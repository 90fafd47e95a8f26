//! Who the server proves to be: a certificate and its key, from files.

use std::{
    error::Error,
    fmt,
    fs::File,
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::NoServerSessionStorage,
};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_util::either::Either;
use zeroize::Zeroizing;

use super::Stream;

/// The bits of a file's mode that let in whoever is neither its owner nor in its group.
const OTHERS: u32 = 0o007;

/// A certificate and its key, with which TLS is spoken.
#[derive(Clone)]
pub struct Identity(Arc<ServerConfig>);

/// Why a certificate and its key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// One of the files cannot be read.
    #[error("cannot read {path}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is not what it should be.
    #[error("there is no {what} in {path}")]
    Nothing {
        /// What should be in it.
        what: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// The key is a secret no more.
    #[error("every user of this machine can open the key {path}")]
    Exposed {
        /// The file.
        path: PathBuf,
    },
    /// The two are not of a kind that can be used, or not of one pair.
    #[error("the certificate {certificate} cannot be used with the key {key}")]
    Unusable {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What is wrong with them.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl IdentityError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => {
                "server.tls.certificate and server.tls.key name files that the server's user can \
                 read"
            }
            Self::Nothing { .. } => {
                "both files are PEM: the certificate with those between it and its authority, the \
                 key without a passphrase"
            }
            Self::Exposed { .. } => {
                "take the right from them: chmod o= and the file; if it was open for long, have a \
                 new key certified"
            }
            Self::Unusable { .. } => {
                "give a certificate and the key that it was made for, the server's own certificate \
                 first in its file"
            }
        }
    }
}

impl Identity {
    /// Reads both files. Nothing of a connection outlives it: there are no tickets, by which one
    /// could be recognised that comes again.
    ///
    /// # Errors
    /// [`IdentityError`] says which file is wrong and what to do.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, IdentityError> {
        let chain = read_chain(certificate)?;
        let private = read_key(key)?;
        let unusable = |source: rustls::Error| IdentityError::Unusable {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            source: source.into(),
        };
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_no_client_auth()
            .with_single_cert(chain, private)
            .map_err(unusable)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self(Arc::new(config)))
    }

    /// Comes to terms with a client; for no longer than the caller waits.
    ///
    /// # Errors
    /// When the client hangs up, or speaks no TLS that is spoken here.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<Stream> {
        let secured = TlsAcceptor::from(Arc::clone(&self.0)).accept(stream).await?;
        Ok(Either::Right(Box::new(secured)))
    }
}

// The key is in it.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(…)")
    }
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
    let mut text = Vec::new();
    let read = File::open(path).and_then(|mut file| file.read_to_end(&mut text));
    read.map_err(unreadable(path))?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    chain.ok_or_else(|| IdentityError::Nothing { what: "certificate", path: path.to_owned() })
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, IdentityError> {
    let mut file = File::open(path).map_err(unreadable(path))?;
    let mode = file.metadata().map_err(unreadable(path))?.permissions().mode();
    if mode & OTHERS != 0 {
        return Err(IdentityError::Exposed { path: path.to_owned() });
    }
    let mut text = Zeroizing::new(Vec::new());
    file.read_to_end(&mut text).map_err(unreadable(path))?;
    let key = PrivateKeyDer::from_pem_slice(&text);
    key.map_err(|_| IdentityError::Nothing { what: "private key", path: path.to_owned() })
}

fn unreadable(path: &Path) -> impl Fn(io::Error) -> IdentityError {
    |source| IdentityError::Unreadable { path: path.to_owned(), source }
}
