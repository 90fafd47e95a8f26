//! The files of the service, as they are in this program, and where they go.

use std::path::Path;

use super::ServiceError;

/// What the files say of the program's own place.
pub(super) const PROGRAM: &str = "/usr/bin/anonchat";
/// Where a package puts its unit; then there is nothing left to do.
pub(super) const PACKAGED: [&str; 2] =
    ["usr/lib/systemd/system/anonchat.service", "lib/systemd/system/anonchat.service"];
/// The unit itself, which is there exactly while the service is installed.
pub(super) const UNIT: &str = "etc/systemd/system/anonchat.service";
/// Every file, below the root, with what is in it.
pub(super) const FILES: [(&str, &str); 5] = [
    ("etc/sysusers.d/anonchat.conf", include_str!("../../systemd/anonchat.sysusers.conf")),
    (UNIT, include_str!("../../systemd/anonchat.service")),
    ("etc/systemd/system/anonchat.socket", include_str!("../../systemd/anonchat.socket")),
    (
        "etc/systemd/system/anonchat-backup.service",
        include_str!("../../systemd/anonchat-backup.service"),
    ),
    (
        "etc/systemd/system/anonchat-backup.timer",
        include_str!("../../systemd/anonchat-backup.timer"),
    ),
];

/// The first line of every file that was written here.
const MARK: &str =
    "# Written by `anonchat service install`: put changes into a drop-in beside it.\n";
const SETTINGS: &str = "EnvironmentFile=";
/// Folders that a unit with `ProtectHome=` and `PrivateTmp=` does not see.
const UNSEEN: [&str; 5] = ["/home", "/root", "/run/user", "/tmp", "/var/tmp"];

/// Whether a file was written here.
pub(super) fn is_ours(text: &str) -> bool {
    text.starts_with(MARK)
}

/// A path as a unit takes it for one word, to something that the service can reach.
pub(super) fn within_reach(path: &Path) -> Result<&str, ServiceError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._+-".contains(c);
    let text = path.to_str().filter(|text| text.starts_with('/') && text.chars().all(is_plain));
    let is_seen = !UNSEEN.iter().any(|folder| path.starts_with(folder));
    text.filter(|_| is_seen).ok_or_else(|| ServiceError::OutOfReach { path: path.to_owned() })
}

/// What goes into a file, for a program at this place that reads this configuration.
pub(super) fn render(text: &str, program: &str, config: Option<&str>) -> String {
    let text = text.replace(PROGRAM, program);
    let text = match config {
        Some(file) => {
            text.replace(SETTINGS, &format!("Environment=ANONCHAT_CONFIG={file}\n{SETTINGS}"))
        }
        None => text,
    };
    format!("{MARK}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_starts_the_program_where_it_is_with_the_configuration_that_was_named() {
        let unit = FILES[1].1;
        let told = render(unit, "/opt/anonchat", Some("/etc/anonchat/anonchat.yaml"));
        assert!(told.contains("\nExecStart=/opt/anonchat serve\n"), "{told}");
        assert!(told.contains("\nExecPaths=/opt/anonchat /usr/lib"), "{told}");
        assert!(!told.contains(PROGRAM), "{told}");
        let config = "\nEnvironment=ANONCHAT_CONFIG=/etc/anonchat/anonchat.yaml\nEnvironmentFile=";
        assert!(told.contains(config), "{told}");
        let plain = render(unit, PROGRAM, None);
        assert!(is_ours(&plain) && !is_ours(unit));
        assert_eq!(plain.strip_prefix(MARK), Some(unit));
    }

    #[test]
    fn what_a_service_cannot_reach_or_a_unit_cannot_say_is_refused() {
        for path in ["/usr/local/bin/anonchat", "/opt/anon-chat_1.2+x/anonchat"] {
            assert_eq!(within_reach(Path::new(path)).unwrap(), path);
        }
        for path in [
            "/home/ann/anonchat",
            "/root/anonchat",
            "/tmp/anonchat",
            "/opt/my programs/anonchat",
            "/opt/100%/anonchat",
            "/opt/x\nUser=root",
            "anonchat",
        ] {
            assert!(within_reach(Path::new(path)).is_err(), "{path}");
        }
    }
}
