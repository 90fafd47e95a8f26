use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Sha256, Sha512};

use super::*;
use crate::anonymity::{SecretKey, SubKey, Wall};

const NOW: Timestamp = Timestamp(1_700_000_000_123);
const MINUTE: Duration = Duration::from_mins(1);

fn key() -> SubKey {
    Wall::new(&SecretKey::from_bytes(random::bytes()).unwrap()).access_token_key().clone()
}

/// Tokens that live for fifteen minutes, and their key.
fn tokens() -> (AccessTokens, SubKey) {
    let key = key();
    (AccessTokens::new(&SigningKeys::first(&key), 15 * MINUTE), key)
}

fn account() -> AccountId {
    AccountId::from_bytes([1; 16])
}

fn session() -> SessionId {
    SessionId::from_bytes([2; 16])
}

fn part(token: &str, n: usize) -> Value {
    let part = token.split('.').nth(n).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn sign<M: Mac + KeyInit>(key: &[u8], message: &str) -> String {
    let mac = <M as KeyInit>::new_from_slice(key).unwrap().chain_update(message);
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

fn unsigned(header: &Value, claims: &Value) -> String {
    [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".")
}

/// A token with this header and these claims and a good HS256 signature, whatever they say.
fn forge(key: &SubKey, header: &Value, claims: &Value) -> String {
    let message = unsigned(header, claims);
    let signature = sign::<Hmac<Sha256>>(key.expose(), &message);
    format!("{message}.{signature}")
}

/// `value` with `name` replaced, or removed by `null`.
fn with(value: &Value, name: &str, replacement: Value) -> Value {
    let mut changed = value.clone();
    let object = changed.as_object_mut().unwrap();
    if replacement.is_null() {
        object.remove(name)
    } else {
        object.insert(name.into(), replacement)
    };
    changed
}

fn assert_refused(tokens: &AccessTokens, token: &str, why: &str) {
    assert_eq!(tokens.read(token, NOW), Err(BadToken::Invalid), "{why}: {token}");
}

#[test]
fn a_token_proves_account_and_session_until_it_expires() {
    let (tokens, key) = tokens();
    let token = tokens.mint(account(), session(), NOW);
    let expires_at = Timestamp(1_700_000_900_000);
    let key = SigningKeys::first(&key).signs().id;
    let access = Access { account: account(), session: session(), expires_at, key };
    assert_eq!(tokens.read(&token, NOW), Ok(access));
    assert_eq!(tokens.read(&token, Timestamp(expires_at.0 - 1)), Ok(access));
    assert_eq!(tokens.read(&token, expires_at), Err(BadToken::Expired));
}

#[test]
fn a_token_says_what_it_must_and_nothing_else() {
    let (tokens, _) = tokens();
    let token = tokens.mint(account(), session(), NOW);
    let kid = tokens.keys().kid.clone();
    assert_eq!(part(&token, 0), json!({"typ": "at+jwt", "alg": "HS256", "kid": kid}));
    let claims = part(&token, 1);
    let expected = json!({
        "iss": "anonchat", "aud": "anonchat", "sub": account().encode(), "sid": session().encode(),
        "jti": claims["jti"], "iat": 1_700_000_000, "exp": 1_700_000_900,
    });
    assert_eq!(claims, expected);
    let again = part(&tokens.mint(account(), session(), NOW), 1);
    assert_ne!(claims["jti"], again["jti"]);
}

#[test]
fn only_hs256_is_accepted_whatever_the_header_says() {
    let (tokens, key) = tokens();
    let good = tokens.mint(account(), session(), NOW);
    let (header, claims) = (part(&good, 0), part(&good, 1));
    for algorithm in ["none", "None", "NONE", "nOnE", "HS512", "HS384", "RS256", "ES256", "EdDSA"] {
        let header = with(&header, "alg", algorithm.into());
        assert_refused(&tokens, &forge(&key, &header, &claims), algorithm);
        assert_refused(&tokens, &format!("{}.", unsigned(&header, &claims)), algorithm);
        assert_refused(&tokens, &unsigned(&header, &claims), algorithm);
    }
    let header = with(&header, "alg", "HS512".into());
    let message = unsigned(&header, &claims);
    let signature = sign::<Hmac<Sha512>>(key.expose(), &message);
    assert_refused(&tokens, &format!("{message}.{signature}"), "HS512, rightly signed");
    let header = with(&header, "alg", Value::Null);
    assert_refused(&tokens, &forge(&key, &header, &claims), "no alg");
}

#[test]
fn a_header_that_brings_or_names_keys_is_refused() {
    let (tokens, key) = tokens();
    let good = tokens.mint(account(), session(), NOW);
    let (header, claims) = (part(&good, 0), part(&good, 1));
    let own_key = URL_SAFE_NO_PAD.encode(key.expose());
    for (name, value) in [
        ("jwk", json!({"kty": "oct", "k": own_key, "alg": "HS256"})),
        ("jku", json!("https://example.org/keys.json")),
        ("x5u", json!("https://example.org/chain.pem")),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("AAAA")),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
    ] {
        assert_refused(&tokens, &forge(&key, &with(&header, name, value), &claims), name);
    }
    for kid in ["", "../../secret.key", "/dev/null", "' OR 1=1 --", "unknown"] {
        let header = with(&header, "kid", kid.into());
        assert_refused(&tokens, &forge(&key, &header, &claims), kid);
    }
    for (name, value) in [
        ("kid", Value::Null),
        ("kid", json!(1)),
        ("typ", Value::Null),
        ("typ", json!("JWT")),
        ("typ", json!("rt+jwt")),
    ] {
        assert_refused(&tokens, &forge(&key, &with(&header, name, value), &claims), name);
    }
}

#[test]
fn every_claim_must_be_there_and_right() {
    let (tokens, key) = tokens();
    let good = tokens.mint(account(), session(), NOW);
    let (header, claims) = (part(&good, 0), part(&good, 1));
    assert!(tokens.read(&forge(&key, &header, &claims), NOW).is_ok());
    for name in ["iss", "aud", "sub", "sid", "jti", "iat", "exp"] {
        let without = with(&claims, name, Value::Null);
        assert_refused(&tokens, &forge(&key, &header, &without), name);
    }
    for (name, value) in [
        ("iss", json!("other")),
        ("iss", json!(["anonchat"])),
        ("aud", json!("other")),
        ("aud", json!(["anonchat", "other"])),
        ("sub", json!("ann")),
        ("sub", json!(1)),
        ("sid", json!("")),
        ("login", json!("ann")),
    ] {
        assert_refused(&tokens, &forge(&key, &header, &with(&claims, name, value)), name);
    }
}

#[test]
fn times_are_whole_numbers_of_seconds_and_nothing_else() {
    let (tokens, key) = tokens();
    let good = tokens.mint(account(), session(), NOW);
    let (header, claims) = (part(&good, 0), part(&good, 1));
    for name in ["exp", "iat", "nbf"] {
        for value in [
            json!("1700000900"),
            json!(1_700_000_000.0),
            json!(1e300),
            json!(u64::MAX),
            json!(true),
            json!([1_700_000_000]),
            json!({}),
        ] {
            assert_refused(&tokens, &forge(&key, &header, &with(&claims, name, value)), name);
        }
        let text = claims.to_string();
        let null = format!("{},\"{name}\":null}}", text.strip_suffix('}').unwrap());
        let message = [header.to_string(), null].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        let signature = sign::<Hmac<Sha256>>(key.expose(), &message);
        assert_refused(&tokens, &format!("{message}.{signature}"), "null, or twice");
    }
}

#[test]
fn a_token_lives_no_longer_than_tokens_do_and_not_before_its_time() {
    let (tokens, key) = tokens();
    let good = tokens.mint(account(), session(), NOW);
    let (header, claims) = (part(&good, 0), part(&good, 1));
    let (now, end) = (1_700_000_000_i64, 1_700_000_900_i64);
    let read = |changes: &[(&str, i64)]| {
        let claims = changes
            .iter()
            .fold(claims.clone(), |claims, (name, value)| with(&claims, name, json!(value)));
        tokens.read(&forge(&key, &header, &claims), NOW).map(|_| ())
    };
    let refused = Err(BadToken::Invalid);
    assert_eq!(read(&[("exp", end + 1)]), refused);
    assert_eq!(read(&[("exp", i64::MAX)]), refused);
    assert_eq!(read(&[("exp", i64::MAX), ("iat", i64::MIN)]), refused);
    assert_eq!(read(&[("exp", now)]), refused);
    assert_eq!(read(&[("exp", -1)]), refused);
    assert_eq!(read(&[("iat", now + 5)]), Ok(()));
    assert_eq!(read(&[("iat", now + 6), ("exp", end)]), refused);
    assert_eq!(read(&[("nbf", now + 5)]), Ok(()));
    assert_eq!(read(&[("nbf", now + 6)]), refused);
    assert_eq!(read(&[("nbf", i64::MAX)]), refused);
    assert_eq!(read(&[("iat", now - 900), ("exp", now)]), Err(BadToken::Expired));
}

#[test]
fn every_change_to_a_token_is_noticed() {
    let (tokens, _) = tokens();
    let token = tokens.mint(account(), session(), NOW);
    for place in 0..token.len() {
        for other in ["A", "Q", "_", "."] {
            let changed = [&token[..place], other, &token[place + 1..]].concat();
            if changed != token {
                assert_refused(&tokens, &changed, "changed");
            }
        }
        assert_refused(&tokens, &token[..place], "cut");
    }
    // The last character of the signature holds two bits that stand for nothing.
    for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars() {
        let changed = format!("{}{last}", &token[..token.len() - 1]);
        assert!(changed == token || tokens.read(&changed, NOW).is_err(), "{changed}");
    }
    for more in ["A", "=", ".", " ", "\n"] {
        assert_refused(&tokens, &format!("{token}{more}"), "longer");
    }
}

#[test]
fn what_another_key_signed_is_no_token_here() {
    let (tokens, _) = tokens();
    let good = tokens.mint(account(), session(), NOW);
    let (header, claims) = (part(&good, 0), part(&good, 1));
    for secret in [&b"secret"[..], b"", &[0; 32]] {
        let message = unsigned(&header, &claims);
        let signature = sign::<Hmac<Sha256>>(secret, &message);
        assert_refused(&tokens, &format!("{message}.{signature}"), "a well-known secret");
    }
    assert_refused(&tokens, &forge(&key(), &header, &claims), "another key under our kid");
    let other = AccessTokens::new(&SigningKeys::first(&key()), 15 * MINUTE);
    assert_refused(&tokens, &other.mint(account(), session(), NOW), "another server");
}

#[test]
fn after_a_change_of_keys_the_new_one_signs_and_the_old_one_is_believed_for_a_while() {
    let (tokens, key) = tokens();
    let first = SigningKeys::first(&key);
    let old = tokens.mint(account(), session(), NOW);
    let kid = |token: &str| part(token, 0)["kid"].clone();
    let until = NOW.plus(5 * MINUTE);
    assert!(!tokens.replace(&first.rotate(NOW, until), NOW), "no key is gone");
    let new = tokens.mint(account(), session(), NOW);
    assert_ne!(kid(&old), kid(&new));
    let before = Timestamp(until.0 - 1);
    let key_of_old = tokens.read(&old, before).unwrap().key;
    assert!(tokens.believes(key_of_old, before) && !tokens.believes(key_of_old, until));
    assert_eq!(tokens.read(&old, until), Err(BadToken::Invalid));
    assert!(tokens.read(&new, until).is_ok());
    // The new key's name does not help what the old one signed.
    let renamed = forge(&key, &part(&new, 0), &part(&new, 1));
    assert_refused(&tokens, &renamed, "the old key under the name of the new one");

    let (last, now) = (SigningKeys::anew(until), until);
    assert!(tokens.replace(&last, now), "a key is gone that was believed");
    assert_eq!(tokens.read(&new, now), Err(BadToken::Invalid));
    let next = last.rotate(now, now);
    assert!(!tokens.replace(&next, now));
    assert!(
        !tokens.replace(&next.rotate(now, now), now),
        "the one that is gone was believed no more"
    );
}

#[test]
fn what_is_no_token_is_refused() {
    let (tokens, _) = tokens();
    let huge = "A".repeat(10_000_000);
    for raw in ["", ".", "..", "...", "a.b.c", "комната", "e30.e30.", &huge, &format!("{huge}.a.b")]
    {
        assert_eq!(tokens.read(raw, NOW), Err(BadToken::Invalid));
    }
}

#[test]
fn a_refresh_token_is_no_access_token() {
    let (tokens, key) = tokens();
    let refresh = super::super::refresh::RefreshToken::mint(session(), 0, &key).encode();
    assert_refused(&tokens, &refresh, "refresh token");
}
