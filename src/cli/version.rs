//! `anonchat version`

use super::{Exit, Output};

pub(super) fn run(output: &mut Output) -> Exit {
    output.answer(concat!("anonchat ", env!("CARGO_PKG_VERSION"), "\n"))
}
