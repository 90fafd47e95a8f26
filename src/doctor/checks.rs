//! The single checks. Each looks at one thing and knows what to do about it.

use std::{
    cmp::Ordering,
    fs, io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
};

use rustix::process::{Resource, getrlimit};

use super::{Finding, State};
use crate::{
    config::{Config, ListenAddr},
    data_dir::DataDir,
};

pub(super) const DATA: &str = "data directory";
const CONFIGURATION: &str = "configuration";
const ADDRESS: &str = "address";
const PUBLIC_URL: &str = "public URL";
const PROXIES: &str = "proxies";
const DESCRIPTORS: &str = "file descriptors";
const SPACE: &str = "disk space";
const CLOCK: &str = "clock";
const SCHEMA: &str = "schema";

/// Descriptors besides those of connections: files, pipes, the listener.
const OTHER_DESCRIPTORS: u64 = 100;
/// Below this much free space somebody should look soon, and at once.
const SPACE_SOON: u64 = 1 << 30;
const SPACE_NOW: u64 = 100 << 20;

/// Whether what people send can be read on its way.
pub(super) fn address(config: &Config) -> Finding {
    let addr = &config.server.addr;
    match addr {
        _ if config.server.tls.files().is_some() => {
            Finding::fine(ADDRESS, format!("{addr}, with TLS"))
        }
        ListenAddr::Tcp(tcp) if !tcp.ip().is_loopback() => Finding::doubtful(
            ADDRESS,
            format!("{addr}: plain HTTP beyond this machine; whoever is on the way reads along"),
            "listen on 127.0.0.1 behind a proxy with TLS, or set server.tls, unless the network itself \
             is encrypted",
        ),
        ListenAddr::Tcp(_) | ListenAddr::Unix(_) => Finding::fine(ADDRESS, addr.to_string()),
    }
}

/// Whether browsers come the way the server expects.
pub(super) fn public_url(config: &Config) -> Finding {
    match &config.server.public_url {
        Some(url) if url.as_str().starts_with("https://") => {
            Finding::fine(PUBLIC_URL, url.as_str())
        }
        Some(url) => Finding::doubtful(
            PUBLIC_URL,
            format!("{}: without TLS", url.as_str()),
            "put TLS in front and write https:// into server.public-url",
        ),
        None => Finding::doubtful(
            PUBLIC_URL,
            "not set: only who opens the server's own address can open sockets",
            "set server.public-url to what people type, if that is another address",
        ),
    }
}

/// Whether limits count people and not the proxy in front of them.
pub(super) fn proxies(config: &Config) -> Finding {
    let trusted = config.server.trusted_proxies.len();
    let is_behind = config.server.public_url.is_some() && config.server.tls.files().is_none();
    match &config.server.addr {
        ListenAddr::Tcp(_) if is_behind && trusted == 0 => Finding::doubtful(
            PROXIES,
            "none is trusted, and there is a public URL: all people may share one address' limits",
            "name the proxy's address in server.trusted-proxies",
        ),
        ListenAddr::Tcp(_) | ListenAddr::Unix(_) => {
            Finding::fine(PROXIES, format!("{trusted} trusted"))
        }
    }
}

/// Whether as many connections can be open as may be.
pub(super) fn descriptors(config: &Config) -> Finding {
    let wanted = u64::from(config.server.limits.connections.get()) + OTHER_DESCRIPTORS;
    let allowed = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let detail = format!("{allowed} allowed here, {wanted} wanted for server.limits.connections");
    if wanted <= allowed {
        return Finding::fine(DESCRIPTORS, detail);
    }
    let help = "raise the limit (ulimit -n, LimitNOFILE= of the unit) or lower the setting; a \
                service has a limit of its own";
    Finding::doubtful(DESCRIPTORS, detail, help)
}

/// Whether the data is there, for its owner alone, and has room to grow.
pub(super) fn data(dir: &DataDir, config: &Config) -> Vec<Finding> {
    let path = dir.path();
    let mut findings = vec![private(DATA, path, 0o700)];
    findings.push(match fs::metadata(dir.key()) {
        Err(error) if is_missing(&error) => {
            Finding::doubtful("secret key", "none yet", "the first start makes it")
        }
        Ok(key) if key.len() != 32 => Finding::wrong(
            "secret key",
            format!("{} bytes instead of 32", key.len()),
            "put the right one back from your copy of it; without it nobody is known again",
        ),
        _ => private("secret key", &dir.key(), 0o600),
    });
    if dir.signing_keys().exists() {
        findings.push(private("signing keys", &dir.signing_keys(), 0o600));
    }
    findings.push(match fs::metadata(dir.database()) {
        _ if config.storage.url.is_some() => {
            Finding::fine("database", "PostgreSQL; whether it answers, `healthcheck` says")
        }
        Err(error) if is_missing(&error) => {
            Finding::doubtful("database", "none yet", "the first start makes it")
        }
        _ => private("database", &dir.database(), 0o600),
    });
    findings.extend([space(path), clock(&dir.database())]);
    findings
}

