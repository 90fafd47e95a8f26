//! Whether the program would start with what the service is told.

use std::{fs, io, path::Path, process::Command};

use super::{ServiceError, failed};

/// Where a unit finds its variables.
pub(super) const SETTINGS: &str = "/etc/default/anonchat";
const DATA: &str = "/var/lib/anonchat";

/// Has `program` check what it will read as a service: the variables in `settings`, if there is such a
/// file, and the configuration. Root checks for the user whose the service's data is.
///
/// # Errors
/// [`ServiceError::Configuration`] tells what it complains of.
pub(super) fn check(
    program: &Path,
    config: Option<&Path>,
    settings: &Path,
) -> Result<(), ServiceError> {
    let text = match fs::read_to_string(settings) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read.map_err(failed(settings))?,
    };
    let checked = Command::new(program)
        .args(["config", "check"])
        .current_dir("/")
        .env_clear()
        .env("ANONCHAT_DATA_DIR", DATA)
        .envs(config.map(|file| ("ANONCHAT_CONFIG", file)))
        .envs(variables(&text))
        .output()
        .map_err(failed(program))?;
    if checked.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&checked.stderr).trim().replace('\n', "\n  ");
    Err(ServiceError::Configuration { said })
}

/// One variable on each line, with or without the quotes that systemd takes off as well.
fn variables(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = text.lines().filter_map(|line| line.trim().split_once('='));
    let ours = pairs.filter(|(name, _)| name.starts_with("ANONCHAT_"));
    ours.map(|(name, value)| (name.trim_end(), unquoted(value.trim())))
}

fn unquoted(value: &str) -> &str {
    let within = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
    ['"', '\''].into_iter().find_map(within).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn variables_are_read_as_systemd_reads_them() {
        let text = "# ANONCHAT_A=1\nANONCHAT_B=2\n  ANONCHAT_C = 3\nANONCHAT_D=\"4 = '5'\"  \n\
                    ANONCHAT_E='6'\nANONCHAT_F=\nPATH=/opt\nANONCHAT_G\n";
        let read: Vec<_> = variables(text).collect();
        let expected = [
            ("ANONCHAT_B", "2"),
            ("ANONCHAT_C", "3"),
            ("ANONCHAT_D", "4 = '5'"),
            ("ANONCHAT_E", "6"),
            ("ANONCHAT_F", ""),
        ];
        assert_eq!(read, expected);
    }

    /// A program that says what it is told and ends so.
    fn program(folder: &Path, code: u8) -> PathBuf {
        let path = folder.join(format!("program-{code}"));
        let script = format!("#!/bin/sh\n(pwd; echo $*; env | grep ^ANON | sort) >&2\nexit {code}");
        // Written here, it could not be run while a process that another test starts has it open, too.
        let write = ["-c", "printf %s \"$1\" > \"$0\" && chmod +x \"$0\""];
        let mut shell = Command::new("/bin/sh");
        assert!(shell.args(write).arg(&path).arg(script).status().unwrap().success());
        path
    }

    #[test]
    fn the_program_checks_what_the_service_is_told_and_may_refuse_it() {
        let folder = tempfile::tempdir().unwrap();
        let settings = folder.path().join("anonchat");
        check(&program(folder.path(), 0), None, &settings).unwrap();
        fs::write(&settings, "ANONCHAT_COLOUR=red\n").unwrap();
        let refused = check(&program(folder.path(), 78), Some(Path::new("/a.yaml")), &settings);
        let ServiceError::Configuration { said } = refused.unwrap_err() else { panic!("another") };
        let lines = [
            "/",
            "config check",
            "ANONCHAT_COLOUR=red",
            "ANONCHAT_CONFIG=/a.yaml",
            "ANONCHAT_DATA_DIR=/var/lib/anonchat",
        ];
        assert_eq!(said, lines.join("\n  "));
    }
}
