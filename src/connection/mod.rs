//! A connection's bytes, in the clear or under TLS: one task reads them, and whoever has something
//! to say writes.

mod identity;
mod tls;
mod unchecked;

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use rustix::net::{Shutdown, shutdown};
use tokio::{
    io::{AsyncRead, ReadBuf},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;

use self::tls::TlsSocket;
pub use self::{
    identity::{Identity, IdentityError},
    unchecked::unchecked,
};

/// A connection while HTTP is spoken on it.
pub type Stream = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// Parts a connection in two, which end it together: when both are gone, it is.
pub fn split(stream: Stream) -> (ReadHalf, WriteHalf) {
    match stream {
        Either::Left(stream) => {
            let (read, write) = stream.into_split();
            (ReadHalf::Plain(read), WriteHalf::Plain(write))
        }
        Either::Right(stream) => {
            let (stream, session) = stream.into_inner();
            let socket = Arc::new(TlsSocket::new(stream, session));
            (ReadHalf::Tls(Arc::clone(&socket)), WriteHalf::Tls(socket))
        }
    }
}

/// What comes in.
#[derive(Debug)]
pub enum ReadHalf {
    /// In the clear.
    Plain(OwnedReadHalf),
    /// Under TLS.
    Tls(Arc<TlsSocket>),
}

impl ReadHalf {
    /// Reads once what is there, into `space`; nothing at the end.
    pub fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(half) => Pin::new(half).poll_read(context, space),
            Self::Tls(socket) => socket.poll_read(context, space),
        }
    }
}

/// What goes out. Nothing here waits.
#[derive(Debug)]
pub enum WriteHalf {
    /// In the clear.
    Plain(OwnedWriteHalf),
    /// Under TLS.
    Tls(Arc<TlsSocket>),
}

impl WriteHalf {
    /// Takes as many of `bytes` as go out now. Of what is taken under TLS some may still have to
    /// follow by [`Self::push`].
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] when none was taken, others when the connection is broken.
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(half) => half.try_write(bytes),
            Self::Tls(socket) => socket.try_write(bytes),
        }
    }

    /// Sends what was taken and has not gone out; how many bytes go now.
    ///
    /// # Errors
    /// When the connection is broken.
    pub fn push(&self) -> io::Result<usize> {
        match self {
            Self::Plain(_) => Ok(0),
            Self::Tls(socket) => socket.push(),
        }
    }

    /// Whether something was taken and has not gone out.
    pub fn holds_back(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Tls(socket) => socket.holds_back(),
        }
    }

    /// Ready when the connection may take more.
    pub fn poll_writable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket().poll_write_ready(context)
    }

    /// Ends the connection, whoever else still holds it.
    pub fn hang_up(&self) {
        if let Self::Tls(socket) = self {
            socket.say_goodbye();
        }
        // A connection that is broken already needs no more.
        let _ = shutdown(self.socket(), Shutdown::Both);
    }

    fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(half) => half.as_ref(),
            Self::Tls(socket) => socket.socket(),
        }
    }
}
