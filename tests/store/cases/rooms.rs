use std::sync::Arc;

use anonchat::{
    domain::{Retention, Room, RoomChange, RoomCursor, RoomId, RoomName, Seq, Visibility},
    store::{Entry, Page, Store},
};

use super::{create, fill, open, room_of_two};
use crate::given::{HOUR, alias, capacity, facts, later, person, public_room, room, send};

#[tokio::test(flavor = "multi_thread")]
async fn a_room_is_read_as_it_was_made() {
    let (store, _place) = open().await;
    let plain = room("Class 9б 🎉");
    let special = Room {
        visibility: Visibility::Public,
        retention: HOUR,
        host: None,
        capacity: capacity(1000),
        ..room("x")
    };
    for room in [plain, special] {
        store.create_room(room.clone(), alias("Ann")).await.unwrap();
        let found = store.room(room.id).await.unwrap().unwrap();
        assert_eq!(facts(&found), facts(&room));
    }
    assert!(store.room(room("never made").id).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_is_made_together_with_its_hosts_alias() {
    let (store, _place) = open().await;
    let (room, ann) = (room("Room"), alias("Ann"));
    store.create_room(room.clone(), ann.clone()).await.unwrap();
    let host = store.member(room.id, person(0)).await.unwrap();
    assert_eq!(host, Some(Entry::Member(ann)));
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_are_found_by_their_ids_and_missing_ones_left_out() {
    let (store, _place) = open().await;
    let made = [room("one"), room("two"), room("three")];
    for room in &made {
        store.create_room(room.clone(), alias("Ann")).await.unwrap();
    }
    let wanted = vec![made[2].id, room("missing").id, made[0].id, made[2].id];
    let mut found = store.rooms(wanted).await.unwrap();
    found.sort_by_key(|room| room.name.as_str().to_owned());
    assert_eq!(ids(&found), [made[0].id, made[2].id]);
    assert!(store.rooms(Vec::new()).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn public_rooms_are_listed_newest_first_page_by_page() {
    let (store, _place) = open().await;
    // Two rooms of each second, and one that is not listed.
    let mut rooms: Vec<Room> = (0..6)
        .map(|n| Room { created_at: later(n / 2), ..public_room(&format!("room {n}")) })
        .collect();
    for room in rooms.iter().chain([&room("unlisted")]) {
        store.create_room(room.clone(), alias("Ann")).await.unwrap();
    }
    rooms.sort_by_key(|room| (room.created_at, room.id));
    rooms.reverse();

    let mut listed = Vec::new();
    let mut after = None;
    loop {
        let page = store.public_rooms(None, after, 2).await.unwrap();
        assert!(page.len() <= 2);
        let Some(last) = page.last() else { break };
        after = Some(RoomCursor { created_at: last.created_at, id: last.id });
        listed.extend(ids(&page));
    }
    assert_eq!(listed, ids(&rooms));
}

#[tokio::test(flavor = "multi_thread")]
async fn public_rooms_are_searched_by_a_part_of_their_name_without_regard_to_case() {
    let (store, _place) = open().await;
    for name in ["Rust and friends", "Учёба: физика", "trust", "Rooms"] {
        store.create_room(public_room(name), alias("Ann")).await.unwrap();
    }
    store.create_room(room("hidden rust"), alias("Ann")).await.unwrap();
    assert_eq!(search(&store, "rUSt").await, ["Rust and friends", "trust"]);
    assert_eq!(search(&store, "ФИЗ").await, ["Учёба: физика"]);
    assert_eq!(search(&store, "absent").await, Vec::<String>::new());
    assert_eq!(search(&store, "").await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_a_search_is_a_wildcard() {
    let (store, _place) = open().await;
    for name in ["100% fun", "snake_case", r"back\slash", "a*b?[c]", "it's"] {
        store.create_room(public_room(name), alias("Ann")).await.unwrap();
    }
    for (part, name) in [
        ("%", "100% fun"),
        ("_", "snake_case"),
        ("\\", r"back\slash"),
        ("*", "a*b?[c]"),
        ("?", "a*b?[c]"),
        ("[c]", "a*b?[c]"),
        ("'", "it's"),
    ] {
        assert_eq!(search(&store, part).await, [name], "{part}");
    }
    assert_eq!(search(&store, "1%f").await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_goes_on_after_a_cursor() {
    let (store, _place) = open().await;
    for (n, name) in ["red 1", "blue", "red 2", "red 3"].into_iter().enumerate() {
        let room = Room { created_at: later(n as u64), ..public_room(name) };
        store.create_room(room, alias("Ann")).await.unwrap();
    }
    let red = Some("red".to_owned());
    let first = store.public_rooms(red.clone(), None, 1).await.unwrap();
    let after = RoomCursor { created_at: first[0].created_at, id: first[0].id };
    let rest = store.public_rooms(red, Some(after), 10).await.unwrap();
    assert_eq!(names(&first), ["red 3"]);
    assert_eq!(names(&rest), ["red 2", "red 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_returned_and_stays_and_leaves_the_rest() {
    let (store, _place) = open().await;
    let before = room("Before");
    store.create_room(before.clone(), alias("Ann")).await.unwrap();
    let unchanged = store.change_room(before.id, RoomChange::default()).await.unwrap().unwrap();
    assert_eq!(facts(&unchanged), facts(&before));

    let name = RoomName::parse("After").unwrap();
    let one_by_one = [
        RoomChange { name: Some(name.clone()), ..RoomChange::default() },
        RoomChange { capacity: Some(capacity(3)), ..RoomChange::default() },
        RoomChange { visibility: Some(Visibility::Public), ..RoomChange::default() },
        RoomChange { retention: Some(HOUR), ..RoomChange::default() },
    ];
    for change in one_by_one {
        let returned = store.change_room(before.id, change).await.unwrap().unwrap();
        let found = store.room(before.id).await.unwrap().unwrap();
        assert_eq!(facts(&returned), facts(&found));
    }
    let expected = Room {
        name,
        capacity: capacity(3),
        visibility: Visibility::Public,
        retention: HOUR,
        ..before.clone()
    };
    assert_eq!(facts(&store.room(before.id).await.unwrap().unwrap()), facts(&expected));
    assert_eq!(search(&store, "after").await, ["After"]);

    let kept = RoomChange { retention: Some(Retention::Keep), ..RoomChange::default() };
    let kept = store.change_room(before.id, kept).await.unwrap().unwrap();
    assert_eq!(kept.retention, Retention::Keep);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_settings_leaves_the_newest_place() {
    let (store, _place) = open().await;
    let (room, ann, _) = room_of_two(&store).await;
    fill(&store, room, &ann, 3).await;
    let change = RoomChange { capacity: Some(capacity(3)), ..RoomChange::default() };
    assert_eq!(store.change_room(room, change).await.unwrap().unwrap().head, Seq(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_room_that_exists_is_changed() {
    let (store, _place) = open().await;
    let change = RoomChange { capacity: Some(capacity(3)), ..RoomChange::default() };
    assert!(store.change_room(room("missing").id, change).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_room_is_gone_with_everything_in_it() {
    let (store, _place) = open().await;
    let made = public_room("Room");
    let (id, ann, ben) = create(&store, made.clone()).await;
    let (other, other_ann, _) = room_of_two(&store).await;
    fill(&store, id, &ann, 3).await;
    fill(&store, other, &other_ann, 3).await;

    assert!(store.delete_room(id).await.unwrap());
    assert!(!store.delete_room(id).await.unwrap());
    assert!(store.room(id).await.unwrap().is_none());
    assert!(store.public_rooms(None, None, 10).await.unwrap().is_empty());
    assert_eq!(store.member(id, person(0)).await.unwrap(), None);
    assert_eq!(store.events_after(id, Seq(0), 10).await.unwrap(), None);
    assert_eq!(store.history(id, Page::Latest, 10).await.unwrap(), None);
    assert_eq!(store.messages_by(id, ann.client_id, Seq(0), 10).await.unwrap(), []);
    assert_eq!(store.count_by(id, ann.client_id).await.unwrap(), 0);
    assert_eq!(store.unread(vec![(id, ben.client_id, Seq(0))], 10).await.unwrap(), [0]);
    assert!(
        store.append(id, vec![send(&ann, "late")], u32::MAX, later(0)).await.unwrap().is_none()
    );
    assert_eq!(store.events_after(other, Seq(0), 10).await.unwrap().unwrap().events.len(), 3);

    // Nothing is left that a room of the same id could find.
    let (again, ..) = create(&store, made).await;
    assert_eq!(store.events_after(again, Seq(0), 10).await.unwrap().unwrap().events, []);
}

async fn search(store: &Arc<dyn Store>, part: &str) -> Vec<String> {
    let mut found = names(&store.public_rooms(Some(part.to_owned()), None, 10).await.unwrap());
    found.sort();
    found
}

fn names(rooms: &[Room]) -> Vec<String> {
    rooms.iter().map(|room| room.name.as_str().to_owned()).collect()
}

fn ids(rooms: &[Room]) -> Vec<RoomId> {
    rooms.iter().map(|room| room.id).collect()
}
