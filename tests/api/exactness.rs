//! Many at once, who lose their connections all the time, and a server that is killed: every
//! message once, in one order for all.

use std::{
    collections::BTreeMap,
    net::Ipv4Addr,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use futures_util::{SinkExt, future::join_all};
use serde_json::{Value, json};
use tokio::net::TcpSocket;
use tokio_tungstenite::tungstenite::Message;

use crate::{
    harness::{NoSocket, Person, Server, Socket, connect_over},
    process::Process,
};

/// Messages of one client that may wait for their acknowledgements.
const WINDOW: usize = 8;

/// How often the server is killed on the way.
const KILLS: usize = 5;

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
struct Plan {
    clients: usize,
    messages_each: usize,
    /// A client hangs up after this many frames, or half of that, or anything between.
    patience: u64,
}

impl Plan {
    fn messages(self) -> usize {
        self.clients * self.messages_each
    }
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
    /// The text and the alias at each place, from 1.
    heard: Vec<(String, String)>,
    /// How often there was too much to be replayed.
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
            heard: Vec::new(),
            resets: 0,
        }
    }

    async fn run(mut self, acknowledged: &AtomicUsize) -> Self {
        while !self.is_done() {
            if let Some(mut socket) = self.connect().await {
                // Whatever ended the connection, the next one goes on from here.
                let _ended = self.converse(&mut socket, acknowledged).await;
            }
        }
        self
    }

    fn is_done(&self) -> bool {
        self.acknowledged.len() == self.plan.messages_each
            && self.heard.len() == self.plan.messages()
    }

    async fn connect(&self) -> Option<Socket> {
        let request =
            self.person.socket_request(&self.room, &format!("&since={}", self.heard.len()));
        let stream = TcpSocket::new_v4().unwrap();
        match connect_over(stream, request, self.person.way.from).await {
            Ok(socket) => return Some(socket),
            Err(NoSocket::Refused(answer)) => {
                // Sockets that it has just left may not have been missed yet.
                assert_eq!(answer.code(), "rate_limited", "{}", answer.body);
            }
            Err(NoSocket::Lost) => {}
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        None
    }

    /// Talks and listens until it hangs up without a word, or the server has gone.
    async fn converse(&mut self, socket: &mut Socket, acknowledged: &AtomicUsize) -> Option<()> {
        let half = self.plan.patience / 2;
        let frames = half + self.dice.roll(half);
        for number in 0..self.sent {
            if !self.acknowledged.contains_key(&number) {
                self.say(socket, number).await?;
            }
        }
        for _ in 0..frames {
            let all = self.plan.messages_each;
            while self.sent < all && self.sent - self.acknowledged.len() < WINDOW {
                self.sent += 1;
                self.say(socket, self.sent - 1).await?;
            }
            let frame = socket.frame_or_end().await?;
            if frame["type"] == "reset" {
                self.load_up_to(frame["head"].as_i64().unwrap()).await?;
            } else {
                self.hear(&frame, acknowledged);
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
    /// after `head`. `None` if the server went away meanwhile.
    async fn load_up_to(&mut self, head: i64) -> Option<()> {
        self.resets += 1;
        let head = usize::try_from(head).unwrap();
        assert!(self.heard.len() < head, "{}: the server lost what was heard", self.person.login);
        while self.heard.len() < head {
            let after = self.heard.len();
            let limit = 200.min(head - after);
            let path = format!("/rooms/{}/messages?after={after}&limit={limit}", self.room);
            let page = self.person.try_get(&path).await?;
            let messages = page.data()["messages"].as_array().unwrap();
            assert_eq!(messages.len(), limit, "all messages up to {head} are stored");
            for message in messages {
                self.hear_message(message);
            }
        }
        Some(())
    }

    fn hear_message(&mut self, message: &Value) {
        let text = |field: &str| message[field].as_str().unwrap().to_owned();
        let next = 1 + self.heard.len();
        assert_eq!(message["seq"], next, "{} missed or repeated", self.person.login);
        self.heard.push((text("message"), text("client_id")));
    }

    fn hear(&mut self, frame: &Value, acknowledged: &AtomicUsize) {
        match frame["type"].as_str().unwrap() {
            "message" => self.hear_message(frame),
            "ack" => {
                let number = frame["id"].as_str().unwrap().parse().unwrap();
                let seq = frame["seq"].as_i64().unwrap();
                match self.acknowledged.insert(number, seq) {
                    None => _ = acknowledged.fetch_add(1, Ordering::SeqCst),
                    Some(before) => assert_eq!(before, seq, "one id, two results"),
                }
            }
            "welcome" | "presence" => {}
            _ => panic!("{}: {frame}", self.person.login),
        }
    }
}

/// What must be true in the end, of all of them.
fn assert_exact(chatters: &[Chatter], plan: Plan) {
    let heard = &chatters[0].heard;
    let mut places = BTreeMap::new();
    for ((text, alias), place) in heard.iter().zip(1..) {
        let doubled = places.insert(text.as_str(), (place, alias));
        assert!(doubled.is_none(), "{text}: said twice");
    }
    assert_eq!(places.len(), plan.messages());
    for chatter in chatters {
        assert!(chatter.heard == *heard, "{} heard another order", chatter.person.login);
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
    let plan = Plan { clients: 20, messages_each: 50, patience: u64::MAX };
    let server = Server::start().await;
    let people = server.register_all(plan.clients).await;
    let room = people[0].create_room("all at once", 100).await;
    let acknowledged = AtomicUsize::new(0);
    let chatters = people.into_iter().enumerate();
    let chatters = chatters.map(|(number, person)| Chatter::new(person, &room, plan, number));
    let chatters = join_all(chatters.map(|chatter| chatter.run(&acknowledged))).await;
    assert_exact(&chatters, plan);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_who_are_cut_off_all_the_time_miss_and_repeat_nothing() {
    let plan = Plan { clients: 200, messages_each: 50, patience: 4000 };
    let server = Server::start().await;
    let people = server.register_all(plan.clients).await;
    let room = people[0].create_room("bad connections", 200).await;
    let acknowledged = AtomicUsize::new(0);
    let chatters = people.into_iter().enumerate();
    let chatters = chatters.map(|(number, person)| Chatter::new(person, &room, plan, number));
    // One who comes when there is too much to be replayed, and loads it instead.
    let mut chatters: Vec<_> = chatters.collect();
    let late = chatters.pop().expect("two hundred");
    let late = async {
        while acknowledged.load(Ordering::SeqCst) < plan.messages() / 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        late.run(&acknowledged).await
    };
    let in_time = join_all(chatters.into_iter().map(|chatter| chatter.run(&acknowledged)));
    let (mut chatters, late) = tokio::join!(in_time, late);
    assert!(late.resets > 0, "half of all was too much to be replayed");
    chatters.push(late);
    assert_exact(&chatters, plan);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_five_times_loses_and_doubles_nothing() {
    let plan = Plan { clients: 200, messages_each: 50, patience: 4000 };
    let dir = tempfile::tempdir().unwrap();
    let mut server = Process::start(&dir.path().join("data"), &["--log-level", "error"]).await;
    let way = server.way(Ipv4Addr::LOCALHOST);
    let people = Person::register_all(&way, plan.clients).await;
    let room = people[0].create_room("power cuts", 200).await;
    let acknowledged = AtomicUsize::new(0);
    let chatters = people.into_iter().enumerate();
    let chatters = chatters.map(|(number, person)| Chatter::new(person, &room, plan, number));
    let chatting = join_all(chatters.map(|chatter| chatter.run(&acknowledged)));
    let killing = async {
        for kill in 1..=KILLS {
            while acknowledged.load(Ordering::SeqCst) < kill * plan.messages() / (KILLS + 1) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            server.kill().await;
            server = server.again().await;
        }
        server
    };
    let (chatters, _server) = tokio::join!(chatting, killing);
    assert_exact(&chatters, plan);
}
