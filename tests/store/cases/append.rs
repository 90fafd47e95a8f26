use std::{collections::HashSet, sync::Arc};

use anonchat::{
    domain::{Alias, Event, EventKind, Outcome, Placed, Refusal, Room, Seq, Timestamp},
    store::StoreError,
};
use futures_util::future::try_join_all;

use super::{append, create, events, fill, open, reopen, room_of_two};
use crate::given::{
    HOUR, NOW, alias, body, delete, edit, later, named, refused, repeated, reply, room, send, seqs,
    stored, texts,
};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_is_what_is_read() {
    let (store, place) = open().await;
    let (room, ann, ben) = room_of_two(&store).await;
    let text = " naïve \u{202e}\n\tтекст 👩\u{200d}👧 ";
    let commands = vec![send(&ann, text), reply(&ben, 1, "yes")];
    let outcomes = append(&store, room, commands, NOW).await;
    let expected = [message(1, &ann, text, None), message(2, &ben, "yes", Some(Seq(1)))];
    assert_eq!(outcomes.iter().map(stored).cloned().collect::<Vec<_>>(), expected);
    assert_eq!(events(&store, room).await, expected);
    let store = reopen(store, &place).await;
    assert_eq!(events(&store, room).await, expected);
}

fn message(seq: i64, author: &Alias, text: &str, reply_to: Option<Seq>) -> Event {
    let kind = EventKind::Message { body: Some(body(text)), reply_to, edited_at: None };
    Event { seq: Seq(seq), at: NOW, author: author.clone(), kind }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_may_be_as_long_as_its_type_allows() {
    let (store, _place) = open().await;
    let (room, ann, _) = room_of_two(&store).await;
    let text = "🦀".repeat(4000);
    append(&store, room, vec![send(&ann, &text)], NOW).await;
    assert_eq!(texts(&events(&store, room).await), [Some(text.as_str())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_carry_the_second_of_the_moment_given() {
    let (store, _place) = open().await;
    let (room, ann, _) = room_of_two(&store).await;
    let outcomes = append(&store, room, vec![send(&ann, "x")], Timestamp(NOW.0 + 999)).await;
    assert_eq!(stored(&outcomes[0]).at, NOW);
    assert_eq!(events(&store, room).await[0].at, NOW);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_does_not_exist_takes_nothing() {
    let (store, _place) = open().await;
    let missing = crate::given::room("missing").id;
    let outcome =
        store.append(missing, vec![send(&alias("Ann"), "lost")], u32::MAX, NOW).await.unwrap();
    assert!(outcome.is_none());
    assert!(store.append(missing, Vec::new(), u32::MAX, NOW).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_commands_have_no_outcomes() {
    let (store, _place) = open().await;
    let (room, ..) = room_of_two(&store).await;
    assert!(append(&store, room, Vec::new(), NOW).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn places_start_at_one_and_follow_without_gaps() {
    let (store, _place) = open().await;
    let (room, ann, ben) = room_of_two(&store).await;
    let (other, other_ann, _) = room_of_two(&store).await;
    fill(&store, room, &ann, 3).await;
    fill(&store, other, &other_ann, 2).await;
    fill(&store, room, &ben, 2).await;
    assert_eq!(seqs(&events(&store, room).await), [1, 2, 3, 4, 5]);
    assert_eq!(seqs(&events(&store, other).await), [1, 2]);
    assert_eq!(store.room(room).await.unwrap().unwrap().head, Seq(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn places_follow_on_after_everything_was_deleted() {
    let (store, place) = open().await;
    let (room, ann, _) = room_of_two(&store).await;
    append(&store, room, vec![send(&ann, "x"), delete(&ann, 1)], NOW).await;
    let store = reopen(store, &place).await;
    let outcomes = append(&store, room, vec![send(&ann, "next")], NOW).await;
    assert_eq!(stored(&outcomes[0]).seq, Seq(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn appends_at_once_leave_no_gaps_and_no_twins() {
    let (store, _place) = open().await;
    let (room, ann, ben) = room_of_two(&store).await;
    let tasks = (0..50).map(|n| {
        let (store, author) =
            (Arc::clone(&store), if n % 2 == 0 { ann.clone() } else { ben.clone() });
        spawn(async move {
            let first = named(&format!("{n}a"), send(&author, &format!("{n}a")));
            let second = named(&format!("{n}b"), send(&author, &format!("{n}b")));
            let outcomes = append(&store, room, vec![first, second], NOW).await;
            [stored(&outcomes[0]).clone(), stored(&outcomes[1]).clone()]
        })
    });
    let pairs = try_join_all(tasks).await.unwrap();
    for [first, second] in &pairs {
        assert_eq!(first.seq.next(), second.seq, "commands of one call stand together");
    }
    let mut answered: Vec<Event> = pairs.into_iter().flatten().collect();
    answered.sort_by_key(|event| event.seq);
    let all = events(&store, room).await;
    assert_eq!(seqs(&all), (1..=100).collect::<Vec<_>>());
    assert_eq!(all, answered);
    assert_eq!(texts(&all).into_iter().collect::<HashSet<_>>().len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_given_twice_is_carried_out_once() {
    let (store, place) = open().await;
    let (room, ann, _) = room_of_two(&store).await;
    append(&store, room, vec![send(&ann, "before"), named("id", send(&ann, "once"))], NOW).await;
    let first = Placed { seq: Seq(2), at: NOW };

    let again = append(&store, room, vec![named("id", send(&ann, "twice"))], later(5)).await;
    assert_eq!(repeated(&again[0]), first);
    let store = reopen(store, &place).await;
    let again = append(&store, room, vec![named("id", send(&ann, "thrice"))], later(9)).await;
    assert_eq!(repeated(&again[0]), first);
    assert_eq!(texts(&events(&store, room).await), [Some("before"), Some("once")]);
    assert_eq!(store.room(room).await.unwrap().unwrap().head, Seq(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_known_again_within_one_call() {
    let (store, _place) = open().await;
    let (room, ann, _) = room_of_two(&store).await;
    let commands = vec![
        named("id", send(&ann, "once")),
        named("id", send(&ann, "twice")),
        send(&ann, "after"),
    ];
    let outcomes = append(&store, room, commands, NOW).await;
    assert_eq!(repeated(&outcomes[1]), Placed { seq: Seq(1), at: NOW });
    assert_eq!(stored(&outcomes[2]).seq, Seq(2));
    assert_eq!(texts(&events(&store, room).await), [Some("once"), Some("after")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_given_twice_at_once_is_carried_out_once() {
    let (store, _place) = open().await;
    let (room, ann, _) = room_of_two(&store).await;
    let tasks = (0..16).map(|_| {
        let (store, command) = (Arc::clone(&store), named("id", send(&ann, "once")));
        spawn(async move { append(&store, room, vec![command], NOW).await.remove(0) })
    });
    let outcomes = try_join_all(tasks).await.unwrap();
    let carried_out = outcomes.iter().filter(|it| matches!(it, Outcome::Stored(_))).count();
    let known = outcomes.iter().filter(|it| matches!(it, Outcome::Repeated(_))).count();
    assert_eq!((carried_out, known), (1, 15));
    assert_eq!(seqs(&events(&store, room).await), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_or_a_deletion_given_twice_changes_nothing() {
    let (store, _place) = open().await;
    let (room, ann, _) = room_of_two(&store).await;
    let commands = vec![
        send(&ann, "first"),
        named("edit", edit(&ann, 1, "second")),
        edit(&ann, 1, "third"),
        named("edit", edit(&ann, 1, "second")),
        named("delete", delete(&ann, 1)),
        named("delete", delete(&ann, 1)),
    ];
    let outcomes = append(&store, room, commands, NOW).await;
    assert_eq!(repeated(&outcomes[3]), Placed { seq: Seq(2), at: NOW });
    assert_eq!(repeated(&outcomes[5]), Placed { seq: Seq(4), at: NOW });
    assert_eq!(seqs(&events(&store, room).await), [1, 2, 3, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_belongs_to_its_author_and_its_room() {
    let (store, _place) = open().await;
    let (room, ann, ben) = room_of_two(&store).await;
    let (other, other_ann, _) = room_of_two(&store).await;
    let commands = vec![named("id", send(&ann, "Ann's")), named("id", send(&ben, "Ben's"))];
    let outcomes = append(&store, room, commands, NOW).await;
    assert!(outcomes.iter().all(|it| matches!(it, Outcome::Stored(_))));
    let elsewhere = append(&store, other, vec![named("id", send(&other_ann, "x"))], NOW).await;
    assert_eq!(stored(&elsewhere[0]).seq, Seq(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_without_an_id_are_never_repetitions() {
    let (store, _place) = open().await;
    let (room, ann, _) = room_of_two(&store).await;
    append(&store, room, vec![send(&ann, "same"), send(&ann, "same")], NOW).await;
    append(&store, room, vec![send(&ann, "same")], NOW).await;
    assert_eq!(seqs(&events(&store, room).await), [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_command_takes_no_place_and_its_id_stays_free() {
    let (store, _place) = open().await;
    let (room, ann, _) = room_of_two(&store).await;
    let commands = vec![
        named("id", reply(&ann, 7, "to nothing")),
        send(&ann, "first"),
        named("id", send(&ann, "second")),
    ];
    let outcomes = append(&store, room, commands, NOW).await;
    assert_eq!(refused(&outcomes[0]), Refusal::NoSuchMessage);
    assert_eq!(stored(&outcomes[1]).seq, Seq(1));
    assert_eq!(stored(&outcomes[2]).seq, Seq(2));
    assert_eq!(texts(&events(&store, room).await), [Some("first"), Some("second")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_are_carried_out_in_their_order() {
    let (store, _place) = open().await;
    let (room, ann, _) = room_of_two(&store).await;
    let commands = vec![
        edit(&ann, 1, "too early"),
        send(&ann, "first"),
        reply(&ann, 1, "an answer"),
        delete(&ann, 1),
        reply(&ann, 1, "too late"),
    ];
    let outcomes = append(&store, room, commands, NOW).await;
    assert_eq!(refused(&outcomes[0]), Refusal::NoSuchMessage);
    assert_eq!(stored(&outcomes[2]).seq, Seq(2));
    assert_eq!(refused(&outcomes[4]), Refusal::NoSuchMessage);
    assert_eq!(texts(&events(&store, room).await), [None, Some("an answer"), None]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_that_fails_stores_nothing() {
    let (store, _place) = open().await;
    let (room, ann, _) = room_of_two(&store).await;
    fill(&store, room, &ann, 1).await;
    let stranger = alias("Stranger");
    let commands =
        vec![named("id", send(&ann, "lost")), delete(&ann, 1), send(&stranger, "by nobody")];
    let failed = store.append(room, commands, u32::MAX, NOW).await;
    assert!(matches!(failed, Err(StoreError::Unavailable(_))));
    assert_eq!(texts(&events(&store, room).await), [Some("message 0")]);
    let outcomes = append(&store, room, vec![named("id", send(&ann, "again"))], NOW).await;
    assert_eq!(stored(&outcomes[0]).seq, Seq(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_an_author_was_removed_is_not_asked() {
    let (store, _place) = open().await;
    let (room, _, ben) = room_of_two(&store).await;
    store.remove_member(room, ben.client_id).await.unwrap();
    let outcomes = append(&store, room, vec![send(&ben, "on its way")], NOW).await;
    assert_eq!(stored(&outcomes[0]).seq, Seq(1));
}

#[expect(clippy::disallowed_methods, reason = "nothing here outlives the test")]
fn spawn<T: Send + 'static>(
    task: impl Future<Output = T> + Send + 'static,
) -> tokio::task::JoinHandle<T> {
    tokio::spawn(task)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_keeps_so_many_events_and_takes_more_once_some_have_expired() {
    let (store, _place) = open().await;
    let (id, ann, ben) = create(&store, Room { retention: HOUR, ..room("Small") }).await;
    let carry_out =
        async |commands, now| store.append(id, commands, 3, now).await.unwrap().unwrap();
    let full = |outcome: &Outcome| matches!(outcome, Outcome::Refused(Refusal::Full));

    let commands = ["one", "two", "three", "four"].map(|text| named(text, send(&ann, text)));
    let outcomes = carry_out(commands.to_vec(), NOW).await;
    assert_eq!(outcomes.iter().map(full).collect::<Vec<_>>(), [false, false, false, true]);
    let commands = vec![
        named("three", send(&ann, "three")),
        send(&ben, "five"),
        edit(&ann, 1, "changed"),
        delete(&ann, 1),
    ];
    let outcomes = carry_out(commands, NOW).await;
    assert!(matches!(outcomes[0], Outcome::Repeated(placed) if placed.seq == Seq(3)));
    assert!(full(&outcomes[1]) && full(&outcomes[2]));
    assert_eq!(stored(&outcomes[3]).seq, Seq(4), "erasing is always possible");

    store.expire(later(3601)).await.unwrap();
    let outcomes = carry_out(vec![named("four", send(&ann, "four"))], later(3601)).await;
    assert_eq!(stored(&outcomes[0]).seq, Seq(5), "its id and its place were still free");
}
