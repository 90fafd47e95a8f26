//! `anonchat licenses`

use super::{Exit, Output};

/// The terms of this program, then those of everything that is built into it.
const TERMS: &str =
    concat!(include_str!("../../LICENSE"), "\n", include_str!("../../THIRD-PARTY.txt"));

pub(super) fn run(output: &mut Output) -> Exit {
    output.answer(TERMS)
}
