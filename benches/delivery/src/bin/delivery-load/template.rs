//! `{placeholder}` templates of the URL and the messages.

use crate::marker::Marker;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Connection,
    Room,
    Token,
    Number,
    Mark,
}

#[derive(Clone, Debug)]
pub struct Template(Vec<Part>);

/// What the placeholders stand for.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    pub connection: usize,
    pub room: usize,
    pub token: &'a str,
    pub marker: Marker,
}

impl Template {
    /// Everything that is no known placeholder stands for itself, JSON's braces included.
    pub fn parse(mut text: &str, pad: usize) -> Self {
        let mut parts = Vec::new();
        while let Some(first) = text.chars().next() {
            let known = [
                ("{i}", Part::Connection),
                ("{room}", Part::Room),
                ("{token}", Part::Token),
                ("{seq}", Part::Number),
                ("{mark}", Part::Mark),
                ("{pad}", Part::Literal("x".repeat(pad))),
            ];
            let known = known
                .into_iter()
                .find_map(|(name, part)| Some((part, text.strip_prefix(name)?)))
                .unwrap_or_else(|| (Part::Literal(first.into()), &text[first.len_utf8()..]));
            let (part, rest) = known;
            match (parts.last_mut(), part) {
                (Some(Part::Literal(before)), Part::Literal(more)) => before.push_str(&more),
                (_, part) => parts.push(part),
            }
            text = rest;
        }
        Self(parts)
    }

    pub fn has_mark(&self) -> bool {
        self.0.contains(&Part::Mark)
    }

    pub fn render(&self, values: &Values<'_>, out: &mut Vec<u8>) {
        for part in &self.0 {
            match part {
                Part::Literal(text) => out.extend_from_slice(text.as_bytes()),
                Part::Connection => out.extend_from_slice(values.connection.to_string().as_bytes()),
                Part::Room => out.extend_from_slice(values.room.to_string().as_bytes()),
                Part::Token => out.extend_from_slice(values.token.as_bytes()),
                Part::Number => {
                    out.extend_from_slice(values.marker.number.to_string().as_bytes());
                }
                Part::Mark => values.marker.write(out),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_with_placeholders_keeps_its_braces() {
        let marker = Marker { sender: 1, number: 7, sent_ns: 0 };
        let values = Values { connection: 3, room: 2, token: "t", marker };
        let template = Template::parse(r#"{"r":"{room}","n":{seq},"k":"{token}{i}{pad}"}"#, 2);
        let mut out = Vec::new();
        template.render(&values, &mut out);
        assert_eq!(out, br#"{"r":"2","n":7,"k":"t3xx"}"#);
        assert!(!template.has_mark());
    }
}
