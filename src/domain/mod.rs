//! The words of the product: pure values with their limits. No async, no I/O, no clock, no
//! framework. A value that exists is valid; `parse` is the only way in for what a person typed.

mod account;
mod alias;
mod event;
mod ids;
mod password;
mod room;
mod sealed;
mod session;
mod text;
mod time;

pub use self::{
    account::{Account, Census, EmailPolicy, NewAccount, Role, Standing},
    alias::{Alias, Handle},
    event::{
        Action, Command, CommandId, Event, EventKind, InvalidCommandId, Outcome, Placed, Refusal,
    },
    ids::{AccountId, ClientId, InvalidId, RoomId, Seq, SessionId},
    password::{InvalidPassword, Password, PasswordHash},
    room::{
        Capacity, Expiry, InvalidCapacity, InvalidRetention, Retention, Room, RoomChange,
        RoomCursor, Visibility,
    },
    sealed::{EmailTag, EntryTag, PersonTag, SealedEmail, SealedEntry, SealedSecret, ShelfTag},
    session::{KeptSession, Lifetimes, RefreshClaim, Rotation, Session, TokenHash, Verdict},
    text::{EmailAddress, InvalidBody, InvalidEmail, InvalidLogin, InvalidRoomName, Login},
    text::{MessageBody, RoomName},
    time::{Clock, Timestamp},
};
