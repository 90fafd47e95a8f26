//! Rooms: make, find, change, leave, remove.

use std::{collections::HashMap, sync::Arc};

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    AppState,
    answer::{Answer, created, done, ok},
    door::first_place,
    extract::{ApiJson, ApiPath, ApiQuery, RoomPath, SignedIn},
    openapi::Failure,
    problem::Problem,
};
use crate::{
    anonymity::{Place, candidates, random},
    chat::ShelvedRoom,
    domain::{ClientId, Room, RoomCursor, RoomId, Seq},
    protocol::{
        ChangeRoom, CreateRoom, Envelope, ErrorCode, InvalidFields, NewRoom, Nothing, RemoveRoom,
        RoomView, RoomsView,
    },
};

type App = State<Arc<AppState>>;

/// Open a room; whoever does is its host.
#[utoipa::path(post, path = "/rooms/create", tag = "rooms", request_body = CreateRoom,
    responses((status = 201, description = "Made", body = Envelope<RoomView>), Failure))]
pub async fn create(
    State(app): App,
    who: SignedIn,
    ApiJson(body): ApiJson<CreateRoom>,
) -> Result<Answer<RoomView>, Problem> {
    let wanted = body.parse(app.settings.rooms)?;
    let shelf = app.wall.shelf(who.access.account);
    // One at a time, so that many at once cannot get past the number.
    let _opening = app.opening.lock().await;
    let hosted = app.hub.shelved(&shelf).await?.iter().filter(|room| room.place.hosted).count();
    if hosted >= app.settings.rooms_per_account {
        let message = "You have as many rooms as this server allows. Remove one first.";
        return Err(Problem::new(ErrorCode::Forbidden, message));
    }
    let room = new_room(&app, &who, wanted)?;
    let alias = candidates(1).remove(0);
    // First on the shelf, where a room that does not exist is passed over: one that exists must not
    // be missing there.
    app.hub.shelve(&shelf, &first_place(&room, &alias, true)).await?;
    app.hub.create(room.clone(), alias).await?;
    Ok(created("room created", RoomView::shared(&room, 0).personal(true, true, 0)))
}

fn new_room(app: &AppState, who: &SignedIn, wanted: NewRoom) -> Result<Room, Problem> {
    let id = RoomId::from_bytes(random::bytes());
    let secret = app.wall.new_room_secret(id);
    let mut room = Room {
        id,
        name: wanted.name,
        capacity: wanted.capacity,
        visibility: wanted.visibility,
        retention: wanted.retention,
        created_at: app.clock.now().whole_second(),
        head: Seq(0),
        expired_to: Seq(0),
        host: None,
        secret,
    };
    room.host = Some(app.wall.person(who.access.account, &room)?);
    Ok(room)
}

/// The query of [`list`].
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// `mine` (default): the rooms on my list; `public`: all that anybody can find.
    #[param(value_type = Option<String>, pattern = "^(mine|public)$")]
    scope: Option<String>,
    /// Part of the name, without regard to case.
    q: Option<String>,
    /// Where the last page ended.
    cursor: Option<String>,
    /// 1 to 100, 50 if absent.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
}

/// My rooms, or the public ones; newest first.
#[utoipa::path(get, path = "/rooms", tag = "rooms", params(ListQuery),
    responses((status = 200, description = "Done", body = Envelope<RoomsView>), Failure))]
pub async fn list(
    State(app): App,
    who: SignedIn,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Answer<RoomsView>, Problem> {
    let limit = limit(query.limit.as_deref(), 50, 100)?;
    let after = after(query.cursor.as_deref())?;
    let search = query.q.map(|q| q.trim().to_lowercase()).filter(|q| !q.is_empty());
    let shelf = app.wall.shelf(who.access.account);
    let mine = app.hub.shelved(&shelf).await?;
    let rooms = match query.scope.as_deref() {
        None | Some("mine") => page_of_mine(&mine, search.as_deref(), after, limit),
        Some("public") => app.hub.public_rooms(search, after, limit + 1).await?,
        Some(_) => return Err(InvalidFields::one("scope", "must be mine or public").into()),
    };
    Ok(ok("these are the rooms", page(&app, rooms, &mine, limit as usize)))
}

/// One room more than `limit`, so that it shows whether there is another page.
fn page_of_mine(
    mine: &[ShelvedRoom],
    search: Option<&str>,
    after: Option<RoomCursor>,
    limit: u32,
) -> Vec<Room> {
    let wanted = |room: &&Room| {
        let is_next =
            after.is_none_or(|after| (room.created_at, room.id) < (after.created_at, after.id));
        is_next && search.is_none_or(|search| room.name.folded().contains(search))
    };
    let listed = mine.iter().filter(|shelved| !shelved.place.left).map(|shelved| &shelved.room);
    listed.filter(wanted).take(limit as usize + 1).cloned().collect()
}

fn page(app: &AppState, mut rooms: Vec<Room>, mine: &[ShelvedRoom], limit: usize) -> RoomsView {
    let has_more = rooms.len() > limit;
    rooms.truncate(limit);
    let next_cursor =
        rooms.last().filter(|_| has_more).map(|room| RoomCursor::behind(room).encode());
    let mine: HashMap<RoomId, &ShelvedRoom> =
        mine.iter().map(|shelved| (shelved.room.id, shelved)).collect();
    let rooms = rooms.iter().map(|room| {
        let shared = RoomView::shared(room, app.hub.online(room.id));
        match mine.get(&room.id) {
            Some(ShelvedRoom { place, unread, .. }) if !place.left => {
                shared.personal(place.hosted, true, *unread)
            }
            other => shared.personal(other.is_some_and(|left| left.place.hosted), false, 0),
        }
    });
    RoomsView { rooms: rooms.collect(), next_cursor }
}

/// Where to go on from, as a request says it.
pub fn after(raw: Option<&str>) -> Result<Option<RoomCursor>, Problem> {
    let invalid = |_| InvalidFields::one("cursor", "must be one this server gave").into();
    raw.map(RoomCursor::parse).transpose().map_err(invalid)
}

/// A number of rows to answer with.
pub fn limit(raw: Option<&str>, default: u32, most: u32) -> Result<u32, Problem> {
    let Some(raw) = raw else { return Ok(default) };
    match raw.parse() {
        Ok(limit) if (1..=most).contains(&limit) => Ok(limit),
        _ => {
            let expected = format!("must be a whole number from 1 to {most}");
            Err(InvalidFields::one("limit", expected).into())
        }
    }
}

/// One room.
#[utoipa::path(get, path = "/rooms/{room_id}", tag = "rooms", params(("room_id" = String, Path)),
    responses((status = 200, description = "Done", body = Envelope<RoomView>), Failure))]
