//! Names of things. All are random; only [`Seq`] counts, and only within one room.

use std::{fmt, sync::LazyLock};

use data_encoding::{Encoding, Specification};

/// Crockford's base32: no `I`, `L`, `O`, `U`; read without regard to case or hyphens, with `I` and
/// `L` taken for `1` and `O` for `0` (<https://www.crockford.com/base32.html>).
static CROCKFORD: LazyLock<Encoding> = LazyLock::new(|| {
    let mut spec = Specification::new();
    spec.symbols.push_str("0123456789ABCDEFGHJKMNPQRSTVWXYZ");
    spec.translate.from.push_str("abcdefghjkmnpqrstvwxyzIiLlOo");
    spec.translate.to.push_str("ABCDEFGHJKMNPQRSTVWXYZ111100");
    spec.ignore.push('-');
    spec.encoding().expect("the specification above is sound")
});

/// A text that is no id of the expected kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id")]
pub struct InvalidId;

fn decode<const N: usize>(raw: &str) -> Result<[u8; N], InvalidId> {
    // Longer than any id with its hyphens: not worth decoding.
    if raw.len() > 64 {
        return Err(InvalidId);
    }
    let bytes = CROCKFORD.decode(raw.as_bytes()).map_err(|_| InvalidId)?;
    bytes.try_into().map_err(|_| InvalidId)
}

/// Names one account inside `auth` and `store`.
///
/// Deliberately not `Serialize` and not `Display`: it reaches nobody but its owner, in the token
/// and in the answer to "who am I", and operators, in the list of accounts.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AccountId([u8; 16]);

/// Names one session (a family of refresh tokens); shown to its owner only.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId([u8; 16]);

/// Names one room: 80 random bits, so that knowing it is the invitation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomId([u8; 10]);

/// Names one alias in one room; random, and never the same in two rooms.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientId([u8; 10]);

macro_rules! id {
    ($name:ident, $bytes:literal) => {
        impl $name {
            /// Wraps bytes that came from a random source or from the store.
            pub fn from_bytes(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }

            /// The bytes, as the store keeps them.
            pub fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }

            /// Reads what [`Self::encode`] wrote, without regard to case or hyphens.
            ///
            /// # Errors
            /// [`InvalidId`] for every other text.
            pub fn parse(raw: &str) -> Result<Self, InvalidId> {
                decode(raw).map(Self)
            }

            /// The id as text: Crockford's base32, upper case, no hyphens.
            pub fn encode(&self) -> String {
                CROCKFORD.encode(&self.0)
            }
        }

        /// Shows nothing of the id: whoever reads a log must not be able to use or link it.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

id!(AccountId, 16);
id!(SessionId, 16);
id!(RoomId, 10);
id!(ClientId, 10);

/// The place of an event in its room: 1 for the first, no gaps; 0 stands before all of them.
///
/// Signed, because both databases count in `i64` and a cast is a place for a bug.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(pub i64);

impl Seq {
    /// The place after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_id_is_sixteen_characters_and_survives_a_round_trip() {
        let id = RoomId::from_bytes([0x5a; 10]);
        assert_eq!(id.encode().len(), 16);
        assert_eq!(RoomId::parse(&id.encode()), Ok(id));
    }

    #[test]
    fn a_room_id_is_read_without_regard_to_case_hyphens_and_look_alikes() {
        let id = RoomId::parse("0123456789ABCDEF").unwrap();
        assert_eq!(RoomId::parse("o12-3456-789a-bcdef"), Ok(id));
        assert_eq!(RoomId::parse("OI23456789abcdef"), Ok(id));
    }

    #[test]
    fn other_texts_are_no_room_ids() {
        for raw in ["", "0123456789ABCDE", "0123456789ABCDEFG", "0123456789ABCDEU", "комната"]
        {
            assert_eq!(RoomId::parse(raw), Err(InvalidId), "{raw}");
        }
        assert_eq!(RoomId::parse(&"A".repeat(100_000)), Err(InvalidId));
    }

    #[test]
    fn logs_show_nothing_of_an_id() {
        assert_eq!(format!("{:?}", AccountId::from_bytes([7; 16])), "AccountId(…)");
        assert_eq!(format!("{:?}", RoomId::from_bytes([7; 10])), "RoomId(…)");
    }
}
