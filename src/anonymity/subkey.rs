//! Keys derived from the secret key, and what is done with them.

use std::fmt;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::random;

/// What a derived key is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    RoomSecrets,
    EmailTags,
    Emails,
    Shelves,
    AccessTokens,
    RefreshTokens,
    Passwords,
    Fingerprint,
}

impl Purpose {
    /// Never changes for data that exists: a new way of doing something gets a new version.
    pub(super) fn label(self) -> &'static [u8] {
        match self {
            Self::RoomSecrets => b"anonchat/v1/room-secrets",
            Self::EmailTags => b"anonchat/v1/email-tags",
            Self::Emails => b"anonchat/v1/emails",
            Self::Shelves => b"anonchat/v1/shelves",
            Self::AccessTokens => b"anonchat/v1/access-tokens",
            Self::RefreshTokens => b"anonchat/v1/refresh-tokens",
            Self::Passwords => b"anonchat/v1/passwords",
            Self::Fingerprint => b"anonchat/v1/fingerprint",
        }
    }
}

/// A sealed value was changed, belongs elsewhere, or was sealed under another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value cannot be opened with this server's key")]
pub struct Unreadable;

/// A key derived from the [`SecretKey`](super::SecretKey) for one purpose. Wiped when dropped, never shown.
#[derive(Clone)]
pub struct SubKey(Zeroizing<[u8; 32]>);

impl SubKey {
    const NONCE_BYTES: usize = 24;

    pub(super) fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, for a cipher or a signature.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Tells this key from others, and nothing else about it.
    pub fn name(&self) -> [u8; 8] {
        let mac = self.mac(b"anonchat/v1/name", b"");
        *mac.first_chunk().expect("32 bytes begin with 8")
    }

    /// A key one level deeper, by HKDF-SHA-256.
    pub(super) fn derive(&self, label: &[u8]) -> Self {
        let mut derived = Zeroizing::new([0; 32]);
        let hkdf = Hkdf::<Sha256>::new(None, &*self.0);
        hkdf.expand(label, &mut *derived).expect("32 bytes are a length HKDF gives");
        Self(derived)
    }

    /// HMAC-SHA-256 of `text` under `label`; `label` holds no zero byte, so that no two pairs of
    /// label and text are authenticated as the same bytes.
    pub(super) fn mac(&self, label: &[u8], text: &[u8]) -> [u8; 32] {
        debug_assert!(!label.contains(&0), "a label ends at its first zero byte");
        let mut mac = Hmac::<Sha256>::new_from_slice(&*self.0).expect("HMAC takes any key");
        mac.update(label);
        mac.update(&[0]);
        mac.update(text);
        mac.finalize().into_bytes().into()
    }

    /// Seals `plain` so that it opens only together with `place`, which says where it belongs.
    pub(super) fn seal(&self, place: &[u8], plain: &[u8]) -> Vec<u8> {
        let nonce = random::bytes::<{ Self::NONCE_BYTES }>();
        let payload = Payload { msg: plain, aad: place };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload);
        [nonce.as_slice(), &sealed.expect("what is sealed here is short")].concat()
    }

    /// What [`SubKey::seal`] sealed for the same place.
    pub(super) fn open(
        &self,
        place: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
        let (nonce, sealed) = sealed.split_first_chunk().ok_or(Unreadable)?;
        let nonce: [u8; Self::NONCE_BYTES] = *nonce;
        let payload = Payload { msg: sealed, aad: place };
        let plain = self.cipher().decrypt(&XNonce::from(nonce), payload);
        plain.map(Zeroizing::new).map_err(|_| Unreadable)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.0).into())
    }
}

impl fmt::Debug for SubKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_purpose_has_its_own_key() {
        let purposes = [
            Purpose::RoomSecrets,
            Purpose::EmailTags,
            Purpose::Emails,
            Purpose::Shelves,
            Purpose::AccessTokens,
            Purpose::RefreshTokens,
            Purpose::Passwords,
            Purpose::Fingerprint,
        ];
        let root = SubKey::new([7; 32]);
        let keys: HashSet<_> =
            purposes.iter().map(|purpose| *root.derive(purpose.label()).expose()).collect();
        assert_eq!(keys.len(), purposes.len());
    }

    #[test]
    fn a_derived_key_stays_the_same_from_version_to_version() {
        let derived = SubKey::new([7; 32]).derive(Purpose::EmailTags.label());
        let known = "03e4926da11ce771b5f0bf1b0eceda0b0c17b0fb2d8cf286dc8e2126e6f4aa97";
        assert_eq!(data_encoding::HEXLOWER.encode(derived.expose()), known);
    }

    #[test]
    fn a_label_and_its_text_cannot_be_shifted_into_each_other() {
        let key = SubKey::new([7; 32]);
        assert_ne!(key.mac(b"a", b"bc"), key.mac(b"ab", b"c"));
        assert_ne!(key.mac(b"a", b""), key.mac(b"", b"a"));
    }

    #[test]
    fn a_sealed_value_opens_in_its_place_and_under_its_key_only() {
        let key = SubKey::new([7; 32]);
        let sealed = key.seal(b"here", b"text");
        assert_eq!(*key.open(b"here", &sealed).unwrap(), b"text");
        assert_eq!(key.open(b"there", &sealed), Err(Unreadable));
        assert_eq!(SubKey::new([8; 32]).open(b"here", &sealed), Err(Unreadable));
        assert_ne!(key.seal(b"here", b"text"), sealed, "the nonce is drawn anew");
    }

    #[test]
    fn a_sealed_value_that_was_changed_or_cut_does_not_open() {
        let key = SubKey::new([7; 32]);
        let sealed = key.seal(b"", b"text");
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert_eq!(key.open(b"", &changed), Err(Unreadable));
            assert_eq!(key.open(b"", &sealed[..place]), Err(Unreadable));
        }
    }
}
