//! Values for the cases. Each id is a new one; everything else is given.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use anonchat::{
    domain::{
        AccountId, Action, Alias, Capacity, ClientId, Command, CommandId, EmailTag, Event,
        EventKind, Handle, Lifetimes, Login, MessageBody, NewAccount, Outcome, PasswordHash,
        PersonTag, Placed, RefreshClaim, Refusal, Retention, Room, RoomId, RoomName, SealedEmail,
        SealedSecret, Seq, Session, SessionId, Timestamp, TokenHash, Visibility,
    },
    store::transfer::Table,
};

/// A whole second.
pub(crate) const NOW: Timestamp = Timestamp(1_700_000_000_000);

pub(crate) const LIFETIMES: Lifetimes =
    Lifetimes { idle: Duration::from_hours(7 * 24), absolute: Duration::from_hours(30 * 24) };

pub(crate) const HOUR: Retention = Retention::For(Duration::from_hours(1));

pub(crate) fn later(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

/// Never the same twice, and in no order.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let count = NEXT.fetch_add(1, Ordering::Relaxed);
    let mixed = count.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
    std::array::from_fn(|i| mixed[i % 8])
}

pub(crate) fn phc(text: &str) -> PasswordHash {
    PasswordHash::from_phc(text.to_owned())
}

pub(crate) fn login(text: &str) -> Login {
    Login::parse(text).unwrap()
}

pub(crate) fn account(name: &str) -> NewAccount {
    NewAccount {
        id: AccountId::from_bytes(bytes()),
        login: login(name),
        email: None,
        password_hash: phc("hash"),
        created_at: NOW,
    }
}

pub(crate) fn account_with_email(name: &str, tag: u8) -> NewAccount {
    let email = Some((EmailTag([tag; 32]), SealedEmail(vec![tag, 1, 2])));
    NewAccount { email, ..account(name) }
}

pub(crate) fn token(n: u8) -> TokenHash {
    TokenHash([n; 32])
}

/// A session whose first token is `token(0)`.
pub(crate) fn session(account: AccountId, now: Timestamp) -> Session {
    Session::begin(SessionId::from_bytes(bytes()), account, token(0), now, LIFETIMES)
}

pub(crate) fn claim(session: &Session, generation: i64, n: u8) -> RefreshClaim {
    RefreshClaim { session: session.id, generation, hash: token(n) }
}

pub(crate) fn person(n: u8) -> PersonTag {
    PersonTag([n; 32])
}

pub(crate) fn alias(handle: &str) -> Alias {
    Alias { client_id: ClientId::from_bytes(bytes()), handle: Handle::new(handle) }
}

/// An unlisted room whose host is `person(0)`.
pub(crate) fn room(name: &str) -> Room {
    Room {
        id: RoomId::from_bytes(bytes()),
        name: RoomName::parse(name).unwrap(),
        capacity: capacity(20),
        visibility: Visibility::Unlisted,
        retention: Retention::Keep,
        created_at: NOW,
        head: Seq(0),
        expired_to: Seq(0),
        host: Some(person(0)),
        secret: SealedSecret(vec![7; 60]),
    }
}

pub(crate) fn public_room(name: &str) -> Room {
    Room { visibility: Visibility::Public, ..room(name) }
}

pub(crate) fn capacity(people: i64) -> Capacity {
    Capacity::parse(people, Capacity::MAX).unwrap()
}

/// Everything about a room that can be compared.
pub(crate) fn facts(room: &Room) -> impl PartialEq + std::fmt::Debug + use<> {
    let settings = (room.name.as_str().to_owned(), room.capacity, room.visibility, room.retention);
    let places = (room.created_at, room.head, room.expired_to);
    (room.id, settings, places, room.host, room.secret.clone())
}

pub(crate) fn body(text: &str) -> MessageBody {
    MessageBody::parse(text.to_owned()).unwrap()
}

pub(crate) fn send(author: &Alias, text: &str) -> Command {
    command(author, Action::Send { body: body(text), reply_to: None })
}

pub(crate) fn reply(author: &Alias, to: i64, text: &str) -> Command {
    command(author, Action::Send { body: body(text), reply_to: Some(Seq(to)) })
}

pub(crate) fn edit(author: &Alias, target: i64, text: &str) -> Command {
    command(author, Action::Edit { target: Seq(target), body: body(text) })
}

pub(crate) fn delete(author: &Alias, target: i64) -> Command {
    command(author, Action::Delete { target: Seq(target), any: false })
}

pub(crate) fn delete_any(author: &Alias, target: i64) -> Command {
    command(author, Action::Delete { target: Seq(target), any: true })
}

pub(crate) fn named(id: &str, command: Command) -> Command {
    Command { id: Some(CommandId::parse(id).unwrap()), ..command }
}

fn command(author: &Alias, action: Action) -> Command {
    Command { author: author.clone(), id: None, action }
}

pub(crate) fn stored(outcome: &Outcome) -> &Event {
    match outcome {
        Outcome::Stored(event) => event,
        other => panic!("not stored: {other:?}"),
    }
}

pub(crate) fn repeated(outcome: &Outcome) -> Placed {
    match outcome {
        Outcome::Repeated(placed) => *placed,
        other => panic!("not repeated: {other:?}"),
    }
}

pub(crate) fn refused(outcome: &Outcome) -> Refusal {
    match outcome {
        Outcome::Refused(refusal) => *refusal,
        other => panic!("not refused: {other:?}"),
    }
}

pub(crate) fn seqs(events: &[Event]) -> Vec<i64> {
    events.iter().map(|event| event.seq.0).collect()
}

/// The text of each message and edit; `None` where it is gone, and for deletions.
pub(crate) fn texts(events: &[Event]) -> Vec<Option<&str>> {
    events.iter().map(text_of).collect()
}

fn text_of(event: &Event) -> Option<&str> {
    match &event.kind {
        EventKind::Message { body, .. } | EventKind::Edit { body, .. } => {
            body.as_ref().map(MessageBody::as_str)
        }
        EventKind::Delete { .. } => None,
    }
}

/// Fails where a column of a table is not moved, or the move knows one that is not there.
#[track_caller]
pub(crate) fn assert_moved(mut columns: Vec<(String, String)>) {
    // A setup link is made anew at each start; the epoch is moved, but not as a part of a row.
    columns.retain(|(table, column)| match table.as_str() {
        "setup" | "refinery_schema_history" => false,
        "server" => !["epoch", "probes", "changes"].contains(&column.as_str()),
        _ => true,
    });
    columns.sort();
    let known = Table::ALL.iter().flat_map(|table| {
        let names = table.columns().iter();
        names.map(|(column, _)| (table.name().to_owned(), (*column).to_owned()))
    });
    let mut known: Vec<_> = known.collect();
    known.sort();
    assert_eq!(columns, known);
}
