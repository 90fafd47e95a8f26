//! The sockets to listen on: those that the service manager hands over, otherwise the configured
//! one.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::{fs::PermissionsExt, net::UnixStream},
    path::{Path, PathBuf},
};

use listenfd::ListenFd;
use tokio::net::{TcpListener, UnixListener};

use super::StartError;
use crate::{api::Listener, config::ListenAddr};

/// The owner and the group may connect; for a proxy, put its user into the group.
const SOCKET_MODE: u32 = 0o660;

/// A socket that listens, and where.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) listener: Listener,
    pub(super) addr: ListenAddr,
    /// Its file, if it was made here.
    pub(super) made: Option<PathBuf>,
}

/// Every socket that the service manager hands over; if it does not, the one at `wanted`.
pub(super) async fn open(wanted: &ListenAddr) -> Result<Vec<Socket>, StartError> {
    let handed_over = handed_over(&mut ListenFd::from_env()).map_err(StartError::Passed)?;
    if !handed_over.is_empty() {
        tracing::info!("listens on what the service manager hands over, not at server.addr");
        return Ok(handed_over);
    }
    Ok(vec![bind(wanted).await?])
}

/// The socket at `wanted`.
pub(super) async fn bind(wanted: &ListenAddr) -> Result<Socket, StartError> {
    let socket = match wanted {
        ListenAddr::Tcp(addr) => TcpListener::bind(addr).await.and_then(tcp),
        ListenAddr::Unix(path) => bind_unix(path).and_then(unix).map(|socket| {
            let made = Some(path.clone());
            Socket { made, ..socket }
        }),
    };
    socket.map_err(|source| StartError::Listen { addr: wanted.clone(), source })
}

fn handed_over(sockets: &mut ListenFd) -> io::Result<Vec<Socket>> {
    (0..sockets.len()).map(|index| take(sockets, index)).collect()
}

fn take(sockets: &mut ListenFd, index: usize) -> io::Result<Socket> {
    if let Ok(Some(listener)) = sockets.take_tcp_listener(index) {
        listener.set_nonblocking(true)?;
        return tcp(TcpListener::from_std(listener)?);
    }
    let listener = sockets.take_unix_listener(index)?;
    let listener = listener.ok_or(io::ErrorKind::InvalidInput)?;
    listener.set_nonblocking(true)?;
    unix(UnixListener::from_std(listener)?)
}

fn tcp(listener: TcpListener) -> io::Result<Socket> {
    let addr = listener.local_addr()?.into();
    Ok(Socket { listener: Listener::Tcp(listener), addr, made: None })
}

fn unix(listener: UnixListener) -> io::Result<Socket> {
    let path = listener.local_addr()?.as_pathname().map(Path::to_owned).unwrap_or_default();
    Ok(Socket { listener: Listener::Unix(listener), addr: ListenAddr::Unix(path), made: None })
}

/// Makes the socket's file, in place of one that a process has left behind that was killed.
fn bind_unix(path: &Path) -> io::Result<UnixListener> {
    let left_behind = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
    if UnixStream::connect(path).is_err_and(|error| left_behind(&error)) {
        fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, Permissions::from_mode(SOCKET_MODE))?;
    Ok(listener)
}
