//! `anonchat version [--json]`

use serde_json::json;

use super::{Exit, Output};

pub(super) fn run(output: &mut Output, as_json: bool) -> Exit {
    if !as_json {
        return output.answer(concat!("anonchat ", env!("CARGO_PKG_VERSION"), "\n"));
    }
    let version = json!({
        "name": "anonchat",
        "version": env!("CARGO_PKG_VERSION"),
        "os": std::env::consts::OS,
        "arch": std::env::consts::ARCH,
        "postgres": cfg!(feature = "postgres"),
    });
    output.answer(&format!("{version}\n"))
}
