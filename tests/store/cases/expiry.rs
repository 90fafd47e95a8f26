use std::{sync::Arc, time::Duration};

use anonchat::{
    domain::{Alias, Expiry, Refusal, Retention, Room, RoomChange, RoomId, Seq, Timestamp},
    store::{EXPIRY_SLICE, Page, Store},
};

use super::{append, create, events, fill, messages, open, reopen};
use crate::given::{
    HOUR, NOW, delete, edit, later, named, refused, reply, room, send, seqs, stored, texts,
};

const AN_HOUR: u64 = 3600;

async fn forgetful_room(store: &Arc<dyn Store>) -> (RoomId, Alias, Alias) {
    create(store, Room { retention: HOUR, ..room("Room") }).await
}

async fn say(store: &Arc<dyn Store>, room: RoomId, author: &Alias, seconds: u64, text: &str) {
    append(store, room, vec![send(author, text)], later(seconds)).await;
}

fn expiry(room: RoomId, from: i64, to: i64) -> Expiry {
    Expiry { room, from: Seq(from), to: Seq(to) }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_the_retention_is_gone_and_what_is_exactly_as_old_stays() {
    let (store, place) = open().await;
    let (room, ann, _) = forgetful_room(&store).await;
    for seconds in [0, 9, 10, 11] {
        say(&store, room, &ann, seconds, &format!("at {seconds}")).await;
    }
    let gone = store.expire(later(AN_HOUR + 10)).await.unwrap();
    assert_eq!(gone, [expiry(room, 1, 2)]);
    let store = reopen(store, &place).await;
    assert_eq!(texts(&messages(&store, room).await), [Some("at 10"), Some("at 11")]);
    let replay = store.events_after(room, Seq(0), 10).await.unwrap().unwrap();
    assert_eq!(seqs(&replay.events), [3, 4]);
    assert_eq!((replay.expired_to, replay.head), (Seq(2), Seq(4)));
    assert_eq!(store.room(room).await.unwrap().unwrap().expired_to, Seq(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn expiring_again_finds_only_what_is_new() {
    let (store, _place) = open().await;
    let (room, ann, _) = forgetful_room(&store).await;
    assert_eq!(store.expire(later(AN_HOUR)).await.unwrap(), []);
    for seconds in [0, 10] {
        say(&store, room, &ann, seconds, "x").await;
    }
    assert_eq!(store.expire(later(AN_HOUR + 1)).await.unwrap(), [expiry(room, 1, 1)]);
    assert_eq!(store.expire(later(AN_HOUR + 1)).await.unwrap(), []);
    assert_eq!(store.expire(later(AN_HOUR + 11)).await.unwrap(), [expiry(room, 2, 2)]);
    assert_eq!(store.expire(later(AN_HOUR + 11)).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn much_expires_in_slices() {
    let (store, _place) = open().await;
    let slice = i64::from(EXPIRY_SLICE);
    let (long, ann, _) = forgetful_room(&store).await;
    fill(&store, long, &ann, 2 * EXPIRY_SLICE as usize + 5).await;
    say(&store, long, &ann, 20, "stays").await;
    let (short, ben, _) = forgetful_room(&store).await;
    say(&store, short, &ben, 0, "x").await;

    let mut gone = Vec::new();
    loop {
        let some = store.expire(later(AN_HOUR + 10)).await.unwrap();
        let events: i64 = some.iter().map(Expiry::events).sum();
        assert!(events <= slice, "{some:?}");
        if some.is_empty() {
            break;
        }
        gone.extend(some);
    }
    assert_eq!(gone.iter().map(Expiry::events).sum::<i64>(), 2 * slice + 6);
    let of_long: Vec<_> = gone.iter().filter(|expiry| expiry.room == long).collect();
    assert!(of_long.windows(2).all(|two| two[1].from == two[0].to.next()), "{of_long:?}");
    assert_eq!(texts(&messages(&store, long).await), [Some("stays")]);
    assert_eq!(messages(&store, short).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_room_expires_by_its_own_retention() {
    let (store, _place) = open().await;
    let (hour, ann, _) = forgetful_room(&store).await;
    let day = Retention::For(Duration::from_hours(24));
    let (day, ben, _) = create(&store, Room { retention: day, ..room("Day") }).await;
    let (kept, cat, _) = create(&store, room("Kept")).await;
    for (room, author) in [(hour, &ann), (day, &ben), (kept, &cat)] {
        say(&store, room, author, 0, "x").await;
    }
    assert_eq!(store.expire(later(AN_HOUR + 1)).await.unwrap(), [expiry(hour, 1, 1)]);
    assert_eq!(store.expire(later(24 * AN_HOUR + 1)).await.unwrap(), [expiry(day, 1, 1)]);
    assert_eq!(store.expire(Timestamp(i64::MAX)).await.unwrap(), []);
    assert_eq!(seqs(&events(&store, kept).await), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_retention_holds_for_what_is_stored() {
    let (store, _place) = open().await;
    let (room, ann, _) = create(&store, room("Room")).await;
    say(&store, room, &ann, 0, "x").await;
    let shorter = RoomChange { retention: Some(HOUR), ..RoomChange::default() };
    store.change_room(room, shorter).await.unwrap();
    assert_eq!(store.expire(later(AN_HOUR + 1)).await.unwrap(), [expiry(room, 1, 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn places_that_expired_are_never_given_out_again() {
    let (store, place) = open().await;
    let (room, ann, _) = forgetful_room(&store).await;
    say(&store, room, &ann, 0, "x").await;
    say(&store, room, &ann, 0, "y").await;
    assert_eq!(store.expire(later(AN_HOUR + 1)).await.unwrap(), [expiry(room, 1, 2)]);
    let store = reopen(store, &place).await;
    let page = store.history(room, Page::Latest, 10).await.unwrap().unwrap();
    assert_eq!((page.messages.len(), page.head, page.has_more), (0, Seq(2), false));
    let next = append(&store, room, vec![send(&ann, "z")], later(AN_HOUR + 1)).await;
    assert_eq!(stored(&next[0]).seq, Seq(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_text_of_an_expired_message_is_gone_from_later_edits() {
    let (store, _place) = open().await;
    let (room, ann, _) = forgetful_room(&store).await;
    say(&store, room, &ann, 0, "old").await;
    append(&store, room, vec![edit(&ann, 1, "edited")], later(100)).await;
    assert_eq!(texts(&events(&store, room).await), [Some("edited"), Some("edited")]);
    assert_eq!(store.expire(later(AN_HOUR + 1)).await.unwrap(), [expiry(room, 1, 1)]);
    assert_eq!(texts(&events(&store, room).await), [None]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_expired_is_no_message_any_more() {
    let (store, _place) = open().await;
    let (room, ann, ben) = forgetful_room(&store).await;
    say(&store, room, &ann, 0, "x").await;
    say(&store, room, &ann, 10, "y").await;
    store.expire(later(AN_HOUR + 1)).await.unwrap();
    let commands = vec![reply(&ann, 1, "x"), edit(&ann, 1, "x"), delete(&ann, 1)];
    for outcome in append(&store, room, commands, later(AN_HOUR + 1)).await {
        assert_eq!(refused(&outcome), Refusal::NoSuchMessage);
    }
    let left = store.messages_by(room, ann.client_id, Seq(0), 9).await.unwrap();
    assert_eq!(seqs(&left), [2]);
    assert_eq!(store.count_by(room, ann.client_id).await.unwrap(), 1);
    assert_eq!(store.unread(vec![(room, ben.client_id, Seq(0))], 9).await.unwrap(), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_id_of_what_has_expired_is_free_again() {
    let (store, _place) = open().await;
    let (room, ann, _) = forgetful_room(&store).await;
    append(&store, room, vec![named("id", send(&ann, "x"))], NOW).await;
    store.expire(later(AN_HOUR + 1)).await.unwrap();
    let again = vec![named("id", send(&ann, "y"))];
    let outcomes = append(&store, room, again, later(AN_HOUR + 1)).await;
    assert_eq!(stored(&outcomes[0]).seq, Seq(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_behind_something_that_stays_does_not_expire() {
    let (store, _place) = open().await;
    let (room, ann, _) = forgetful_room(&store).await;
    // The clock was put back by a minute in between.
    for seconds in [0, 100, 40] {
        say(&store, room, &ann, seconds, "x").await;
    }
    assert_eq!(store.expire(later(AN_HOUR + 50)).await.unwrap(), [expiry(room, 1, 1)]);
    assert_eq!(seqs(&events(&store, room).await), [2, 3]);
    assert_eq!(store.expire(later(AN_HOUR + 101)).await.unwrap(), [expiry(room, 2, 3)]);
}
