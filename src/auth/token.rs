//! Access tokens: short-lived JWTs that name account and session by their random ids, and never a
//! login or an e-mail address (RFC 7519, checked by RFC 8725).

use std::{
    collections::HashMap,
    fmt,
    sync::{PoisonError, RwLock, RwLockReadGuard},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode,
};
use serde::{Deserialize, Deserializer, Serialize};

use super::crypto;
use crate::{
    anonymity::{KeyId, SigningKey, SigningKeys, random},
    domain::{AccountId, SessionId, Timestamp},
};

const ISSUER: &str = "anonchat";
const AUDIENCE: &str = "anonchat";
/// Says that it is an access token (RFC 9068), so that no other kind of JWT is taken for one.
const TYPE: &str = "at+jwt";
/// How far the clock of the server that made a token may be ahead, in seconds.
const LEEWAY: i64 = 5;
/// Tokens made here have some 400 bytes; longer texts are not worth decoding.
const MAX_BYTES: usize = 1024;

/// What an access token proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// Who is signed in.
    pub account: AccountId,
    /// In which of their sessions.
    pub session: SessionId,
    /// From then on the token is worth nothing.
    pub expires_at: Timestamp,
    /// The key that says so.
    pub(super) key: KeyId,
}

/// Why a text proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadToken {
    /// It is no access token of this server.
    Invalid,
    /// It was one.
    Expired,
}

/// Makes and reads access tokens.
pub(super) struct AccessTokens {
    keys: RwLock<Keys>,
    lifetime: Duration,
}

/// Keys as the library wants them, those to read with by the name that tokens have for them.
struct Keys {
    kid: String,
    signing: EncodingKey,
    verifying: HashMap<String, Verifying>,
}

struct Verifying {
    known: SigningKey,
    decoding: DecodingKey,
}

/// All there is in a token; numbers are whole seconds, and nothing else is taken for a number.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    jti: String,
    iat: i64,
    exp: i64,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
}

/// A claim that may be missing, but not be `null`.
fn present<'de, D: Deserializer<'de>>(claim: D) -> Result<Option<i64>, D::Error> {
    i64::deserialize(claim).map(Some)
}

impl AccessTokens {
    /// Signs with the newest of `keys`; tokens live for `lifetime`, in whole seconds.
    pub(super) fn new(keys: &SigningKeys, lifetime: Duration) -> Self {
        crypto::install();
        Self { keys: RwLock::new(Keys::new(keys)), lifetime }
    }

    /// Uses other keys from now on. Whether one is gone that was believed at `now`.
    pub(super) fn replace(&self, keys: &SigningKeys, now: Timestamp) -> bool {
        let mut current = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *current, Keys::new(keys));
        let mut believed = before.verifying.values().filter(|old| old.known.is_believed(now));
        believed.any(|old| keys.all().all(|key| key.id != old.known.id))
    }

    /// Whether what this key signed is believed at `now`.
    pub(super) fn believes(&self, key: KeyId, now: Timestamp) -> bool {
        let keys = self.keys();
        keys.verifying.get(&key.encode()).is_some_and(|key| key.known.is_believed(now))
    }

    fn keys(&self) -> RwLockReadGuard<'_, Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long a token lives.
    pub(super) fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// A token for `session` of `account`, made at `now`.
    pub(super) fn mint(&self, account: AccountId, session: SessionId, now: Timestamp) -> String {
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: account.encode(),
            sid: session.encode(),
            jti: URL_SAFE_NO_PAD.encode(random::bytes::<16>()),
            iat: now.seconds(),
            exp: now.plus(self.lifetime).seconds(),
            nbf: None,
        };
        let keys = self.keys();
        encode(&header(&keys.kid), &claims, &keys.signing).expect("claims and key suit HS256")
    }

    /// What `token` proves at `now`.
    ///
    /// The header must be exactly one that [`AccessTokens::mint`] writes: it chooses nothing but
    /// a key, and only one of those that are here.
    pub(super) fn read(&self, token: &str, now: Timestamp) -> Result<Access, BadToken> {
        let (key, claims) = self.keys().verify(token, now).ok_or(BadToken::Invalid)?;
        let expires_at = Timestamp(claims.exp.saturating_mul(1000));
        let access = self.judge(key, &claims, expires_at, now).ok_or(BadToken::Invalid)?;
        if expires_at <= now { Err(BadToken::Expired) } else { Ok(access) }
    }

    fn judge(
        &self,
        key: KeyId,
        claims: &Claims,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Option<Access> {
        let ours = claims.iss == ISSUER && claims.aud == AUDIENCE;
        let lifetime = claims.exp.checked_sub(claims.iat)?;
        let longest = i64::try_from(self.lifetime.as_secs()).unwrap_or(i64::MAX);
        let begun = claims.iat.max(claims.nbf.unwrap_or(i64::MIN)) <= now.seconds() + LEEWAY;
        if !(ours && begun && (1..=longest).contains(&lifetime)) {
            return None;
        }
        Some(Access {
            account: AccountId::parse(&claims.sub).ok()?,
            session: SessionId::parse(&claims.sid).ok()?,
            expires_at,
            key,
        })
    }
}

impl Keys {
    fn new(keys: &SigningKeys) -> Self {
        let verifying = keys.all().map(|key| {
            let decoding = DecodingKey::from_secret(key.expose());
            (key.id.encode(), Verifying { known: key.clone(), decoding })
        });
        Self {
            kid: keys.signs().id.encode(),
            signing: EncodingKey::from_secret(keys.signs().expose()),
            verifying: verifying.collect(),
        }
    }

    /// The claims of a token that one of the keys signed, and which.
    fn verify(&self, token: &str, now: Timestamp) -> Option<(KeyId, Claims)> {
        if token.len() > MAX_BYTES {
            return None;
        }
        let found = decode_header(token).ok()?;
        let kid = found.kid.as_deref()?;
        let Verifying { known, decoding } = self.verifying.get(kid)?;
        if found != header(kid) || !known.is_believed(now) {
            return None;
        }
        Some((known.id, decode::<Claims>(token, decoding, &signature_only()).ok()?.claims))
    }
}

fn header(kid: &str) -> Header {
    Header {
        typ: Some(TYPE.to_owned()),
        kid: Some(kid.to_owned()),
        ..Header::new(Algorithm::HS256)
    }
}

/// Has the library check the signature alone: it would compare times with the system's clock, and
/// accept a number of seconds that is no whole number.
fn signature_only() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessTokens(…)")
    }
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
