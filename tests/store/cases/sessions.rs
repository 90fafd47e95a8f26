use std::{sync::Arc, time::Duration};

use anonchat::{
    domain::{Rotation, Session, Timestamp},
    store::Store,
};
use futures_util::future::try_join_all;

use super::open;
use crate::given::{LIFETIMES, NOW, account, claim, later, phc, session, token};

async fn begin(store: &Arc<dyn Store>) -> Session {
    let anna = account("anna");
    let session = session(anna.id, NOW);
    store.create_account(anna, session.clone()).await.unwrap();
    session
}

/// Presents token `n` of `generation`; its successor would be token `next`.
async fn rotate(
    store: &Arc<dyn Store>,
    session: &Session,
    (generation, n): (i64, u8),
    next: u8,
    now: Timestamp,
) -> Rotation {
    let claim = claim(session, generation, n);
    store.rotate_session(claim, token(next), now, LIFETIMES).await.unwrap()
}

fn rotated(rotation: Rotation) -> Session {
    match rotation {
        Rotation::Rotated(session) => session,
        other => panic!("not rotated: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_begins_only_where_there_is_an_account() {
    let (store, _place) = open().await;
    let first = begin(&store).await;
    let second = session(first.account, later(1));
    assert!(store.start_session(second.clone()).await.unwrap());
    assert_eq!(store.sessions(first.account, NOW).await.unwrap(), [second, first]);

    let orphan = session(account("nobody").id, NOW);
    assert!(!store.start_session(orphan.clone()).await.unwrap());
    assert_eq!(rotate(&store, &orphan, (0, 0), 1, NOW).await, Rotation::Invalid);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_current_token_is_replaced_by_its_successor() {
    let (store, _place) = open().await;
    let session = begin(&store).await;
    let next = rotated(rotate(&store, &session, (0, 0), 1, later(60)).await);
    assert_eq!((next.generation, next.current), (1, token(1)));
    assert_eq!((next.previous, next.rotated_at), (Some(token(0)), later(60)));
    assert_eq!(next.last_used_at, later(60));
    assert_eq!(store.sessions(session.account, NOW).await.unwrap(), [next]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_before_is_worth_a_reissue_for_a_while() {
    let (store, _place) = open().await;
    let session = begin(&store).await;
    rotate(&store, &session, (0, 0), 1, NOW).await;
    let again = rotated(rotate(&store, &session, (0, 0), 2, later(20)).await);
    assert_eq!((again.generation, again.current), (1, token(2)));
    assert_eq!(store.sessions(session.account, NOW).await.unwrap(), [again]);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_expired_and_stale_claims_are_invalid_and_change_nothing() {
    let (store, _place) = open().await;
    let first = begin(&store).await;
    let unknown = session(first.account, NOW);
    assert_eq!(rotate(&store, &unknown, (0, 0), 9, NOW).await, Rotation::Invalid);

    rotate(&store, &first, (0, 0), 1, NOW).await;
    let kept = rotated(rotate(&store, &first, (0, 0), 2, NOW).await);
    assert_eq!(rotate(&store, &first, (1, 1), 9, NOW).await, Rotation::Invalid);
    assert_eq!(rotate(&store, &first, (1, 2), 9, kept.expires_at).await, Rotation::Invalid);
    assert_eq!(store.sessions(first.account, NOW).await.unwrap(), [kept]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_ends_the_session() {
    let (store, _place) = open().await;
    let session = begin(&store).await;
    rotate(&store, &session, (0, 0), 1, NOW).await;
    let replay = rotate(&store, &session, (0, 0), 2, later(21)).await;
    assert_eq!(replay, Rotation::Revoked(session.id));
    assert_eq!(store.sessions(session.account, NOW).await.unwrap(), []);
    assert_eq!(store.sessions_ended_since(NOW).await.unwrap(), [(session.id, later(21))]);
    let current = rotate(&store, &session, (1, 1), 3, later(22)).await;
    assert_eq!(current, Rotation::Revoked(session.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn any_claim_on_a_session_that_was_ended_otherwise_is_ended() {
    let (store, _place) = open().await;
    let session = begin(&store).await;
    rotate(&store, &session, (0, 0), 1, NOW).await;
    store.end_session(session.id, None, NOW).await.unwrap();
    let long_after = NOW.plus(LIFETIMES.absolute);
    for (generation, n, now) in [(1, 1, NOW), (0, 0, NOW), (7, 7, NOW), (1, 1, long_after)] {
        let rotation = rotate(&store, &session, (generation, n), 9, now).await;
        assert_eq!(rotation, Rotation::Ended);
    }
    assert_eq!(store.sessions_ended_since(NOW).await.unwrap(), [(session.id, NOW)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_claims_of_a_deleted_account_are_ended() {
    let (store, _place) = open().await;
    let session = begin(&store).await;
    store.delete_account(session.account, NOW).await.unwrap();
    assert_eq!(rotate(&store, &session, (0, 0), 1, NOW).await, Rotation::Ended);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_equal_claims_at_once_each_sees_what_came_of_those_before() {
    let (store, _place) = open().await;
    let session = begin(&store).await;
    let claims = (1..=16)
        .map(|next| store.rotate_session(claim(&session, 0, 0), token(next), NOW, LIFETIMES));
    let rotations = try_join_all(claims).await.unwrap();
    assert!(rotations.into_iter().map(rotated).all(|session| session.generation == 1));

    // The last successor is the one that counts; the others lost the race.
    let winner = store.sessions(session.account, NOW).await.unwrap().remove(0).current;
    for next in 1..=16 {
        if token(next) != winner {
            assert_eq!(rotate(&store, &session, (1, next), 99, NOW).await, Rotation::Invalid);
        }
    }
    let next = claim(&session, 1, winner.0[0]);
    let rotation = store.rotate_session(next, token(100), NOW, LIFETIMES).await.unwrap();
    assert_eq!(rotated(rotation).generation, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_equal_replays_at_once_each_finds_the_session_revoked() {
    let (store, _place) = open().await;
    let session = begin(&store).await;
    rotate(&store, &session, (0, 0), 1, NOW).await;
    let replays = (0..16)
        .map(|_| store.rotate_session(claim(&session, 0, 0), token(2), later(60), LIFETIMES));
    let rotations = try_join_all(replays).await.unwrap();
    assert!(rotations.iter().all(|rotation| *rotation == Rotation::Revoked(session.id)));
    assert_eq!(store.sessions_ended_since(NOW).await.unwrap(), [(session.id, later(60))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_newest_first_without_the_ended_and_the_expired() {
    let (store, _place) = open().await;
    let oldest = begin(&store).await;
    let [middle, newest, ended] = [1, 2, 3].map(|after| session(oldest.account, later(after)));
    for session in [&newest, &ended, &middle] {
        assert!(store.start_session(session.clone()).await.unwrap());
    }
    store.end_session(ended.id, None, later(4)).await.unwrap();
    let listed = store.sessions(oldest.account, later(4)).await.unwrap();
    assert_eq!(listed, [newest.clone(), middle.clone(), oldest.clone()]);
    let listed = store.sessions(oldest.account, oldest.expires_at).await.unwrap();
    assert_eq!(listed, [newest, middle]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_once_and_only_for_its_owner() {
    let (store, _place) = open().await;
    let session = begin(&store).await;
    let boris = account("boris");
    let theirs = crate::given::session(boris.id, NOW);
    store.create_account(boris.clone(), theirs).await.unwrap();

    assert!(!store.end_session(session.id, Some(boris.id), NOW).await.unwrap());
    assert_eq!(store.sessions(session.account, NOW).await.unwrap().len(), 1);
    assert!(store.end_session(session.id, Some(session.account), NOW).await.unwrap());
    assert!(!store.end_session(session.id, Some(session.account), later(1)).await.unwrap());
    assert!(!store.end_session(session.id, None, later(1)).await.unwrap());
    assert_eq!(store.sessions_ended_since(NOW).await.unwrap(), [(session.id, NOW)]);

    let unknown = crate::given::session(boris.id, NOW);
    assert!(!store.end_session(unknown.id, None, NOW).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn ended_sessions_are_listed_whichever_way_they_ended() {
    let (store, _place) = open().await;
    let first = begin(&store).await;
    let account = first.account;
    let [logged_out, replayed, locked_out, deleted] = [0; 4].map(|_| session(account, NOW));
    for session in [&logged_out, &replayed, &locked_out, &deleted] {
        store.start_session(session.clone()).await.unwrap();
    }
    store.end_session(first.id, None, NOW).await.unwrap();
    store.end_session(logged_out.id, Some(account), later(100)).await.unwrap();
    rotate(&store, &replayed, (0, 0), 1, later(100)).await;
    rotate(&store, &replayed, (0, 0), 2, later(200)).await;
    store.change_password(account, &phc("new"), Some(deleted.id), later(300)).await.unwrap();
    store.delete_account(account, later(400)).await.unwrap();

    let mut ended = store.sessions_ended_since(later(100)).await.unwrap();
    ended.sort_by_key(|(_, at)| *at);
    assert_eq!(
        ended,
        [
            (logged_out.id, later(100)),
            (replayed.id, later(200)),
            (locked_out.id, later(300)),
            (deleted.id, later(400))
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_ended_or_expired_before_the_cutoff_are_forgotten() {
    let (store, _place) = open().await;
    let expired = begin(&store).await;
    let cutoff = expired.expires_at.plus(Duration::from_millis(1));
    let [ended, at_cutoff, live] = [0; 3].map(|_| session(expired.account, cutoff));
    for session in [&ended, &at_cutoff, &live] {
        store.start_session(session.clone()).await.unwrap();
    }
    store.end_session(ended.id, None, cutoff.minus(Duration::from_millis(1))).await.unwrap();
    store.end_session(at_cutoff.id, None, cutoff).await.unwrap();

    assert_eq!(store.forget_sessions(expired.expires_at).await.unwrap(), 0);
    assert_eq!(store.forget_sessions(cutoff).await.unwrap(), 2);
    assert_eq!(store.sessions_ended_since(NOW).await.unwrap(), [(at_cutoff.id, cutoff)]);
    assert_eq!(store.sessions(expired.account, NOW).await.unwrap(), [live]);
    for forgotten in [&expired, &ended] {
        assert_eq!(rotate(&store, forgotten, (0, 0), 1, cutoff).await, Rotation::Invalid);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_are_over_are_still_told_apart_while_they_are_kept() {
    let (store, _place) = open().await;
    let first = begin(&store).await;
    let (second, third) = (session(first.account, later(1)), session(first.account, later(2)));
    for session in [&second, &third] {
        assert!(store.start_session(session.clone()).await.unwrap());
    }
    assert!(store.end_session(second.id, None, later(3)).await.unwrap());
    rotated(rotate(&store, &third, (0, 0), 1, later(4)).await);
    rotated(rotate(&store, &third, (1, 1), 2, later(5)).await);
    assert_eq!(rotate(&store, &third, (0, 0), 3, later(6)).await, Rotation::Revoked(third.id));

    let kept = store.kept_sessions(first.account).await.unwrap();
    let told: Vec<_> =
        kept.iter().map(|kept| (kept.session.id, kept.ended_at, kept.revoked)).collect();
    let ended = [(third.id, Some(later(6)), true), (second.id, Some(later(3)), false)];
    assert_eq!(told, [ended[0], ended[1], (first.id, None, false)]);
    assert_eq!(kept[0].session.generation, 2);
    assert_eq!(kept[2].session, first);
    assert_eq!(store.kept_sessions(account("nobody").id).await.unwrap(), []);

    store.delete_account(first.account, later(7)).await.unwrap();
    assert_eq!(store.kept_sessions(first.account).await.unwrap(), []);
}
