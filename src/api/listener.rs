//! What connections come from: a port, or a Unix socket for a proxy on the same machine.

use std::{io, net::SocketAddr, os::fd::OwnedFd};

use tokio::net::{TcpListener, TcpStream, UnixListener};

/// Something that gives connections.
#[derive(Debug)]
pub enum Listener {
    /// A port.
    Tcp(TcpListener),
    /// A Unix socket. Who may connect is for the permissions of its file to say.
    Unix(UnixListener),
}

/// Where a connection comes from; `None` for one over a Unix socket, which has no address.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub Option<SocketAddr>);

impl Listener {
    /// The next connection. Loses none when it is dropped.
    pub(super) async fn accept(&self) -> io::Result<(TcpStream, Peer)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                // Frames are small and leave as soon as they are written. A socket that refuses
                // the option works all the same.
                let _ = stream.set_nodelay(true);
                Ok((stream, Peer(Some(peer))))
            }
            Self::Unix(listener) => {
                let stream = listener.accept().await?.0.into_std()?;
                // Bytes come and go by the same system calls, so everything above knows one kind
                // of stream; what only a port has, nobody asks of it.
                let stream = std::net::TcpStream::from(OwnedFd::from(stream));
                Ok((TcpStream::from_std(stream)?, Peer(None)))
            }
        }
    }
}
