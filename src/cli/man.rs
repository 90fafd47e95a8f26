//! `anonchat man [DIR]`

use std::{fs, io, path::Path};

use clap::CommandFactory;
use clap_mangen::{Man, generate_to};

use super::{Cli, Exit, Output};

pub(super) fn run(output: &mut Output, dir: Option<&Path>) -> Exit {
    let text = dir.map_or_else(page, pages);
    match text {
        Ok(text) => output.answer(&text),
        Err(error) => output.fail(format!("cannot write manual pages: {error}"), HELP),
    }
}

const HELP: &str = "name a directory that you may write to";

fn page() -> io::Result<String> {
    let mut page = Vec::new();
    Man::new(Cli::command()).render(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

fn pages(dir: &Path) -> io::Result<String> {
    fs::create_dir_all(dir)?;
    generate_to(Cli::command(), dir)?;
    Ok(format!("the pages are in {}\n", dir.display()))
}
