use anonchat::{
    domain::{EmailTag, NewAccount, SealedEmail},
    store::Registration,
};

use super::open;
use crate::given::{NOW, account, account_with_email, login, phc, session};

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_made_together_with_its_first_session() {
    let (store, _place) = open().await;
    let anna = account("Anna");
    let first = session(anna.id, NOW);
    let made = store.create_account(anna.clone(), first.clone()).await.unwrap();
    assert_eq!(made, Registration::Created);
    assert!(store.account(anna.id).await.unwrap().is_some());
    assert_eq!(store.sessions(anna.id, NOW).await.unwrap(), [first]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_found_as_it_was_made() {
    let (store, _place) = open().await;
    let anna = account_with_email("Anna_K-9", 1);
    store.create_account(anna.clone(), session(anna.id, NOW)).await.unwrap();
    let by_login = store.account_by_login(&login("aNNA_k-9")).await.unwrap().unwrap();
    let by_email = store.account_by_email(EmailTag([1; 32])).await.unwrap().unwrap();
    let by_id = store.account(anna.id).await.unwrap().unwrap();
    for found in [by_login, by_email, by_id] {
        assert_eq!(found.id, anna.id);
        assert_eq!(found.login.as_str(), "Anna_K-9");
        assert_eq!(found.email, Some(SealedEmail(vec![1, 1, 2])));
        assert_eq!(found.password_hash, phc("hash"));
        assert_eq!(found.created_at, NOW);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_found_who_is_not_there() {
    let (store, _place) = open().await;
    let anna = account_with_email("anna", 1);
    store.create_account(anna.clone(), session(anna.id, NOW)).await.unwrap();
    assert!(store.account_by_login(&login("anna1")).await.unwrap().is_none());
    assert!(store.account_by_email(EmailTag([2; 32])).await.unwrap().is_none());
    assert!(store.account(account("other").id).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_taken_without_regard_to_case_and_nothing_changes() {
    let (store, _place) = open().await;
    let anna = account("Anna");
    store.create_account(anna.clone(), session(anna.id, NOW)).await.unwrap();
    let second = NewAccount { password_hash: phc("other"), ..account_with_email("aNNa", 2) };
    let taken = store.create_account(second.clone(), session(second.id, NOW)).await.unwrap();
    assert_eq!(taken, Registration::Taken);
    let kept = store.account_by_login(&login("anna")).await.unwrap().unwrap();
    assert_eq!((kept.id, kept.login.as_str()), (anna.id, "Anna"));
    assert_eq!(kept.password_hash, phc("hash"));
    assert!(store.account_by_email(EmailTag([2; 32])).await.unwrap().is_none());
    assert_eq!(store.sessions(second.id, NOW).await.unwrap(), []);
    assert_eq!(store.sessions(anna.id, NOW).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_is_taken_and_nothing_changes() {
    let (store, _place) = open().await;
    let anna = account_with_email("anna", 1);
    store.create_account(anna.clone(), session(anna.id, NOW)).await.unwrap();
    let second = account_with_email("boris", 1);
    let taken = store.create_account(second.clone(), session(second.id, NOW)).await.unwrap();
    assert_eq!(taken, Registration::Taken);
    assert!(store.account_by_login(&login("boris")).await.unwrap().is_none());
    assert_eq!(store.account_by_email(EmailTag([1; 32])).await.unwrap().unwrap().id, anna.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_without_an_email_are_not_in_each_others_way() {
    let (store, _place) = open().await;
    for name in ["anna", "boris"] {
        let new = account(name);
        let made = store.create_account(new.clone(), session(new.id, NOW)).await.unwrap();
        assert_eq!(made, Registration::Created);
        assert_eq!(store.account(new.id).await.unwrap().unwrap().email, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_accounts_with_one_login_made_at_once_one_exists() {
    let (store, _place) = open().await;
    let attempts = (0..16).map(|_| {
        let new = account("anna");
        let first = session(new.id, NOW);
        store.create_account(new, first)
    });
    let results = futures_util::future::try_join_all(attempts).await.unwrap();
    let created = results.iter().filter(|result| **result == Registration::Created).count();
    assert_eq!(created, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_rehashed_only_from_the_hash_that_is_stored() {
    let (store, _place) = open().await;
    let anna = account("anna");
    store.create_account(anna.clone(), session(anna.id, NOW)).await.unwrap();
    store.rehash_password(anna.id, &phc("hash"), &phc("costlier")).await.unwrap();
    store.rehash_password(anna.id, &phc("hash"), &phc("late")).await.unwrap();
    let found = store.account(anna.id).await.unwrap().unwrap();
    assert_eq!(found.password_hash, phc("costlier"));
    assert_eq!(store.sessions(anna.id, NOW).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_every_other_session_of_the_account() {
    let (store, _place) = open().await;
    let (anna, boris) = (account("anna"), account("boris"));
    let (here, there, gone) = (session(anna.id, NOW), session(anna.id, NOW), session(anna.id, NOW));
    let theirs = session(boris.id, NOW);
    store.create_account(anna.clone(), here.clone()).await.unwrap();
    store.create_account(boris.clone(), theirs.clone()).await.unwrap();
    store.start_session(there.clone()).await.unwrap();
    store.start_session(gone.clone()).await.unwrap();
    store.end_session(gone.id, None, NOW).await.unwrap();

    let ended = store.change_password(anna.id, &phc("new"), Some(here.id), NOW).await.unwrap();
    assert_eq!(ended, Some(vec![there.id]));
    assert_eq!(store.account(anna.id).await.unwrap().unwrap().password_hash, phc("new"));
    assert_eq!(store.sessions(anna.id, NOW).await.unwrap(), [here]);
    assert_eq!(store.sessions(boris.id, NOW).await.unwrap(), [theirs]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_only_where_there_is_an_account() {
    let (store, _place) = open().await;
    let nobody = account("nobody").id;
    let keep = session(nobody, NOW).id;
    let changed = store.change_password(nobody, &phc("new"), Some(keep), NOW).await.unwrap();
    assert_eq!(changed, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_account_is_gone_and_its_sessions_have_ended() {
    let (store, _place) = open().await;
    let (anna, boris) = (account_with_email("anna", 1), account("boris"));
    let (first, second) = (session(anna.id, NOW), session(anna.id, NOW));
    let theirs = session(boris.id, NOW);
    store.create_account(anna.clone(), first.clone()).await.unwrap();
    store.create_account(boris.clone(), theirs.clone()).await.unwrap();
    store.start_session(second.clone()).await.unwrap();

    let ended = store.delete_account(anna.id, NOW).await.unwrap().unwrap();
    assert_eq!(ended.len(), 2);
    assert!(ended.contains(&first.id) && ended.contains(&second.id));
    assert!(store.account(anna.id).await.unwrap().is_none());
    assert!(store.account_by_login(&login("anna")).await.unwrap().is_none());
    assert!(store.account_by_email(EmailTag([1; 32])).await.unwrap().is_none());
    assert_eq!(store.sessions(boris.id, NOW).await.unwrap(), [theirs]);
    assert_eq!(store.delete_account(anna.id, NOW).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn login_and_email_of_a_deleted_account_are_free_again() {
    let (store, _place) = open().await;
    let anna = account_with_email("anna", 1);
    store.create_account(anna.clone(), session(anna.id, NOW)).await.unwrap();
    store.delete_account(anna.id, NOW).await.unwrap();
    let next = account_with_email("Anna", 1);
    let made = store.create_account(next.clone(), session(next.id, NOW)).await.unwrap();
    assert_eq!(made, Registration::Created);
}

#[tokio::test(flavor = "multi_thread")]
async fn ended_sessions_of_a_deleted_account_are_remembered_without_it() {
    let (store, _place) = open().await;
    let anna = account("anna");
    let first = session(anna.id, NOW);
    store.create_account(anna.clone(), first.clone()).await.unwrap();
    store.delete_account(anna.id, NOW).await.unwrap();
    assert_eq!(store.sessions_ended_since(NOW).await.unwrap(), [(first.id, NOW)]);

    // Not even an account of the same id owns them now.
    let same_id = NewAccount { id: anna.id, ..account("boris") };
    let other = session(anna.id, NOW);
    store.create_account(same_id, other.clone()).await.unwrap();
    assert_eq!(store.sessions(anna.id, NOW).await.unwrap(), std::slice::from_ref(&other));
    let ended = store.delete_account(anna.id, NOW).await.unwrap();
    assert_eq!(ended, Some(vec![other.id]));
}
