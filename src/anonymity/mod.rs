//! Everything that keeps an account and its words apart.
//!
//! An account becomes a tag, a sealed value or a key to count by here, and nowhere else. All keys
//! derive from one [`SecretKey`]; without it the database does not say who wrote what, nor that
//! two aliases are one person. **Invariant:** nothing in here reads a clock, a network or the
//! store, and nothing that comes out of it shows in a log.

mod address;
mod alias;
mod key;
pub mod random;
mod rate;
mod shelf;
mod signing;
mod subkey;
mod wall;
mod words;

pub use self::{
    address::{ClientAddress, TrustedProxies},
    alias::candidates,
    key::{KeyError, SecretKey, WeakKey, put_new},
    rate::{ClientKeys, RateKey, RateKeys},
    shelf::{Place, Shelf},
    signing::{KeyId, SigningKey, SigningKeys, SigningKeysError},
    subkey::{SubKey, Unreadable},
    wall::Wall,
};
