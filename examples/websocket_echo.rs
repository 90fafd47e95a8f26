//! Sends back what it hears: the peer of the Autobahn test suite (`scripts/autobahn`).
//!
//! Usage: `websocket_echo ADDRESS`. Prints the address on which it then listens, which tells the
//! port that `127.0.0.1:0` was given.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::{env, thread, time::Duration};

use anonchat::websocket::codec::{self, CloseCode, Decoder, Incoming, ProtocolError};
use anonchat::websocket::handshake::{Handshake, UpgradeHeaders};

/// The suite sends messages of up to 16 MiB.
const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024;

/// How long a client may take to hang up after the close frames.
const LINGER: Duration = Duration::from_secs(5);

fn main() -> io::Result<()> {
    let address = env::args().nth(1).ok_or(io::ErrorKind::InvalidInput)?;
    let listener = TcpListener::bind(address)?;
    println!("{}", listener.local_addr()?);
    for stream in listener.incoming() {
        let stream = stream?;
        thread::spawn(move || serve(stream));
    }
    Ok(())
}

fn serve(stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::with_capacity(64 * 1024, stream);
    let answer = answer(&read_head(&mut stream)?);
    stream.get_mut().write_all(answer.as_bytes())?;
    if answer.contains(" 101 ") {
        echo(&mut stream)?;
    }
    hang_up(stream)
}

fn read_head(stream: &mut impl BufRead) -> io::Result<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(head)
}

fn answer(head: &str) -> String {
    let header = |wanted: &str| {
        let mut headers = head.lines().filter_map(|line| line.split_once(':'));
        headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    };
    let headers = UpgradeHeaders {
        upgrade: header("Upgrade"),
        connection: header("Connection"),
        version: header("Sec-WebSocket-Version"),
        key: header("Sec-WebSocket-Key"),
        protocols: header("Sec-WebSocket-Protocol"),
    };
    match Handshake::parse(&headers) {
        Ok(handshake) => format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {}\r\n\r\n",
            handshake.accept_key()
        ),
        Err(refusal) => format!("HTTP/1.1 400 Bad Request\r\n\r\n{refusal}\n"),
    }
}

fn echo(stream: &mut BufReader<TcpStream>) -> io::Result<()> {
    let mut decoder = Decoder::new(MAX_MESSAGE_BYTES);
    let mut out = Vec::new();
    let mut is_over = false;
    while !is_over {
        let mut input = stream.fill_buf()?.to_vec();
        stream.consume(input.len());
        is_over = input.is_empty();
        for incoming in decoder.decode(&mut input) {
            is_over |= matches!(incoming, Err(_) | Ok(Incoming::Close { .. }));
            reply(&mut out, incoming);
        }
        stream.get_mut().write_all(&out)?;
        out.clear();
    }
    Ok(())
}

fn reply(out: &mut Vec<u8>, incoming: Result<Incoming<'_>, ProtocolError>) {
    match incoming {
        Ok(Incoming::Text(text)) => codec::text(out, text.as_bytes()),
        Ok(Incoming::Binary(payload)) => codec::binary(out, &payload),
        Ok(Incoming::Ping(payload)) => codec::pong(out, &payload),
        Ok(Incoming::Pong(_)) => {}
        Ok(Incoming::Close { code, .. }) => {
            codec::close(out, code.unwrap_or(CloseCode::NORMAL), "");
        }
        Err(error) => codec::close(out, error.close_code(), &error.to_string()),
    }
}

/// Reads what is still under way, or the close frame may be lost to a reset.
fn hang_up(mut stream: BufReader<TcpStream>) -> io::Result<()> {
    stream.get_ref().shutdown(Shutdown::Write)?;
    stream.get_ref().set_read_timeout(Some(LINGER))?;
    io::copy(&mut stream.by_ref().take(MAX_MESSAGE_BYTES as u64), &mut io::sink())?;
    Ok(())
}
