//! The ends of sessions, and who hears of them.

use anonchat::{
    auth::NotSignedIn,
    domain::{SessionId, Timestamp},
};

use crate::harness::{DAY, MINUTE, PASSWORD, World};

#[tokio::test]
async fn logging_out_ends_the_session_with_any_of_its_tokens() {
    let world = World::open().await;
    let first = world.register("anna").await;
    let second = world.auth.refresh(&first.refresh).await.unwrap();
    let third = world.auth.refresh(&second.refresh).await.unwrap();
    let watch = world.auth.watch(&world.access(&third));
    world.auth.log_out(&first.refresh).await.unwrap();
    watch.ended().await;
    for tokens in [first, second, third] {
        assert_eq!(world.auth.access(&tokens.access), Err(NotSignedIn::Ended));
        assert!(world.auth.refresh(&tokens.refresh).await.is_err());
        world.auth.log_out(&tokens.refresh).await.unwrap();
    }
}

#[tokio::test]
async fn logging_out_with_what_is_no_token_is_well_and_changes_nothing() {
    let world = World::open().await;
    let tokens = world.register("anna").await;
    for raw in ["", "token", &tokens.access, &"A".repeat(96)] {
        world.auth.log_out(raw).await.unwrap();
    }
    assert!(world.auth.access(&tokens.access).is_ok());
}

#[tokio::test]
async fn everybody_sees_and_ends_their_own_sessions_only() {
    let world = World::open().await;
    let (ann, ben) = (world.register("anna").await, world.register("benn").await);
    world.clock.pass(MINUTE);
    let newer = world.log_in("anna", PASSWORD).await.unwrap();
    let ids = [&newer, &ann].map(|tokens| world.access(tokens).session);
    let account = world.access(&ann).account;
    let seen: Vec<SessionId> =
        world.auth.sessions(account).await.unwrap().iter().map(|session| session.id).collect();
    assert_eq!(seen, ids);
    let bens = world.access(&ben).session;
    assert!(!world.auth.end_session(account, bens).await.unwrap());
    assert!(world.auth.access(&ben.access).is_ok());
    assert!(world.auth.end_session(account, ids[0]).await.unwrap());
    assert!(!world.auth.end_session(account, ids[0]).await.unwrap());
    assert_eq!(world.auth.access(&newer.access), Err(NotSignedIn::Ended));
    assert_eq!(world.auth.sessions(account).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_ended_session_stays_refused_after_a_restart() {
    let world = World::open().await;
    let (ann, ben) = (world.register("anna").await, world.register("benn").await);
    world.auth.log_out(&ann.refresh).await.unwrap();
    world.clock.pass(14 * MINUTE);
    let restarted = world.another().await;
    assert_eq!(restarted.access(&ann.access), Err(NotSignedIn::Ended));
    assert!(restarted.access(&ben.access).is_ok());
}

#[tokio::test]
async fn a_session_that_ended_elsewhere_is_heard_of_as_soon_as_anybody_asks() {
    let world = World::open().await;
    let tokens = world.register("anna").await;
    let other_node = world.another().await;
    let watch = other_node.watch(&world.access(&tokens));
    let known = other_node.changes().await.unwrap();
    world.auth.log_out(&tokens.refresh).await.unwrap();
    assert_ne!(other_node.changes().await.unwrap(), known, "there is something to hear of");
    other_node.keep_up().await.unwrap();
    watch.ended().await;
    assert_eq!(other_node.access(&tokens.access), Err(NotSignedIn::Ended));
}

#[tokio::test]
async fn a_session_that_ended_elsewhere_is_heard_of_at_the_next_sweep() {
    let world = World::open().await;
    let tokens = world.register("anna").await;
    let other_node = world.another().await;
    let watch = other_node.watch(&world.access(&tokens));
    world.clock.pass(MINUTE);
    world.auth.log_out(&tokens.refresh).await.unwrap();
    world.clock.pass(MINUTE);
    other_node.sweep().await.unwrap();
    watch.ended().await;
    assert_eq!(other_node.access(&tokens.access), Err(NotSignedIn::Ended));
}

#[tokio::test]
async fn a_session_is_forgotten_a_day_after_its_end_and_no_token_of_it_lives_again() {
    let world = World::open().await;
    let (ann, ben) = (world.register("anna").await, world.register("benn").await);
    world.auth.log_out(&ann.refresh).await.unwrap();
    world.clock.pass(DAY + MINUTE);
    world.auth.sweep().await.unwrap();
    assert!(world.store.sessions_ended_since(Timestamp(0)).await.unwrap().is_empty());
    assert_eq!(world.auth.access(&ann.access), Err(NotSignedIn::Expired));
    assert!(world.auth.refresh(&ann.refresh).await.is_err());
    assert!(world.auth.refresh(&ben.refresh).await.is_ok());
}
