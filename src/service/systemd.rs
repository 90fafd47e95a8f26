//! The programs of systemd.

use std::{path::Path, process::Command};

use super::ServiceError;

/// Whether systemd looks after this machine.
pub(super) fn runs() -> bool {
    Path::new("/run/systemd/system").is_dir()
}

/// Runs a command to its end.
pub(super) fn run(command: &[&str]) -> Result<(), ServiceError> {
    let failed = |said: String| ServiceError::Command { command: command.join(" "), said };
    let (program, arguments) = command.split_first().expect("a command has a name");
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(failed(said.lines().map(str::trim).collect::<Vec<_>>().join("; ")))
}

/// What systemd says of the service in a word.
pub(super) fn word(question: &str) -> String {
    let output = Command::new("systemctl").args([question, "anonchat.service"]).output();
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    said.ok().filter(|word| !word.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_complains_of_is_told_on_one_line() {
        run(&["true"]).unwrap();
        let complaint = ["sh", "-c", "printf 'one\\n two\\n' >&2; exit 3"];
        let failed = run(&complaint).unwrap_err().to_string();
        assert!(failed.ends_with(" failed: one; two"), "{failed}");
        let missing = run(&["no-such-program"]).unwrap_err().to_string();
        assert!(missing.starts_with("no-such-program failed: "), "{missing}");
    }
}
