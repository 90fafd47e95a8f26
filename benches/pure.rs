//! What the parts of delivery cost that touch neither disk nor network: `cargo bench --bench pure`.
//!
//! Each group begins with a baseline, the least that such work can cost, so that ratios can be
//! read off one run: how fast the machine happens to be cancels out.

use std::{hint::black_box, sync::Arc};

use anonchat::{
    anonymity::{SecretKey, Wall, candidates, random},
    auth::{Auth, AuthSettings},
    domain::{
        AccountId, Clock, EmailAddress, Event, EventKind, Login, MessageBody, Password, RoomId,
        Seq, Timestamp,
    },
    protocol::{ClientFrame, encode_event},
    store::sqlite::{Durability, Options, SqliteStore},
    websocket::codec::{self, Decoder},
};
use criterion::{Criterion, criterion_group, criterion_main};
use sha2::{Digest, Sha256};

criterion_group!(benches, encoding, decoding, deriving, token_check);
criterion_main!(benches);

/// One message as every member of a room gets it, against a copy of as many bytes.
fn encoding(criterion: &mut Criterion) {
    let room = RoomId::from_bytes([7; 10]).encode();
    let event = message(
        "A sentence of about a hundred bytes, as people write them when they chat with each other.",
    );
    let frame = framed(&room, &event);
    let mut group = criterion.benchmark_group("encode");
    group.bench_function("baseline: copy", |bencher| bencher.iter(|| black_box(&frame).clone()));
    group.bench_function("message", |bencher| bencher.iter(|| framed(&room, black_box(&event))));
    group.finish();
}

/// One masked frame from a client, against reading its JSON as any value.
fn decoding(criterion: &mut Criterion) {
    let json = br#"{"type":"send","id":"4f1c2e9a-8c7d-4e0b-9d55-1f6f2a3b4c5d","message":"A sentence of about a hundred bytes, as people write them when they chat."}"#;
    let frame = masked(json);
    let mut group = criterion.benchmark_group("decode");
    group.bench_function("baseline: any JSON", |bencher| {
        bencher.iter(|| serde_json::from_slice::<serde_json::Value>(black_box(json)).unwrap());
    });
    group.bench_function("frame", |bencher| {
        bencher.iter(|| {
            let mut input = black_box(&frame).clone();
            Decoder::default().decode(&mut input).all(|part| part.is_ok())
        });
    });
    group.bench_function("command", |bencher| {
        let text = str::from_utf8(json).unwrap();
        bencher.iter(|| ClientFrame::parse(black_box(text)).unwrap());
    });
    group.finish();
}

/// Who somebody is in a room, and what they are called there, against one block of SHA-256.
fn deriving(criterion: &mut Criterion) {
    let wall = wall();
    let (account, room) = (AccountId::from_bytes([3; 16]), RoomId::from_bytes([7; 10]));
    let secret = wall.new_room_secret(room);
    let mut group = criterion.benchmark_group("derive");
    group.bench_function("baseline: SHA-256", |bencher| {
        bencher.iter(|| Sha256::digest(black_box([1; 32])));
    });
    group.bench_function("person tag", |bencher| {
        bencher.iter(|| wall.person_in(black_box(account), room, &secret).unwrap());
    });
    group.bench_function("handle candidates", |bencher| bencher.iter(|| candidates(8)));
    group.finish();
}

/// What an access token proves, against one block of SHA-256.
fn token_check(criterion: &mut Criterion) {
    let (auth, token) = signed_in();
    let mut group = criterion.benchmark_group("token");
    group.bench_function("baseline: SHA-256", |bencher| {
        bencher.iter(|| Sha256::digest(black_box([1; 32])));
    });
    group.bench_function("check", |bencher| bencher.iter(|| auth.access(black_box(&token))));
    group.finish();
    assert!(auth.access(&token).is_ok(), "what was measured is the check of a good token");
}

fn message(text: &str) -> Event {
    let body = MessageBody::parse(text.to_owned()).unwrap();
    let author = candidates(1).remove(0);
    let kind = EventKind::Message { body: Some(body), reply_to: None, edited_at: None };
    Event { seq: Seq(123_456), at: Timestamp(1_700_000_000_000), author, kind }
}

fn framed(room: &str, event: &Event) -> Vec<u8> {
    let mut frame = Vec::new();
    codec::text(&mut frame, &encode_event(room, event).0);
    frame
}

/// A text frame as a client sends it (RFC 6455, 5.3), of 126 to 65,535 bytes.
fn masked(payload: &[u8]) -> Vec<u8> {
    let mask = [0x12, 0x34, 0x56, 0x78];
    let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
    let masked = payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
    [0x81, 0xfe].into_iter().chain(length).chain(mask).chain(masked).collect()
}

fn wall() -> Wall {
    Wall::new(&SecretKey::from_bytes(random::bytes()).unwrap())
}

/// Accounts on a database of their own, and somebody's access token.
fn signed_in() -> (Auth, String) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let options = Options { durability: Durability::Normal, fresh_epoch: random::bytes() };
    let store = SqliteStore::open(&folder.path().join("anonchat.db"), options).unwrap();
    let settings = AuthSettings::default();
    let begun = Auth::new(Arc::new(store), wall(), settings, Arc::new(StoppedClock));
    let auth = runtime.block_on(begun).unwrap();
    let (login, password) = (Login::parse("somebody").unwrap(), "correct horse battery staple");
    let email = EmailAddress::parse("somebody@example.org").unwrap();
    let registered = auth.register(login, Some(email), Password::parse(password).unwrap());
    let token = runtime.block_on(registered).unwrap().access;
    (auth, token)
}

/// Always the same moment, so that no token expires while it is measured.
#[derive(Debug)]
struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp(1_700_000_000_000)
    }
}
