//! The frames of `anonchat.v1`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{
    code::ErrorCode,
    fields::{Fields, InvalidFields, Object, Raw},
    requests::place,
    responses::{MessageView, RoomView},
};
use crate::domain::{Action, CommandId, Event, EventKind, InvalidBody, MessageBody, Seq};

/// What a client says, read and judged.
#[derive(Clone, Debug)]
pub enum ClientFrame {
    /// `send`, `edit`, `delete`: something for the room. Whether a deletion may be of anybody's
    /// message is not the client's to say.
    Command(CommandId, Action),
    /// `typing`.
    Typing,
    /// `read`: the person has read up to here.
    Read(Seq),
    /// `auth`: a fresh access token for this socket.
    Auth(String),
    /// `ping`: to be answered with the same number.
    Ping(i64),
}

/// A frame that is no command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidFrame {
    /// What is wrong with it.
    pub fault: Fault,
    /// The command's id where that could be read: a client must learn which command failed, or it
    /// sends the same one again for ever.
    pub id: Option<String>,
}

/// What is wrong with a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not a JSON object with a text `type`, or a text in it is not Unicode.
    NotJson,
    /// `type` is none that clients may send.
    UnknownType,
    /// Fields are missing or wrong.
    Fields(InvalidFields),
}

#[derive(Deserialize)]
struct RawFrame<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(default)]
    id: Raw,
    #[serde(default)]
    message: Raw,
    #[serde(default)]
    reply_to: Raw,
    #[serde(default)]
    seq: Raw,
    #[serde(default)]
    token: Raw,
    #[serde(default)]
    t: Raw,
}

impl ClientFrame {
    /// Reads one text frame.
    ///
    /// # Errors
    /// [`InvalidFrame`] says what is wrong; the session goes on.
    pub fn parse(text: &str) -> Result<Self, InvalidFrame> {
        Self::read(text).map_err(|fault| InvalidFrame { fault, id: id_of(text) })
    }

    fn read(text: &str) -> Result<Self, Fault> {
        let raw: RawFrame<'_> = from_object(text).ok_or(Fault::NotJson)?;
        match raw.kind.as_ref() {
            "send" | "edit" | "delete" => command(raw),
            "typing" => Ok(Self::Typing),
            "read" => number(raw.seq, "seq", place).map(Self::Read),
            "ping" => number(raw.t, "t", Ok::<_, &str>).map(Self::Ping),
            "auth" => {
                let mut fields = Fields::default();
                let token = fields.text("token", raw.token, Ok::<_, &str>);
                fields.finish(|| token).map(Self::Auth).map_err(Fault::Fields)
            }
            _ => Err(Fault::UnknownType),
        }
    }
}

fn from_object<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    serde_json::from_str(text).ok().map(|Object(object)| object)
}

/// The id of a frame that is wrong otherwise. Other fields are passed over unread, so that half a
/// surrogate pair in one of them, which makes a frame no JSON, is no hindrance.
fn id_of(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct OnlyId<'a> {
        #[serde(borrow)]
        id: Cow<'a, str>,
    }
    let frame: OnlyId<'_> = from_object(text)?;
    CommandId::parse(&frame.id).is_ok().then(|| frame.id.into_owned())
}

fn number<T>(
    raw: Raw,
    name: &'static str,
    parse: impl FnOnce(i64) -> Result<T, &'static str>,
) -> Result<T, Fault> {
    let mut fields = Fields::default();
    let number = fields.integer(name, raw, parse);
    fields.finish(|| number).map_err(Fault::Fields)
}

fn command(raw: RawFrame<'_>) -> Result<ClientFrame, Fault> {
    let mut fields = Fields::default();
    let id = fields.text("id", raw.id, |id| CommandId::parse(&id));
    let action = match raw.kind.as_ref() {
        "send" => {
            let body = fields.text("message", raw.message, MessageBody::parse);
            let reply_to = fields.optional_integer("reply_to", raw.reply_to, place);
            body.map(|body| Action::Send { body, reply_to })
        }
        "edit" => {
            let target = fields.integer("seq", raw.seq, place);
            let body = fields.text("message", raw.message, MessageBody::parse);
            target.zip(body).map(|(target, body)| Action::Edit { target, body })
        }
        _ => {
            let target = fields.integer("seq", raw.seq, place);
            target.map(|target| Action::Delete { target, any: false })
        }
    };
    fields.finish(|| Some(ClientFrame::Command(id?, action?))).map_err(Fault::Fields)
}

