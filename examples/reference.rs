//! Renews the generated parts of `docs/CONFIGURATION.md` and `docs/CLI.md`:
//! `cargo run --example reference`.

use std::{fs, io};

use anonchat::{cli, config};

const BEGIN: &str = "<!-- generated -->\n";
const END: &str = "<!-- end -->\n";

fn main() -> io::Result<()> {
    renew("docs/CONFIGURATION.md", &config::table())?;
    renew("docs/CLI.md", &cli::reference())
}

/// Puts a new text between the two marks of a file.
fn renew(path: &str, generated: &str) -> io::Result<()> {
    let text = fs::read_to_string(path)?;
    let (head, rest) = text.split_once(BEGIN).ok_or(io::ErrorKind::InvalidData)?;
    let (_, tail) = rest.split_once(END).ok_or(io::ErrorKind::InvalidData)?;
    fs::write(path, format!("{head}{BEGIN}{generated}{END}{tail}"))
}
