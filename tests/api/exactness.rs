//! Many at once, who lose their connections all the time, and a server that is killed or restarted:
//! every message once, in one order for all.

use std::{
    collections::BTreeMap,
    net::Ipv4Addr,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{SinkExt, future::join_all};
use rustix::process::Signal;
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpSocket;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes, protocol::frame::coding::CloseCode};

use crate::{
    harness::{NoSocket, Person, Server, Socket, connect_over},
    process::Process,
};

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// What a room is to have heard in the end.
#[derive(Clone, Copy)]
pub struct Plan {
    pub clients: usize,
    pub messages_each: usize,
    /// A client hangs up after this many frames, or half of that, or anything between.
    pub patience: u64,
    /// The last one comes when so many messages are acknowledged.
    pub latecomer_after: usize,
    /// Messages of one client that may wait for their acknowledgements.
    pub window: usize,
}

impl Plan {
    pub fn messages(self) -> usize {
        self.clients * self.messages_each
    }
}

/// What everybody heard: the text and the alias at each place, from 1.
#[derive(Default)]
pub struct Transcript {
    heard: Mutex<Vec<(String, String)>>,
    pub acknowledged: AtomicUsize,
    /// How often a server that restarts said goodbye, and how often a connection ended otherwise.
    goodbyes: AtomicUsize,
    breaks: AtomicUsize,
}

impl Transcript {
    fn note(&self, ended: Ended) {
        let count = if ended == Ended::Goodbye { &self.goodbyes } else { &self.breaks };
        count.fetch_add(1, Ordering::SeqCst);
    }

    /// Whoever hears a place first says what stands there; all others must hear the same.
    fn agree(&self, place: usize, text: &str, alias: &str) {
        let mut heard = self.heard.lock().unwrap();
        match heard.get(place - 1) {
            Some(first) => assert_eq!((first.0.as_str(), first.1.as_str()), (text, alias)),
            None => heard.push((text.to_owned(), alias.to_owned())),
        }
    }
}

/// A frame, as far as it matters here: there are millions of them.
#[derive(Deserialize)]
struct Frame<'text> {
    #[serde(rename = "type")]
    kind: &'text str,
    id: Option<&'text str>,
    seq: Option<i64>,
    head: Option<i64>,
    message: Option<&'text str>,
    client_id: Option<&'text str>,
    code: Option<&'text str>,
}

/// Says its messages and hears all, whatever happens to its connections.
struct Chatter {
    person: Person,
    room: String,
    plan: Plan,
    dice: Dice,
    /// By its own numbers, from 0.
    acknowledged: BTreeMap<usize, i64>,
    sent: usize,
    /// How many places, from 1.
    heard: usize,
    resets: usize,
}

impl Chatter {
    fn new(person: Person, room: &str, plan: Plan, number: usize) -> Self {
        Self {
            person,
            room: room.to_owned(),
            plan,
            dice: Dice(0x9e37_79b9_7f4a_7c15 ^ (number as u64 + 1)),
            acknowledged: BTreeMap::new(),
            sent: 0,
            heard: 0,
            resets: 0,
        }
    }

    async fn run(mut self, transcript: &Transcript) -> Self {
        while !self.is_done() {
            if let Some(mut socket) = self.connect().await {
                // Whatever ended the connection, the next one goes on from here.
                let _ended = self.converse(&mut socket, transcript).await;
            }
        }
        self
    }

    fn is_done(&self) -> bool {
        self.acknowledged.len() == self.plan.messages_each && self.heard == self.plan.messages()
    }

