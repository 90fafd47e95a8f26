//! `anonchat reload`

use rustix::process::{Pid, Signal, kill_process};

use super::{Exit, Output, Sources};
use crate::data_dir::{DataDir, DataDirError, Purpose};

/// Checks the configuration first: a wrong one is told here, and the server is left alone.
pub(super) fn run(output: &mut Output, sources: &Sources) -> Exit {
    let config = match output.load(sources) {
        Ok(loaded) => loaded.config,
        Err(error) => return output.reject(&error),
    };
    let asked = DataDir::find(&config.storage.data_dir).and_then(|dir| dir.unlocked());
    let process = match asked {
        Err(DataDirError::InUse { process, purpose: Purpose::Serve, .. }) => process,
        Ok(()) => {
            let path = config.storage.data_dir.display();
            return output.fail(format!("no server works with {path}"), HELP);
        }
        Err(error) => return output.explain(&error.into()),
    };
    let process = process.and_then(|id| Pid::from_raw(id.parse().ok()?));
    let Some(process) = process else {
        return output.fail("the server's process id cannot be read".to_owned(), HELP);
    };
    match kill_process(process, Signal::HUP) {
        Ok(()) => output.answer("the server reads its configuration anew\n"),
        Err(error) => output.fail(format!("the server cannot be told: {error}"), HELP),
    }
}

const HELP: &str = "give the server's own --config and --data-dir, as the user that it runs as";
