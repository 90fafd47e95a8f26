//! Rooms and what their hosts decide.

use std::time::Duration;

use super::{InvalidId, PersonTag, RoomId, RoomName, SealedSecret, Seq, Timestamp};

/// How many people a room admits at once: 1 to 1000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Capacity(u16);

/// A number that is no capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number from 1 to {max}")]
pub struct InvalidCapacity {
    /// The largest capacity this server allows.
    pub max: u16,
}

impl Capacity {
    /// The largest capacity any server may allow.
    pub const MAX: u16 = 1000;

    /// Accepts 1 to `ceiling`, which is itself never over [`Capacity::MAX`].
    ///
    /// # Errors
    /// [`InvalidCapacity`] names the largest number that would do.
    pub fn parse(raw: i64, ceiling: u16) -> Result<Self, InvalidCapacity> {
        let max = ceiling.min(Self::MAX);
        match u16::try_from(raw) {
            Ok(people) if (1..=max).contains(&people) => Ok(Self(people)),
            _ => Err(InvalidCapacity { max }),
        }
    }

    /// The number of people.
    pub fn people(self) -> u16 {
        self.0
    }
}

/// Who can find a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// Only those who were given its id.
    #[default]
    Unlisted,
    /// Everybody with an account, in the list of public rooms.
    Public,
}

/// How long a room's messages are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Retention {
    /// Until somebody deletes them.
    #[default]
    Keep,
    /// This long after they were sent; one of [`Retention::CHOICES`].
    For(Duration),
}

/// A number of seconds that is no choice for retention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be null (kept), or 3600, 86400, 604800 or 2592000 seconds, as far as this server allows"
)]
pub struct InvalidRetention;

impl Retention {
    /// What a host may choose besides keeping: an hour, a day, a week, thirty days; in seconds.
    pub const CHOICES: [u64; 4] = [3_600, 86_400, 604_800, 2_592_000];

    /// `None` keeps; otherwise one of [`Retention::CHOICES`]. Nothing over `ceiling` is accepted.
    ///
    /// # Errors
    /// [`InvalidRetention`] for every other number.
    pub fn parse(seconds: Option<i64>, ceiling: Self) -> Result<Self, InvalidRetention> {
        let chosen = match seconds.map(u64::try_from) {
            None => Self::Keep,
            Some(Ok(seconds)) if Self::CHOICES.contains(&seconds) => {
                Self::For(Duration::from_secs(seconds))
            }
            Some(_) => return Err(InvalidRetention),
        };
        if chosen.is_within(ceiling) { Ok(chosen) } else { Err(InvalidRetention) }
    }

    /// Seconds, or `None` when messages are kept.
    pub fn seconds(self) -> Option<i64> {
        match self {
            Self::Keep => None,
            Self::For(time) => Some(i64::try_from(time.as_secs()).unwrap_or(i64::MAX)),
        }
    }

    /// Whether this forgets no later than `ceiling` does.
    pub fn is_within(self, ceiling: Self) -> bool {
        match (self, ceiling) {
            (_, Self::Keep) => true,
            (Self::Keep, Self::For(_)) => false,
            (Self::For(time), Self::For(most)) => time <= most,
        }
    }
}

/// A room as it is stored.
#[derive(Clone, Debug)]
pub struct Room {
    /// Random.
    pub id: RoomId,
    /// What it is called.
    pub name: RoomName,
    /// How many people may be in it at once.
    pub capacity: Capacity,
    /// Who can find it.
    pub visibility: Visibility,
    /// How long its messages are kept.
    pub retention: Retention,
    /// When it was made; whole seconds.
    pub created_at: Timestamp,
    /// The place of its newest event.
    pub head: Seq,
    /// Everything up to this place is gone by retention.
    pub expired_to: Seq,
    /// The host's tag; `None` once the host's account is gone.
    pub host: Option<PersonTag>,
    /// The key that all person tags of this room hang on, wrapped.
    pub secret: SealedSecret,
}

/// What a host changes; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct RoomChange {
    /// The new name.
    pub name: Option<RoomName>,
    /// The new limit; people already in the room stay.
    pub capacity: Option<Capacity>,
    /// The new visibility.
    pub visibility: Option<Visibility>,
    /// The new retention; it holds for what is already stored, too.
    pub retention: Option<Retention>,
}

/// Where a page of public rooms ended; rooms are listed newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoomCursor {
    /// Of the last room on the page.
    pub created_at: Timestamp,
    /// Of the last room on the page; decides between rooms of one second.
    pub id: RoomId,
}

impl RoomCursor {
    /// Behind this room.
    pub fn behind(room: &Room) -> Self {
        Self { created_at: room.created_at, id: room.id }
    }

    /// Reads what [`RoomCursor::encode`] wrote.
    ///
    /// # Errors
    /// [`InvalidId`] for anything else.
    pub fn parse(raw: &str) -> Result<Self, InvalidId> {
        let (created_at, id) = raw.split_once('-').ok_or(InvalidId)?;
        let created_at = Timestamp(created_at.parse().map_err(|_| InvalidId)?);
        let cursor = Self { created_at, id: RoomId::parse(id)? };
        if cursor.encode() == raw { Ok(cursor) } else { Err(InvalidId) }
    }

    /// As a client keeps it.
    pub fn encode(self) -> String {
        format!("{}-{}", self.created_at.0, self.id.encode())
    }
}

/// Messages that retention took away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// The room.
    pub room: RoomId,
    /// The first place that is gone.
    pub from: Seq,
    /// The last place that is gone.
    pub to: Seq,
}

impl Expiry {
    /// How many places those are.
    pub fn events(&self) -> i64 {
        self.to.0 - self.from.0 + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capacity_is_one_to_a_thousand_and_no_more_than_the_server_allows() {
        assert_eq!(Capacity::parse(1, 1000).unwrap().people(), 1);
        assert_eq!(Capacity::parse(1000, 1000).unwrap().people(), 1000);
        for raw in [0, -1, 1001, i64::MAX] {
            assert_eq!(Capacity::parse(raw, 2000), Err(InvalidCapacity { max: 1000 }), "{raw}");
        }
        assert_eq!(Capacity::parse(51, 50), Err(InvalidCapacity { max: 50 }));
    }

    #[test]
    fn retention_is_a_choice_within_the_servers_ceiling() {
        let day = Retention::For(Duration::from_hours(24));
        assert_eq!(Retention::parse(None, Retention::Keep), Ok(Retention::Keep));
        assert_eq!(Retention::parse(Some(86_400), Retention::Keep), Ok(day));
        assert_eq!(Retention::parse(Some(604_800), day), Err(InvalidRetention));
        assert_eq!(Retention::parse(None, day), Err(InvalidRetention));
        assert_eq!(Retention::parse(Some(1), Retention::Keep), Err(InvalidRetention));
        assert_eq!(Retention::parse(Some(-3600), Retention::Keep), Err(InvalidRetention));
    }
}
