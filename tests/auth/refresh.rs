//! Refresh tokens: each is good once, and one that comes back is a sign of theft.

use std::time::Duration;

use anonchat::auth::{NotSignedIn, RefreshError};
use futures_util::future::join_all;

use crate::harness::{DAY, MINUTE, PASSWORD, SECOND, World};

#[tokio::test]
async fn a_session_goes_on_with_each_new_pair() {
    let world = World::open().await;
    let mut tokens = world.register("anna").await;
    let first = world.access(&tokens);
    for _ in 0..5 {
        world.clock.pass(15 * MINUTE);
        assert_eq!(world.auth.access(&tokens.access), Err(NotSignedIn::Expired));
        tokens = world.auth.refresh(&tokens.refresh).await.unwrap();
        let access = world.access(&tokens);
        assert_eq!((access.account, access.session), (first.account, first.session));
        assert_eq!(tokens.refresh_expires_in, 7 * DAY);
    }
}

#[tokio::test]
async fn a_client_that_lost_the_answer_may_ask_again_for_twenty_seconds() {
    let world = World::open().await;
    let spent = world.register("anna").await;
    let lost = world.auth.refresh(&spent.refresh).await.unwrap();
    world.clock.pass(20 * SECOND);
    let kept = world.auth.refresh(&spent.refresh).await.unwrap();
    let refused = world.auth.refresh(&lost.refresh).await;
    assert!(matches!(refused, Err(RefreshError::Invalid)), "{refused:?}");
    assert!(world.auth.refresh(&kept.refresh).await.is_ok());
}

#[tokio::test]
async fn tabs_that_refresh_at_once_stay_logged_in() {
    let world = World::open().await;
    let tokens = world.register("anna").await;
    let tabs = join_all((0..6).map(|_| world.auth.refresh(&tokens.refresh))).await;
    assert!(tabs.iter().all(Result::is_ok));
    let last = world.auth.refresh(&tokens.refresh).await.unwrap();
    assert!(world.auth.refresh(&last.refresh).await.is_ok());
}

#[tokio::test]
async fn a_spent_token_that_comes_back_ends_its_session_and_no_other() {
    let world = World::open().await;
    let stolen = world.register("anna").await;
    let other = world.log_in("anna", PASSWORD).await.unwrap();
    let current = world.auth.refresh(&stolen.refresh).await.unwrap();
    let access = world.access(&current);
    let watch = world.auth.watch(&access);
    world.clock.pass(21 * SECOND);
    let replayed = world.auth.refresh(&stolen.refresh).await;
    assert!(matches!(replayed, Err(RefreshError::Revoked)));
    watch.ended().await;
    assert!(world.auth.watch(&access).has_ended());
    assert_eq!(world.auth.access(&current.access), Err(NotSignedIn::Ended));
    let refused = world.auth.refresh(&current.refresh).await;
    assert!(matches!(refused, Err(RefreshError::Revoked)));
    assert!(world.auth.access(&other.access).is_ok());
    assert!(world.auth.refresh(&other.refresh).await.is_ok());
}

#[tokio::test]
async fn the_grace_is_over_once_the_successor_was_used() {
    let world = World::open().await;
    let first = world.register("anna").await;
    let second = world.auth.refresh(&first.refresh).await.unwrap();
    world.auth.refresh(&second.refresh).await.unwrap();
    let replayed = world.auth.refresh(&first.refresh).await;
    assert!(matches!(replayed, Err(RefreshError::Revoked)));
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used_for_a_week() {
    let world = World::open().await;
    let tokens = world.register("anna").await;
    world.clock.pass(7 * DAY);
    let refused = world.auth.refresh(&tokens.refresh).await;
    assert!(matches!(refused, Err(RefreshError::Invalid)));
}

#[tokio::test]
async fn a_session_ends_after_thirty_days_however_much_it_is_used() {
    let world = World::open().await;
    let mut tokens = world.register("anna").await;
    for _ in 0..5 {
        world.clock.pass(Duration::from_secs(6 * 86_400 - 1));
        tokens = world.auth.refresh(&tokens.refresh).await.unwrap();
    }
    assert!(tokens.refresh_expires_in <= Duration::from_secs(6));
    world.clock.pass(6 * SECOND);
    let refused = world.auth.refresh(&tokens.refresh).await;
    assert!(matches!(refused, Err(RefreshError::Invalid)));
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused_and_harms_nobody() {
    let world = World::open().await;
    let tokens = world.register("anna").await;
    for raw in ["", "token", &tokens.access, &tokens.refresh[1..], &"A".repeat(96)] {
        let refused = world.auth.refresh(raw).await;
        assert!(matches!(refused, Err(RefreshError::Invalid)), "{raw}");
    }
    assert_eq!(world.auth.access(&tokens.refresh), Err(NotSignedIn::Invalid));
    assert!(world.auth.refresh(&tokens.refresh).await.is_ok());
}
