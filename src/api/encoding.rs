//! Which compressed form of a file a client takes (RFC 9110, 12.5.3).

use axum::http::{HeaderMap, header};

/// A form in which a file can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Brotli (RFC 7932).
    Brotli,
    /// Gzip (RFC 1952).
    Gzip,
}

impl Encoding {
    /// Those that the client takes, the smallest first.
    pub fn accepted(request: &HeaderMap) -> impl Iterator<Item = Self> {
        let accepted: Vec<_> = request
            .get_all(header::ACCEPT_ENCODING)
            .iter()
            .filter_map(|list| list.to_str().ok())
            .flat_map(|list| list.split(',').map(Choice::parse))
            .collect();
        [Self::Brotli, Self::Gzip].into_iter().filter(move |encoding| encoding.is_among(&accepted))
    }

    /// Its name in HTTP.
    pub fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// What the names of files in this form end with.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gz",
        }
    }

    /// What is said of it by name counts, and otherwise what is said of all others.
    fn is_among(self, choices: &[Choice<'_>]) -> bool {
        let said_of =
            |name: &str| choices.iter().find(|choice| choice.name.eq_ignore_ascii_case(name));
        said_of(self.name()).or_else(|| said_of("*")).is_some_and(|choice| choice.is_wanted)
    }
}

/// One part of `Accept-Encoding`.
struct Choice<'text> {
    name: &'text str,
    is_wanted: bool,
}

impl<'text> Choice<'text> {
    /// A weight of zero means "never"; of all others none is worth more than the size.
    fn parse(text: &'text str) -> Self {
        let (name, weight) = text.split_once(';').unwrap_or((text, ""));
        let weight = weight.trim().trim_start_matches(['q', 'Q', '=']);
        Self { name: name.trim(), is_wanted: weight.parse() != Ok(0.0) }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::{Encoding::*, *};

    #[test]
    fn the_smallest_form_is_sent_that_the_client_takes() {
        for (said, taken) in [
            (&[][..], &[][..]),
            (&[""], &[]),
            (&["identity"], &[]),
            (&["gzip, deflate, br, zstd"], &[Brotli, Gzip]),
            (&["gzip", "br"], &[Brotli, Gzip]),
            (&["GZip;q=0.5"], &[Gzip]),
            (&["br;q=0, gzip"], &[Gzip]),
            (&["br; q=0.000,gzip;q=1"], &[Gzip]),
            (&["*"], &[Brotli, Gzip]),
            (&["*;q=0.1, br;q=0"], &[Gzip]),
            (&["*;q=0"], &[]),
            (&["brotli, xgzip"], &[]),
        ] {
            let mut request = HeaderMap::new();
            for said in said {
                request.append(header::ACCEPT_ENCODING, HeaderValue::from_static(said));
            }
            assert_eq!(Encoding::accepted(&request).collect::<Vec<_>>(), taken, "{said:?}");
        }
    }
}
