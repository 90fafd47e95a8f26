//! A person's own list of rooms, as a capability: whoever holds a [`Shelf`] can use it and cannot
//! tell whose it is.

use super::subkey::{SubKey, Unreadable};
use crate::domain::{ClientId, EntryTag, RoomId, SealedEntry, Seq, ShelfTag};

/// One person's shelf, made at the door from their account.
#[derive(Clone, Debug)]
pub struct Shelf {
    /// Where the store keeps it.
    pub tag: ShelfTag,
    entries: SubKey,
    places: SubKey,
}

/// What a shelf remembers of one room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The room.
    pub room: RoomId,
    /// Who the person is there.
    pub client_id: ClientId,
    /// How far they have read.
    pub read: Seq,
    /// Whether they are its host.
    pub hosted: bool,
    /// Whether they took it off their list; it is still remembered, so that what ties them to
    /// their alias there can be cut one day.
    pub left: bool,
}

impl Shelf {
    /// The shelf of the one person that `key` was derived for.
    pub(super) fn new(key: &SubKey) -> Self {
        Self {
            tag: ShelfTag(key.mac(b"anonchat/v1/shelf", b"")),
            entries: key.derive(b"anonchat/v1/shelf/entries"),
            places: key.derive(b"anonchat/v1/shelf/places"),
        }
    }

    /// Where on the shelf the store keeps what is remembered of `room`.
    pub fn entry_tag(&self, room: RoomId) -> EntryTag {
        EntryTag(self.entries.mac(b"anonchat/v1/entry", room.as_bytes()))
    }

    /// Seals `place`; all sealed places are equally long.
    pub fn seal(&self, place: &Place) -> SealedEntry {
        SealedEntry(self.places.seal(&self.tag.0, &place.encode()))
    }

    /// What [`Shelf::seal`] of the same shelf sealed.
    ///
    /// # Errors
    /// [`Unreadable`] for everything else.
    pub fn open(&self, entry: &SealedEntry) -> Result<Place, Unreadable> {
        let plain = self.places.open(&self.tag.0, &entry.0)?;
        Place::decode(&plain).ok_or(Unreadable)
    }
}

impl Place {
    /// The room's id, the client id, the read position (big endian), and two flags.
    fn encode(&self) -> [u8; 30] {
        let mut bytes = [0; 30];
        bytes[..10].copy_from_slice(self.room.as_bytes());
        bytes[10..20].copy_from_slice(self.client_id.as_bytes());
        bytes[20..28].copy_from_slice(&self.read.0.to_be_bytes());
        bytes[28] = self.hosted.into();
        bytes[29] = self.left.into();
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (room, rest) = bytes.split_first_chunk()?;
        let (client_id, rest) = rest.split_first_chunk()?;
        let (read, rest) = rest.split_first_chunk()?;
        let &[hosted @ (0 | 1), left @ (0 | 1)] = rest else { return None };
        Some(Self {
            room: RoomId::from_bytes(*room),
            client_id: ClientId::from_bytes(*client_id),
            read: Seq(i64::from_be_bytes(*read)),
            hosted: hosted == 1,
            left: left == 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf(person: u8) -> Shelf {
        Shelf::new(&SubKey::new([person; 32]))
    }

    fn place(read: i64) -> Place {
        Place {
            room: RoomId::from_bytes([3; 10]),
            client_id: ClientId::from_bytes([4; 10]),
            read: Seq(read),
            hosted: read == 0,
            left: read == 1,
        }
    }

    #[test]
    fn a_place_comes_back_as_it_was() {
        for read in [0, 1, 70_000, i64::MAX] {
            assert_eq!(shelf(1).open(&shelf(1).seal(&place(read))), Ok(place(read)));
        }
    }

    #[test]
    fn a_place_opens_on_its_own_shelf_only() {
        assert_eq!(shelf(2).open(&shelf(1).seal(&place(1))), Err(Unreadable));
        assert_eq!(shelf(1).open(&SealedEntry(vec![0; 70])), Err(Unreadable));
    }

    #[test]
    fn the_length_of_a_sealed_place_says_nothing() {
        let lengths = [0, 1, i64::MAX].map(|read| shelf(1).seal(&place(read)).0.len());
        assert_eq!(lengths, [24 + 30 + 16; 3]);
    }

    #[test]
    fn one_room_has_another_tag_on_every_shelf() {
        let (kitchen, garden) = (RoomId::from_bytes([1; 10]), RoomId::from_bytes([2; 10]));
        assert_eq!(shelf(1).entry_tag(kitchen), shelf(1).entry_tag(kitchen));
        assert_ne!(shelf(1).entry_tag(kitchen), shelf(1).entry_tag(garden));
        assert_ne!(shelf(1).entry_tag(kitchen), shelf(2).entry_tag(kitchen));
    }
}
