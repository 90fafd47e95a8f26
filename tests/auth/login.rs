//! Logging in, and being kept from guessing.

use std::time::Duration;

use anonchat::{
    anonymity::random,
    auth::{Identifier, LoginError},
    domain::{
        AccountId, EmailPolicy, Lifetimes, NewAccount, PasswordHash, Session, SessionId, Timestamp,
        TokenHash,
    },
};
use futures_util::future::join_all;

use crate::harness::{DAY, MINUTE, PASSWORD, World, email, login, password};

#[tokio::test]
async fn login_and_address_are_as_good_as_each_other_in_any_case() {
    let world = World::with(|_| {}).await;
    let address = Some(email("ann@example.org"));
    let tokens = world.auth.register(login("anna"), address, password(PASSWORD)).await.unwrap();
    for who in [
        Identifier::Login("anna".to_owned()),
        Identifier::Login("ANNA".to_owned()),
        Identifier::Email("ann@example.org".to_owned()),
        Identifier::Email(" Ann@EXAMPLE.org ".to_owned()),
    ] {
        let again = world.auth.log_in(who, PASSWORD, world.address(1)).await.unwrap();
        assert_eq!(world.access(&again).account, world.access(&tokens).account);
        assert_ne!(world.access(&again).session, world.access(&tokens).session);
    }
}

#[tokio::test]
async fn whatever_is_wrong_is_answered_alike() {
    let world = World::open().await;
    world.register("anna").await;
    let long = "x".repeat(100_000);
    for (name, secret) in [
        ("anna", "wrong password"),
        ("anna", "short"),
        ("anna", &long),
        ("nobody", PASSWORD),
        ("no login at all", PASSWORD),
        ("", PASSWORD),
        (&long, PASSWORD),
        ("anna' OR '1'='1", PASSWORD),
    ] {
        let refused = world.log_in(name, secret).await;
        assert!(matches!(refused, Err(LoginError::InvalidCredentials)), "{refused:?}");
    }
    let who = Identifier::Email("anna".to_owned());
    let refused = world.auth.log_in(who, PASSWORD, world.address(1)).await;
    assert!(matches!(refused, Err(LoginError::InvalidCredentials)));
}

