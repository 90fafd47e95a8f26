//! What holds for every input, whoever made it up. Each property panics where it does not hold.
//!
//! The fuzz targets look for inputs that break them; `tests/fuzz.rs` replays those that were kept.

use std::{
    ffi::OsString,
    fs,
    net::{IpAddr, Ipv4Addr},
    path::Path,
};

use anonchat::{
    anonymity::{ClientAddress, TrustedProxies},
    config::{self, Flags},
    domain::{Action, Capacity, EmailPolicy, MessageBody, Retention, RoomCursor},
    protocol::{
        ChangePassword, ChangeRoom, ClientFrame, CreateRoom, DeleteAccount, LogIn, Object,
        PostMessage, RefreshToken, Register, RemoveRoom, RoomLimits,
    },
    websocket::codec::{Decoder, Incoming, ProtocolError},
};
use serde::de::DeserializeOwned;

/// A property, by the name of its fuzz target and of the folder with its inputs.
pub type Property = (&'static str, fn(&[u8]));

/// All of them.
pub const PROPERTIES: [Property; 6] = [
    ("websocket_decoder", websocket_decoder),
    ("client_frame", client_frame),
    ("request_body", request_body),
    ("forwarded_for", forwarded_for),
    ("cursor", cursor),
    ("configuration", configuration),
];

/// Small, so that a fuzzer finds the limit.
const MAX_MESSAGE_BYTES: usize = 300;

/// How a stream is cut into reads changes nothing, and nothing is heard after the end. The first
/// byte says how long the reads are.
pub fn websocket_decoder(input: &[u8]) {
    let Some((chunk_bytes, stream)) = input.split_first() else { return };
    let whole = heard([stream]);
    assert_eq!(whole, heard(stream.chunks(usize::from(*chunk_bytes).max(1))));
    let endings = |said: &_| matches!(said, Err(_) | Ok(Incoming::Close { .. }));
    assert!(!whole.iter().rev().skip(1).any(endings), "something was heard after the end");
}

/// What a client says is read or refused; a text that was accepted would be accepted again, as it
/// is.
pub fn client_frame(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    if let Ok(ClientFrame::Command(_, Action::Send { body, .. } | Action::Edit { body, .. })) =
        ClientFrame::parse(text)
    {
        assert_settled(&body);
    }
}

/// Every body of a request is read or refused.
pub fn request_body(input: &[u8]) {
    let limits = RoomLimits {
        max_users: Capacity::MAX,
        default_retention: Retention::Keep,
        max_retention: Retention::Keep,
    };
    for policy in [EmailPolicy::Required, EmailPolicy::Optional, EmailPolicy::Off] {
        read::<Register>(input).map(|body| body.parse(policy).is_ok());
    }
    read::<LogIn>(input).map(|body| body.parse().is_ok());
    read::<RefreshToken>(input).map(|body| body.parse().is_ok());
    read::<ChangePassword>(input).map(|body| body.parse().is_ok());
    read::<DeleteAccount>(input).map(|body| body.parse().is_ok());
    read::<CreateRoom>(input).map(|body| body.parse(limits).is_ok());
    read::<ChangeRoom>(input).map(|body| body.parse(limits).is_ok());
    read::<RemoveRoom>(input).map(|body| body.parse(None).is_ok());
    if let Some(Ok((_, message, _))) = read::<PostMessage>(input).map(PostMessage::parse) {
        assert_settled(&message);
    }
}

/// Nobody is believed but a trusted proxy, and of what it passes on nothing left of the first
/// address that is no proxy of ours (HTTP-12).
pub fn forwarded_for(input: &[u8]) {
    let Ok(header) = str::from_utf8(input) else { return };
    let (proxy, stranger) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([192, 0, 2, 7]));
    let nobody = TrustedProxies::default();
    assert_same(
        nobody.client_address(Some(proxy), &[header]),
        nobody.client_address(Some(proxy), &[]),
    );

    let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().expect("a network")]);
    assert_same(
        proxies.client_address(Some(stranger), &[header]),
        nobody.client_address(Some(stranger), &[]),
    );
    let behind = format!("{header}, {stranger}");
    assert_same(
        proxies.client_address(Some(proxy), &[&behind]),
        nobody.client_address(Some(stranger), &[]),
    );
    let cut = header.rsplit_once(',').map_or("", |(_, last)| last);
    if let Ok(last) = cut.trim().parse::<Ipv4Addr>().map(IpAddr::from)
        && !proxies.trusts(last)
    {
        assert_same(
            proxies.client_address(Some(proxy), &[header]),
            nobody.client_address(Some(last), &[]),
        );
    }
}

/// A cursor that is accepted is one that the server wrote.
pub fn cursor(input: &[u8]) {
    let Ok(raw) = str::from_utf8(input) else { return };
    if let Ok(cursor) = RoomCursor::parse(raw) {
        assert_eq!(cursor.encode(), raw);
    }
}

/// A configuration is refused with at least one problem, or accepted, and then the same when it is
/// written out and read again.
pub fn configuration(input: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder for a file");
    let path = folder.path().join("anonchat.yaml");
    match load(&path, input) {
        Err(problems) => assert_ne!(problems, 0),
        Ok(written) => assert_eq!(load(&path, written.as_bytes()), Ok(written)),
    }
}

/// The configuration in full, or how many problems it has.
fn load(path: &Path, text: &[u8]) -> Result<String, usize> {
    fs::write(path, text).expect("the file can be written");
    let flags = Flags { config: Some(path.to_owned()), ..Flags::default() };
    let nothing = Vec::<(OsString, OsString)>::new();
    match config::load(&flags, nothing, Path::new("anonchat.yaml")) {
        Ok(loaded) => Ok(loaded.to_yaml()),
        Err(error) => Err(error.problems().len()),
    }
}

fn read<T: DeserializeOwned>(input: &[u8]) -> Option<T> {
    serde_json::from_slice(input).ok().map(|Object(body)| body)
}

fn assert_settled(body: &MessageBody) {
    let again = MessageBody::parse(body.as_str().to_owned());
    assert_eq!(again.as_ref().map(MessageBody::as_str), Ok(body.as_str()));
}

/// Addresses are not to be seen, so not even in a message about them.
fn assert_same(left: Option<ClientAddress>, right: Option<ClientAddress>) {
    assert!(left == right, "somebody was taken for somebody else");
}

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
