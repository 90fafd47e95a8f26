//! Both sides of the wire read `tests/fixtures/protocol`: one file per frame, one frame per file.
//! What the server reads and writes is compared here, what the web client does, in `web`.

use std::{collections::BTreeSet, fs, path::PathBuf};

use anonchat::{
    domain::{
        Action, Alias, Capacity, ClientId, CommandId, Event, EventKind, Handle, MessageBody,
        Retention, Room, RoomId, RoomName, SealedSecret, Seq, Timestamp, Visibility,
    },
    protocol::{ClientFrame, ErrorCode, RoomView, ServerFrame, You, encode, encode_event},
};

const ROOM: &str = "B9D5PPTV5N6QGYW1";

#[test]
fn every_frame_of_a_client_is_read_as_it_is_meant() {
    let read = |name: &str| {
        ClientFrame::parse(&fixture("client", name)).unwrap_or_else(|e| panic!("{name}: {e:?}"))
    };
    let id = |id: &CommandId| id.as_str().to_owned();
    let ClientFrame::Command(name, Action::Send { body, reply_to: None }) = read("send") else {
        panic!("send");
    };
    assert_eq!(id(&name), "6f1c4a52-1f0e-4a63-9a53-0d8d4f7c1b11");
    assert_eq!(body.as_str(), "Привет!\n\tHow are you? 👋");
    let ClientFrame::Command(name, Action::Send { body, reply_to }) = read("send_reply") else {
        panic!("send_reply");
    };
    assert_eq!((id(&name).as_str(), body.as_str(), reply_to), ("7", "fine", Some(Seq(3))));
    let ClientFrame::Command(name, Action::Edit { target, body }) = read("edit") else {
        panic!("edit");
    };
    assert_eq!((id(&name).as_str(), target, body.as_str()), ("8", Seq(3), "How do you do?"));
    let ClientFrame::Command(name, Action::Delete { target, any: false }) = read("delete") else {
        panic!("delete");
    };
    assert_eq!((id(&name).as_str(), target), ("9", Seq(3)));
    assert!(matches!(read("typing"), ClientFrame::Typing));
    assert!(matches!(read("read"), ClientFrame::Read(Seq(12))));
    assert!(matches!(read("auth"), ClientFrame::Auth(token) if token == "header.claims.signature"));
    assert!(matches!(read("ping"), ClientFrame::Ping(1_767_225_600_123)));
    let known = ["send", "send_reply", "edit", "delete", "typing", "read", "auth", "ping"];
    assert_eq!(names("client"), known.map(str::to_owned).into());
}

#[test]
fn every_frame_of_the_server_is_written_byte_for_byte() {
    let mut written = BTreeSet::new();
    let mut check = |name: &str, bytes: Vec<u8>| {
        assert_eq!(String::from_utf8(bytes).unwrap(), fixture("server", name), "{name}");
        written.insert(name.to_owned());
    };
    for (name, event) in events() {
        check(name, encode_event(ROOM, &event).0);
    }
    let (personal, shared) = rooms();
    for (name, frame) in frames(&personal, &shared) {
        check(name, encode(&frame));
    }
    assert_eq!(names("server"), written);
}

fn events() -> [(&'static str, Event); 7] {
    let body = |text: &str| Some(MessageBody::parse(text.to_owned()).unwrap());
    let author = Alias {
        client_id: ClientId::parse("0MAPCH5FMT2PJQ1R").unwrap(),
        handle: Handle::new("Quiet Heron"),
    };
    let at = |seq: i64, second: i64, kind| {
        let at = Timestamp(1_767_225_600_000 + 1000 * second);
        Event { seq: Seq(seq), at, author: author.clone(), kind }
    };
    let message = |body, reply_to, edited_at| EventKind::Message { body, reply_to, edited_at };
    let target = Seq(3);
    let hello = body("Привет!\n\t<b>\"How are you?\"</b> 👋");
    let edited_at = Some(Timestamp(1_767_225_603_000));
    [
        ("message", at(3, 1, message(hello, None, None))),
        ("message_reply", at(4, 2, message(body("fine"), Some(target), None))),
        ("message_edited", at(3, 1, message(body("How do you do?"), None, edited_at))),
        ("message_deleted", at(3, 1, message(None, None, None))),
        ("edit", at(5, 3, EventKind::Edit { target, body: body("How do you do?") })),
        ("edit_gone", at(5, 3, EventKind::Edit { target, body: None })),
        ("delete", at(6, 4, EventKind::Delete { target })),
    ]
}

/// The room as one reader sees it, and as all are told about it.
fn rooms() -> (RoomView, RoomView) {
    let room = |retention| Room {
        id: RoomId::parse(ROOM).unwrap(),
        name: RoomName::parse("Class 9b").unwrap(),
        capacity: Capacity::parse(30, 1000).unwrap(),
        visibility: Visibility::Unlisted,
        retention: Retention::parse(retention, Retention::Keep).unwrap(),
        created_at: Timestamp(1_767_225_600_000),
        head: Seq(12),
        expired_to: Seq(0),
        host: None,
        secret: SealedSecret(Vec::new()),
    };
    let personal = RoomView::shared(&room(None), 2).personal(false, true, 4);
    (personal, RoomView::shared(&room(Some(86_400)), 2))
}

fn frames<'a>(
    personal: &'a RoomView,
    shared: &'a RoomView,
) -> Vec<(&'static str, ServerFrame<'a>)> {
    let you = You { client_id: "0MAPCH5FMT2PJQ1R", client_name: "Quiet Heron", is_host: false };
    let welcome = ServerFrame::Welcome {
        room: personal,
        you,
        head: 12,
        epoch: "00112233aabbccdd",
        build: "5f0c9a1b",
        server_time: 1_767_225_660_000,
        heartbeat_in: 25,
    };
    let error =
        |code, message, id, retry_after| ServerFrame::Error { code, message, id, retry_after };
    let (not_yours, not_json) = ("That message is somebody else's.", "That frame is not JSON.");
    let too_fast = "Too many requests. Wait a little and try again.";
    vec![
        ("welcome", welcome),
        ("ack", ServerFrame::Ack { id: "7", seq: 4, at: 1_767_225_602_000 }),
        ("room", ServerFrame::Room { room: shared }),
        ("presence", ServerFrame::Presence { online: 2 }),
        ("typing", ServerFrame::Typing),
        ("expired", ServerFrame::Expired { from: 1, to: 12 }),
        ("reset", ServerFrame::Reset { head: 4096 }),
        ("auth_expiring", ServerFrame::AuthExpiring { expires_in: 60 }),
        ("pong", ServerFrame::Pong { t: 1_767_225_600_123 }),
        ("error", error(ErrorCode::Forbidden, not_yours, Some("8"), None)),
        ("error_without_id", error(ErrorCode::InvalidJson, not_json, None, None)),
        ("error_retry_after", error(ErrorCode::RateLimited, too_fast, Some("7"), Some(2))),
    ]
}

/// The frame in a file; a file ends with a newline, a frame does not.
fn fixture(side: &str, name: &str) -> String {
    let path = folder(side).join(name).with_extension("json");
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.trim_end().to_owned()
}

fn names(side: &str) -> BTreeSet<String> {
    let files = fs::read_dir(folder(side)).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect()
}

fn folder(side: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/fixtures/protocol", side].iter().collect()
}