pub async fn show(
    State(app): App,
    who: SignedIn,
    RoomPath(id): RoomPath,
) -> Result<Answer<RoomView>, Problem> {
    let visitor = app.visit(&who, id).await?;
    Ok(ok("this is the room", app.view(&visitor).await?))
}

/// Change a room's settings; its host may.
#[utoipa::path(patch, path = "/rooms/{room_id}", tag = "rooms", request_body = ChangeRoom,
    params(("room_id" = String, Path)),
    responses((status = 200, description = "Done", body = Envelope<RoomView>), Failure))]
pub async fn change(
    State(app): App,
    who: SignedIn,
    RoomPath(id): RoomPath,
    ApiJson(body): ApiJson<ChangeRoom>,
) -> Result<Answer<RoomView>, Problem> {
    let mut visitor = app.visit_as_host(&who, id).await?;
    let change = body.parse(app.settings.rooms)?;
    visitor.room = app.hub.change(id, change).await?.ok_or_else(Problem::no_such_room)?;
    Ok(ok("room changed", app.view(&visitor).await?))
}

/// The query of [`remove`].
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RemoveQuery {
    /// The room, where the body does not name it.
    room_id: Option<String>,
}

/// Remove a room with everything in it; its host may. The room stands in the body or the query.
#[utoipa::path(delete, path = "/rooms/remove", tag = "rooms", params(RemoveQuery),
    request_body = Option<RemoveRoom>, responses((status = 200, description = "Done", body = Envelope<Nothing>), Failure))]
pub async fn remove(
    State(app): App,
    who: SignedIn,
    ApiQuery(query): ApiQuery<RemoveQuery>,
    body: Option<ApiJson<RemoveRoom>>,
) -> Result<Answer<Nothing>, Problem> {
    let body = body.map_or_else(RemoveRoom::default, |ApiJson(body)| body);
    let room = body.parse(query.room_id)?;
    let visitor = app.visit_as_host(&who, RoomId::parse(&room)?).await?;
    if !app.hub.remove(visitor.room.id).await? {
        return Err(Problem::no_such_room());
    }
    app.hub.unshelve(&visitor.shelf, visitor.room.id).await?;
    Ok(done("room removed"))
}

/// Take a room off my list. My alias stays mine, should I come back.
#[utoipa::path(post, path = "/rooms/{room_id}/leave", tag = "rooms",
    params(("room_id" = String, Path)), responses((status = 200, description = "Done", body = Envelope<Nothing>), Failure))]
pub async fn leave(
    State(app): App,
    who: SignedIn,
    RoomPath(id): RoomPath,
) -> Result<Answer<Nothing>, Problem> {
    let visitor = app.visit(&who, id).await?;
    let leave = |place| Some(Place { left: true, ..place });
    app.hub.change_place(&visitor.shelf, id, leave).await?;
    Ok(done("room left"))
}

/// Remove somebody from a room for good; its host may. Their sockets close, their messages stay.
#[utoipa::path(delete, path = "/rooms/{room_id}/members/{client_id}", tag = "rooms",
    params(("room_id" = String, Path), ("client_id" = String, Path)),
    responses((status = 200, description = "Done", body = Envelope<Nothing>), Failure))]
pub async fn remove_member(
    State(app): App,
    who: SignedIn,
    ApiPath((room, member)): ApiPath<(String, String)>,
) -> Result<Answer<Nothing>, Problem> {
    let visitor = app.visit_as_host(&who, RoomId::parse(&room)?).await?;
    let unknown = || Problem::new(ErrorCode::NotFound, "There is nobody of that id to remove.");
    let member = ClientId::parse(&member).map_err(|_| unknown())?;
    if app.hub.remove_member(visitor.room.id, member).await? {
        Ok(done("member removed"))
    } else {
        Err(unknown())
    }
}
