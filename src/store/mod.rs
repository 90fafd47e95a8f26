//! What AnonChat remembers. The traits say what is promised; the back ends say how.
//!
//! Every sentence here has a case in `tests/store/cases/`, which runs against every back end.
//! All methods are atomic: on an error nothing was changed, or nobody can tell. What a method
//! returned `Ok` for survives a crash of the process, and with full durability one of the machine.

mod operator;
mod plan;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod sqlite;
pub mod transfer;
mod upkeep;

use async_trait::async_trait;

pub use self::{
    operator::{OperatorStore, Setup},
    upkeep::{Schema, Upkeep},
};
use crate::domain::{
    Account, AccountId, Alias, ClientId, Command, EmailTag, EntryTag, Event, Expiry, KeptSession,
    Lifetimes, Login, NewAccount, Outcome, PasswordHash, PersonTag, RefreshClaim, Room, RoomChange,
    RoomCursor, RoomId, Rotation, SealedEntry, Seq, Session, SessionId, ShelfTag, Timestamp,
    TokenHash,
};

/// How many of a room's newest events are looked through for unread messages.
pub const UNREAD_REACH: u32 = 1000;

/// The most events that one call of [`ChatStore::expire`] erases.
pub const EXPIRY_SLICE: u32 = 1000;

/// Why the store could not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Busy, down or out of space; the same call may work later.
    #[error("storage is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A stored value breaks a domain rule; no retry will help.
    #[error("stored {what} cannot be read back")]
    Corrupt {
        /// The kind of value.
        what: &'static str,
    },
}

/// What came of making an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// It exists now.
    Created,
    /// The login or the e-mail address is in use; nothing was stored.
    Taken,
}

/// What came of entering a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The person's alias, found or just made.
    Member(Alias),
    /// The host removed this person, who had this alias, for good.
    Removed(Alias),
    /// There is no such room.
    NoSuchRoom,
    /// Every candidate's handle is taken in this room; try again with others.
    HandlesTaken,
}

/// Which part of a room's history is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The newest messages.
    Latest,
    /// The newest messages before this place.
    Before(Seq),
    /// The oldest messages after this place.
    After(Seq),
}

/// A part of a room's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// Messages only, oldest first.
    pub messages: Vec<Event>,
    /// The place of the room's newest event.
    pub head: Seq,
    /// Whether there are more messages in the direction that was asked for.
    pub has_more: bool,
}

/// The events of a room after some place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// Every event that is still stored, oldest first, without gaps.
    pub events: Vec<Event>,
    /// Everything up to this place is gone by retention.
    pub expired_to: Seq,
    /// The place of the room's newest event.
    pub head: Seq,
}

