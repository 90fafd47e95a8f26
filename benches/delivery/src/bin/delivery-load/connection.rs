//! One connection to the server.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anonchat_delivery::websocket;
use memchr::memmem;
use rustix::net::sockopt;

use crate::tally::{Order, Seen};

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Handshaking,
    Open,
    Closed,
}

#[derive(Debug)]
pub struct Connection {
    pub room: usize,
    pub state: State,
    pub seen: Vec<Seen>,
    pub order: Order,
    pub awaits_writable: bool,
    pub socket: Option<TcpStream>,
    unsent: Vec<u8>,
    /// What is read but not complete.
    partial: Vec<u8>,
}

impl Connection {
    /// Not connected yet.
    pub fn new(room: usize, senders_in_room: usize) -> Self {
        Self {
            room,
            state: State::Closed,
            seen: vec![Seen::default(); senders_in_room],
            order: Order::default(),
            awaits_writable: false,
            socket: None,
            unsent: Vec::new(),
            partial: Vec::new(),
        }
    }

    /// Connects and asks for a WebSocket.
    pub fn open(
        &mut self,
        server: SocketAddr,
        path: &str,
        subprotocol: Option<&str>,
    ) -> io::Result<()> {
        // On loopback this does not wait for the server.
        let socket = TcpStream::connect(server)?;
        socket.set_nonblocking(true)?;
        socket.set_nodelay(true)?;
        // Closing resets the connection, so that no port is kept for a while.
        sockopt::set_socket_linger(&socket, Some(Duration::ZERO))?;
        let protocol = subprotocol
            .map_or_else(String::new, |name| format!("Sec-WebSocket-Protocol: {name}\r\n"));
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {server}\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{protocol}\r\n"
        );
        self.unsent = request.into_bytes();
        self.socket = Some(socket);
        self.state = State::Handshaking;
        Ok(())
    }

    /// Puts a frame where [`Connection::flush`] finds it.
    pub fn queue(&mut self, opcode: u8, payload: &[u8], mask: [u8; 4]) {
        websocket::push_masked(&mut self.unsent, opcode, payload, mask);
    }

    /// Writes what the socket takes. Returns whether all is written.
    pub fn flush(&mut self) -> io::Result<bool> {
        let Some(socket) = &mut self.socket else { return Ok(true) };
        while !self.unsent.is_empty() {
            match socket.write(&self.unsent) {
                Ok(sent) => drop(self.unsent.drain(..sent)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Reads once, behind what was left of the last time. Returns how much there is; nothing at
    /// all means that nothing came.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(socket) = &mut self.socket else { return Ok(0) };
        let kept = self.partial.len();
        buffer[..kept].copy_from_slice(&self.partial);
        match socket.read(&mut buffer[kept..]) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(len) => {
                self.partial.clear();
                Ok(kept + len)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Keeps the start of something whose end has not arrived.
    pub fn keep(&mut self, rest: &[u8]) {
        self.partial.extend_from_slice(rest);
    }
}

/// Bytes of the answer to the handshake; `None` while it is not complete.
///
/// # Errors
/// The answer's first line, where it is a refusal.
pub fn answer(input: &[u8]) -> Result<Option<usize>, String> {
    let Some(end) = memmem::find(input, b"\r\n\r\n") else { return Ok(None) };
    if input.starts_with(b"HTTP/1.1 101 ") {
        return Ok(Some(end + 4));
    }
    let status = input.split(|byte| *byte == b'\r').next().unwrap_or_default();
    Err(String::from_utf8_lossy(status).into_owned())
}
