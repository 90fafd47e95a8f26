//! Passwords that attackers try first.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::domain::{EmailAddress, Login, Password};

/// In lower case, one a line, sorted by bytes; where from and under which licences is told in
/// `common_passwords.NOTICE`.
const LIST: &str = include_str!("common_passwords.txt");

const PRODUCT: &str = "anonchat";

/// Whether `password` is on the list, is of one or two different characters, or is a variation of
/// the product's name, of the server's name `host` or a part of it between dots, or of the person's
/// own login or e-mail address.
///
/// Compatible forms and case make no difference (NFKC, lower case).
pub(super) fn is_common(
    password: &Password,
    login: &Login,
    email: Option<&EmailAddress>,
    host: Option<&str>,
) -> bool {
    let normal: Zeroizing<String> =
        Zeroizing::new(password.expose().nfkc().flat_map(char::to_lowercase).collect());
    if is_listed(&normal) || is_monotonous(&normal) {
        return true;
    }
    let login = login.folded();
    let email = email.map(EmailAddress::folded).unwrap_or_default();
    let local_part = email.rsplit_once('@').map_or("", |(local, _)| local);
    let host = host.into_iter().flat_map(|host| host.split('.').chain([host]));
    [PRODUCT, &login, &email, local_part]
        .into_iter()
        .chain(host)
        .any(|word| is_variation(&normal, word))
}

/// Searches by halves: the list stays where the program is, and no index takes memory.
fn is_listed(password: &str) -> bool {
    let mut rest = LIST;
    while !rest.is_empty() {
        let middle = rest.floor_char_boundary(rest.len() / 2);
        let start = rest[..middle].rfind('\n').map_or(0, |newline| newline + 1);
        let end = rest[start..].find('\n').map_or(rest.len(), |length| start + length);
        match password.cmp(&rest[start..end]) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => rest = &rest[..start],
            std::cmp::Ordering::Greater => rest = rest.get(end + 1..).unwrap_or(""),
        }
    }
    false
}

/// `aaaaaaaa`, `abababab`, `1111 1111`.
fn is_monotonous(password: &str) -> bool {
    let mut seen = Vec::with_capacity(3);
    for letter in password.chars() {
        if !seen.contains(&letter) {
            seen.push(letter);
        }
        if 2 < seen.len() {
            return false;
        }
    }
    true
}

/// Whether `password` is `word`, or has the letters of it, once or twice, forwards or backwards,
/// and some digits and signs around and between them.
fn is_variation(password: &str, word: &str) -> bool {
    let (bare, word_bare) = (letters(password), letters(word));
    let decoration = password.chars().count() - bare.chars().count();
    if password == word || word_bare.len() < SHORTEST_WORD || MOST_DECORATION < decoration {
        return password == word;
    }
    let backwards: String = word_bare.chars().rev().collect();
    [word_bare.as_str(), &backwards]
        .iter()
        .any(|word| *bare == *word || bare.strip_prefix(word).is_some_and(|rest| rest == *word))
}

/// Shorter words are in too many good passwords.
const SHORTEST_WORD: usize = 4;
/// More digits and signs than this are a password of their own.
const MOST_DECORATION: usize = 8;

fn letters(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.chars().filter(|c| c.is_alphabetic()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn common(raw: &str) -> bool {
        let email = EmailAddress::parse("Ann.Kowalski@Example.org").unwrap();
        let login = Login::parse("Annabel_7").unwrap();
        is_common(&Password::parse(raw).unwrap(), &login, Some(&email), Some("talk.example.net"))
    }

    #[test]
    fn every_password_of_the_list_is_found_and_nothing_between_them() {
        assert!(10_000 <= LIST.lines().count());
        assert!(LIST.lines().is_sorted() && LIST.ends_with('\n') && !LIST.contains("\n\n"));
        for listed in LIST.lines() {
            assert!(is_listed(listed), "{listed}");
            let next = format!("{listed}~\u{1}");
            assert!(!is_listed(&next), "{next}");
        }
        for absent in ["", "\n", "!", "password\npassword1", "zzzzzzzzzzzzzzzzzzzz", "пароль"]
        {
            assert!(!is_listed(absent), "{absent}");
        }
    }

    #[test]
    fn what_attackers_try_first_is_common_however_it_is_written() {
        for raw in [
            "password",
            "PassWord1",
            "12345678",
            "qwertyuiop",
            "ｐａｓｓｗｏｒｄ",
            "aaaaaaaa",
            "ababababab",
            "яяяяяяяя",
        ] {
            assert!(common(raw), "{raw}");
        }
    }

    #[test]
    fn the_names_of_product_and_server_and_the_persons_own_are_common() {
        for raw in [
            "anonchat",
            "AnonChat2024!",
            "anon-chat",
            "tahcnona",
            "anonchatanonchat",
            "annabel_7",
            "!Annabel77",
            "lebanna#1",
            "ann.kowalski@example.org",
            "Ann.Kowalski",
            "annkowalski1999",
            "talk.example.net",
            "TalkExampleNet1",
            "Talk2026",
            "elpmaxe!!",
        ] {
            assert!(common(raw), "{raw}");
        }
    }

    #[test]
    fn other_passwords_are_not() {
        for raw in [
            "correct horse battery staple",
            "пароль, но длинный",
            "annabel and her dog",
            "anonchat is a good place",
            "annabel 20240917 31",
            "an example of talk",
            "kT7#pw0z",
        ] {
            assert!(!common(raw), "{raw}");
        }
    }

    #[test]
    fn a_login_without_letters_is_compared_as_it_is() {
        let login = Login::parse("4711-0815").unwrap();
        let is = |raw| is_common(&Password::parse(raw).unwrap(), &login, None, None);
        assert!(is("4711-0815"));
        assert!(!is("9350-2764"));
    }
}
