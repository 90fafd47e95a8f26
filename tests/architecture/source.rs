//! Reads the crate's own sources: which module a file is, and what its code names. Comments and
//! tests are left out.

use std::{fs, path::Path};

const CRATE: &str = "anonchat";

/// One file of `src/`, as far as it ends up in the program.
#[derive(Debug)]
pub struct Source {
    /// From the root of the repository.
    pub file: String,
    /// `api::socket::read`; the two roots are `lib` and `main`.
    pub module: String,
    /// The file as it is.
    pub text: String,
    tokens: Vec<Token>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
}

/// A file below the root of the repository.
pub fn read(path: impl AsRef<Path>) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file in a folder and those below it, from the root of the repository, in order.
pub fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    for entry in fs::read_dir(&here).unwrap_or_else(|error| panic!("{folder}: {error}")) {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// Every file of the program.
pub fn sources() -> Vec<Source> {
    let rust = files("src").into_iter().filter(|file| is_rust(file) && !is_test(file));
    rust.map(|file| Source::new(read(&file), file)).collect()
}

fn is_rust(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|extension| extension == "rs")
}

fn is_test(file: &str) -> bool {
    file.contains("/tests/") || file.ends_with("/tests.rs") || file.ends_with("_tests.rs")
}

impl Source {
    /// `text` as it would be in `file`.
    pub fn new(text: String, file: impl Into<String>) -> Self {
        let file = file.into();
        let module = file.trim_start_matches("src/").trim_end_matches(".rs");
        let module = module.trim_end_matches("/mod").replace('/', "::");
        let tokens = without_tests(&lex(&text));
        Self { file, module, text, tokens }
    }

    /// Whether this is the module or one in it.
    pub fn is_in(&self, module: &str) -> bool {
        starts_with(&self.module, module)
    }

    /// Lines that are neither blank nor comments nor tests.
    pub fn lines_of_code(&self) -> usize {
        let lines = self.text.lines().map(str::trim);
        let code = lines.take_while(|line| *line != "#[cfg(test)]");
        code.filter(|line| !line.is_empty() && !line.starts_with("//")).count()
    }

    /// Every path of the crate that the code names, seen from its root: `store::StoreError`.
    pub fn inner_paths(&self) -> Vec<String> {
        self.paths().into_iter().filter_map(|path| self.resolve(&path)).collect()
    }

    /// The other crates that the code names.
    pub fn outer_crates(&self) -> Vec<String> {
        let long = self.paths().into_iter().filter(|path| path.len() > 1);
        long.map(|mut path| path.remove(0)).collect()
    }

    /// Whether the code has this word in it; a text is not code.
    pub fn says(&self, word: &str) -> bool {
        self.tokens.iter().any(|token| matches!(token, Token::Word(found) if found == word))
    }

    /// Whether these stand in the code one after the other.
    pub fn has(&self, code: &str) -> bool {
        let wanted = lex(code);
        self.tokens.windows(wanted.len()).any(|tokens| tokens == wanted)
    }

    /// Every text in the code.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().filter_map(|token| match token {
            Token::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    fn resolve(&self, path: &[String]) -> Option<String> {
        let mut from: Vec<&str> = match path[0].as_str() {
            "crate" | CRATE => vec![],
            "self" | "super" => self.module.split("::").collect(),
            _ => return None,
        };
        for step in path {
            match step.as_str() {
                "super" => _ = from.pop(),
                "crate" | CRATE | "self" => {}
                name => from.push(name),
            }
        }
        Some(from.join("::"))
    }

    fn paths(&self) -> Vec<Vec<String>> {
        let (mut found, mut at) = (Vec::new(), 0);
        while at < self.tokens.len() {
            let continues = at > 0 && [':', '.'].contains(&self.sign(at - 1));
            if matches!(self.tokens[at], Token::Word(_)) && !continues {
                self.tree(&mut at, &[], &mut found);
            } else {
                at += 1;
            }
        }
        found
    }

    /// One path, or all that `a::{b, c::d}` stands for.
    fn tree(&self, at: &mut usize, before: &[String], found: &mut Vec<Vec<String>>) {
        match self.tokens.get(*at) {
            Some(Token::Word(word)) => {
                let path = [before, std::slice::from_ref(word)].concat();
                *at += 1;
                if self.sign(*at) == ':' && self.sign(*at + 1) == ':' {
                    *at += 2;
                    self.tree(at, &path, found);
                } else {
                    found.push(path);
                }
            }
            Some(Token::Sign('{')) => {
                while self.sign(*at) != '}' {
                    *at += 1;
                    self.tree(at, before, found);
                    while ![',', '}'].contains(&self.sign(*at)) {
                        *at += 1; // `as other`
                    }
                }
                *at += 1;
            }
            _ => found.push(before.to_vec()),
        }
    }

