//! `anonchat man [DIR]`

use std::{fs, path::Path};

use clap::CommandFactory;
use clap_mangen::{Man, generate_to};

use super::{Cli, Exit, Output};

pub(super) fn run(output: &mut Output, dir: Option<&Path>) -> Exit {
    match dir {
        Some(dir) => {
            match fs::create_dir_all(dir).and_then(|()| generate_to(Cli::command(), dir)) {
                Ok(()) => output.answer(&format!("the pages are in {}\n", dir.display())),
                Err(error) => {
                    let problem = format!("cannot write pages into {}: {error}", dir.display());
                    output.fail(problem, "name a directory that you may write to")
                }
            }
        }
        None => {
            let mut page = Vec::new();
            match Man::new(Cli::command()).render(&mut page) {
                Ok(()) => output.answer(&String::from_utf8_lossy(&page)),
                Err(error) => output.fail(format!("cannot make the page: {error}"), "report it"),
            }
        }
    }
}
