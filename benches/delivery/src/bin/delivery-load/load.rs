//! The event loop: opens the connections, sends, counts.

use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use anonchat_delivery::{
    poller::{Patience, Poller},
    websocket::{self, CLOSE, PING, PONG, TEXT},
};

use crate::{
    arguments::Arguments,
    connection::{Connection, State, answer},
    histogram::Histogram,
    marker::{Marker, Scanner},
    tally::Tally,
    template::{Template, Values},
};

const READ_BYTES: usize = 1 << 20;
/// Handshakes that take longer are given up.
const CONNECTING: Duration = Duration::from_mins(2);
/// In a closed loop: without any delivery for so long, all that is in flight counts as lost.
const STALL: Duration = Duration::from_secs(1);

/// How messages are sent.
#[derive(Clone, Copy, Debug)]
pub enum Pace {
    /// So many a second.
    Rate(f64),
    /// So many in flight in each room.
    Window(u32),
}

#[derive(Debug)]
struct Room {
    members: u32,
    senders: Vec<usize>,
    /// Whose turn it is to send.
    turn: usize,
    /// Deliveries still to come; negative if there are more than expected.
    outstanding: i64,
    /// Whether it is among the rooms that may send.
    is_ready: bool,
}

/// All connections and what they have seen.
#[derive(Debug)]
pub struct Load<'a> {
    arguments: &'a Arguments,
    server: SocketAddr,
    path: Template,
    payload: Template,
    tokens: Vec<String>,
    scanner: Scanner,
    poller: Poller,
    started: Instant,
    connections: Vec<Connection>,
    rooms: Vec<Room>,
    /// The last number of each sender; sender `s` is in room `s % rooms`.
    numbers: Vec<u32>,
    ready: VecDeque<usize>,
    next_room: usize,
    buffer: Vec<u8>,
    scratch: Vec<u8>,
    random: u32,
    handshaking: usize,
    measuring: bool,
    pub opened: usize,
    pub first_failure: Option<String>,
    /// Time in which there was nothing to do.
    pub idle: Duration,
    pub tally: Tally,
    pub latency_ns: Histogram,
}

impl<'a> Load<'a> {
    pub fn new(arguments: &'a Arguments, tokens: Vec<String>) -> io::Result<Self> {
        let invalid = |message| io::Error::new(io::ErrorKind::InvalidInput, message);
        let url = arguments.url.strip_prefix("ws://");
        let (host, path) = url.and_then(|url| url.split_once('/')).unwrap_or_default();
        let server = host.parse().map_err(|_| invalid("the URL must be ws://ADDRESS:PORT/…"))?;
        let payload = Template::parse(&arguments.payload, arguments.pad);
        if !payload.has_mark() {
            return Err(invalid("the payload needs {mark}"));
        }
        let senders_in_room = arguments.senders.div_ceil(arguments.rooms);
        let connections = (0..arguments.connections)
            .map(|index| Connection::new(index % arguments.rooms, senders_in_room));
        Ok(Self {
            arguments,
            server,
            path: Template::parse(&format!("/{path}"), 0),
            payload,
            tokens,
            scanner: Scanner::new(),
            poller: Poller::new()?,
            started: Instant::now(),
            connections: connections.collect(),
            rooms: Vec::new(),
            numbers: vec![0; arguments.senders],
            ready: VecDeque::new(),
            next_room: 0,
            buffer: vec![0; READ_BYTES],
            scratch: Vec::new(),
            random: 0x9e37_79b9,
            handshaking: 0,
            measuring: false,
            opened: 0,
            first_failure: None,
            idle: Duration::ZERO,
            tally: Tally::default(),
            latency_ns: Histogram::new(),
        })
    }

    /// Opens all connections. Those that cannot be opened are only counted.
    pub fn connect(&mut self) -> io::Result<()> {
        let begin = Instant::now();
        let mut next = 0;
        while next < self.connections.len() || self.handshaking > 0 {
            while next < self.connections.len() && self.handshaking < self.arguments.handshakes {
                self.open(next)?;
                next += 1;
            }
            self.turn()?;
            if begin.elapsed() > CONNECTING {
                break;
            }
        }
        self.rooms = (0..self.arguments.rooms).map(|room| self.room(room)).collect();
        Ok(())
    }

    fn open(&mut self, index: usize) -> io::Result<()> {
        let values = self.values(index, Marker::default());
        let mut path = Vec::new();
        self.path.render(&values, &mut path);
        let path = String::from_utf8_lossy(&path).into_owned();
        let connection = &mut self.connections[index];
        connection.open(self.server, &path, self.arguments.subprotocol.as_deref())?;
        if let Some(socket) = &connection.socket {
            self.poller.add(socket, index)?;
        }
        self.handshaking += 1;
        self.flush(index)
    }

