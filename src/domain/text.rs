//! What people type: login, e-mail address, room name, message.

use std::{fmt, str::FromStr};

use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;
use zeroize::Zeroize;

/// A login name: 4 to 32 of `A-Z`, `a-z`, `0-9`, `_`, `-`. Kept as typed, compared without case.
#[derive(Clone)]
pub struct Login(String);

/// A text that is no login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 4 to 32 characters: letters, digits, _ or -")]
pub struct InvalidLogin;

impl Login {
    /// Accepts a login as typed.
    ///
    /// # Errors
    /// [`InvalidLogin`] when a character or the length is not allowed.
    pub fn parse(raw: &str) -> Result<Self, InvalidLogin> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if (4..=32).contains(&raw.len()) && raw.bytes().all(allowed) {
            Ok(Self(raw.to_owned()))
        } else {
            Err(InvalidLogin)
        }
    }

    /// As its owner typed it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it is compared: in lower case.
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(…)")
    }
}

/// An e-mail address: an addr-spec of at most 254 bytes (RFC 5321 §4.5.3), without display name.
#[derive(Clone)]
pub struct EmailAddress(String);

/// A text that is no e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a valid e-mail address of at most 254 bytes")]
pub struct InvalidEmail;

impl EmailAddress {
    /// Longest accepted address, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 254;

    /// Accepts an address as typed, spaces around it ignored.
    ///
    /// # Errors
    /// [`InvalidEmail`] when it is too long or no address.
    pub fn parse(raw: &str) -> Result<Self, InvalidEmail> {
        let raw = raw.trim();
        if raw.len() > Self::MAX_BYTES || raw.chars().any(char::is_control) {
            return Err(InvalidEmail);
        }
        let options = email_address::Options::default()
            .without_display_text()
            .without_domain_literal()
            .with_required_tld();
        email_address::EmailAddress::parse_with_options(raw, options).map_err(|_| InvalidEmail)?;
        Ok(Self(raw.to_owned()))
    }

    /// As its owner typed it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it is compared: in lower case.
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

impl FromStr for EmailAddress {
    type Err = InvalidEmail;

    fn from_str(raw: &str) -> Result<Self, InvalidEmail> {
        Self::parse(raw)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

impl Drop for EmailAddress {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// The name of a room: 1 to 50 characters on one line, at most 200 bytes, trimmed.
#[derive(Clone, PartialEq, Eq)]
pub struct RoomName(String);

/// Why a text is no room name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRoomName {
    /// Nothing to see in it.
    #[error("must not be empty")]
    Empty,
    /// Too many characters or bytes.
    #[error(
        "must be at most {} characters and {} bytes",
        RoomName::MAX_CHARACTERS,
        RoomName::MAX_BYTES
    )]
    TooLong,
    /// Control or direction characters, or more than four combining marks in a row.
    #[error("must not contain control characters or stacked marks")]
    Forbidden,
}

impl RoomName {
    /// Longest name, in grapheme clusters.
    pub const MAX_CHARACTERS: usize = 50;
    /// Longest name, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 200;
    const MAX_MARKS_IN_A_ROW: usize = 4;

    /// Accepts a name as typed, spaces around it removed.
    ///
    /// # Errors
    /// [`InvalidRoomName`] says what is wrong.
    pub fn parse(raw: &str) -> Result<Self, InvalidRoomName> {
        let name = raw.trim();
        if name.len() > Self::MAX_BYTES || name.graphemes(true).count() > Self::MAX_CHARACTERS {
            return Err(InvalidRoomName::TooLong);
        }
        if name.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
            return Err(InvalidRoomName::Empty);
        }
        let mut marks = 0;
        for c in name.chars() {
            marks = if is_combining_mark(c) { marks + 1 } else { 0 };
            let breaks_line = matches!(c, '\u{2028}' | '\u{2029}');
            if c.is_control()
                || breaks_line
                || turns_direction(c)
                || marks > Self::MAX_MARKS_IN_A_ROW
            {
                return Err(InvalidRoomName::Forbidden);
            }
        }
        Ok(Self(name.to_owned()))
    }

