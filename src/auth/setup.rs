//! Setup tokens: whoever has one becomes an operator.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{anonymity::random, domain::TokenHash};

/// 256 random bits. Shown once, stored as a hash.
pub struct SetupToken(Zeroizing<String>);

impl SetupToken {
    /// A new one.
    pub(super) fn mint() -> Self {
        let bytes = Zeroizing::new(random::bytes::<32>());
        Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes)))
    }

    /// As it stands in the link.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// As the store keeps it.
    pub(super) fn hash(&self) -> TokenHash {
        hash(&self.0)
    }
}

/// What the store would keep of a token that somebody sent; any text will do.
pub(super) fn hash(token: &str) -> TokenHash {
    TokenHash(Sha256::digest(token).into())
}

impl fmt::Debug for SetupToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SetupToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_random_and_fit_for_a_link() {
        let (one, other) = (SetupToken::mint(), SetupToken::mint());
        assert_ne!(one.expose(), other.expose());
        assert_eq!(one.expose().len(), 43);
        assert!(one.expose().bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
        assert_eq!(one.hash(), hash(one.expose()));
        assert_eq!(format!("{one:?}"), "SetupToken(…)");
    }
}
