//! `anonchat init`

use std::{
    env, fs, io,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
};

use rustix::process::geteuid;

use super::{DEFAULT_FILE, Exit, Output, Sources};
use crate::{anonymity::put_new, config::EXAMPLE, data_dir::DataDir};

pub(super) fn run(output: &mut Output, sources: &Sources) -> Exit {
    let file = sources.file().unwrap_or_else(|| DEFAULT_FILE.into());
    let wrote = match write_new(&file, EXAMPLE) {
        Ok(paths) => paths,
        Err(error) => {
            return output.fail(format!("cannot write {}: {error}", file.display()), HELP);
        }
    };
    let config = match output.load(sources) {
        Ok(loaded) => loaded.config,
        Err(error) => return output.reject(&error),
    };
    let data_dir = config.storage.data_dir;
    let made = !data_dir.is_dir();
    if let Err(error) = wrote.iter().try_for_each(|path| share(path, &data_dir)) {
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
        how(!wrote.is_empty()),
        absolute(&data_dir),
        how(made)
    ))
}

const HELP: &str = "name a place that you may write to with --config FILE";
const OPEN: &str = "give the file to that user's group and let it read (chgrp, chmod 640), or name \
                    one elsewhere with --config FILE";

/// Lets the user whose the data is read a file or folder, where root made it for another one.
fn share(path: &Path, data_dir: &Path) -> io::Result<()> {
    match DataDir::owner_of(data_dir) {
        Some((owner, group)) if geteuid().is_root() && owner != 0 => {
            chown(path, None, Some(group))?;
            let mode = if path.is_dir() { 0o750 } else { 0o640 };
            fs::set_permissions(path, fs::Permissions::from_mode(mode))
        }
        _ => Ok(()),
    }
}

/// Writes a file that is not there yet, all of it or nothing, and makes the folder around it, if only
/// that is missing. Returns what is new.
fn write_new(path: &Path, text: &str) -> io::Result<Vec<PathBuf>> {
    // Nothing has to be written then, not even by who may not.
    if path.exists() {
        return Ok(Vec::new());
    }
    let around = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = around.filter(|folder| !folder.exists());
    folder.map_or(Ok(()), fs::create_dir)?;
    match put_new(path, text.as_bytes()) {
        Ok(()) => Ok([Some(path), folder].into_iter().flatten().map(Path::to_owned).collect()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn absolute(path: &Path) -> String {
    let relative = path.strip_prefix(".").unwrap_or(path);
    env::current_dir().unwrap_or_default().join(relative).display().to_string()
}