    /// The name as people see it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which names are searched: in lower case.
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Debug for RoomName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RoomName({} bytes)", self.0.len())
    }
}

/// Shows nothing on the screen, so that a text of nothing else would look empty: what Unicode's
/// `Default_Ignorable_Code_Point` lists, other format characters without a shape of their own, and
/// characters whose shape is blank.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}')
        || matches!(c, '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}')
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}')
        || matches!(c, '\u{13430}'..='\u{1343f}' | '\u{16fe4}' | '\u{1bca0}'..='\u{1bca3}')
        || matches!(c, '\u{1d159}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Embeds, overrides or isolates the direction of the text behind it (UAX #9 §2).
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text of one chat message, kept byte for byte.
///
/// Never blank; at most [`MessageBody::MAX_GRAPHEMES`] and [`MessageBody::MAX_BYTES`]; no control
/// characters but newline and tab.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageBody(String);

/// Why a text is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBody {
    /// Nothing but white space.
    #[error("must not be empty")]
    Blank,
    /// Too many grapheme clusters or bytes.
    #[error(
        "must be at most {} characters and {} bytes",
        MessageBody::MAX_GRAPHEMES,
        MessageBody::MAX_BYTES
    )]
    TooLong,
    /// A control character other than newline and tab.
    #[error("must not contain control characters other than newline and tab")]
    Control,
}

impl MessageBody {
    /// Longest accepted body, in grapheme clusters (UAX #29).
    pub const MAX_GRAPHEMES: usize = 4000;
    /// Longest accepted body, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 16 * 1024;

