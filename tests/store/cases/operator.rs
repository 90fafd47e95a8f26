use std::sync::Arc;

use anonchat::{
    domain::{Account, Census, NewAccount, Role, Room, RoomCursor, Session, Standing},
    store::{Registration, Setup, Store},
};
use futures_util::future::try_join_all;

use super::{create, open};
use crate::given::{
    LIFETIMES, NOW, account, account_with_email, alias, claim, later, login, phc, public_room,
    room, session, token,
};

async fn register(store: &Arc<dyn Store>, name: &str) -> (NewAccount, Session) {
    let account = account(name);
    let session = session(account.id, NOW);
    let made = store.create_account(account.clone(), session.clone()).await.unwrap();
    assert_eq!(made, Registration::Created);
    (account, session)
}

async fn found(store: &Arc<dyn Store>, account: &NewAccount) -> Account {
    store.account(account.id).await.unwrap().unwrap()
}

fn logins(accounts: &[Account]) -> Vec<&str> {
    accounts.iter().map(|account| account.login.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_is_made_as_one_and_everybody_else_as_a_person() {
    let (store, _place) = open().await;
    let (anna, _) = register(&store, "anna").await;
    assert!(!store.has_operator().await.unwrap());
    let root = account_with_email("Root", 7);
    assert!(store.create_operator(root.clone()).await.unwrap());
    assert!(store.has_operator().await.unwrap());
    let (person, operator) = (found(&store, &anna).await, found(&store, &root).await);
    assert_eq!((person.role, person.standing), (Role::Person, Standing::Active));
    assert_eq!((operator.role, operator.created_at), (Role::Operator, NOW));
    assert!(store.sessions(root.id, NOW).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_takes_nobodys_login_or_address() {
    let (store, _place) = open().await;
    let anna = account_with_email("anna", 7);
    store.create_account(anna.clone(), session(anna.id, NOW)).await.unwrap();
    assert!(!store.create_operator(account("ANNA")).await.unwrap());
    assert!(!store.create_operator(account_with_email("other", 7)).await.unwrap());
    assert!(!store.has_operator().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_operator_is_none() {
    let (store, _place) = open().await;
    let root = account("root");
    store.create_operator(root.clone()).await.unwrap();
    store.disable_account(root.id, NOW).await.unwrap();
    assert!(!store.has_operator().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setup_token_holds_until_its_time_and_until_another_is_offered() {
    let (store, _place) = open().await;
    assert!(!store.is_setup_open(token(1), NOW).await.unwrap());
    store.offer_setup(token(1), later(60)).await.unwrap();
    for _ in 0..2 {
        assert!(store.is_setup_open(token(1), later(59)).await.unwrap());
    }
    assert!(!store.is_setup_open(token(1), later(60)).await.unwrap());
    assert!(!store.is_setup_open(token(2), NOW).await.unwrap());
    store.offer_setup(token(2), later(90)).await.unwrap();
    assert!(!store.is_setup_open(token(1), NOW).await.unwrap());
    assert!(store.is_setup_open(token(2), later(89)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setup_token_makes_one_operator_with_a_session() {
    let (store, _place) = open().await;
    store.offer_setup(token(1), later(60)).await.unwrap();
    let root = account("root");
    let begun = session(root.id, NOW);
    let set_up = |n, at| store.set_up(token(n), root.clone(), begun.clone(), at);
    assert_eq!(set_up(2, NOW).await.unwrap(), Setup::NoSuchToken);
    assert_eq!(set_up(1, later(60)).await.unwrap(), Setup::NoSuchToken);
    assert!(store.account(root.id).await.unwrap().is_none());
    assert_eq!(set_up(1, NOW).await.unwrap(), Setup::Done);
    assert_eq!(found(&store, &root).await.role, Role::Operator);
    assert_eq!(store.sessions(root.id, NOW).await.unwrap(), std::slice::from_ref(&begun));
    assert!(!store.is_setup_open(token(1), NOW).await.unwrap());
    assert_eq!(set_up(1, NOW).await.unwrap(), Setup::NoSuchToken);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setup_token_still_holds_where_the_login_was_taken() {
    let (store, _place) = open().await;
    register(&store, "anna").await;
    store.offer_setup(token(1), later(60)).await.unwrap();
    let root = account("Anna");
    let begun = session(root.id, NOW);
    assert_eq!(store.set_up(token(1), root.clone(), begun, NOW).await.unwrap(), Setup::Taken);
    assert!(store.account(root.id).await.unwrap().is_none());
    assert!(store.is_setup_open(token(1), NOW).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_calls_with_one_token_one_gets_an_account() {
    let (store, _place) = open().await;
    store.offer_setup(token(1), later(60)).await.unwrap();
    let calls = (0..8).map(|n| {
        let root = account(&format!("root{n}"));
        let begun = session(root.id, NOW);
        store.set_up(token(1), root, begun, NOW)
    });
    let came = try_join_all(calls).await.unwrap();
    assert_eq!(came.iter().filter(|setup| **setup == Setup::Done).count(), 1, "{came:?}");
    assert_eq!(store.accounts(None, None, 10).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_listed_by_login_page_by_page() {
    let (store, _place) = open().await;
    for name in ["dora", "Anna_1", "boris", "CARL-9", "anna-2"] {
        register(&store, name).await;
    }
    let all = store.accounts(None, None, 10).await.unwrap();
    assert_eq!(logins(&all), ["anna-2", "Anna_1", "boris", "CARL-9", "dora"]);
    let page = store.accounts(None, Some(login("ANNA_1")), 2).await.unwrap();
    assert_eq!(logins(&page), ["boris", "CARL-9"]);
    let page = store.accounts(None, Some(login("Dora")), 2).await.unwrap();
    assert!(page.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_searched_without_regard_to_case_and_without_wildcards() {
    let (store, _place) = open().await;
    for name in ["Anna_1", "hannah", "boris"] {
        register(&store, name).await;
    }
    for (search, expected) in
        [("AnNa", vec!["Anna_1", "hannah"]), ("_", vec!["Anna_1"]), ("%", vec![]), ("o_i", vec![])]
    {
        let found = store.accounts(Some(search.to_owned()), None, 10).await.unwrap();
        assert_eq!(logins(&found), expected, "{search}");
    }
    let page = store.accounts(Some("anna".to_owned()), Some(login("anna_1")), 10).await.unwrap();
    assert_eq!(logins(&page), ["hannah"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_account_has_no_sessions_and_gets_none_until_it_is_enabled() {
    let (store, _place) = open().await;
    let (anna, hers) = register(&store, "anna").await;
    let (_, theirs) = register(&store, "boris").await;
    let ended = store.disable_account(anna.id, later(5)).await.unwrap();
    assert_eq!(ended, Some(vec![hers.id]));
    assert_eq!(found(&store, &anna).await.standing, Standing::Disabled);
    assert!(store.sessions(anna.id, NOW).await.unwrap().is_empty());
    assert_eq!(store.sessions(theirs.account, NOW).await.unwrap(), [theirs]);
    let since = store.sessions_ended_since(later(5)).await.unwrap();
    assert_eq!(since, [(hers.id, later(5))]);
    assert!(!store.start_session(session(anna.id, NOW)).await.unwrap());
    assert_eq!(store.disable_account(anna.id, NOW).await.unwrap(), Some(vec![]));

    assert!(store.enable_account(anna.id).await.unwrap());
    assert_eq!(found(&store, &anna).await.standing, Standing::Active);
    assert!(store.start_session(session(anna.id, NOW)).await.unwrap());
    let nobody = account("nobody").id;
    assert_eq!(store.disable_account(nobody, NOW).await.unwrap(), None);
    assert!(!store.enable_account(nobody).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_one_account_are_ended_or_those_of_all() {
    let (store, _place) = open().await;
    let (anna, hers) = register(&store, "anna").await;
    let (_, boris) = register(&store, "boris").await;
    let (_, carla) = register(&store, "carla").await;
    assert_eq!(store.end_sessions(Some(anna.id), NOW).await.unwrap(), [hers.id]);
    assert!(store.end_sessions(Some(anna.id), NOW).await.unwrap().is_empty());
    let ended = store.end_sessions(None, NOW).await.unwrap();
    assert_eq!(ended.len(), 2);
    assert!(ended.contains(&boris.id) && ended.contains(&carla.id));
    assert_eq!(store.census(NOW).await.unwrap().sessions, 0);
    assert!(store.start_session(session(anna.id, NOW)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_may_be_set_with_no_session_kept() {
    let (store, _place) = open().await;
    let (anna, hers) = register(&store, "anna").await;
    let ended = store.change_password(anna.id, &phc("new"), None, NOW).await.unwrap();
    assert_eq!(ended, Some(vec![hers.id]));
    assert_eq!(found(&store, &anna).await.password_hash, phc("new"));
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_is_closed_once_an_operator_closes_it() {
    let (store, place) = open().await;
    assert!(!store.is_registration_closed().await.unwrap());
    store.close_registration(true).await.unwrap();
    let store = super::reopen(store, &place).await;
    assert!(store.is_registration_closed().await.unwrap());
    store.close_registration(false).await.unwrap();
    assert!(!store.is_registration_closed().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_counted_and_what_is_over_is_not() {
    let (store, _place) = open().await;
    let empty = store.census(NOW).await.unwrap();
    assert!(empty.bytes > 0);
    assert_eq!(empty, Census { bytes: empty.bytes, ..Census::default() });
    let (anna, _) = register(&store, "anna").await;
    register(&store, "boris").await;
    store.create_operator(account("root")).await.unwrap();
    store.disable_account(anna.id, NOW).await.unwrap();
    create(&store, room("kept")).await;
    let (gone, ..) = create(&store, room("gone")).await;
    store.delete_room(gone).await.unwrap();
    let counted = store.census(NOW).await.unwrap();
    let expected =
        Census { accounts: 3, operators: 1, disabled: 1, sessions: 1, rooms: 1, ..counted };
    assert_eq!(counted, expected);
    assert_eq!(store.census(later(31 * 24 * 3600)).await.unwrap().sessions, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_that_others_must_hear_of_is_counted() {
    let (store, place) = open().await;
    let other = place.open().await;
    let (anna, here) = register(&store, "anna").await;
    let (boris, stolen) = register(&store, "boris").await;
    let (id, ..) = create(&store, room("Room")).await;
    let mut known = other.changes().await.unwrap();
    let mut heard = async |what: &str| {
        let changes = other.changes().await.unwrap();
        assert_ne!(changes, known, "{what}");
        known = changes;
    };
    assert!(store.end_session(here.id, None, NOW).await.unwrap());
    heard("one session").await;
    for (generation, n) in [(0, 0), (1, 1), (0, 0)] {
        let claim = claim(&stolen, generation, n);
        store.rotate_session(claim, token(n + 1), NOW, LIFETIMES).await.unwrap();
    }
    heard("a replay").await;
    store.change_password(anna.id, &phc("new"), None, NOW).await.unwrap();
    heard("password").await;
    store.disable_account(anna.id, NOW).await.unwrap();
    heard("disabled").await;
    store.delete_account(boris.id, NOW).await.unwrap();
    heard("erased").await;
    store.end_sessions(None, NOW).await.unwrap();
    heard("all sessions").await;
    store.end_sessions(Some(anna.id), NOW).await.unwrap();
    heard("sessions of one").await;
    store.delete_room(id).await.unwrap();
    heard("room").await;
    store.close_registration(true).await.unwrap();
    heard("registration").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_rooms_are_listed_newest_first_page_by_page() {
    let (store, _place) = open().await;
    let old = public_room("Old kitchen");
    let new = Room { created_at: later(9), ..room("New Kitchen") };
    let garden = Room { created_at: later(5), ..room("Garden") };
    for room in [&old, &new, &garden] {
        store.create_room(room.clone(), alias("Ann")).await.unwrap();
    }
    let names = |rooms: Vec<Room>| -> Vec<String> {
        rooms.iter().map(|room| room.name.as_str().to_owned()).collect()
    };
    let all = store.all_rooms(None, None, 10).await.unwrap();
    assert_eq!(names(all), ["New Kitchen", "Garden", "Old kitchen"]);
    let after = RoomCursor { created_at: new.created_at, id: new.id };
    assert_eq!(names(store.all_rooms(None, Some(after), 1).await.unwrap()), ["Garden"]);
    let found = store.all_rooms(Some("KITCHEN".to_owned()), None, 10).await.unwrap();
    assert_eq!(names(found), ["New Kitchen", "Old kitchen"]);
    assert!(store.all_rooms(Some("%".to_owned()), None, 10).await.unwrap().is_empty());
    store.delete_room(garden.id).await.unwrap();
    let left = store.all_rooms(None, None, 10).await.unwrap();
    assert_eq!(names(left), ["New Kitchen", "Old kitchen"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_room_is_being_erased_until_nothing_is_left_of_it() {
    let (store, _place) = open().await;
    assert!(!store.is_erasing().await.unwrap());
    let (id, ann, _) = create(&store, room("Room")).await;
    super::fill(&store, id, &ann, 3000).await;
    assert!(!store.is_erasing().await.unwrap());
    store.delete_room(id).await.unwrap();
    while store.is_erasing().await.unwrap() {
        tokio::task::yield_now().await;
    }
    assert!(store.room(id).await.unwrap().is_none());
}
