//! Making accounts, showing them, changing their passwords, erasing them.

use anonchat::{
    auth::{AccountError, ChangePasswordError, NotSignedIn, PasswordError, RegisterError},
    domain::{EmailPolicy, InvalidPassword},
};

use crate::harness::{OTHER_PASSWORD, PASSWORD, World, email, login, password};

#[tokio::test]
async fn a_new_account_is_signed_in_and_is_shown_to_its_owner_as_typed() {
    let world = World::with(|_| {}).await;
    let (name, address) = (login("Ann_1"), email("Ann@Example.org"));
    let tokens = world.auth.register(name, Some(address), password(PASSWORD)).await.unwrap();
    assert_eq!((tokens.expires_in.as_secs(), tokens.refresh_expires_in.as_secs()), (900, 604_800));
    let me = world.auth.whoami(world.access(&tokens).account).await.unwrap();
    assert_eq!(me.login.as_str(), "Ann_1");
    assert_eq!(me.email.unwrap().as_str(), "Ann@Example.org");
}

#[tokio::test]
async fn a_login_or_address_in_use_is_refused_alike_and_its_account_stays_as_it_is() {
    let world = World::with(|_| {}).await;
    let register = |name, address, secret| {
        world.auth.register(login(name), Some(email(address)), password(secret))
    };
    register("anna", "ann@example.org", PASSWORD).await.unwrap();
    for (name, address) in [("ANNA", "new@example.org"), ("benn", "ANN@example.ORG")] {
        let refused = register(name, address, OTHER_PASSWORD).await;
        assert!(matches!(refused, Err(RegisterError::Taken)), "{refused:?}");
    }
    assert!(world.log_in("anna", PASSWORD).await.is_ok());
    assert!(world.log_in("anna", OTHER_PASSWORD).await.is_err());
    assert!(world.log_in("benn", OTHER_PASSWORD).await.is_err());
}

#[tokio::test]
async fn an_address_is_asked_for_and_kept_as_the_operator_decides() {
    for (policy, given, kept) in [
        (EmailPolicy::Required, true, Some(true)),
        (EmailPolicy::Required, false, None),
        (EmailPolicy::Optional, true, Some(true)),
        (EmailPolicy::Optional, false, Some(false)),
        (EmailPolicy::Off, true, Some(false)),
        (EmailPolicy::Off, false, Some(false)),
    ] {
        let world = World::with(|settings| settings.email = policy).await;
        let address = given.then(|| email("ann@example.org"));
        let registered = world.auth.register(login("anna"), address, password(PASSWORD)).await;
        let Some(kept) = kept else {
            assert!(matches!(registered, Err(RegisterError::EmailRequired)), "{policy:?}");
            continue;
        };
        let account = world.access(&registered.unwrap()).account;
        let me = world.auth.whoami(account).await.unwrap();
        assert_eq!(me.email.is_some(), kept, "{policy:?}, given: {given}");
    }
}

#[tokio::test]
async fn a_server_that_is_closed_makes_no_account() {
    let world = World::with(|settings| settings.registration_open = false).await;
    let address = Some(email("ann@example.org"));
    let refused = world.auth.register(login("anna"), address, password(PASSWORD)).await;
    assert!(matches!(refused, Err(RegisterError::Closed)));
    assert!(world.store.account_by_login(&login("anna")).await.unwrap().is_none());
}

#[tokio::test]
async fn a_password_that_is_easy_to_guess_makes_no_account() {
    let world = World::with(|settings| settings.host = Some("talk.example.net".to_owned())).await;
    for guessable in
        ["Password1", "anna-kowalski", "ann.k@example.org", "AnonChat2024", "talk-example-net"]
    {
        let address = Some(email("ann.k@example.org"));
        let name = login("anna-kowalski");
        let refused = world.auth.register(name, address, password(guessable)).await;
        let common = matches!(refused, Err(RegisterError::Password(InvalidPassword::Common)));
        assert!(common, "{guessable}");
    }
}

#[tokio::test]
async fn a_new_password_ends_every_other_session_and_this_one_goes_on() {
    let world = World::open().await;
    let here = world.register("anna").await;
    let there = world.log_in("anna", PASSWORD).await.unwrap();
    let access = world.access(&here);
    let (watch, other) = (world.auth.watch(&access), world.auth.watch(&world.access(&there)));
    let change =
        world.auth.change_password(&access, PASSWORD, password(OTHER_PASSWORD), world.address(1));
    let fresh = change.await.unwrap();
    assert_eq!(world.access(&fresh).session, access.session);
    assert!(other.has_ended() && !watch.has_ended());
    assert_eq!(world.auth.access(&there.access), Err(NotSignedIn::Ended));
    assert!(world.auth.refresh(&there.refresh).await.is_err());
    assert!(world.auth.refresh(&fresh.refresh).await.is_ok());
    assert!(world.log_in("anna", PASSWORD).await.is_err());
    assert!(world.log_in("anna", OTHER_PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_new_password_must_not_be_easy_to_guess() {
    let world = World::open().await;
    let tokens = world.register("anna-kowalski").await;
    let (access, from) = (world.access(&tokens), world.address(1));
    let new = password("Anna-Kowalski7");
    let refused = world.auth.change_password(&access, PASSWORD, new, from).await;
    assert!(matches!(refused, Err(ChangePasswordError::New(InvalidPassword::Common))));
    assert!(world.log_in("anna-kowalski", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_wrong_old_password_changes_nothing_and_counts_as_a_failed_log_in() {
    let world = World::with(|settings| {
        settings.email = EmailPolicy::Optional;
        settings.login_limits.per_address.0 = 2;
    })
    .await;
    let tokens = world.register("anna").await;
    let (access, from) = (world.access(&tokens), world.address(1));
    for _ in 0..2 {
        let new = password(OTHER_PASSWORD);
        let refused = world.auth.change_password(&access, "wrong password", new, from).await;
        assert!(matches!(refused, Err(ChangePasswordError::Old(PasswordError::Wrong))));
    }
    let refused = world.auth.check_password(&access, PASSWORD, from).await;
    assert!(matches!(refused, Err(PasswordError::Throttled { .. })));
    assert!(world.log_in_from(1, "anna", PASSWORD).await.is_err());
    assert!(world.log_in_from(2, "anna", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn an_erased_account_leaves_no_session_and_its_names_are_free() {
    let world = World::with(|_| {}).await;
    let register = || {
        let address = Some(email("ann@example.org"));
        world.auth.register(login("anna"), address, password(PASSWORD))
    };
    let tokens = register().await.unwrap();
    let access = world.access(&tokens);
    let watch = world.auth.watch(&access);
    let confirmed = world.auth.check_password(&access, PASSWORD, world.address(1)).await.unwrap();
    world.auth.delete_account(&confirmed).await.unwrap();
    watch.ended().await;
    assert_eq!(world.auth.access(&tokens.access), Err(NotSignedIn::Ended));
    assert!(world.auth.refresh(&tokens.refresh).await.is_err());
    assert!(world.log_in("anna", PASSWORD).await.is_err());
    let gone = world.auth.whoami(access.account).await;
    assert!(matches!(gone, Err(AccountError::Gone)));
    world.auth.delete_account(&confirmed).await.unwrap();
    assert_ne!(world.access(&register().await.unwrap()).account, access.account);
}
