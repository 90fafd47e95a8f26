//! What holds for the store as a whole.

use std::{
    collections::HashSet,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::Arc,
};

use anonchat::{
    domain::{Login, RoomId, Seq},
    store::{AccountStore, ChatStore, Entry, Page, Store, StoreError},
};
use futures_util::{FutureExt, future::join_all};

use super::{append, create, events, fill, messages, open, open_at, reopen, room_of_two};
use crate::given::{
    NOW, account, alias, facts, named, person, room, send, seqs, session, stored, texts,
};

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_after_closing_and_opening_again() {
    let (store, place) = open().await;
    let anna = account("anna");
    let first = session(anna.id, NOW);
    store.create_account(anna.clone(), first.clone()).await.unwrap();
    let made = room("Room");
    let (id, ann, ben) = create(&store, made.clone()).await;
    fill(&store, id, &ann, 3).await;

    let store = reopen(store, &place).await;
    assert_eq!(store.sessions(anna.id, NOW).await.unwrap(), [first]);
    assert!(store.account_by_login(&Login::parse("ANNA").unwrap()).await.unwrap().is_some());
    assert_eq!(store.member(id, person(1)).await.unwrap(), Some(Entry::Member(ben)));
    assert_eq!(messages(&store, id).await.len(), 3);
    let found = store.room(id).await.unwrap().unwrap();
    assert_eq!(facts(&found), facts(&anonchat::domain::Room { head: Seq(3), ..made }));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_epoch_stays_and_no_two_stores_have_the_same() {
    let (store, place) = open().await;
    let (other, _other_place) = open().await;
    let epoch = store.epoch().await.unwrap();
    assert_eq!(store.epoch().await.unwrap(), epoch);
    assert_ne!(other.epoch().await.unwrap(), epoch);
    assert_eq!(reopen(store, &place).await.epoch().await.unwrap(), epoch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_says_that_storage_works() {
    let (store, _place) = open().await;
    store.probe().await.unwrap();
    join_all((0..16).map(|_| store.probe())).await.into_iter().for_each(Result::unwrap);
    store.close().await;
    assert!(matches!(store.probe().await, Err(StoreError::Unavailable(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_closing_every_call_is_unavailable() {
    let (store, _place) = open().await;
    let (room, ann, _) = room_of_two(&store).await;
    store.close().await;
    let failures = [
        store.room(room).await.map(drop),
        store.history(room, Page::Latest, 1).await.map(drop),
        store.append(room, vec![send(&ann, "late")], u32::MAX, NOW).await.map(drop),
        store.account(account("anna").id).await.map(drop),
        store.delete_room(room).await.map(drop),
        store.expire(NOW).await.map(drop),
        store.epoch().await.map(drop),
    ];
    for failure in failures {
        assert!(matches!(failure, Err(StoreError::Unavailable(_))), "{failure:?}");
    }
    // Once more does no harm.
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_finishes_what_was_begun() {
    let (store, place) = open().await;
    let (room, ann, _) = room_of_two(&store).await;
    let appends = (0..100).map(|n| {
        let command = named(&n.to_string(), send(&ann, &n.to_string()));
        store.append(room, vec![command], u32::MAX, NOW)
    });
    let (results, ()) = tokio::join!(join_all(appends), store.close());
    let answered: HashSet<i64> =
        results.into_iter().filter_map(|result| Some(stored(&result.ok()??[0]).seq.0)).collect();
    let store = place.open().await;
    let kept: HashSet<i64> = seqs(&events(&store, room).await).into_iter().collect();
    assert_eq!(kept, answered);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away_does_no_harm() {
    let (store, _place) = open().await;
    let (room, ann, _) = room_of_two(&store).await;
    for n in 0..20 {
        // Asked once and dropped: it is carried out or not, and nothing else.
        let command = named(&n.to_string(), send(&ann, &n.to_string()));
        let _ = store.append(room, vec![command], u32::MAX, NOW).now_or_never();
        let _ = store.room(room).now_or_never();
    }
    let last = append(&store, room, vec![send(&ann, "last")], NOW).await;
    let all = events(&store, room).await;
    assert_eq!(all.last(), Some(stored(&last[0])));
    let expected: Vec<i64> = (1..).take(all.len()).collect();
    assert_eq!(seqs(&all), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_upcasts_to_the_view_that_each_module_gets() {
    let (store, _place) = open().await;
    let accounts: Arc<dyn AccountStore> = store.clone();
    let chat: Arc<dyn ChatStore> = store;
    assert!(accounts.account(account("anna").id).await.unwrap().is_none());
    assert!(chat.room(room("missing").id).await.unwrap().is_none());
}

/// Tells the child where to write, and into which room.
const CHILD: &str = "ANONCHAT_TEST_APPEND_TO";

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_survives_the_death_of_the_process() {
    let (store, place) = open().await;
    let (room, ..) = room_of_two(&store).await;
    store.close().await;
    drop(store);

    let test = format!("{}::appends_until_it_is_killed", module_path());
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &test, "--ignored", "--nocapture"])
        .env(CHILD, format!("{} {}", room.encode(), place.address()))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut acks: Vec<String> = lines.by_ref().filter_map(|line| ack(&line)).take(200).collect();
    child.kill().unwrap();
    acks.extend(lines.filter_map(|line| ack(&line)));
    child.wait().unwrap();

    let store = place.open().await;
    let kept = events(&store, room).await;
    let kept_texts = texts(&kept);
    assert!(acks.len() >= 200);
    for acknowledged in acks {
        assert!(kept_texts.contains(&Some(acknowledged.as_str())), "lost {acknowledged}");
    }
    assert_eq!(seqs(&kept), (1..).take(kept.len()).collect::<Vec<i64>>());
    store.probe().await.unwrap();
}

/// The name of this module as the test harness knows it, without the crate.
fn module_path() -> &'static str {
    module_path!().split_once("::").unwrap().1
}

/// A line cut short by the kill has no full stop.
fn ack(line: &str) -> Option<String> {
    Some(line.strip_prefix("ack ")?.strip_suffix('.')?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the child of the test above"]
async fn appends_until_it_is_killed() {
    let to = std::env::var(CHILD).unwrap();
    let (room, address) = to.split_once(' ').unwrap();
    let (store, room) = (open_at(address).await, RoomId::parse(room).unwrap());
    let Entry::Member(author) =
        store.enter_room(room, person(2), vec![alias("Cat")]).await.unwrap()
    else {
        panic!("the room is there")
    };
    join_all((0..8).map(|task| append_for_ever(&store, room, &author, task))).await;
}

async fn append_for_ever(
    store: &Arc<dyn Store>,
    room: RoomId,
    author: &anonchat::domain::Alias,
    task: usize,
) {
    for n in 0.. {
        let text = format!("{task}-{n}");
        append(store, room, vec![named(&text, send(author, &text))], NOW).await;
        println!("ack {text}.");
    }
}