/// Whether the user whose the data is, who by now is who asks, can read the configuration as well.
pub fn configuration(file: &Path) -> Finding {
    match fs::File::open(file) {
        Ok(_) => Finding::fine(CONFIGURATION, file.display().to_string()),
        Err(error) => Finding::wrong(
            CONFIGURATION,
            format!("{}: {error}", file.display()),
            "give it to the group of the user whose the data is and let it read: chgrp, chmod 640",
        ),
    }
}

/// Whether this program and the database fit together.
pub(super) fn schema(found: u32, known: u32) -> Finding {
    match found.cmp(&known) {
        Ordering::Equal => Finding::fine(SCHEMA, format!("version {found}")),
        Ordering::Less => Finding::doubtful(
            SCHEMA,
            format!("version {found}; the next start of this program makes it {known}"),
            "a copy is kept; `anonchat db migrate --dry-run` lists the changes",
        ),
        Ordering::Greater => Finding::wrong(
            SCHEMA,
            format!("version {found}, made by a newer program; this one knows up to {known}"),
            "install that version or a later one, or restore the before-schema backup",
        ),
    }
}

/// Whether only its owner, who is who asks, can open a file or directory.
fn private(what: &'static str, path: &Path, mode: u32) -> Finding {
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) => {
            let detail = format!("{}: {error}", path.display());
            return Finding::wrong(what, detail, "run this as the user whose data it is");
        }
    };
    let actual = found.permissions().mode() & 0o777;
    let detail = format!("{}, mode {actual:04o}", path.display());
    let me = rustix::process::geteuid().as_raw();
    if found.uid() != me && me != 0 {
        let detail = format!("{detail}, of user {}, asked by user {me}", found.uid());
        return Finding::wrong(what, detail, "give it to the user that the server runs as: chown");
    }
    match actual & !mode {
        0 => Finding::fine(what, detail),
        _ => Finding::wrong(what, detail, "take it away from others: chmod go-rwx"),
    }
}

fn space(path: &Path) -> Finding {
    let free = match rustix::fs::statvfs(path) {
        Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize),
        Err(error) => return Finding::wrong(SPACE, error.to_string(), "look at the disk"),
    };
    let detail = format!("{} MiB free", free >> 20);
    let state = match free {
        ..SPACE_NOW => State::Wrong,
        SPACE_NOW..SPACE_SOON => State::Doubtful,
        SPACE_SOON.. => return Finding::fine(SPACE, detail),
    };
    Finding { what: SPACE, state, detail, help: "make room: nothing is accepted on a full disk" }
}

/// Whether time has gone on since the database was written.
fn clock(database: &Path) -> Finding {
    let Ok(written) = fs::metadata(database).and_then(|found| found.modified()) else {
        return Finding::fine(CLOCK, "nothing to compare it with yet");
    };
    match written.elapsed() {
        Ok(_) => Finding::fine(CLOCK, "later than the last change"),
        Err(_) => Finding::wrong(
            CLOCK,
            "earlier than the last change of the database",
            "set the clock (timedatectl): sessions end and messages expire by it",
        ),
    }
}

fn is_missing(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(check: fn(&Config) -> Finding, change: impl FnOnce(&mut Config)) -> State {
        let mut config = Config::default();
        change(&mut config);
        check(&config).state
    }

    #[test]
    fn plain_http_beyond_this_machine_is_pointed_out() {
        for (addr, expected) in [
            ("127.0.0.1:8080", State::Fine),
            ("[::1]:8080", State::Fine),
            ("unix:/run/anonchat.sock", State::Fine),
            ("0.0.0.0:8080", State::Doubtful),
            ("192.0.2.1:8080", State::Doubtful),
        ] {
            let found = state(address, |config| config.server.addr = addr.parse().unwrap());
            assert_eq!(found, expected, "{addr}");
        }
    }

    #[test]
    fn what_others_can_open_is_wrong() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret.key");
        fs::write(&path, [0; 32]).unwrap();
        for (mode, expected) in [(0o600, State::Fine), (0o400, State::Fine), (0o640, State::Wrong)]
        {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(private("secret key", &path, 0o600).state, expected, "{mode:o}");
        }
    }

    #[test]
    fn a_schema_of_another_version_is_pointed_out() {
        let states = [1, 2, 3].map(|found| schema(found, 2).state);
        assert_eq!(states, [State::Doubtful, State::Fine, State::Wrong]);
    }

    #[test]
    fn a_clock_that_was_set_back_is_wrong() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("anonchat.db");
        assert_eq!(clock(&path).state, State::Fine, "without a database");
        let file = fs::File::create(&path).unwrap();
        assert_eq!(clock(&path).state, State::Fine);
        let written = file.metadata().unwrap().modified().unwrap();
        file.set_modified(written + std::time::Duration::from_hours(1)).unwrap();
        assert_eq!(clock(&path).state, State::Wrong);
    }
}
