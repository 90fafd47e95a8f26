//! The door between accounts and rooms: here, and nowhere else, a person becomes somebody in a
//! room. Below this line only the alias exists.

use super::{AppState, extract::SignedIn, problem::Problem};
use crate::{
    anonymity::{Place, Shelf, candidates},
    chat::{Seat, Stay},
    domain::{AccountId, Alias, PersonTag, Room, RoomId},
    protocol::RoomView,
    store::Entry,
};

/// Handles to choose from at once; the later ones carry a number, so that one of them is free.
const CANDIDATES: usize = 8;

/// Somebody who stands before a room that exists and was not removed from it.
#[derive(Debug)]
pub struct Visitor {
    /// The room.
    pub room: Room,
    /// Who, in this room.
    pub person: PersonTag,
    /// Whether the room is theirs.
    pub is_host: bool,
    /// Their own list of rooms.
    pub shelf: Shelf,
}

impl AppState {
    /// Brings somebody before a room.
    ///
    /// # Errors
    /// `room_not_found`, and `banned` for whom the host removed.
    pub async fn visit(&self, who: &SignedIn, id: RoomId) -> Result<Visitor, Problem> {
        let room = self.hub.room(id).await?.ok_or_else(Problem::no_such_room)?;
        let person = self.wall.person(who.access.account, &room)?;
        let shelf = self.wall.shelf(who.access.account);
        let is_host = room.host == Some(person);
        if let Some(Entry::Removed(_)) = self.hub.member(id, person).await? {
            let leave = |place: Place| (!place.left).then_some(Place { left: true, ..place });
            self.hub.change_place(&shelf, id, leave).await?;
            return Err(Problem::banned());
        }
        Ok(Visitor { room, person, is_host, shelf })
    }

    /// The same for what only the host may do.
    ///
    /// # Errors
    /// `forbidden` for everybody else.
    pub async fn visit_as_host(&self, who: &SignedIn, id: RoomId) -> Result<Visitor, Problem> {
        let visitor = self.visit(who, id).await?;
        if visitor.is_host { Ok(visitor) } else { Err(Problem::not_the_host()) }
    }

    /// Takes a seat for a visitor and puts the room on their shelf.
    ///
    /// # Errors
    /// `room_full` and what else keeps people out.
    pub async fn seat(&self, visitor: &Visitor, stay: Stay) -> Result<Seat, Problem> {
        let Visitor { room, person, is_host, shelf } = visitor;
        let candidates = || candidates(CANDIDATES);
        let seat = self.hub.join(room.id, *person, *is_host, stay, candidates).await?;
        let known = self.hub.place_on_shelf(shelf, room.id).await?;
        if known.is_none_or(|place| place.left || place.client_id != seat.alias().client_id) {
            let place = first_place(room, seat.alias(), *is_host);
            self.hub.shelve(shelf, &place).await?;
        }
        Ok(seat)
    }

    /// The room as this visitor sees it.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn view(&self, visitor: &Visitor) -> Result<RoomView, Problem> {
        let Visitor { room, is_host, shelf, .. } = visitor;
        let on_shelf = self.hub.on_shelf(shelf, room.id).await?;
        let (joined, unread) = match on_shelf {
            Some((place, unread)) if !place.left => (true, unread),
            _ => (false, 0),
        };
        let shared = RoomView::shared(room, self.hub.online(room.id));
        Ok(shared.personal(*is_host, joined, unread))
    }
}

/// Where somebody starts who joins now: what was said before counts as read.
pub fn first_place(room: &Room, alias: &Alias, hosted: bool) -> Place {
    Place { room: room.id, client_id: alias.client_id, read: room.head, hosted, left: false }
}

/// What is stored of somebody in one room.
#[derive(Debug)]
pub struct Trace {
    /// What their shelf says about it.
    pub place: Place,
    /// The room, if it still exists.
    pub room: Option<Room>,
    /// Who they are there, if that is still known.
    pub alias: Option<Alias>,
    /// Whether the host removed them.
    pub banned: bool,
}

impl AppState {
    /// What is stored of somebody in the rooms on their shelf, also in those they left or were
    /// removed from; in the order of the rooms' ids.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn traces(&self, account: AccountId) -> Result<Vec<Trace>, Problem> {
        let mut traces = Vec::new();
        for place in self.hub.places(&self.wall.shelf(account)).await? {
            let room = self.hub.room(place.room).await?;
            let entry = match &room {
                Some(room) => self.hub.member(room.id, self.wall.person(account, room)?).await?,
                None => None,
            };
            let banned = matches!(entry, Some(Entry::Removed(_)));
            let alias = match entry {
                Some(Entry::Member(alias) | Entry::Removed(alias)) => Some(alias),
                Some(Entry::NoSuchRoom | Entry::HandlesTaken) | None => None,
            };
            traces.push(Trace { place, room, alias, banned });
        }
        Ok(traces)
    }

    /// Forgets who somebody was in every room on their shelf, and the shelf; with `erase`, first
    /// erases what they wrote. Stopped half-way, it can be done again.
    ///
    /// # Errors
    /// When the store cannot be asked; then the account must stay.
    pub async fn forget(&self, account: AccountId, erase: bool) -> Result<(), Problem> {
        let shelf = self.wall.shelf(account);
        for shelved in self.hub.shelved(&shelf).await? {
            let person = self.wall.person(account, &shelved.room)?;
            self.hub.forget_person(shelved.room.id, person, erase).await?;
        }
        self.hub.clear_shelf(&shelf).await?;
        Ok(())
    }
}
