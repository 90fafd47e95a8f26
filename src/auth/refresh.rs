//! Refresh tokens: opaque, 256 random bits each, and authenticated, so that an invented one is
//! refused before the database is asked.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    anonymity::{SubKey, random},
    domain::{RefreshClaim, SessionId, TokenHash},
};

const SESSION_BYTES: usize = 16;
const GENERATION_BYTES: usize = 8;
const RANDOM_BYTES: usize = 32;
const TAG_BYTES: usize = 16;
const SIGNED_BYTES: usize = SESSION_BYTES + GENERATION_BYTES + RANDOM_BYTES;
const BYTES: usize = SIGNED_BYTES + TAG_BYTES;

/// Session, generation (big endian), random bytes, and an HMAC over all of them. Never stored;
/// wiped when dropped, never shown.
pub(super) struct RefreshToken(Zeroizing<[u8; BYTES]>);

/// A text that is no refresh token of this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotARefreshToken;

impl RefreshToken {
    /// A new token: the one of `session` that `generation` others came before.
    pub(super) fn mint(session: SessionId, generation: i64, key: &SubKey) -> Self {
        let mut bytes = Zeroizing::new([0; BYTES]);
        let (signed, tag) = bytes.split_at_mut(SIGNED_BYTES);
        let (names, secret) = signed.split_at_mut(SESSION_BYTES + GENERATION_BYTES);
        names[..SESSION_BYTES].copy_from_slice(session.as_bytes());
        names[SESSION_BYTES..].copy_from_slice(&generation.to_be_bytes());
        secret.copy_from_slice(&*Zeroizing::new(random::bytes::<RANDOM_BYTES>()));
        tag.copy_from_slice(&mac(key, signed).finalize().into_bytes()[..TAG_BYTES]);
        Self(bytes)
    }

    /// Reads what [`RefreshToken::encode`] wrote, if it was made with this key.
    pub(super) fn parse(raw: &str, key: &SubKey) -> Result<Self, NotARefreshToken> {
        let mut bytes = Zeroizing::new([0; BYTES]);
        match URL_SAFE_NO_PAD.decode_slice(raw, &mut *bytes) {
            Ok(BYTES) => {}
            Ok(_) | Err(_) => return Err(NotARefreshToken),
        }
        let (signed, tag) = bytes.split_at(SIGNED_BYTES);
        mac(key, signed).verify_truncated_left(tag).map_err(|_| NotARefreshToken)?;
        Ok(Self(bytes))
    }

    /// As its owner keeps it.
    pub(super) fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(*self.0)
    }

    /// As the store keeps it.
    pub(super) fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(*self.0).into())
    }

    /// What presenting it says.
    pub(super) fn claim(&self) -> RefreshClaim {
        let (session, rest) = self.0.split_first_chunk().expect("a token begins with its session");
        let (generation, _) = rest.split_first_chunk().expect("its generation comes next");
        RefreshClaim {
            session: SessionId::from_bytes(*session),
            generation: i64::from_be_bytes(*generation),
            hash: self.hash(),
        }
    }
}

fn mac(key: &SubKey, signed: &[u8]) -> Hmac<Sha256> {
    let mac = Hmac::new_from_slice(key.expose()).expect("HMAC takes any key");
    Mac::chain_update(mac, b"anonchat/v1/refresh\0").chain_update(signed)
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anonymity::{SecretKey, Wall};

    fn key() -> SubKey {
        Wall::new(&SecretKey::from_bytes(random::bytes()).unwrap()).refresh_token_key().clone()
    }

    fn session() -> SessionId {
        SessionId::from_bytes([5; 16])
    }

    #[test]
    fn a_token_says_what_it_was_made_for() {
        let key = key();
        let token = RefreshToken::mint(session(), 7, &key);
        let read = RefreshToken::parse(&token.encode(), &key).unwrap();
        let claim = read.claim();
        assert_eq!((claim.session, claim.generation, claim.hash), (session(), 7, token.hash()));
        assert_eq!(token.encode().len(), 96);
    }

    #[test]
    fn two_tokens_of_one_generation_differ() {
        let key = key();
        let [one, two] = [0, 0].map(|generation| RefreshToken::mint(session(), generation, &key));
        assert_ne!(one.hash(), two.hash());
    }

    #[test]
    fn every_change_to_a_token_is_noticed() {
        let key = key();
        let token = RefreshToken::mint(session(), 7, &key).encode();
        for place in 0..token.len() {
            for other in ["A", "B", "_"] {
                let changed = [&token[..place], other, &token[place + 1..]].concat();
                assert!(changed == token || RefreshToken::parse(&changed, &key).is_err());
            }
            assert!(RefreshToken::parse(&token[..place], &key).is_err());
        }
        for more in ["A", "AAAA", "=", "\n", " "] {
            assert!(RefreshToken::parse(&format!("{token}{more}"), &key).is_err());
            assert!(RefreshToken::parse(&format!("{more}{token}"), &key).is_err());
        }
    }

    #[test]
    fn what_another_server_made_is_no_token_here() {
        let token = RefreshToken::mint(session(), 0, &key()).encode();
        assert!(RefreshToken::parse(&token, &key()).is_err());
        for raw in ["", "a", "комната", &"A".repeat(96), &"A".repeat(100_000)] {
            assert!(RefreshToken::parse(raw, &key()).is_err());
        }
    }
}
