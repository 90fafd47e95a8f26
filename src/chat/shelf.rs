//! A person's own list of rooms, with what they have read. It is sealed for the store; the key to
//! it comes from the door, so that nothing here learns whose it is.

use super::Hub;
use crate::{
    anonymity::{Place, Shelf},
    domain::{Room, RoomId, Timestamp},
    store::StoreError,
};

/// A room on somebody's shelf.
#[derive(Clone, Debug)]
pub struct ShelvedRoom {
    /// The room.
    pub room: Room,
    /// What the shelf says about it.
    pub place: Place,
    /// Messages of others that were not read; [`ShelvedRoom::MOST_UNREAD`] stands for more, too.
    pub unread: u32,
}

impl ShelvedRoom {
    /// Unread messages are counted no further.
    pub const MOST_UNREAD: u32 = 100;

    fn sort_key(&self) -> (Timestamp, RoomId) {
        (self.room.created_at, self.room.id)
    }
}

impl Hub {
    /// The rooms on a shelf that still exist, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the store could not be asked or an entry does not open.
    pub async fn shelved(&self, shelf: &Shelf) -> Result<Vec<ShelvedRoom>, StoreError> {
        let store = &self.inner.store;
        let mut places = self.places(shelf).await?;
        let mut rooms = store.rooms(places.iter().map(|place| place.room).collect()).await?;
        rooms.sort_by_key(|room| room.id);
        places.retain(|place| rooms.binary_search_by_key(&place.room, |room| room.id).is_ok());
        let positions = places.iter().map(|place| (place.room, place.client_id, place.read));
        let unread = store.unread(positions.collect(), ShelvedRoom::MOST_UNREAD).await?;
        let shelved = rooms.into_iter().zip(places).zip(unread);
        let mut shelved: Vec<_> =
            shelved.map(|((room, place), unread)| ShelvedRoom { room, place, unread }).collect();
        shelved.sort_by_key(|shelved| std::cmp::Reverse(shelved.sort_key()));
        Ok(shelved)
    }

    /// Everything on a shelf, also of rooms that are gone; in the order of the rooms' ids.
    ///
    /// # Errors
    /// As for [`Hub::shelved`].
    pub async fn places(&self, shelf: &Shelf) -> Result<Vec<Place>, StoreError> {
        let entries = self.inner.store.shelf(shelf.tag).await?;
        let places = entries.iter().map(|sealed| shelf.open(sealed).map_err(|_| CORRUPT));
        let mut places = places.collect::<Result<Vec<_>, _>>()?;
        places.sort_by_key(|place| place.room);
        Ok(places)
    }

    /// What a shelf says about one room, with the number of unread messages; `None` if it is not
    /// on it.
    ///
    /// # Errors
    /// As for [`Hub::shelved`].
    pub async fn on_shelf(
        &self,
        shelf: &Shelf,
        room: RoomId,
    ) -> Result<Option<(Place, u32)>, StoreError> {
        let Some(place) = self.place_on_shelf(shelf, room).await? else { return Ok(None) };
        let position = vec![(place.room, place.client_id, place.read)];
        let unread = self.inner.store.unread(position, ShelvedRoom::MOST_UNREAD).await?;
        Ok(Some((place, unread.first().copied().unwrap_or(0))))
    }

    /// What a shelf says about one room.
    ///
    /// # Errors
    /// As for [`Hub::shelved`].
    pub async fn place_on_shelf(
        &self,
        shelf: &Shelf,
        room: RoomId,
    ) -> Result<Option<Place>, StoreError> {
        let sealed = self.inner.store.shelf_entry(shelf.tag, shelf.entry_tag(room)).await?;
        sealed.map(|sealed| shelf.open(&sealed).map_err(|_| CORRUPT)).transpose()
    }

    /// Puts a room on a shelf.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be stored.
    pub async fn shelve(&self, shelf: &Shelf, place: &Place) -> Result<(), StoreError> {
        let entry = shelf.entry_tag(place.room);
        self.inner.store.shelve(shelf.tag, entry, shelf.seal(place)).await
    }

    /// Changes what a shelf says about one room, also while somebody else changes it: neither
    /// undoes the other. `change` may be asked more than once; it changes nothing with `None`.
    ///
    /// # Errors
    /// As for [`Hub::shelved`].
    pub async fn change_place(
        &self,
        shelf: &Shelf,
        room: RoomId,
        change: impl Fn(Place) -> Option<Place>,
    ) -> Result<(), StoreError> {
        let store = &self.inner.store;
        let entry = shelf.entry_tag(room);
        loop {
            let Some(old) = store.shelf_entry(shelf.tag, entry).await? else { return Ok(()) };
            let place = shelf.open(&old).map_err(|_| CORRUPT)?;
            let Some(changed) = change(place) else { return Ok(()) };
            if store.reshelve(shelf.tag, entry, old, shelf.seal(&changed)).await? {
                return Ok(());
            }
        }
    }

    /// Takes a room off a shelf; false if it was not on it.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be stored.
    pub async fn unshelve(&self, shelf: &Shelf, room: RoomId) -> Result<bool, StoreError> {
        self.inner.store.unshelve(shelf.tag, shelf.entry_tag(room)).await
    }

    /// Takes everything off a shelf.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be stored.
    pub async fn clear_shelf(&self, shelf: &Shelf) -> Result<(), StoreError> {
        self.inner.store.clear_shelf(shelf.tag).await
    }
}

const CORRUPT: StoreError = StoreError::Corrupt { what: "shelf entry" };