    async fn connect(&self) -> Option<Socket> {
        let request = self.person.socket_request(&self.room, &format!("&since={}", self.heard));
        let stream = TcpSocket::new_v4().unwrap();
        match connect_over(stream, request, self.person.way.from).await {
            Ok(socket) => return Some(socket),
            Err(NoSocket::Refused(answer)) => {
                // Sockets that it has just left may not have been missed yet, and the database may
                // be away.
                let passing = ["rate_limited", "storage_unavailable"];
                assert!(passing.contains(&answer.code()), "{}", answer.body);
            }
            Err(NoSocket::Lost) => {}
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        None
    }

    /// Talks and listens until it hangs up without a word, or the server has gone.
    async fn converse(&mut self, socket: &mut Socket, transcript: &Transcript) -> Option<()> {
        let half = self.plan.patience / 2;
        let frames = half + self.dice.roll(half);
        for number in 0..self.sent {
            if !self.acknowledged.contains_key(&number) {
                self.say(socket, number).await?;
            }
        }
        for _ in 0..frames {
            let all = self.plan.messages_each;
            while self.sent < all && self.sent - self.acknowledged.len() < self.plan.window {
                self.sent += 1;
                self.say(socket, self.sent - 1).await?;
            }
            let text = match text_or_end(socket).await {
                Ok(text) => text,
                Err(ended) => {
                    transcript.note(ended);
                    return None;
                }
            };
            let frame: Frame<'_> = serde_json::from_str(&text).unwrap();
            if frame.kind == "reset" {
                self.resets += 1;
                self.load_up_to(frame.head.unwrap(), transcript).await?;
            } else {
                self.hear(&frame, transcript)?;
            }
            if self.is_done() {
                break;
            }
        }
        Some(())
    }

    async fn say(&self, socket: &mut Socket, number: usize) -> Option<()> {
        let text = format!("{} says {number}", self.person.login);
        let frame = json!({ "type": "send", "id": format!("{number}"), "message": text });
        socket.stream.send(Message::text(frame.to_string())).await.ok()
    }

    /// Reads over HTTP what is too much to be replayed, as a `reset` asks for; live frames go on
    /// after `head`. `None` if the server or its database went away meanwhile.
    async fn load_up_to(&mut self, head: i64, transcript: &Transcript) -> Option<()> {
        let head = usize::try_from(head).unwrap();
        assert!(self.heard < head, "{}: the server lost what was heard", self.person.login);
        while self.heard < head {
            let limit = 200.min(head - self.heard);
            let path = format!("/rooms/{}/messages?after={}&limit={limit}", self.room, self.heard);
            let page = self.person.try_get(&path).await?;
            if page.code() == "storage_unavailable" {
                return None;
            }
            let messages = page.data()["messages"].as_array().unwrap();
            assert_eq!(messages.len(), limit, "all messages up to {head} are stored");
            for message in messages {
                let text = |field: &str| message[field].as_str().unwrap();
                let seq = message["seq"].as_i64().unwrap();
                self.hear_message(seq, text("message"), text("client_id"), transcript);
            }
        }
        Some(())
    }

    fn hear_message(&mut self, seq: i64, text: &str, alias: &str, transcript: &Transcript) {
        self.heard += 1;
        assert_eq!(usize::try_from(seq), Ok(self.heard), "{} missed one", self.person.login);
        transcript.agree(self.heard, text, alias);
    }

    /// `None` if what was sent has to be sent again.
    fn hear(&mut self, frame: &Frame<'_>, transcript: &Transcript) -> Option<()> {
        match frame.kind {
            "message" => {
                let (text, alias) = (frame.message.unwrap(), frame.client_id.unwrap());
                self.hear_message(frame.seq.unwrap(), text, alias, transcript);
            }
            "ack" => {
                let (number, seq) = (frame.id.unwrap().parse().unwrap(), frame.seq.unwrap());
                match self.acknowledged.insert(number, seq) {
                    None => _ = transcript.acknowledged.fetch_add(1, Ordering::SeqCst),
                    Some(before) => assert_eq!(before, seq, "one id, two results"),
                }
            }
            "welcome" | "presence" => {}
            "error" if frame.code == Some("storage_unavailable") => return None,
            other => panic!("{}: {other} {:?}", self.person.login, frame.message),
        }
        Some(())
    }
}

/// How a connection came to its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// The server restarts, and says so.
    Goodbye,
    Otherwise,
}

/// The next text, or the end.
async fn text_or_end(socket: &mut Socket) -> Result<Utf8Bytes, Ended> {
    loop {
        match socket.next().await {
            Some(Message::Text(text)) => return Ok(text),
            Some(Message::Ping(_) | Message::Pong(_)) => {}
            Some(Message::Close(Some(close))) if close.code == CloseCode::Restart => {
                return Err(Ended::Goodbye);
            }
            _ => return Err(Ended::Otherwise),
        }
    }
}