    fn room(&self, room: usize) -> Room {
        let members = (room..self.connections.len()).step_by(self.arguments.rooms);
        let mut senders: Vec<usize> =
            members.filter(|index| self.connections[*index].state == State::Open).collect();
        let members = u32::try_from(senders.len()).expect("there are few enough descriptors");
        senders.truncate((room..self.arguments.senders).step_by(self.arguments.rooms).count());
        Room { members, senders, turn: 0, outstanding: 0, is_ready: false }
    }

    /// Receives for so long without sending.
    pub fn listen(&mut self, duration: Duration) -> io::Result<()> {
        let begin = Instant::now();
        while begin.elapsed() < duration {
            self.turn()?;
        }
        Ok(())
    }

    /// Receives until everything has arrived, at most for so long.
    pub fn drain(&mut self, limit: Duration) -> io::Result<()> {
        let begin = Instant::now();
        while self.rooms.iter().any(|room| room.outstanding > 0) && begin.elapsed() < limit {
            self.turn()?;
        }
        Ok(())
    }

    /// Records the latency of what arrives meanwhile.
    pub fn measure(&mut self, run: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        self.measuring = true;
        let result = run(self);
        self.measuring = false;
        result
    }

    /// Sends for so long.
    pub fn run(&mut self, pace: Pace, duration: Duration) -> io::Result<()> {
        match pace {
            Pace::Rate(rate) => self.run_open_loop(rate, duration),
            Pace::Window(window) => self.run_closed_loop(window, duration),
        }
    }

    fn run_open_loop(&mut self, rate: f64, duration: Duration) -> io::Result<()> {
        let begin = Instant::now();
        let (mut due, mut count) = (Duration::ZERO, 0u32);
        while begin.elapsed() < duration {
            while due <= begin.elapsed() {
                let room = self.next_room;
                self.next_room = (room + 1) % self.rooms.len();
                self.queue(room, self.nanoseconds_at(begin + due));
                self.flush_room(room)?;
                count += 1;
                due = Duration::from_secs_f64(f64::from(count) / rate);
            }
            self.turn()?;
        }
        Ok(())
    }

    fn run_closed_loop(&mut self, window: u32, duration: Duration) -> io::Result<()> {
        let begin = Instant::now();
        let mut progress = (self.tally.delivered, begin);
        self.all_rooms_may_send();
        while begin.elapsed() < duration {
            while let Some(room) = self.ready.pop_front() {
                self.rooms[room].is_ready = false;
                while self.rooms[room].has_space(window) {
                    self.queue(room, self.nanoseconds_at(Instant::now()));
                }
                self.flush_room(room)?;
            }
            self.turn()?;
            if self.tally.delivered != progress.0 {
                progress = (self.tally.delivered, Instant::now());
            } else if progress.1.elapsed() > STALL {
                progress.1 = Instant::now();
                self.tally.stalls += 1;
                self.rooms.iter_mut().for_each(|room| room.outstanding = 0);
                self.all_rooms_may_send();
            }
        }
        Ok(())
    }

    fn all_rooms_may_send(&mut self) {
        self.rooms.iter_mut().for_each(|room| room.is_ready = true);
        self.ready = (0..self.rooms.len()).collect();
    }

    /// Queues the room's next message with its sender.
    fn queue(&mut self, room_index: usize, sent_ns: u64) {
        let room = &mut self.rooms[room_index];
        let Some(&connection) = room.senders.get(room.turn) else { return };
        let sender = room.turn * self.arguments.rooms + room_index;
        room.turn = (room.turn + 1) % room.senders.len();
        room.outstanding += i64::from(room.members);
        self.tally.sent += 1;
        self.tally.expected += u64::from(room.members);
        self.numbers[sender] += 1;
        let number = self.numbers[sender];
        let sender = u32::try_from(sender).expect("there are few enough descriptors");
        let mut payload = std::mem::take(&mut self.scratch);
        payload.clear();
        let values = self.values(connection, Marker { sender, number, sent_ns });
        self.payload.render(&values, &mut payload);
        let mask = self.mask();
        self.connections[connection].queue(TEXT, &payload, mask);
        self.scratch = payload;
    }

    fn flush_room(&mut self, room: usize) -> io::Result<()> {
        for sender in 0..self.rooms[room].senders.len() {
            // One that turns out to be broken is a sender no more.
            if let Some(&connection) = self.rooms[room].senders.get(sender) {
                self.flush(connection)?;
            }
        }
        Ok(())
    }

