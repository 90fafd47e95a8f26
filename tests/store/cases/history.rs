//! Replay, pages, and what counts messages.

use std::sync::Arc;

use anonchat::{
    domain::{Alias, RoomId, Seq},
    store::{History, Page, Replay, Store, UNREAD_REACH},
};

use super::{append, fill, messages, open, room_of_two};
use crate::given::{NOW, delete, edit, room, send, seqs};

async fn replay(store: &Arc<dyn Store>, room: RoomId, after: i64, limit: u32) -> Replay {
    store.events_after(room, Seq(after), limit).await.unwrap().unwrap()
}

async fn page(store: &Arc<dyn Store>, room: RoomId, page: Page, limit: u32) -> History {
    store.history(room, page, limit).await.unwrap().unwrap()
}

/// Messages at 1, 2, 4, 6 and 7; an edit of 1 at 3, a deletion of 2 at 5.
async fn mixed_room(store: &Arc<dyn Store>) -> (RoomId, Alias, Alias) {
    let (room, ann, ben) = room_of_two(store).await;
    let commands = vec![
        send(&ann, "one"),
        send(&ben, "two"),
        edit(&ann, 1, "One"),
        send(&ann, "four"),
        delete(&ben, 2),
        send(&ben, "six"),
        send(&ann, "seven"),
    ];
    append(store, room, commands, NOW).await;
    (room, ann, ben)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_gives_every_event_after_a_place_in_order() {
    let (store, _place) = open().await;
    let (room, ..) = mixed_room(&store).await;
    let all = replay(&store, room, 0, 100).await;
    assert_eq!(seqs(&all.events), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!((all.expired_to, all.head), (Seq(0), Seq(7)));
    assert_eq!(seqs(&replay(&store, room, 2, 3).await.events), [3, 4, 5]);
    assert_eq!(seqs(&replay(&store, room, -9, 2).await.events), [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_may_be_empty_and_still_tells_the_newest_place() {
    let (store, _place) = open().await;
    let (room, ..) = mixed_room(&store).await;
    for (after, limit) in [(7, 100), (99, 100), (i64::MAX, 100), (0, 0)] {
        let replay = replay(&store, room, after, limit).await;
        assert_eq!((replay.events.len(), replay.head), (0, Seq(7)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_does_not_exist_has_neither_replay_nor_history() {
    let (store, _place) = open().await;
    let missing = room("missing").id;
    assert_eq!(store.events_after(missing, Seq(0), 10).await.unwrap(), None);
    assert_eq!(store.history(missing, Page::Latest, 10).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_page_holds_the_newest_messages_oldest_first() {
    let (store, _place) = open().await;
    let (room, ..) = mixed_room(&store).await;
    let latest = page(&store, room, Page::Latest, 3).await;
    assert_eq!(seqs(&latest.messages), [4, 6, 7]);
    assert_eq!((latest.head, latest.has_more), (Seq(7), true));
    let all = page(&store, room, Page::Latest, 5).await;
    assert_eq!((seqs(&all.messages), all.has_more), (vec![1, 2, 4, 6, 7], false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_before_a_place_holds_the_newest_messages_there() {
    let (store, _place) = open().await;
    let (room, ..) = mixed_room(&store).await;
    for (before, limit, expected, has_more) in [
        (6, 2, vec![2, 4], true),
        (4, 2, vec![1, 2], false),
        (5, 100, vec![1, 2, 4], false),
        (1, 2, vec![], false),
        (i64::MIN, 2, vec![], false),
    ] {
        let page = page(&store, room, Page::Before(Seq(before)), limit).await;
        assert_eq!((seqs(&page.messages), page.has_more), (expected, has_more), "{before}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_after_a_place_holds_the_oldest_messages_there() {
    let (store, _place) = open().await;
    let (room, ..) = mixed_room(&store).await;
    for (after, limit, expected, has_more) in [
        (2, 2, vec![4, 6], true),
        (4, 2, vec![6, 7], false),
        (0, 100, vec![1, 2, 4, 6, 7], false),
        (7, 2, vec![], false),
        (i64::MAX, 2, vec![], false),
    ] {
        let page = page(&store, room, Page::After(Seq(after)), limit).await;
        assert_eq!((seqs(&page.messages), page.has_more), (expected, has_more), "{after}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_meet_without_a_gap_or_an_overlap() {
    let (store, _place) = open().await;
    let (room, ann, _) = room_of_two(&store).await;
    fill(&store, room, &ann, 25).await;
    let mut seen = Vec::new();
    let mut next = Page::Latest;
    loop {
        let page = page(&store, room, next, 10).await;
        seen.splice(0..0, seqs(&page.messages));
        next = Page::Before(page.messages[0].seq);
        if !page.has_more {
            break;
        }
    }
    assert_eq!(seen, (1..=25).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_room_has_an_empty_page() {
    let (store, _place) = open().await;
    let (room, ..) = room_of_two(&store).await;
    for which in [Page::Latest, Page::Before(Seq(5)), Page::After(Seq(0))] {
        let page = page(&store, room, which, 10).await;
        assert_eq!(page, History { messages: Vec::new(), head: Seq(0), has_more: false });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_messages_of_an_author_are_found_but_not_the_deleted() {
    let (store, _place) = open().await;
    let (room, ann, ben) = mixed_room(&store).await;
    let by = async |author: &Alias, after, limit| {
        let found = store.messages_by(room, author.client_id, Seq(after), limit).await.unwrap();
        let whole = messages(&store, room).await;
        assert!(found.iter().all(|event| event.author == *author && whole.contains(event)));
        seqs(&found)
    };
    assert_eq!(by(&ann, 0, 10).await, [1, 4, 7]);
    assert_eq!(by(&ann, 1, 1).await, [4]);
    assert_eq!(by(&ben, 0, 10).await, [6]);
    let stranger = crate::given::alias("Cat");
    assert_eq!(by(&stranger, 0, 10).await, [0; 0]);
    for (author, count) in [(&ann, 3), (&ben, 1), (&stranger, 0)] {
        assert_eq!(store.count_by(room, author.client_id).await.unwrap(), count);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unread_is_what_others_said_and_nobody_deleted() {
    let (store, _place) = open().await;
    let (room, ann, ben) = mixed_room(&store).await;
    let (quiet, reader, _) = room_of_two(&store).await;
    let positions = vec![
        (room, ben.client_id, Seq(0)),
        (quiet, reader.client_id, Seq(0)),
        (room, ann.client_id, Seq(0)),
        (room, ben.client_id, Seq(4)),
        (crate::given::room("missing").id, ann.client_id, Seq(0)),
        (room, ben.client_id, Seq(7)),
    ];
    assert_eq!(store.unread(positions, 99).await.unwrap(), [3, 0, 1, 1, 0, 0]);
    assert!(store.unread(Vec::new(), 99).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn unread_is_looked_for_among_the_newest_events() {
    let (store, _place) = open().await;
    let (room, ann, ben) = room_of_two(&store).await;
    fill(&store, room, &ann, 2).await;
    fill(&store, room, &ben, UNREAD_REACH as usize - 1).await;
    let unread = async |reader: &Alias| {
        store.unread(vec![(room, reader.client_id, Seq(0))], 9999).await.unwrap()
    };
    assert_eq!(unread(&ben).await, [1]);
    fill(&store, room, &ben, 1).await;
    assert_eq!(unread(&ben).await, [0]);
    assert_eq!(unread(&ann).await, [UNREAD_REACH]);
}

#[tokio::test(flavor = "multi_thread")]
async fn unread_counts_no_further_than_asked() {
    let (store, _place) = open().await;
    let (room, ann, ben) = room_of_two(&store).await;
    fill(&store, room, &ann, 20).await;
    for (most, expected) in [(0, 0), (1, 1), (20, 20), (99, 20)] {
        let position = vec![(room, ben.client_id, Seq(0))];
        assert_eq!(store.unread(position, most).await.unwrap(), [expected]);
    }
}