    fn sign(&self, at: usize) -> char {
        match self.tokens.get(at) {
            Some(Token::Sign(sign)) => *sign,
            Some(_) => ' ',
            None => '}',
        }
    }
}

/// Whether a path is `start` or begins with it.
pub fn starts_with(path: &str, start: &str) -> bool {
    path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let test = lex("#[cfg(test)]");
    let (mut kept, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        if tokens[at..].starts_with(&test) {
            at = end_of_item(tokens, at + test.len());
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// Behind the first `;` outside of braces, or behind the first pair of them.
fn end_of_item(tokens: &[Token], start: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match token {
            Token::Sign('{') => depth += 1,
            Token::Sign('}') => depth -= 1,
            Token::Sign(';') => {}
            _ => continue,
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

fn lex(code: &str) -> Vec<Token> {
    let (mut tokens, mut rest) = (Vec::new(), code);
    while let Some(first) = rest.chars().next() {
        let taken = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some((text, taken)) = text(rest) {
            tokens.push(Token::Text(text.to_owned()));
            taken
        } else if first == '\'' {
            letter_or_lifetime(rest)
        } else if is_word(first) {
            let taken = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            tokens.push(Token::Word(rest[..taken].to_owned()));
            taken
        } else {
            if !first.is_whitespace() {
                tokens.push(Token::Sign(first));
            }
            first.len_utf8()
        };
        rest = &rest[taken..];
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A text at the start of `code`, and how long it is with its quotes.
fn text(code: &str) -> Option<(&str, usize)> {
    let quoted = code.trim_start_matches(['b', 'c']);
    let prefix = code.len() - quoted.len();
    if prefix > 1 {
        return None;
    }
    if let Some(inner) = quoted.strip_prefix('"') {
        let mut escaped = false;
        let end = inner.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        })?;
        return Some((&inner[..end], prefix + end + 2));
    }
    let hashed = quoted.strip_prefix('r')?;
    let inner = hashed.trim_start_matches('#');
    let hashes = hashed.len() - inner.len();
    let end = inner.strip_prefix('"')?.find(&format!("\"{}", "#".repeat(hashes)))?;
    Some((&inner[1..=end], prefix + 1 + 2 * hashes + end + 2))
}

/// How long the letter or lifetime is that `code` starts with.
fn letter_or_lifetime(code: &str) -> usize {
    let mut letters = code.char_indices().skip(1);
    match (letters.next(), letters.next()) {
        (Some((_, '\\')), Some((escaped, _))) => {
            code[escaped + 1..].find('\'').map_or(code.len(), |end| escaped + end + 2)
        }
        (Some(_), Some((end, '\''))) => end + 1,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new(text.to_owned(), "src/api/socket/read.rs")
    }

    #[test]
    fn groups_are_taken_apart_and_relative_paths_resolved() {
        let source =
            source("use crate::{a::{B, c::*}, d as e}; use super::{F, super::G}; self::h()");
        let expected = ["a::B", "a::c", "d", "api::socket::F", "api::G", "api::socket::read::h"];
        assert_eq!(source.inner_paths(), expected);
    }

    #[test]
    fn comments_texts_and_tests_are_no_code() {
        let text =
            "// tokio::a\nlet b = \"tokio::\\\"c\" + r#\"tokio::\"d\"#; '\"'; '\\''; &'x y::z;
            #[cfg(test)]\nmod tests { use tokio::e; { } }\nserde::f";
        let source = source(text);
        assert_eq!(source.outer_crates(), ["y", "serde"]);
        assert_eq!(source.texts().collect::<Vec<_>>(), ["tokio::\\\"c", "tokio::\"d"]);
    }

    #[test]
    fn a_module_is_named_after_its_file() {
        assert_eq!(source("").module, "api::socket::read");
        assert_eq!(Source::new(String::new(), "src/api/mod.rs").module, "api");
        assert!(source("").is_in("api::socket") && !source("").is_in("api::sock"));
    }
}
