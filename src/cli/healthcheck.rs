//! `anonchat healthcheck`

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    os::unix::net::UnixStream,
    time::Duration,
};

use super::{Exit, Output, Sources};
use crate::{
    config::{ListenAddr, Tls, reachable},
    connection::unchecked,
};

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

const QUESTION: &str =
    "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept: text/plain\r\n\r\n";

pub(super) fn run(output: &mut Output, sources: &Sources) -> Exit {
    let (addr, tls) = match output.load(sources) {
        Ok(loaded) => (loaded.config.server.addr, loaded.config.server.tls),
        Err(error) => return output.reject(&error),
    };
    match ask(&addr, &tls).map(|answer| (answer.starts_with("HTTP/1.1 200 "), answer)) {
        Ok((true, _)) => output.answer("ready\n"),
        Ok((false, answer)) => {
            let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body.trim());
            output.fail(format!("the server at {addr} is not ready: {body}"), HELP)
        }
        Err(error) => output.fail(format!("no answer from {addr}: {error}"), HELP),
    }
}

const HELP: &str = "is it running? this asks server.addr; give the server's own --config or --addr";

fn ask(addr: &ListenAddr, tls: &Tls) -> io::Result<String> {
    match addr {
        ListenAddr::Tcp(addr) => {
            let stream = TcpStream::connect_timeout(&reachable(*addr), PATIENCE)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.set_write_timeout(Some(PATIENCE))?;
            converse(stream, tls)
        }
        ListenAddr::Unix(path) => {
            let stream = UnixStream::connect(path)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.set_write_timeout(Some(PATIENCE))?;
            converse(stream, tls)
        }
    }
}

fn converse(stream: impl Read + Write, tls: &Tls) -> io::Result<String> {
    match tls.files() {
        Some(_) => question(unchecked(stream)?),
        None => question(stream),
    }
}

fn question(mut stream: impl Read + Write) -> io::Result<String> {
    stream.write_all(QUESTION.as_bytes())?;
    let mut answer = String::new();
    // As much as a server of ours could say.
    stream.take(4096).read_to_string(&mut answer)?;
    Ok(answer)
}
