//! Reads what a client sends. Between reads a connection keeps only what is unfinished.

use std::{cell::RefCell, future::poll_fn, io, mem, task::Poll};

use tokio::io::ReadBuf;

use crate::{
    connection::ReadHalf,
    websocket::codec::{CloseCode, Decoder, Incoming, ProtocolError},
};

thread_local! {
    /// Shared by all connections of a thread; each empties it before it waits again.
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; 16 * 1024]);
}

/// What a client said, as the session needs it.
#[derive(Debug)]
pub(super) enum Heard {
    /// A text message.
    Text(String),
    /// A binary message; nothing here takes one.
    Binary,
    /// To be answered with the same bytes.
    Ping(Vec<u8>),
    /// The client is alive.
    Pong,
    /// The client is leaving.
    Close(Option<CloseCode>),
    /// The client breaks the protocol.
    Broken(ProtocolError),
}

/// A connection's reading half.
#[derive(Debug)]
pub(super) struct Reader {
    socket: ReadHalf,
    decoder: Decoder,
    early: Vec<u8>,
}

impl Reader {
    /// Reads from `socket`; `early` is what the client sent before the upgrade was answered.
    pub(super) fn new(socket: ReadHalf, early: Vec<u8>) -> Self {
        Self { socket, decoder: Decoder::default(), early }
    }

    /// What the client said before the upgrade was answered; nothing the second time.
    pub(super) fn early(&mut self) -> Vec<Heard> {
        decode(&mut self.decoder, &mut mem::take(&mut self.early))
    }

    /// Reads once: how many bytes, and what they complete. Loses nothing when dropped: whatever was read has been returned.
    ///
    /// # Errors
    /// When the connection is broken or at its end.
    pub(super) async fn read(&mut self) -> io::Result<(usize, Vec<Heard>)> {
        poll_fn(|context| {
            BUFFER.with_borrow_mut(|buffer| {
                let mut space = ReadBuf::new(buffer);
                match self.socket.poll_read(context, &mut space) {
                    Poll::Pending => Poll::Pending,
                    Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                    Poll::Ready(Ok(())) if space.filled().is_empty() => {
                        Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()))
                    }
                    Poll::Ready(Ok(())) => {
                        let bytes = space.filled().len();
                        Poll::Ready(Ok((bytes, decode(&mut self.decoder, space.filled_mut()))))
                    }
                }
            })
        })
        .await
    }
}

fn decode(decoder: &mut Decoder, input: &mut [u8]) -> Vec<Heard> {
    let heard = decoder.decode(input).map(|incoming| match incoming {
        Ok(Incoming::Text(text)) => Heard::Text(text.into_owned()),
        Ok(Incoming::Binary(_)) => Heard::Binary,
        Ok(Incoming::Ping(payload)) => Heard::Ping(payload.into_owned()),
        Ok(Incoming::Pong(_)) => Heard::Pong,
        Ok(Incoming::Close { code, .. }) => Heard::Close(code),
        Err(error) => Heard::Broken(error),
    });
    heard.collect()
}
