//! The upgrade's headers: whether a request asks for a WebSocket, and what to answer.

use std::fmt;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use sha1::{Digest, Sha1};

/// The only version of the protocol that is spoken, for `Sec-WebSocket-Version`.
pub const VERSION: &str = "13";

/// The last character of a nonce carries four bits that mean nothing; some clients set them.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// The headers of a `GET` request that decide about the upgrade, as they came; `None` for one that
/// is absent. Lines with the same name are to be joined by a comma.
#[derive(Clone, Copy, Default)]
pub struct UpgradeHeaders<'request> {
    /// `Upgrade`
    pub upgrade: Option<&'request str>,
    /// `Connection`
    pub connection: Option<&'request str>,
    /// `Sec-WebSocket-Version`
    pub version: Option<&'request str>,
    /// `Sec-WebSocket-Key`
    pub key: Option<&'request str>,
    /// `Sec-WebSocket-Protocol`
    pub protocols: Option<&'request str>,
}

// An offered subprotocol may carry a token.
impl fmt::Debug for UpgradeHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpgradeHeaders")
            .field("upgrade", &self.upgrade)
            .field("connection", &self.connection)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// Why a request cannot become a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// It is a plain request; 426 with `Upgrade: websocket` tells the client what is expected.
    #[error("the request does not ask for an upgrade to websocket")]
    NotAnUpgrade,
    /// To be answered with 426 and `Sec-WebSocket-Version:` [`VERSION`].
    #[error("the websocket version must be 13")]
    UnsupportedVersion,
    /// To be answered with 400.
    #[error("the websocket key must be 16 bytes in base64")]
    BadKey,
}

/// A request that may become a WebSocket.
#[derive(Clone, Copy)]
pub struct Handshake<'request> {
    key: &'request str,
    protocols: &'request str,
}

impl<'request> Handshake<'request> {
    /// Accepts what section 4.2.1 of RFC 6455 asks of the headers.
    ///
    /// # Errors
    ///
    /// Of several faults, the first in the order of [`HandshakeError`].
    pub fn parse(headers: &UpgradeHeaders<'request>) -> Result<Self, HandshakeError> {
        if !lists(headers.upgrade, "websocket") || !lists(headers.connection, "upgrade") {
            return Err(HandshakeError::NotAnUpgrade);
        }
        if headers.version.map(str::trim) != Some(VERSION) {
            return Err(HandshakeError::UnsupportedVersion);
        }
        let key = headers.key.map_or("", str::trim);
        if !is_nonce(key) {
            return Err(HandshakeError::BadKey);
        }
        Ok(Self { key, protocols: headers.protocols.unwrap_or_default() })
    }

    /// The value of `Sec-WebSocket-Accept` in the answer.
    pub fn accept_key(&self) -> String {
        accept_key(self.key)
    }

    /// The subprotocols that the client offers, the one it likes best first. At most one of them
    /// may be named in the answer, exactly as offered.
    pub fn protocols(&self) -> impl Iterator<Item = &'request str> + use<'request> {
        tokens(self.protocols)
    }
}

// An offered subprotocol may carry a token.
impl fmt::Debug for Handshake<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handshake").finish_non_exhaustive()
    }
}

/// Proves to the client that its `Sec-WebSocket-Key` was read by a WebSocket server.
pub fn accept_key(key: &str) -> String {
    let digest = Sha1::new()
        .chain_update(key)
        .chain_update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
        .finalize();
    BASE64.encode(digest)
}

fn is_nonce(key: &str) -> bool {
    key.len() == 24 && BASE64.decode(key).is_ok_and(|nonce| nonce.len() == 16)
}

fn lists(header: Option<&str>, wanted: &str) -> bool {
    tokens(header.unwrap_or_default()).any(|token| token.eq_ignore_ascii_case(wanted))
}

fn tokens(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: UpgradeHeaders<'static> = UpgradeHeaders {
        upgrade: Some("websocket"),
        connection: Some("Upgrade"),
        version: Some("13"),
        key: Some("dGhlIHNhbXBsZSBub25jZQ=="),
        protocols: None,
    };

    fn refusal(headers: UpgradeHeaders<'_>) -> Option<HandshakeError> {
        Handshake::parse(&headers).err()
    }

    #[test]
    fn the_example_of_the_rfc_is_answered_as_the_rfc_does() {
        let handshake = Handshake::parse(&VALID).unwrap();
        assert_eq!(handshake.accept_key(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn upgrade_and_connection_are_lists_in_any_case() {
        let upgrade = Some("h2c, WebSocket/13,  WEBSOCKET");
        let connection = Some("keep-alive,\tupGrade");
        assert_eq!(refusal(UpgradeHeaders { upgrade, connection, ..VALID }), None);
    }

    #[test]
    fn a_request_without_both_upgrade_headers_is_not_an_upgrade() {
        for upgrade in [None, Some(""), Some("h2c"), Some("websockets")] {
            let headers = UpgradeHeaders { upgrade, ..VALID };
            assert_eq!(refusal(headers), Some(HandshakeError::NotAnUpgrade));
        }
        for connection in [None, Some("keep-alive"), Some("no upgrade")] {
            let headers = UpgradeHeaders { connection, ..VALID };
            assert_eq!(refusal(headers), Some(HandshakeError::NotAnUpgrade));
        }
    }

    #[test]
    fn only_version_13_is_supported() {
        for version in [None, Some(""), Some("8"), Some("013"), Some("13, 8")] {
            let headers = UpgradeHeaders { version, ..VALID };
            assert_eq!(refusal(headers), Some(HandshakeError::UnsupportedVersion));
        }
    }

    #[test]
    fn a_key_is_16_bytes_in_base64() {
        let too_short = "dGhlIHNhbXBsZSBub25j";
        let too_long = "dGhlIHNhbXBsZSBub25jZSE=";
        let bad_letter = "dGhlIHNhbXBsZSBub25j!Q==";
        let unpadded = "dGhlIHNhbXBsZSBub25jZQ";
        for key in ["", too_short, too_long, bad_letter, unpadded] {
            let headers = UpgradeHeaders { key: Some(key), ..VALID };
            assert_eq!(refusal(headers), Some(HandshakeError::BadKey), "{key}");
        }
        assert_eq!(refusal(UpgradeHeaders { key: None, ..VALID }), Some(HandshakeError::BadKey));
    }

    #[test]
    fn a_key_whose_unused_bits_are_set_is_accepted() {
        let key = Some("dGhlIHNhbXBsZSBub25jZR==");
        assert_eq!(refusal(UpgradeHeaders { key, ..VALID }), None);
    }

    #[test]
    fn offered_subprotocols_come_in_the_clients_order() {
        let protocols = Some(" chat.v2 ,chat.v1,, secret.a-b_c");
        let handshake = Handshake::parse(&UpgradeHeaders { protocols, ..VALID }).unwrap();
        assert!(handshake.protocols().eq(["chat.v2", "chat.v1", "secret.a-b_c"]));
        assert_eq!(Handshake::parse(&VALID).unwrap().protocols().count(), 0);
    }

    #[test]
    fn a_token_among_the_subprotocols_is_never_printed() {
        let headers = UpgradeHeaders { protocols: Some("bearer.secret"), ..VALID };
        let handshake = Handshake::parse(&headers).unwrap();
        assert!(!format!("{headers:?} {handshake:?}").contains("secret"));
    }
}