    fn values(&self, connection: usize, marker: Marker) -> Values<'_> {
        let token = self.tokens.get(connection).map_or("", String::as_str);
        Values { connection, room: self.connections[connection].room, token, marker }
    }

    fn mask(&mut self) -> [u8; 4] {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        self.random.to_ne_bytes()
    }

    fn nanoseconds_at(&self, moment: Instant) -> u64 {
        u64::try_from(moment.duration_since(self.started).as_nanos()).unwrap_or(u64::MAX)
    }

    /// One turn of the loop. It spins: had the server to wake a generator that sleeps, it would pay
    /// for what clients elsewhere would not cost it.
    fn turn(&mut self) -> io::Result<()> {
        let begin = Instant::now();
        let ready = self.poller.wait(Patience::Spin)?;
        if ready == 0 {
            self.idle += begin.elapsed();
        }
        for index in 0..ready {
            let ready = self.poller.ready(index);
            if ready.writable {
                self.flush(ready.key)?;
            }
            if ready.readable {
                let mut buffer = std::mem::take(&mut self.buffer);
                let result = self.receive(ready.key, &mut buffer);
                self.buffer = buffer;
                result?;
            }
        }
        Ok(())
    }

    fn flush(&mut self, index: usize) -> io::Result<()> {
        let connection = &mut self.connections[index];
        match connection.flush() {
            Ok(all) => {
                if let Some(socket) = &connection.socket
                    && connection.awaits_writable == all
                {
                    connection.awaits_writable = !all;
                    self.poller.watch_writable(socket, index, !all)?;
                }
            }
            Err(error) => self.close(index, &error.to_string()),
        }
        Ok(())
    }

    fn receive(&mut self, index: usize, buffer: &mut [u8]) -> io::Result<()> {
        let mut rest = match self.connections[index].read(buffer) {
            Ok(0) => return Ok(()),
            Ok(len) => &buffer[..len],
            Err(error) => {
                self.close(index, &error.to_string());
                return Ok(());
            }
        };
        self.tally.reads += 1;
        if self.connections[index].state == State::Handshaking {
            match answer(rest) {
                Ok(Some(len)) => {
                    rest = &rest[len..];
                    self.connections[index].state = State::Open;
                    self.handshaking -= 1;
                    self.opened += 1;
                }
                Ok(None) => {
                    self.connections[index].keep(rest);
                    return Ok(());
                }
                Err(status) => {
                    self.close(index, &status);
                    return Ok(());
                }
            }
        }
        let now = self.nanoseconds_at(Instant::now());
        while let Some(frame) = websocket::parse(rest) {
            rest = &rest[frame.len..];
            match frame.opcode {
                PING => {
                    let mask = self.mask();
                    self.connections[index].queue(PONG, frame.payload, mask);
                    self.flush(index)?;
                }
                PONG => {}
                CLOSE => {
                    self.close(index, "closed by the server");
                    return Ok(());
                }
                _ => self.count(index, frame.payload, now),
            }
        }
        self.connections[index].keep(rest);
        Ok(())
    }

    /// Counts the messages in a frame.
    fn count(&mut self, index: usize, payload: &[u8], now_ns: u64) {
        let connection = &mut self.connections[index];
        let Some(room) = self.rooms.get_mut(connection.room) else { return };
        self.scanner.for_each(payload, |marker| {
            let sender = usize::try_from(marker.sender).unwrap_or(usize::MAX);
            if sender % self.arguments.rooms != connection.room {
                self.tally.misrouted += 1;
                return;
            }
            let seen = &mut connection.seen[sender / self.arguments.rooms];
            seen.record(marker.number, &mut self.tally);
            connection.order.record(marker.sender, marker.number);
            room.outstanding -= 1;
            if self.measuring {
                self.latency_ns.record(now_ns.saturating_sub(marker.sent_ns));
            }
        });
        if let Some(window) = self.arguments.window
            && !room.is_ready
            && room.has_space(window)
        {
            room.is_ready = true;
            self.ready.push_back(connection.room);
        }
    }

    fn close(&mut self, index: usize, reason: &str) {
        let connection = &mut self.connections[index];
        connection.socket = None;
        match std::mem::replace(&mut connection.state, State::Closed) {
            State::Open => {
                self.tally.closed_by_server += 1;
                if let Some(room) = self.rooms.get_mut(connection.room) {
                    room.members = room.members.saturating_sub(1);
                    room.senders.retain(|sender| *sender != index);
                    room.turn = 0;
                }
            }
            State::Handshaking => self.handshaking -= 1,
            State::Closed => {}
        }
        self.first_failure.get_or_insert_with(|| format!("connection {index}: {reason}"));
    }

    /// Rooms in which two members received the same number of messages in different orders.
    pub fn rooms_in_disorder(&self) -> usize {
        let differs = |room: &usize| {
            let members = self.connections.iter().skip(*room).step_by(self.arguments.rooms);
            let mut open = members.filter(|member| member.state == State::Open);
            let first = open.next();
            first.is_some_and(|first| open.any(|member| member.order.differs(&first.order)))
        };
        (0..self.arguments.rooms).filter(differs).count()
    }
}

impl Room {
    /// Whether fewer messages than `window` are in flight.
    fn has_space(&self, window: u32) -> bool {
        let most = i64::from(window.saturating_sub(1)) * i64::from(self.members);
        !self.senders.is_empty() && self.outstanding <= most
    }
}