/// Lets everybody talk; the last one comes late, when more has been said than is replayed.
pub async fn talk(people: Vec<Person>, room: &str, plan: Plan, transcript: &Transcript) {
    let chatters = people.into_iter().enumerate().map(async |(number, person)| {
        let is_late = number + 1 == plan.clients;
        let said = || transcript.acknowledged.load(Ordering::SeqCst);
        while is_late && said() < plan.latecomer_after {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Chatter::new(person, room, plan, number).run(transcript).await
    });
    let chatters = join_all(chatters).await;
    assert_exact(&chatters, plan, &transcript.heard.lock().unwrap());
    if plan.latecomer_after > 1000 {
        assert!(chatters.last().unwrap().resets > 0, "nothing was left out of a replay");
    }
}

/// What must be true in the end, of all of them.
fn assert_exact(chatters: &[Chatter], plan: Plan, heard: &[(String, String)]) {
    let mut places = BTreeMap::new();
    for ((text, alias), place) in heard.iter().zip(1..) {
        let doubled = places.insert(text.as_str(), (place, alias));
        assert!(doubled.is_none(), "{text}: said twice");
    }
    assert_eq!(places.len(), plan.messages());
    for chatter in chatters {
        let mut last = 0;
        let mut aliases = Vec::new();
        for (number, seq) in &chatter.acknowledged {
            let text = format!("{} says {number}", chatter.person.login);
            let (place, alias) = places[text.as_str()];
            assert_eq!(place, *seq, "{text}: acknowledged elsewhere");
            assert!(last < place, "{text}: before what was said before");
            last = place;
            aliases.push(alias);
        }
        aliases.dedup();
        assert_eq!(aliases.len(), 1, "one person, one alias");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_who_talk_at_once_all_hear_the_same_order() {
    let plan =
        Plan { clients: 20, messages_each: 50, patience: u64::MAX, latecomer_after: 0, window: 8 };
    let server = Server::start().await;
    let people = server.register_all(plan.clients).await;
    let room = people[0].create_room("all at once", 100).await;
    talk(people, &room, plan, &Transcript::default()).await;
}

/// Two hundred who send ten thousand messages.
const MANY: Plan =
    Plan { clients: 200, messages_each: 50, patience: 4000, latecomer_after: 1500, window: 8 };

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_who_are_cut_off_all_the_time_miss_and_repeat_nothing() {
    let server = Server::start().await;
    let people = server.register_all(MANY.clients).await;
    let room = people[0].create_room("bad connections", 500).await;
    talk(people, &room, MANY, &Transcript::default()).await;
}

/// Two hundred talk while the server ends five times, as `end` has it, and starts again.
async fn talk_through_five_ends(room: &str, end: impl AsyncFn(&mut Process)) -> Transcript {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Process::start(&dir.path().join("data"), &["--log-level", "error"]).await;
    let way = server.way(Ipv4Addr::LOCALHOST);
    let people = Person::register_all(&way, MANY.clients).await;
    let room = people[0].create_room(room, 500).await;
    let transcript = Transcript::default();
    let ending = async {
        for sixth in 1..6 {
            let enough = sixth * MANY.messages() / 6;
            while transcript.acknowledged.load(Ordering::SeqCst) < enough {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            end(&mut server).await;
            server = server.again().await;
        }
        server
    };
    let ((), _server) = tokio::join!(talk(people, &room, MANY, &transcript), ending);
    transcript
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_five_times_loses_and_doubles_nothing() {
    talk_through_five_ends("power cuts", Process::kill).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_restarted_five_times_loses_and_doubles_nothing() {
    let transcript = talk_through_five_ends("new versions", async |server| {
        server.signal(Signal::TERM);
        assert!(server.exit().await.success(), "it stops by itself");
    })
    .await;
    let count = |count: &AtomicUsize| count.load(Ordering::SeqCst);
    let (goodbyes, breaks) = (count(&transcript.goodbyes), count(&transcript.breaks));
    // Not all: whoever does not read what has been said is waited for a while and no longer.
    assert!(goodbyes > 0, "{goodbyes} were told of a restart, {breaks} not");
}
