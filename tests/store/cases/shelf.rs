use anonchat::domain::{EntryTag, SealedEntry, ShelfTag};

use super::{open, reopen};

const MINE: ShelfTag = ShelfTag([1; 32]);
const THEIRS: ShelfTag = ShelfTag([2; 32]);

fn sealed(n: u8) -> SealedEntry {
    SealedEntry(vec![n; 100])
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_on_a_shelf_stays_there() {
    let (store, place) = open().await;
    store.shelve(MINE, EntryTag([1; 32]), sealed(1)).await.unwrap();
    store.shelve(MINE, EntryTag([2; 32]), sealed(2)).await.unwrap();
    store.shelve(THEIRS, EntryTag([1; 32]), sealed(3)).await.unwrap();
    let store = reopen(store, &place).await;
    let mut mine = store.shelf(MINE).await.unwrap();
    mine.sort_by_key(|entry| entry.0.clone());
    assert_eq!(mine, [sealed(1), sealed(2)]);
    assert_eq!(store.shelf(THEIRS).await.unwrap(), [sealed(3)]);
    assert_eq!(store.shelf(ShelfTag([3; 32])).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_takes_the_place_of_the_one_under_its_tag() {
    let (store, _place) = open().await;
    store.shelve(MINE, EntryTag([1; 32]), sealed(1)).await.unwrap();
    store.shelve(MINE, EntryTag([1; 32]), sealed(2)).await.unwrap();
    assert_eq!(store.shelf(MINE).await.unwrap(), [sealed(2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_entry_is_found_by_shelf_and_tag() {
    let (store, _place) = open().await;
    store.shelve(MINE, EntryTag([1; 32]), sealed(1)).await.unwrap();
    assert_eq!(store.shelf_entry(MINE, EntryTag([1; 32])).await.unwrap(), Some(sealed(1)));
    assert_eq!(store.shelf_entry(MINE, EntryTag([2; 32])).await.unwrap(), None);
    assert_eq!(store.shelf_entry(THEIRS, EntryTag([1; 32])).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_taken_off_its_shelf_once() {
    let (store, _place) = open().await;
    for (shelf, tag) in [(MINE, 1), (MINE, 2), (THEIRS, 1)] {
        store.shelve(shelf, EntryTag([tag; 32]), sealed(tag)).await.unwrap();
    }
    assert!(store.unshelve(MINE, EntryTag([1; 32])).await.unwrap());
    assert!(!store.unshelve(MINE, EntryTag([1; 32])).await.unwrap());
    assert_eq!(store.shelf(MINE).await.unwrap(), [sealed(2)]);
    assert_eq!(store.shelf(THEIRS).await.unwrap(), [sealed(1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shelf_is_cleared_alone() {
    let (store, _place) = open().await;
    for (shelf, tag) in [(MINE, 1), (MINE, 2), (THEIRS, 1)] {
        store.shelve(shelf, EntryTag([tag; 32]), sealed(tag)).await.unwrap();
    }
    store.clear_shelf(MINE).await.unwrap();
    store.clear_shelf(MINE).await.unwrap();
    assert_eq!(store.shelf(MINE).await.unwrap(), []);
    assert_eq!(store.shelf(THEIRS).await.unwrap(), [sealed(1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_replaced_only_if_it_is_still_the_one_that_was_read() {
    let (store, _place) = open().await;
    let entry = EntryTag([1; 32]);
    assert!(!store.reshelve(MINE, entry, sealed(1), sealed(2)).await.unwrap());
    store.shelve(MINE, entry, sealed(1)).await.unwrap();
    store.shelve(THEIRS, entry, sealed(1)).await.unwrap();
    assert!(store.reshelve(MINE, entry, sealed(1), sealed(2)).await.unwrap());
    assert!(!store.reshelve(MINE, entry, sealed(1), sealed(3)).await.unwrap());
    assert_eq!(store.shelf(MINE).await.unwrap(), [sealed(2)]);
    assert_eq!(store.shelf(THEIRS).await.unwrap(), [sealed(1)]);
}
