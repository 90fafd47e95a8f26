//! The limit: what delivery costs if nothing but the kernel is paid for. One thread, epoll, one
//! `send` per recipient of a frame that is built once. No accounts, no limits, no storage; a slow
//! reader blocks everybody.

use std::{
    collections::HashMap,
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    process::ExitCode,
    thread,
};

use anonchat_delivery::{
    poller::{Patience, Poller},
    websocket::{TEXT, accept_key, push, unmask},
};
use clap::Parser;

const LISTENER: usize = usize::MAX;
const READ_BYTES: usize = 512 * 1024;

/// A chat server at the physical limit, to compare with.
///
/// Serves ws://127.0.0.1:PORT/?room=NAME; every text goes to all members of the room.
#[derive(Debug, Parser)]
struct Arguments {
    port: u16,

    /// Write once per member and turn of the loop, not once per member and message.
    #[arg(long)]
    batch: bool,
}

struct Client {
    stream: TcpStream,
    /// `None` until the handshake is done.
    room: Option<usize>,
    /// What is read but not complete.
    partial: Vec<u8>,
}

#[derive(Default)]
struct Room {
    members: Vec<usize>,
    pending: Vec<u8>,
}

struct Server {
    poller: Poller,
    clients: Vec<Option<Client>>,
    vacant: Vec<usize>,
    names: HashMap<Vec<u8>, usize>,
    rooms: Vec<Room>,
    /// Rooms with something pending.
    dirty: Vec<usize>,
    batch: bool,
}

fn main() -> ExitCode {
    match serve(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("delivery-limit: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(arguments: &Arguments) -> io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", arguments.port))?;
    listener.set_nonblocking(true)?;
    let mut server = Server {
        poller: Poller::new()?,
        clients: Vec::new(),
        vacant: Vec::new(),
        names: HashMap::new(),
        rooms: Vec::new(),
        dirty: Vec::new(),
        batch: arguments.batch,
    };
    server.poller.add(&listener, LISTENER)?;
    let mut buffer = vec![0; READ_BYTES];
    loop {
        for index in 0..server.poller.wait(Patience::Sleep)? {
            let key = server.poller.ready(index).key;
            if key == LISTENER {
                while let Ok((stream, _)) = listener.accept() {
                    server.admit(stream)?;
                }
            } else if server.read(key, &mut buffer).is_none() {
                server.remove(key);
            }
        }
        for room in std::mem::take(&mut server.dirty) {
            server.flush(room);
        }
    }
}

impl Server {
    fn admit(&mut self, stream: TcpStream) -> io::Result<()> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        let key = self.vacant.pop().unwrap_or_else(|| {
            self.clients.push(None);
            self.clients.len() - 1
        });
        self.poller.add(&stream, key)?;
        self.clients[key] = Some(Client { stream, room: None, partial: Vec::new() });
        Ok(())
    }

    /// `None` when the connection is over.
    fn read(&mut self, key: usize, buffer: &mut [u8]) -> Option<()> {
        let client = self.clients[key].as_mut()?;
        let kept = client.partial.len();
        buffer[..kept].copy_from_slice(&client.partial);
        client.partial.clear();
        let len = match client.stream.read(&mut buffer[kept..]) {
            Ok(0) => return None,
            Ok(len) => kept + len,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => kept,
            Err(_) => return None,
        };
        let used = match client.room {
            None => self.shake_hands(key, &buffer[..len])?,
            Some(room) => self.take_frames(room, &mut buffer[..len])?,
        };
        self.clients[key].as_mut()?.partial.extend_from_slice(&buffer[used..len]);
        Some(())
    }

    /// Returns how much was used.
    fn shake_hands(&mut self, key: usize, request: &[u8]) -> Option<usize> {
        if !request.ends_with(b"\r\n\r\n") {
            return Some(0);
        }
        let accept = accept_key(between(request, b"Sec-WebSocket-Key: ", b"\r\n")?);
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        let client = self.clients[key].as_mut()?;
        client.stream.write_all(answer.as_bytes()).ok()?;
        let name = between(request, b"room=", b" ")?.to_vec();
        let room = *self.names.entry(name).or_insert_with(|| {
            self.rooms.push(Room::default());
            self.rooms.len() - 1
        });
        client.room = Some(room);
        self.rooms[room].members.push(key);
        Some(request.len())
    }

    /// Returns how much was used.
    fn take_frames(&mut self, room: usize, input: &mut [u8]) -> Option<usize> {
        let mut used = 0;
        while let Some(frame) = unmask(&mut input[used..]) {
            if frame.opcode != TEXT {
                return None;
            }
            used += frame.len;
            let pending = &mut self.rooms[room].pending;
            let was_empty = pending.is_empty();
            push(pending, TEXT, frame.payload);
            if !self.batch {
                self.flush(room);
            } else if was_empty {
                self.dirty.push(room);
            }
        }
        Some(used)
    }

    fn flush(&mut self, room: usize) {
        let room = &mut self.rooms[room];
        for member in &room.members {
            if let Some(client) = &mut self.clients[*member] {
                send(&mut client.stream, &room.pending);
            }
        }
        room.pending.clear();
    }

    fn remove(&mut self, key: usize) {
        if let Some(room) = self.clients[key].take().and_then(|client| client.room) {
            self.rooms[room].members.retain(|member| *member != key);
        }
        self.vacant.push(key);
    }
}

/// Waits until all is sent. A connection that is broken is noticed when it is read.
fn send(stream: &mut TcpStream, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        match stream.write(bytes) {
            Ok(sent) => bytes = &bytes[sent..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => thread::yield_now(),
            Err(_) => return,
        }
    }
}

fn between<'a>(text: &'a [u8], start: &[u8], end: &[u8]) -> Option<&'a [u8]> {
    let from = memchr::memmem::find(text, start)? + start.len();
    let len = memchr::memmem::find(&text[from..], end)?;
    Some(&text[from..from + len])
}
