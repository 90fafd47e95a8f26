//! `anonchat init`

use std::{
    env, fs,
    io::{self, Write},
    os::unix::fs::{PermissionsExt, chown},
    path::Path,
};

use rustix::process::geteuid;

use super::{DEFAULT_FILE, Exit, Output, Sources};
use crate::{config::EXAMPLE, data_dir::DataDir};

pub(super) fn run(output: &mut Output, sources: &Sources) -> Exit {
    let file = sources.file().unwrap_or_else(|| DEFAULT_FILE.into());
    let wrote = match write_new(&file, EXAMPLE) {
        Ok(wrote) => wrote,
        Err(error) => {
            return output.fail(format!("cannot write {}: {error}", file.display()), HELP);
        }
    };
    let config = match sources.load() {
        Ok(loaded) => loaded.config,
        Err(error) => return output.reject(&error),
    };
    let data_dir = config.storage.data_dir;
    let made = !data_dir.is_dir();
    if wrote && let Err(error) = share(&file, &data_dir) {
        return output.fail(format!("cannot share {}: {error}", file.display()), HELP);
    }
    if let Err(error) = DataDir::make(&data_dir) {
        return output.explain(&error.into());
    }
    // Root is by now the user whose the data is.
    if let Err(error) = fs::File::open(&file) {
        let (file, data) = (file.display(), data_dir.display());
        return output.fail(format!("{file} is closed to the user whose {data} is: {error}"), OPEN);
    }
    let how = |new| if new { "made" } else { "there already, left as it is" };
    output.answer(&format!(
        "configuration {} ({})\ndata in       {} ({})\nNext: change what you like in the \
         configuration, `anonchat config check`, then `anonchat`.\n",
        absolute(&file),
        how(wrote),
        absolute(&data_dir),
        how(made)
    ))
}

const HELP: &str = "name a place that you may write to with --config FILE";
const OPEN: &str = "give the file to that user's group and let it read (chgrp, chmod 640), or name \
                    one elsewhere with --config FILE";

/// Lets the user whose the data is read the file, where root made it for another one.
fn share(file: &Path, data_dir: &Path) -> io::Result<()> {
    match DataDir::owner_of(data_dir) {
        Some((owner, group)) if geteuid().is_root() && owner != 0 => {
            chown(file, None, Some(group))?;
            fs::set_permissions(file, fs::Permissions::from_mode(0o640))
        }
        _ => Ok(()),
    }
}

/// Writes a file that is not there yet; false if it is.
fn write_new(path: &Path, text: &str) -> io::Result<bool> {
    match fs::File::create_new(path) {
        Ok(mut file) => {
            file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map(|()| true)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

fn absolute(path: &Path) -> String {
    let relative = path.strip_prefix(".").unwrap_or(path);
    env::current_dir().unwrap_or_default().join(relative).display().to_string()
}
