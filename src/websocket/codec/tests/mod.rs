//! What a client may say, and what it may not.

mod rules;
mod streams;

use super::{Decoder, Incoming, ProtocolError};

const FIN: u8 = 0x80;
const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// A masked frame with its length in the shortest form.
fn client_frame(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let mut frame = vec![first];
    match payload.len() {
        length @ 0..=125 => frame.push(0x80 | u8::try_from(length).unwrap()),
        length @ 126..=0xffff => {
            frame.push(0xfe);
            frame.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        length => {
            frame.push(0xff);
            frame.extend(u64::try_from(length).unwrap().to_be_bytes());
        }
    }
    frame.extend(MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, key)| byte ^ key));
    frame
}

fn stream(frames: &[(u8, &[u8])]) -> Vec<u8> {
    frames.iter().flat_map(|(first, payload)| client_frame(*first, payload)).collect()
}

/// One line for everything that comes out of a decoder, the error that ends it included.
fn heard(decoder: &mut Decoder, input: &[u8]) -> Vec<String> {
    decoder.decode(&mut input.to_vec()).map(|incoming| line(&incoming)).collect()
}

fn heard_whole(input: &[u8]) -> Vec<String> {
    heard(&mut Decoder::default(), input)
}

fn line(incoming: &Result<Incoming<'_>, ProtocolError>) -> String {
    match incoming {
        Ok(Incoming::Text(text)) => format!("text {text}"),
        Ok(Incoming::Binary(payload)) => format!("binary {payload:?}"),
        Ok(Incoming::Ping(payload)) => format!("ping {payload:?}"),
        Ok(Incoming::Pong(payload)) => format!("pong {payload:?}"),
        Ok(Incoming::Close { code: Some(code), reason }) => {
            format!("close {} {reason}", code.get())
        }
        Ok(Incoming::Close { code: None, .. }) => "close".into(),
        Err(error) => format!("error {} {error:?}", error.close_code().get()),
    }
}
