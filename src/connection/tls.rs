//! A connection under TLS that nobody has to wait for: whoever reads and whoever writes take turns,
//! each for no longer than the system takes.

use std::{
    fmt,
    io::{self, IoSlice, Read, Write},
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};

use rustls::ServerConnection;
use tokio::{io::ReadBuf, net::TcpStream};

/// A socket and the state of its encryption.
pub struct TlsSocket {
    socket: TcpStream,
    session: Mutex<ServerConnection>,
}

impl TlsSocket {
    /// Goes on where the handshake and HTTP have ended.
    pub(super) fn new(socket: TcpStream, session: ServerConnection) -> Self {
        Self { socket, session: Mutex::new(session) }
    }

    pub(super) fn socket(&self) -> &TcpStream {
        &self.socket
    }

    pub(super) fn poll_read(
        &self,
        context: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut session = self.lock();
        loop {
            match session.reader().read(space.initialize_unfilled()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
                Ok(bytes) => {
                    space.advance(bytes);
                    return Poll::Ready(Ok(()));
                }
            }
            ready!(self.socket.poll_read_ready(context))?;
            match session.read_tls(&mut Raw(&self.socket)) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                Err(error) => return Poll::Ready(Err(error)),
                Ok(_) => {}
            }
            let decrypted = session.process_new_packets();
            // An answer of TLS itself; where it cannot go out now, it goes with what is written next.
            let pushed = self.push_locked(&mut session);
            decrypted.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
            pushed?;
        }
    }

    /// Encrypts only as long as everything goes out, so that what waits can be counted before.
    pub(super) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut session = self.lock();
        self.push_locked(&mut session)?;
        if session.wants_write() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let mut taken = 0;
        while taken < bytes.len() && !session.wants_write() {
            match session.writer().write(&bytes[taken..])? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                some => taken += some,
            }
            self.push_locked(&mut session)?;
        }
        Ok(taken)
    }

    pub(super) fn push(&self) -> io::Result<usize> {
        self.push_locked(&mut self.lock())
    }

    pub(super) fn holds_back(&self) -> bool {
        self.lock().wants_write()
    }

    /// Tells the client that nothing was cut off.
    pub(super) fn say_goodbye(&self) {
        let mut session = self.lock();
        session.send_close_notify();
        // Where it does not go out, there is nobody to tell.
        let _ = self.push_locked(&mut session);
    }

    fn push_locked(&self, session: &mut ServerConnection) -> io::Result<usize> {
        let mut pushed = 0;
        while session.wants_write() {
            match session.write_tls(&mut Raw(&self.socket)) {
                Ok(bytes) => pushed += bytes,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(pushed)
    }

    fn lock(&self) -> MutexGuard<'_, ServerConnection> {
        // Whoever panicked between two records has left none half done.
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for TlsSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsSocket(…)")
    }
}

/// The bytes as they are on the wire; what does not go at once would block.
struct Raw<'a>(&'a TcpStream);

impl Read for Raw<'_> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(space)
    }
}

impl Write for Raw<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(pieces)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