/// The message of a plain client: the whole frame is its text.
///
/// # Errors
/// [`InvalidBody`] as for every message.
pub fn plain_message(text: &str) -> Result<MessageBody, InvalidBody> {
    MessageBody::parse(text.to_owned())
}

/// Who the reader of a [`ServerFrame::Welcome`] is in this room.
#[derive(Clone, Debug, Serialize)]
pub struct You<'a> {
    /// The alias' id.
    pub client_id: &'a str,
    /// The alias' name.
    pub client_name: &'a str,
    /// Whether the room is this person's.
    pub is_host: bool,
}

/// What the server says besides messages, which are [`MessageView`]s.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame<'a> {
    /// The first frame of every connection.
    Welcome {
        /// The room, as this person sees it.
        room: &'a RoomView,
        /// Who this person is here.
        you: You<'a>,
        /// The place of the newest event.
        head: i64,
        /// Changes when the operator restored a backup.
        epoch: &'a str,
        /// Which UI this server carries.
        build: &'a str,
        /// The server's clock, milliseconds since the epoch, whole seconds.
        server_time: i64,
        /// Seconds between the server's pings.
        heartbeat_in: u64,
    },
    /// A command was carried out and is durable.
    Ack {
        /// The command's id.
        id: &'a str,
        /// Its place.
        seq: i64,
        /// When.
        at: i64,
    },
    /// A message has a new text.
    Edit {
        /// Of this event.
        seq: i64,
        /// The message.
        target: i64,
        /// When.
        at: i64,
        /// Who.
        client_id: &'a str,
        /// Who, by name.
        client_name: &'a str,
        /// The new text; empty when it is gone by now.
        message: &'a str,
    },
    /// A message was erased.
    Delete {
        /// Of this event.
        seq: i64,
        /// The message.
        target: i64,
        /// When.
        at: i64,
        /// Who.
        client_id: &'a str,
        /// Who, by name.
        client_name: &'a str,
    },
    /// The room's settings changed; without the fields that differ from reader to reader.
    Room {
        /// The room as it is now.
        room: &'a RoomView,
    },
    /// How many people are here.
    Presence {
        /// People, not sockets.
        online: usize,
    },
    /// Somebody is typing.
    Typing,
    /// Messages are gone by retention.
    Expired {
        /// The first place.
        from: i64,
        /// The last place.
        to: i64,
    },
    /// The gap is too large to replay: load history over HTTP and go on from here.
    Reset {
        /// The place of the newest event.
        head: i64,
    },
    /// This socket's token ends soon.
    AuthExpiring {
        /// Seconds.
        expires_in: u64,
    },
    /// The answer to `ping`.
    Pong {
        /// The number of the `ping`.
        t: i64,
    },
    /// A command failed; the socket stays open.
    Error {
        /// For programs.
        code: ErrorCode,
        /// For people.
        message: &'a str,
        /// The command's id, where it had one.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a str>,
        /// Seconds until it makes sense to try again.
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after: Option<u64>,
    },
}

/// A frame as JSON text.
pub fn encode(frame: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(frame).expect("frames hold only strings, numbers and booleans")
}

/// An event of `room` (its id as text) as JSON text, and whether plain clients get it, too.
pub fn encode_event(room: &str, event: &Event) -> (Vec<u8>, bool) {
    let client_id = event.author.client_id.encode();
    let client_name = event.author.handle.as_str();
    let (seq, at) = (event.seq.0, event.at.0);
    match &event.kind {
        EventKind::Message { .. } => {
            let message = MessageView::new(room.to_owned(), event);
            (encode(&message), true)
        }
        EventKind::Edit { target, body } => {
            let message = body.as_ref().map_or("", MessageBody::as_str);
            let (target, client_id) = (target.0, client_id.as_str());
            let edit = ServerFrame::Edit { seq, target, at, client_id, client_name, message };
            (encode(&edit), false)
        }
        EventKind::Delete { target } => {
            let (target, client_id) = (target.0, client_id.as_str());
            (encode(&ServerFrame::Delete { seq, target, at, client_id, client_name }), false)
        }
    }
}
