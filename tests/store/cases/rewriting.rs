//! Replies, edits and deletions.

use anonchat::domain::{EventKind, Refusal, Seq};

use super::{append, events, fill, messages, open, room_of_two};
use crate::given::{
    NOW, body, delete, delete_any, edit, later, refused, reply, send, stored, texts,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_replaces_the_text_where_it_stands() {
    let (store, _place) = open().await;
    let (room, ann, _) = room_of_two(&store).await;
    fill(&store, room, &ann, 2).await;
    let outcomes = append(&store, room, vec![edit(&ann, 1, "better")], later(60)).await;
    let event = stored(&outcomes[0]);
    assert_eq!((event.seq, event.at), (Seq(3), later(60)));
    assert_eq!(event.kind, EventKind::Edit { target: Seq(1), body: Some(body("better")) });

    let now = events(&store, room).await;
    assert_eq!(texts(&now), [Some("better"), Some("message 1"), Some("better")]);
    let edited_at = Some(later(60));
    let expected = EventKind::Message { body: Some(body("better")), reply_to: None, edited_at };
    assert_eq!(now[0].kind, expected);
    assert_eq!(now[0].at, NOW);
    assert_eq!(now[2], *event);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_edit_shows_the_newest_text() {
    let (store, _place) = open().await;
    let (room, ann, _) = room_of_two(&store).await;
    let commands = vec![send(&ann, "a"), edit(&ann, 1, "b"), edit(&ann, 1, "c")];
    let outcomes = append(&store, room, commands, NOW).await;
    let first = EventKind::Edit { target: Seq(1), body: Some(body("b")) };
    assert_eq!(stored(&outcomes[1]).kind, first);
    assert_eq!(texts(&events(&store, room).await), [Some("c"), Some("c"), Some("c")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_takes_the_text_out_of_the_message_and_its_edits() {
    let (store, _place) = open().await;
    let (room, ann, ben) = room_of_two(&store).await;
    let commands = vec![send(&ann, "a"), reply(&ben, 1, "an answer"), edit(&ann, 1, "b")];
    append(&store, room, commands, NOW).await;
    let outcomes = append(&store, room, vec![delete(&ann, 1)], later(60)).await;
    assert_eq!(stored(&outcomes[0]).kind, EventKind::Delete { target: Seq(1) });

    let now = events(&store, room).await;
    assert_eq!(texts(&now), [None, Some("an answer"), None, None]);
    let EventKind::Message { body, reply_to, .. } = &now[1].kind else { panic!("{:?}", now[1]) };
    assert!(body.is_some());
    assert_eq!(*reply_to, Some(Seq(1)), "an answer still says what it answered");
    assert_eq!(texts(&messages(&store, room).await), [None, Some("an answer")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_cannot_be_answered_edited_or_deleted() {
    let (store, _place) = open().await;
    let (room, ann, _) = room_of_two(&store).await;
    let (other, other_ann, _) = room_of_two(&store).await;
    fill(&store, other, &other_ann, 9).await;
    let commands = vec![send(&ann, "a"), send(&ann, "b"), edit(&ann, 1, "c"), delete(&ann, 2)];
    append(&store, room, commands, NOW).await;
    // Deleted, an edit, a deletion, not yet there, another room's, and no place at all.
    for target in [2, 3, 4, 5, 9, 0, -1, i64::MIN, i64::MAX] {
        let commands = vec![
            reply(&ann, target, "x"),
            edit(&ann, target, "x"),
            delete(&ann, target),
            delete_any(&ann, target),
        ];
        for outcome in append(&store, room, commands, NOW).await {
            assert_eq!(refused(&outcome), Refusal::NoSuchMessage, "{target}");
        }
    }
    assert_eq!(texts(&events(&store, room).await), [Some("c"), None, Some("c"), None]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_its_author_edits_a_message() {
    let (store, _place) = open().await;
    let (room, ann, ben) = room_of_two(&store).await;
    fill(&store, room, &ben, 1).await;
    let outcomes = append(&store, room, vec![edit(&ann, 1, "forged")], NOW).await;
    assert_eq!(refused(&outcomes[0]), Refusal::NotYours);
    assert_eq!(texts(&events(&store, room).await), [Some("message 0")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn anothers_message_is_deleted_only_with_the_right_to_any() {
    let (store, _place) = open().await;
    let (room, ann, ben) = room_of_two(&store).await;
    fill(&store, room, &ben, 1).await;
    let commands = vec![delete(&ann, 1), delete_any(&ann, 1)];
    let outcomes = append(&store, room, commands, NOW).await;
    assert_eq!(refused(&outcomes[0]), Refusal::NotYours);
    assert_eq!(stored(&outcomes[1]).author, ann);
    assert_eq!(texts(&events(&store, room).await), [None, None]);
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_answers_anybody() {
    let (store, _place) = open().await;
    let (room, ann, ben) = room_of_two(&store).await;
    let commands = vec![send(&ann, "a"), reply(&ben, 1, "b"), reply(&ben, 2, "c")];
    append(&store, room, commands, NOW).await;
    let answered: Vec<_> = messages(&store, room)
        .await
        .into_iter()
        .map(|event| match event.kind {
            EventKind::Message { reply_to, .. } => reply_to,
            other => panic!("no message: {other:?}"),
        })
        .collect();
    assert_eq!(answered, [None, Some(Seq(1)), Some(Seq(2))]);
}
