//! The mark in every message: `~ac`, sender (5 hex digits), number (8), time of sending in
//! nanoseconds (14). It passes through JSON untouched, whatever the server wraps around it.

use memchr::memmem::Finder;

const MAGIC: &[u8] = b"~ac";
const BYTES: usize = 30;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marker {
    pub sender: u32,
    pub number: u32,
    pub sent_ns: u64,
}

impl Marker {
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(MAGIC);
        push_hex(out, u64::from(self.sender), 5);
        push_hex(out, u64::from(self.number), 8);
        push_hex(out, self.sent_ns, 14);
    }

    fn read(fields: &[u8]) -> Option<Self> {
        Some(Self {
            sender: u32::try_from(read_hex(&fields[..5])?).ok()?,
            number: u32::try_from(read_hex(&fields[5..13])?).ok()?,
            sent_ns: read_hex(&fields[13..])?,
        })
    }
}

/// Finds every mark in a frame.
#[derive(Debug)]
pub struct Scanner(Finder<'static>);

impl Scanner {
    pub fn new() -> Self {
        Self(Finder::new(MAGIC))
    }

    pub fn for_each(&self, mut text: &[u8], mut found: impl FnMut(Marker)) {
        while let Some(at) = self.0.find(text) {
            let Some(mark) = text.get(at..at + BYTES) else { return };
            let marker = Marker::read(&mark[MAGIC.len()..]);
            marker.map(&mut found);
            text = &text[at + if marker.is_some() { BYTES } else { 1 }..];
        }
    }
}

fn push_hex(out: &mut Vec<u8>, value: u64, digits: u32) {
    let nibbles = (0..digits).rev().map(|digit| value >> (digit * 4) & 15);
    out.extend(nibbles.filter_map(|nibble| b"0123456789abcdef".get(usize::try_from(nibble).ok()?)));
}

fn read_hex(text: &[u8]) -> Option<u64> {
    text.iter()
        .try_fold(0, |value, byte| Some(value << 4 | u64::from(char::from(*byte).to_digit(16)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_of_a_batch_is_found() {
        let marker = Marker { sender: 0xabcde, number: 42, sent_ns: 123_456_789 };
        let mut text = b"[{\"text\":\"~a ~ac nope ".to_vec();
        marker.write(&mut text);
        text.extend_from_slice(b"\"},{\"text\":\"");
        marker.write(&mut text);
        text.extend_from_slice(b"\"}]~ac");
        let mut found = Vec::new();
        Scanner::new().for_each(&text, |marker| found.push(marker));
        assert_eq!(found, [marker, marker]);
    }
}