#[tokio::test]
async fn failures_throttle_their_address_and_nobody_elses() {
    let world = World::open().await;
    world.register("anna").await;
    for n in 0..10 {
        let refused = world.log_in_from(1, &format!("nobody{n}"), PASSWORD).await;
        assert!(matches!(refused, Err(LoginError::InvalidCredentials)));
    }
    let refused = world.log_in_from(1, "anna", PASSWORD).await;
    assert!(matches!(refused, Err(LoginError::Throttled { retry_after }) if retry_after == MINUTE));
    assert!(world.log_in_from(2, "anna", PASSWORD).await.is_ok());
    world.clock.pass(MINUTE);
    assert!(world.log_in_from(1, "anna", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn failures_from_many_networks_throttle_their_site_and_nobody_elses() {
    let world = World::open().await;
    world.register("anna").await;
    let from = async |network, name: &str| {
        let who = Identifier::Login(name.to_owned());
        world.auth.log_in(who, PASSWORD, world.network(network)).await
    };
    for n in 0..160 {
        let refused = from(n, &format!("nobody{n}")).await;
        assert!(matches!(refused, Err(LoginError::InvalidCredentials)), "{n}");
    }
    let refused = from(1000, "anna").await;
    assert!(matches!(refused, Err(LoginError::Throttled { retry_after }) if retry_after == MINUTE));
    assert!(world.log_in_from(2, "anna", PASSWORD).await.is_ok());
    world.clock.pass(MINUTE);
    assert!(from(1000, "anna").await.is_ok());
}

#[tokio::test]
async fn failures_throttle_the_name_whether_or_not_somebody_has_it() {
    let world = World::open().await;
    world.register("anna").await;
    for name in ["anna", "nobody"] {
        for n in 0..20 {
            let refused = world.log_in_from(n, name, "wrong password").await;
            assert!(matches!(refused, Err(LoginError::InvalidCredentials)), "{name} {n}");
        }
        let upper = name.to_uppercase();
        let refused = world.log_in_from(100, &upper, "wrong password").await;
        assert!(matches!(refused, Err(LoginError::Throttled { .. })), "{name}");
        world.clock.pass(MINUTE);
    }
    assert!(world.log_in_from(101, "anna", PASSWORD).await.is_err());
    world.clock.pass(Duration::from_mins(9));
    assert!(world.log_in_from(101, "anna", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn guesses_at_once_get_no_more_answers_than_guesses_in_a_row() {
    let world = World::open().await;
    let same_address = join_all((0..15).map(async |n| {
        let refused = world.log_in_from(1, &format!("nobody{n}"), "wrong password").await;
        matches!(refused, Err(LoginError::InvalidCredentials))
    }));
    assert_eq!(same_address.await.into_iter().filter(|answered| *answered).count(), 10);
    let same_name = join_all((0..25).map(async |n| {
        let refused = world.log_in_from(100 + n, "nobody", "wrong password").await;
        matches!(refused, Err(LoginError::InvalidCredentials))
    }));
    assert_eq!(same_name.await.into_iter().filter(|answered| *answered).count(), 20);
}

#[tokio::test]
async fn people_behind_one_address_log_in_at_once() {
    let world = World::open().await;
    for n in 0..12 {
        world.register(&format!("pupil{n}")).await;
    }
    let pupils = (0..12).map(async |n| world.log_in(&format!("pupil{n}"), PASSWORD).await);
    assert!(join_all(pupils).await.iter().all(Result::is_ok));
}

#[tokio::test]
async fn a_hash_made_with_other_parameters_is_made_anew_at_the_next_log_in() {
    let world = World::with(|settings| settings.email = EmailPolicy::Off).await;
    // Of `correct horse`, with 4 MiB and three passes.
    let weak = "$argon2id$v=19$m=4096,t=3,p=1$c29tZXNhbHRzb21lc2FsdA\
                $acbZCckOfABB/s2U/eE8vrM+V9HWTIj4syKxzIwhax8";
    let id = AccountId::from_bytes(random::bytes());
    let lifetimes = Lifetimes { idle: DAY, absolute: DAY };
    let (session, token) = (SessionId::from_bytes(random::bytes()), TokenHash([0; 32]));
    let session = Session::begin(session, id, token, Timestamp(0), lifetimes);
    let account = NewAccount {
        id,
        login: login("anna"),
        email: None,
        password_hash: PasswordHash::from_phc(weak.to_owned()),
        created_at: Timestamp(0),
    };
    world.store.create_account(account, session).await.unwrap();
    for _ in 0..2 {
        assert!(world.log_in("anna", "correct horse").await.is_ok());
        let stored = world.store.account(id).await.unwrap().unwrap().password_hash;
        assert!(stored.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    }
}

#[tokio::test]
async fn a_key_for_passwords_is_put_in_and_taken_out_as_people_log_in() {
    let mut world = World::open().await;
    let tokens = world.register("anna").await;
    let id = world.access(&tokens).account;
    for (pepper, begins) in [
        (true, "$argon2id$v=19$m=19456,t=2,p=1,keyid="),
        (false, "$argon2id$v=19$m=19456,t=2,p=1$"),
    ] {
        world.restart_with(|settings| settings.pepper = pepper).await;
        for _ in 0..2 {
            assert!(world.log_in("anna", "wrong password").await.is_err());
            assert!(world.log_in("anna", PASSWORD).await.is_ok());
            let stored = world.store.account(id).await.unwrap().unwrap().password_hash;
            assert!(stored.as_str().starts_with(begins), "{}", stored.as_str());
        }
    }
}
