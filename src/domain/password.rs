//! Passwords and their hashes.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// A password as it is hashed: 8 to 256 characters of any Unicode, normalised NFC once
/// (NIST SP 800-63B §3.1.1.2). Wiped from memory when dropped, never shown.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

/// Why a text cannot be a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPassword {
    /// Fewer than [`Password::MIN_CHARACTERS`].
    #[error("must be at least {} characters", Password::MIN_CHARACTERS)]
    TooShort,
    /// More than [`Password::MAX_CHARACTERS`].
    #[error("must be at most {} characters", Password::MAX_CHARACTERS)]
    TooLong,
    /// On the list of passwords that attackers try first, or the person's own login or e-mail.
    #[error("is too easy to guess: choose one that is not common and not your login or e-mail")]
    Common,
}

impl Password {
    /// Shortest password, in code points.
    pub const MIN_CHARACTERS: usize = 8;
    /// Longest password, in code points.
    pub const MAX_CHARACTERS: usize = 256;

    /// Accepts a password as typed; nothing is cut, trimmed or folded.
    ///
    /// # Errors
    /// [`InvalidPassword::TooShort`] and [`InvalidPassword::TooLong`]; whether it is common is
    /// asked where accounts are made.
    pub fn parse(raw: &str) -> Result<Self, InvalidPassword> {
        if raw.chars().take(Self::MAX_CHARACTERS + 1).count() > Self::MAX_CHARACTERS {
            return Err(InvalidPassword::TooLong);
        }
        let normal = Zeroizing::new(raw.nfc().collect::<String>());
        if normal.chars().count() < Self::MIN_CHARACTERS {
            return Err(InvalidPassword::TooShort);
        }
        Ok(Self(normal))
    }

    /// The normalised text, for the hash function alone.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A password hash in PHC string format, with its algorithm, parameters and salt.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Wraps a PHC string that the hash function or the store gave.
    pub fn from_phc(phc: String) -> Self {
        Self(phc)
    }

    /// The PHC string.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_code_points() {
        assert_eq!(Password::parse("1234567").unwrap_err(), InvalidPassword::TooShort);
        assert!(Password::parse("пароль🙂8").is_ok());
        assert!(Password::parse(&"я".repeat(256)).is_ok());
        assert_eq!(Password::parse(&"я".repeat(257)).unwrap_err(), InvalidPassword::TooLong);
    }

    #[test]
    fn both_ways_to_write_a_letter_are_one_password() {
        let composed = Password::parse("caf\u{e9} noir").unwrap();
        let decomposed = Password::parse("cafe\u{301} noir").unwrap();
        assert_eq!(composed.expose(), decomposed.expose());
    }
}
