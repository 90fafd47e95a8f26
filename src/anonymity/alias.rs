//! New aliases: random from end to end, derived from nothing about the person.

use super::{
    random,
    words::{ADJECTIVES, NOUNS},
};
use crate::domain::{Alias, ClientId, Handle};

/// How many candidates of one call are plain, as `Quiet Heron`; those after them carry a number, so
/// that somebody finds a free handle in a room where many are taken.
const PLAIN: usize = 4;

/// `count` aliases with random ids and handles, no handle twice, for a room to take the first free
/// one of.
pub fn candidates(count: usize) -> Vec<Alias> {
    let mut aliases: Vec<Alias> = Vec::with_capacity(count);
    while aliases.len() < count {
        let handle = handle(PLAIN <= aliases.len());
        if aliases.iter().all(|alias| alias.handle != handle) {
            aliases.push(Alias { client_id: ClientId::from_bytes(random::bytes()), handle });
        }
    }
    aliases
}

fn handle(numbered: bool) -> Handle {
    let (adjective, noun) = (pick(&ADJECTIVES), pick(&NOUNS));
    if numbered {
        Handle::new(format!("{adjective} {noun} {}", 1000 + random::below(9000)))
    } else {
        Handle::new(format!("{adjective} {noun}"))
    }
}

fn pick(words: &[&'static str]) -> &'static str {
    let count = u32::try_from(words.len()).expect("a word list is short");
    words[random::below(count) as usize]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_first_candidates_are_two_words_and_the_later_ones_carry_a_number() {
        let aliases = candidates(12);
        assert_eq!(aliases.len(), 12);
        for (place, alias) in aliases.iter().enumerate() {
            let words: Vec<_> = alias.handle.as_str().split(' ').collect();
            assert!(ADJECTIVES.contains(&words[0]) && NOUNS.contains(&words[1]), "{words:?}");
            assert_eq!(words.len(), if place < PLAIN { 2 } else { 3 });
            if let Some(number) = words.get(2) {
                assert!((1000..=9999).contains(&number.parse::<u32>().unwrap()));
            }
        }
    }

    #[test]
    fn no_id_and_no_handle_comes_twice_in_one_call() {
        let aliases = candidates(300);
        assert_eq!(aliases.iter().map(|a| a.client_id).collect::<HashSet<_>>().len(), 300);
        assert_eq!(aliases.iter().map(|a| a.handle.as_str()).collect::<HashSet<_>>().len(), 300);
    }

    #[test]
    fn every_word_comes_up() {
        let mut unseen: HashSet<_> = ADJECTIVES.iter().chain(NOUNS.iter()).copied().collect();
        for _ in 0..20_000 {
            unseen.remove(pick(&ADJECTIVES));
            unseen.remove(pick(&NOUNS));
        }
        assert!(unseen.is_empty(), "{unseen:?}");
    }
}
