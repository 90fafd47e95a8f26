use std::collections::HashSet;

use anonchat::store::Entry;
use futures_util::future::try_join_all;

use super::{events, fill, open, room_of_two};
use crate::given::{alias, person, room, seqs};

#[tokio::test(flavor = "multi_thread")]
async fn whoever_enters_gets_the_first_free_handle_and_keeps_it() {
    let (store, _place) = open().await;
    let (room, ..) = room_of_two(&store).await;
    let (cat, dog) = (alias("Cat"), alias("Dog"));
    let candidates = vec![alias("Ann"), alias("Ben"), cat.clone(), dog.clone()];
    let entry = store.enter_room(room, person(2), candidates).await.unwrap();
    assert_eq!(entry, Entry::Member(cat.clone()));
    let again = store.enter_room(room, person(2), vec![dog.clone()]).await.unwrap();
    assert_eq!(again, Entry::Member(cat));
    let other = store.enter_room(room, person(3), vec![dog.clone()]).await.unwrap();
    assert_eq!(other, Entry::Member(dog));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_person_gets_the_same_alias_from_many_calls_at_once() {
    let (store, _place) = open().await;
    let (room, ..) = room_of_two(&store).await;
    let calls = (0..16).map(|n| store.enter_room(room, person(2), vec![alias(&format!("A{n}"))]));
    let entries = try_join_all(calls).await.unwrap();
    let found = store.member(room, person(2)).await.unwrap().unwrap();
    assert!(entries.iter().all(|entry| *entry == found), "{entries:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_enter_at_once_get_different_handles() {
    let (store, _place) = open().await;
    let (room, ..) = room_of_two(&store).await;
    let calls = (2..18).map(|n| {
        let candidates = (0..16).map(|n| alias(&format!("A{n}"))).collect();
        store.enter_room(room, person(n), candidates)
    });
    let entries = try_join_all(calls).await.unwrap();
    let handles: HashSet<_> = entries
        .into_iter()
        .map(|entry| match entry {
            Entry::Member(alias) => alias.handle,
            other => panic!("not in: {other:?}"),
        })
        .collect();
    assert_eq!(handles.len(), 16);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_free_handle_nobody_gets_in() {
    let (store, _place) = open().await;
    let (room, ..) = room_of_two(&store).await;
    for candidates in [vec![alias("Ann"), alias("Ben")], Vec::new()] {
        let entry = store.enter_room(room, person(2), candidates).await.unwrap();
        assert_eq!(entry, Entry::HandlesTaken);
    }
    assert_eq!(store.member(room, person(2)).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handle_is_taken_in_its_own_room_only() {
    let (store, _place) = open().await;
    let (here, ..) = room_of_two(&store).await;
    let (there, ..) = room_of_two(&store).await;
    let (cat, other_cat) = (alias("Cat"), alias("Cat"));
    let entry = store.enter_room(here, person(2), vec![cat.clone()]).await.unwrap();
    assert_eq!(entry, Entry::Member(cat));
    let entry = store.enter_room(there, person(2), vec![other_cat.clone()]).await.unwrap();
    assert_eq!(entry, Entry::Member(other_cat));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_enters_a_room_that_does_not_exist() {
    let (store, _place) = open().await;
    let missing = room("missing").id;
    let entry = store.enter_room(missing, person(2), vec![alias("Cat")]).await.unwrap();
    assert_eq!(entry, Entry::NoSuchRoom);
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_for_a_member_makes_nothing() {
    let (store, _place) = open().await;
    let (room, _, ben) = room_of_two(&store).await;
    assert_eq!(store.member(room, person(1)).await.unwrap(), Some(Entry::Member(ben)));
    assert_eq!(store.member(room, person(2)).await.unwrap(), None);
    assert_eq!(store.member(room, person(2)).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_removed_stays_out_and_their_messages_stay() {
    let (store, place) = open().await;
    let (room, _, ben) = room_of_two(&store).await;
    fill(&store, room, &ben, 2).await;
    assert!(store.remove_member(room, ben.client_id).await.unwrap());
    let store = super::reopen(store, &place).await;
    let removed = Entry::Removed(ben.clone());
    assert_eq!(store.member(room, person(1)).await.unwrap(), Some(removed.clone()));
    let entry = store.enter_room(room, person(1), vec![alias("Cat")]).await.unwrap();
    assert_eq!(entry, removed);
    let kept = events(&store, room).await;
    assert_eq!(seqs(&kept), [1, 2]);
    assert!(kept.iter().all(|event| event.author == ben));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_holds_for_one_room() {
    let (store, _place) = open().await;
    let (here, _, ben) = room_of_two(&store).await;
    let (there, _, other_ben) = room_of_two(&store).await;
    assert!(store.remove_member(here, ben.client_id).await.unwrap());
    let entry = store.member(there, person(1)).await.unwrap();
    assert_eq!(entry, Some(Entry::Member(other_ben)));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_member_who_is_there_and_not_the_host_is_removed() {
    let (store, _place) = open().await;
    let (room, ann, ben) = room_of_two(&store).await;
    let (gone, unknown) = (alias("Cat"), alias("Dog"));
    store.enter_room(room, person(2), vec![gone.clone()]).await.unwrap();
    store.forget_person(room, person(2)).await.unwrap();
    for member in [&ann, &gone, &unknown] {
        assert!(!store.remove_member(room, member.client_id).await.unwrap());
    }
    assert!(store.remove_member(room, ben.client_id).await.unwrap());
    assert!(!store.remove_member(room, ben.client_id).await.unwrap());
    let missing = super::room("missing").id;
    assert!(!store.remove_member(missing, ben.client_id).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_person_comes_back_as_somebody_else() {
    let (store, _place) = open().await;
    let (room, _, ben) = room_of_two(&store).await;
    fill(&store, room, &ben, 2).await;
    assert_eq!(store.forget_person(room, person(1)).await.unwrap(), Some(ben.clone()));
    assert_eq!(store.member(room, person(1)).await.unwrap(), None);

    // The old handle stays taken, and the old messages stay with it.
    let cat = alias("Cat");
    let candidates = vec![alias("Ben"), cat.clone()];
    let entry = store.enter_room(room, person(1), candidates).await.unwrap();
    assert_eq!(entry, Entry::Member(cat));
    assert!(events(&store, room).await.iter().all(|event| event.author == ben));
}

#[tokio::test(flavor = "multi_thread")]
async fn forgetting_somebody_who_was_never_there_does_nothing() {
    let (store, _place) = open().await;
    let (room, _, ben) = room_of_two(&store).await;
    assert_eq!(store.forget_person(room, person(2)).await.unwrap(), None);
    assert_eq!(store.member(room, person(1)).await.unwrap(), Some(Entry::Member(ben)));
    assert_eq!(store.room(room).await.unwrap().unwrap().host, Some(person(0)));
    assert_eq!(store.forget_person(super::room("missing").id, person(1)).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_host_is_host_no_more() {
    let (store, _place) = open().await;
    let (room, ann, _) = room_of_two(&store).await;
    assert_eq!(store.forget_person(room, person(0)).await.unwrap(), Some(ann));
    assert_eq!(store.room(room).await.unwrap().unwrap().host, None);

    // Coming back makes nobody host, and without a host anybody can be removed.
    let cat = alias("Cat");
    store.enter_room(room, person(0), vec![cat.clone()]).await.unwrap();
    assert_eq!(store.room(room).await.unwrap().unwrap().host, None);
    assert!(store.remove_member(room, cat.client_id).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_removed_is_forgotten_like_anybody() {
    let (store, _place) = open().await;
    let (room, _, ben) = room_of_two(&store).await;
    store.remove_member(room, ben.client_id).await.unwrap();
    assert_eq!(store.forget_person(room, person(1)).await.unwrap(), Some(ben));
    assert_eq!(store.member(room, person(1)).await.unwrap(), None);
}