/// Accounts and sessions, for `auth` alone.
#[async_trait]
pub trait AccountStore: Send + Sync + 'static {
    /// Makes an account together with its first session.
    ///
    /// Logins are unique without regard to case, e-mail tags are unique; a second one is
    /// [`Registration::Taken`] and changes nothing, the account that exists included.
    async fn create_account(
        &self,
        account: NewAccount,
        session: Session,
    ) -> Result<Registration, StoreError>;

    /// The account with this login, without regard to case.
    async fn account_by_login(&self, login: &Login) -> Result<Option<Account>, StoreError>;

    /// The account with this e-mail tag.
    async fn account_by_email(&self, email: EmailTag) -> Result<Option<Account>, StoreError>;

    /// The account with this id.
    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError>;

    /// Replaces the hash of a password that stayed the same, as when hashing became costlier.
    /// Does nothing if `old` is no longer the stored hash.
    async fn rehash_password(
        &self,
        id: AccountId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), StoreError>;

    /// Sets a new password and ends every session of the account but `keep`, if one is to be kept,
    /// at `now`.
    ///
    /// Returns the sessions it ended; `None` if there is no such account.
    async fn change_password(
        &self,
        id: AccountId,
        new: &PasswordHash,
        keep: Option<SessionId>,
        now: Timestamp,
    ) -> Result<Option<Vec<SessionId>>, StoreError>;

    /// Erases an account and ends all its sessions, at `now`. Its login and e-mail are free again.
    ///
    /// Returns the sessions it ended; `None` if there is no such account. What remembers the
    /// ended sessions for [`AccountStore::sessions_ended_since`] no longer names the account.
    async fn delete_account(
        &self,
        id: AccountId,
        now: Timestamp,
    ) -> Result<Option<Vec<SessionId>>, StoreError>;

    /// Stores a session that begins; false if its account does not exist or is disabled.
    async fn start_session(&self, session: Session) -> Result<bool, StoreError>;

    /// Judges `claim` by [`Session::judge`] and carries out the verdict, in one transaction, so
    /// that of many equal claims at once each sees what came of those before it.
    ///
    /// Unknown sessions, expired ones and stale claims are [`Rotation::Invalid`]. A replay ends
    /// the session at `now`; it and any later claim on that session are [`Rotation::Revoked`].
    /// Any claim on a session that was ended in another way is [`Rotation::Ended`].
    async fn rotate_session(
        &self,
        claim: RefreshClaim,
        successor: TokenHash,
        now: Timestamp,
        lifetimes: Lifetimes,
    ) -> Result<Rotation, StoreError>;

    /// The sessions of an account that have neither ended nor expired at `now`, newest first.
    async fn sessions(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError>;

    /// Every session of an account that is stored, ended and expired ones too, newest first.
    async fn kept_sessions(&self, account: AccountId) -> Result<Vec<KeptSession>, StoreError>;

    /// Ends a session at `now`; with `owner`, only if it is that account's.
    ///
    /// True if it was there, was the owner's and had not ended before.
    async fn end_session(
        &self,
        id: SessionId,
        owner: Option<AccountId>,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// The sessions that ended at `cutoff` or later, with the moment, whichever way they ended.
    async fn sessions_ended_since(
        &self,
        cutoff: Timestamp,
    ) -> Result<Vec<(SessionId, Timestamp)>, StoreError>;

    /// Forgets sessions that ended or expired before `cutoff`; returns how many.
    async fn forget_sessions(&self, cutoff: Timestamp) -> Result<u64, StoreError>;
}

/// Rooms, aliases and messages, for `chat`. No method here takes or returns an account.
#[async_trait]
pub trait ChatStore: Send + Sync + 'static {
    /// Stores a room together with its host's alias, whose tag is `room.host`.
    async fn create_room(&self, room: Room, host: Alias) -> Result<(), StoreError>;

    /// The room with this id.
    async fn room(&self, id: RoomId) -> Result<Option<Room>, StoreError>;

    /// The rooms with these ids, in no particular order; ids without a room are left out.
    async fn rooms(&self, ids: Vec<RoomId>) -> Result<Vec<Room>, StoreError>;

    /// Public rooms after `after`, newest first, of one second the greater id first; at most
    /// `limit`. With `search`, only those whose name contains it, without regard to case; nothing
    /// in it is a wildcard.
    async fn public_rooms(
        &self,
        search: Option<String>,
        after: Option<RoomCursor>,
        limit: u32,
    ) -> Result<Vec<Room>, StoreError>;

    /// Like [`ChatStore::public_rooms`], but every room there is.
    async fn all_rooms(
        &self,
        search: Option<String>,
        after: Option<RoomCursor>,
        limit: u32,
    ) -> Result<Vec<Room>, StoreError>;

    /// Changes a room's settings and returns it as it is now; `None` if there is none.
    async fn change_room(&self, id: RoomId, change: RoomChange)
    -> Result<Option<Room>, StoreError>;

    /// Erases a room with its events, aliases and secret; false if there was none.
    ///
    /// Afterwards nothing of it can be found. Many events may stay on the disk for a moment, so
    /// that whoever else waits to write does not wait for them; then they are gone, also after a
    /// restart in between.
    async fn delete_room(&self, id: RoomId) -> Result<bool, StoreError>;

    /// Whether something of a removed room is still on the disk, waiting to be erased.
    async fn is_erasing(&self) -> Result<bool, StoreError>;

    /// Finds the alias of `person` in `room`, or makes one of the first of `candidates` whose
    /// handle nobody in this room has ever had.
    ///
    /// The same person always gets the same alias, also from two calls at once. Whoever was
    /// removed from the room stays [`Entry::Removed`].
    async fn enter_room(
        &self,
        room: RoomId,
        person: PersonTag,
        candidates: Vec<Alias>,
    ) -> Result<Entry, StoreError>;

    /// The alias of `person` in `room` as [`Entry::Member`] or [`Entry::Removed`]; `None` if the
    /// person was never there. Makes nothing.
    async fn member(&self, room: RoomId, person: PersonTag) -> Result<Option<Entry>, StoreError>;

    /// Removes an alias from a room for good, its person with it; its messages stay.
    ///
    /// False if there is no such alias, it was removed before, its person is gone, or it is the
    /// host's.
    async fn remove_member(&self, room: RoomId, member: ClientId) -> Result<bool, StoreError>;

    /// Cuts the tie between a person and their alias in a room, and the host's tie if they were
    /// host. The alias keeps its handle and its messages; the person, coming back, gets a new one,
    /// even one who was removed: it is for people whose account goes, and their tag with it.
    ///
    /// Returns the alias; `None` if the person was never there.
    async fn forget_person(
        &self,
        room: RoomId,
        person: PersonTag,
    ) -> Result<Option<Alias>, StoreError>;

    /// Carries out `commands` in the order given, all of them or none, at the second of `now`.
    /// Their authors are aliases of the room; whether they were removed is not asked.
    ///
    /// One [`Outcome`] for each command, in order; `None` if there is no such room. Places of
    /// stored events follow the room's newest one without gaps, also under concurrent calls and
    /// after everything was deleted or has expired. A command whose author gave its id before, in
    /// this call or an earlier one, is [`Outcome::Repeated`] with what came of it then, and
    /// changes nothing; once that has expired, the id is free again. A reply to, an edit or a deletion of what is no message of this room, was
    /// deleted or has expired is [`Refusal::NoSuchMessage`](crate::domain::Refusal::NoSuchMessage);
    /// an edit of another's message, or its deletion without the right to any, is
    /// [`Refusal::NotYours`](crate::domain::Refusal::NotYours). What is no deletion is
    /// [`Refusal::Full`](crate::domain::Refusal::Full) where `most` events stand already, all kinds
    /// and deleted messages counted, expired ones not. A refused command takes no place and its id
    /// stays free.
    async fn append(
        &self,
        room: RoomId,
        commands: Vec<Command>,
        most: u32,
        now: Timestamp,
    ) -> Result<Option<Vec<Outcome>>, StoreError>;

    /// The events after `after`, at most `limit`; `None` if there is no such room.
    async fn events_after(
        &self,
        room: RoomId,
        after: Seq,
        limit: u32,
    ) -> Result<Option<Replay>, StoreError>;

    /// A page of at most `limit` messages, deleted ones included and expired ones not; `None` if
    /// there is no such room.
    async fn history(
        &self,
        room: RoomId,
        page: Page,
        limit: u32,
    ) -> Result<Option<History>, StoreError>;

    /// At most `limit` messages of `author` after `after` that are not deleted, oldest first.
    async fn messages_by(
        &self,
        room: RoomId,
        author: ClientId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError>;

    /// How many messages of `author` stand in a room that are not deleted.
    async fn count_by(&self, room: RoomId, author: ClientId) -> Result<u64, StoreError>;

    /// How many messages stand in each room after the given place that are neither deleted nor
    /// the given reader's own; counts no further than `most`, and only among the newest
    /// [`UNREAD_REACH`] events, so that much of one's own costs no more. In the order of
    /// `positions`.
    async fn unread(
        &self,
        positions: Vec<(RoomId, ClientId, Seq)>,
        most: u32,
    ) -> Result<Vec<u32>, StoreError>;

    /// Erases, in every room whose retention is limited, what is older than its retention at
    /// `now`. An event exactly that old stays, and so does everything behind one that stays.
    ///
    /// At most [`EXPIRY_SLICE`] events in one call, so that whoever else waits to write does not
    /// wait for all of them: there is more until nothing is returned. Returns what is gone by this
    /// call, one entry for each room concerned. Their places are never given out again. Texts of
    /// expired messages are gone from later edits, too.
    async fn expire(&self, now: Timestamp) -> Result<Vec<Expiry>, StoreError>;

    /// Puts an entry on a shelf, in place of the one that was there under the same tag.
    async fn shelve(
        &self,
        shelf: ShelfTag,
        entry: EntryTag,
        sealed: SealedEntry,
    ) -> Result<(), StoreError>;

    /// Replaces an entry, if it is still `old`; false if it is another by now or gone. Of two
    /// changes at once neither undoes the other.
    async fn reshelve(
        &self,
        shelf: ShelfTag,
        entry: EntryTag,
        old: SealedEntry,
        new: SealedEntry,
    ) -> Result<bool, StoreError>;

    /// Everything on a shelf, in no particular order.
    async fn shelf(&self, shelf: ShelfTag) -> Result<Vec<SealedEntry>, StoreError>;

    /// One entry of a shelf.
    async fn shelf_entry(
        &self,
        shelf: ShelfTag,
        entry: EntryTag,
    ) -> Result<Option<SealedEntry>, StoreError>;

    /// Takes one entry off a shelf; false if it was not there.
    async fn unshelve(&self, shelf: ShelfTag, entry: EntryTag) -> Result<bool, StoreError>;

    /// Takes everything off a shelf.
    async fn clear_shelf(&self, shelf: ShelfTag) -> Result<(), StoreError>;

    /// Random, and another one once the operator restored a backup: places that clients remember
    /// from before are worth nothing then. Not to be had of a database that another one was not
    /// wholly moved into.
    async fn epoch(&self) -> Result<[u8; 8], StoreError>;

    /// Writes and reads something small: `Ok` says that storage works just now.
    async fn probe(&self) -> Result<(), StoreError>;
}

/// The whole store, as `app` owns it. It upcasts to the narrow view that each module gets.
#[async_trait]
pub trait Store: OperatorStore + ChatStore + std::fmt::Debug {
    /// Finishes what was begun and closes; every later call is [`StoreError::Unavailable`].
    async fn close(&self);
}
