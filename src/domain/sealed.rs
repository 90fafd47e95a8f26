//! What stands in the database in place of what would identify a person.
//!
//! `anonymity` makes these values and reads them back; to everybody else they are opaque bytes.

use std::fmt;

macro_rules! opaque {
    ($(#[$doc:meta])* $name:ident([u8; $bytes:literal])) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name(pub [u8; $bytes]);
        opaque!(@debug $name);
    };
    ($(#[$doc:meta])* $name:ident(Vec<u8>)) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(pub Vec<u8>);
        opaque!(@debug $name);
    };
    (@debug $name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

opaque! {
    /// Finds an e-mail address again without storing it: a keyed hash of its folded form.
    EmailTag([u8; 32])
}
opaque! {
    /// A sealed e-mail address: readable with the server's key only.
    SealedEmail(Vec<u8>)
}
opaque! {
    /// One person in one room: a keyed hash under the room's own secret. The same person always
    /// has the same tag in a room; the tags of two rooms cannot be connected without the key.
    PersonTag([u8; 32])
}
opaque! {
    /// A room's random secret, wrapped by the server's key; destroyed with the room.
    SealedSecret(Vec<u8>)
}
opaque! {
    /// A person's list of rooms: a keyed hash that is not an account id.
    ShelfTag([u8; 32])
}
opaque! {
    /// One room on one person's shelf.
    EntryTag([u8; 32])
}
opaque! {
    /// What a shelf remembers of a room, sealed: which room, which alias, read up to where.
    SealedEntry(Vec<u8>)
}