    /// Accepts a message as typed and changes nothing in it.
    ///
    /// # Errors
    /// [`InvalidBody`] says what is wrong.
    pub fn parse(raw: String) -> Result<Self, InvalidBody> {
        if raw.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
            return Err(InvalidBody::Blank);
        }
        // A text of so few bytes cannot have too many graphemes: the count is spared.
        let long = raw.len() > Self::MAX_GRAPHEMES
            && raw.graphemes(true).take(Self::MAX_GRAPHEMES + 1).count() > Self::MAX_GRAPHEMES;
        if raw.len() > Self::MAX_BYTES || long {
            return Err(InvalidBody::TooLong);
        }
        if raw.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            return Err(InvalidBody::Control);
        }
        Ok(Self(raw))
    }

    /// Wraps what the store gave back; it was parsed when it was written.
    pub fn from_store(stored: String) -> Self {
        Self(stored)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

// What people say never reaches a log.
impl fmt::Debug for MessageBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageBody({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_four_to_thirty_two_plain_characters() {
        for good in ["anna", "Anna_K-9", &"x".repeat(32)] {
            assert!(Login::parse(good).is_ok(), "{good}");
        }
        for bad in ["ann", "", &"x".repeat(33), "anna k", "анна", "anna\n", "ann\u{200b}a"] {
            assert!(Login::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn addresses_are_addr_specs_without_display_names() {
        for good in ["ann@example.org", " ann@example.org ", "ann+tag@mail.example.org"] {
            assert!(EmailAddress::parse(good).is_ok(), "{good}");
        }
        let long = format!("{}@example.org", "x".repeat(250));
        for bad in ["ann", "Ann <ann@example.org>", "ann@localhost", "a b@example.org", &long] {
            assert!(EmailAddress::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn room_names_are_trimmed_and_bounded() {
        assert_eq!(RoomName::parse("  Class 9b  ").unwrap().as_str(), "Class 9b");
        assert_eq!(RoomName::parse(" \u{200b} "), Err(InvalidRoomName::Empty));
        assert_eq!(RoomName::parse(&"x".repeat(51)), Err(InvalidRoomName::TooLong));
        assert!(RoomName::parse(&"я".repeat(50)).is_ok());
        for bad in ["a\u{202e}b", "a\nb", "a\0b", "e\u{301}\u{301}\u{301}\u{301}\u{301}"] {
            assert_eq!(RoomName::parse(bad), Err(InvalidRoomName::Forbidden), "{bad:?}");
        }
    }

    /// IN-03: text that shows nothing is none, whatever it is made of.
    #[test]
    fn what_shows_nothing_is_neither_a_name_nor_a_message() {
        for invisible in [
            "\u{ad}",
            "\u{34f}",
            "\u{61c}",
            "\u{115f}",
            "\u{1160}",
            "\u{17b4}",
            "\u{180b}",
            "\u{180e}",
            "\u{180f}",
            "\u{200b}",
            "\u{200d}",
            "\u{200f}",
            "\u{2060}",
            "\u{2064}",
            "\u{2065}",
            "\u{206a}",
            "\u{206f}",
            "\u{2800}",
            "\u{3000}",
            "\u{3164}",
            "\u{fe00}",
            "\u{fe0f}",
            "\u{feff}",
            "\u{ffa0}",
            "\u{fff9}",
            "\u{13430}",
            "\u{16fe4}",
            "\u{1bca0}",
            "\u{1d159}",
            "\u{1d173}",
            "\u{e0001}",
            "\u{e0041}",
            "\u{e007f}",
            "\u{e0100}",
            "\u{e01ef}",
            "\u{a0}",
            "\u{2003}",
        ] {
            let several = format!(" {invisible}\u{200b}{invisible}\u{fe0f} ");
            for text in [invisible, &several] {
                assert_eq!(RoomName::parse(text), Err(InvalidRoomName::Empty), "{text:?}");
                let body = MessageBody::parse(text.to_owned());
                assert_eq!(body, Err(InvalidBody::Blank), "{text:?}");
                assert!(Login::parse(&text.repeat(4)).is_err(), "{text:?}");
            }
            let seen = format!("a{invisible}b");
            assert!(MessageBody::parse(seen).is_ok(), "{invisible:?}");
        }
        for visible in
            ["❤\u{fe0f}", "👩\u{200d}👧", "🏴\u{e0067}\u{e0062}\u{e007f}", "\u{301}", "ᅠa"]
        {
            assert!(RoomName::parse(visible).is_ok(), "{visible:?}");
            assert!(MessageBody::parse(visible.to_owned()).is_ok(), "{visible:?}");
        }
    }

    #[test]
    fn a_body_of_exactly_the_limit_is_accepted() {
        for unit in ["x", "я", "👩\u{200d}👩\u{200d}👧"] {
            let at_limit = unit.repeat(MessageBody::MAX_GRAPHEMES.min(16 * 1024 / unit.len()));
            assert!(MessageBody::parse(at_limit).is_ok(), "{unit}");
        }
    }

    #[test]
    fn a_body_over_a_limit_is_refused() {
        let one_over = MessageBody::MAX_GRAPHEMES + 1;
        assert_eq!(MessageBody::parse("x".repeat(one_over)), Err(InvalidBody::TooLong));
        let heavy = "👩\u{200d}👩\u{200d}👧".repeat(1000);
        assert_eq!(MessageBody::parse(heavy), Err(InvalidBody::TooLong));
    }

    #[test]
    fn control_characters_are_refused_and_text_is_kept_as_it_is() {
        for bad in ["a\0b", "a\rb", "a\u{1b}[2J", "a\u{85}b"] {
            assert_eq!(MessageBody::parse(bad.to_owned()), Err(InvalidBody::Control), "{bad:?}");
        }
        let text = " line\n\tтекст\u{202e} 🎉 ";
        assert_eq!(MessageBody::parse(text.to_owned()).unwrap().as_str(), text);
        assert_eq!(MessageBody::parse(" \n\t\u{200b}".to_owned()), Err(InvalidBody::Blank));
    }

    #[test]
    fn logs_show_the_length_of_a_body_and_never_its_text() {
        let body = MessageBody::parse("the secret".to_owned()).unwrap();
        assert_eq!(format!("{body:?}"), "MessageBody(10 bytes)");
    }
}
