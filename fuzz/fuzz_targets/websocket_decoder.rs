//! Whatever a client sends, the decoder neither panics nor lets the cuts of the stream show.
//!
//! Run with `RUSTC_BOOTSTRAP=1 cargo fuzz run websocket_decoder`.

#![no_main]

use libfuzzer_sys::fuzz_target;

// Only this module, so that a build takes seconds.
#[path = "../../src/websocket/mod.rs"]
#[expect(dead_code, unused_imports, reason = "only the decoder is fuzzed")]
mod websocket;

use websocket::codec::{Decoder, Incoming, ProtocolError};

/// Small, so that the fuzzer finds the limit.
const MAX_MESSAGE_BYTES: usize = 300;

type Heard = Vec<Result<Incoming<'static>, ProtocolError>>;

fn heard<'input>(chunks: impl IntoIterator<Item = &'input [u8]>) -> Heard {
    let mut decoder = Decoder::new(MAX_MESSAGE_BYTES);
    let mut heard = Vec::new();
    for chunk in chunks {
        heard.extend(decoder.decode(&mut chunk.to_vec()).map(|said| said.map(owned)));
    }
    heard
}

fn owned(incoming: Incoming<'_>) -> Incoming<'static> {
    match incoming {
        Incoming::Text(text) => Incoming::Text(text.into_owned().into()),
        Incoming::Binary(payload) => Incoming::Binary(payload.into_owned().into()),
        Incoming::Ping(payload) => Incoming::Ping(payload.into_owned().into()),
        Incoming::Pong(payload) => Incoming::Pong(payload.into_owned().into()),
        Incoming::Close { code, reason } => {
            Incoming::Close { code, reason: reason.into_owned().into() }
        }
    }
}

fuzz_target!(|input: (u8, &[u8])| {
    let (chunk_bytes, stream) = input;
    let whole = heard([stream]);
    assert_eq!(whole, heard(stream.chunks(usize::from(chunk_bytes).max(1))));
    let endings = |said: &_| matches!(said, Err(_) | Ok(Incoming::Close { .. }));
    assert!(!whole.iter().rev().skip(1).any(endings), "something was heard after the end");
});
