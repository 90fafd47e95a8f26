//! Where the database is, and whether the way there is safe.
//!
//! TLS always checks the server's certificate and its name. `sslmode` says when there is TLS:
//! `disable` never; `require`, `verify-ca` and `verify-full` always, and all three mean the
//! strictest. Without it there is none to a database on this machine, and always to every other.
//! `sslrootcert` names a file of certificates to trust in place of the system's.

use std::path::PathBuf;

use tokio_postgres::{
    Config,
    config::{Host, SslMode},
};

use super::rows::{Cause, Failure};

/// Where to connect, and whom to trust there.
pub(super) struct Address {
    pub(super) config: Config,
    /// The file that `sslrootcert` names.
    pub(super) authorities: Option<PathBuf>,
}

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self, Failure> {
        let (place, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut others, mut mode, mut authorities) = (Vec::new(), None, None);
        for option in query.split('&').filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                Some(("sslmode", value)) => mode = mode_of(value)?,
                Some(("sslrootcert", path)) => authorities = Some(path.into()),
                _ => others.push(option),
            }
        }
        let url = [place, &others.join("&")].join("?");
        let config = url.parse::<Config>();
        let mut config = config.map_err(|error| cause(error.to_string()))?;
        let fitting = || if is_here(&config) { SslMode::Disable } else { SslMode::Require };
        let mode = mode.unwrap_or_else(fitting);
        config.ssl_mode(mode);
        Ok(Self { config, authorities })
    }
}

fn mode_of(value: &str) -> Result<Option<SslMode>, Failure> {
    match value {
        "disable" => Ok(Some(SslMode::Disable)),
        "require" | "verify-ca" | "verify-full" => Ok(Some(SslMode::Require)),
        "prefer" | "allow" => Ok(None),
        _ => Err(cause("sslmode is one of disable, require, verify-full".to_owned())),
    }
}

fn is_here(config: &Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost"
                || name.parse().is_ok_and(|ip: std::net::Ipv4Addr| ip.is_loopback())
                || name.parse().is_ok_and(|ip: std::net::Ipv6Addr| ip.is_loopback())
        }
        Host::Unix(_) => true,
    })
}

fn cause(what: String) -> Failure {
    Failure::unavailable(Cause::Address(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> SslMode {
        Address::parse(url).map(|address| address.config.get_ssl_mode()).unwrap()
    }

    #[test]
    fn the_way_to_another_machine_is_always_checked() {
        for (url, expected) in [
            ("postgres://db.example/chat", SslMode::Require),
            ("postgres://db.example/chat?sslmode=prefer", SslMode::Require),
            ("postgres://localhost,db.example/chat", SslMode::Require),
            ("postgres://db.example/chat?sslmode=verify-full", SslMode::Require),
            ("postgres://localhost/chat?sslmode=verify-full", SslMode::Require),
            ("postgres://db.example/chat?sslmode=disable", SslMode::Disable),
            ("postgres://127.0.0.1/chat", SslMode::Disable),
            ("postgres://[::1]/chat", SslMode::Disable),
            ("postgres://ann@%2Frun%2Fpostgresql/chat", SslMode::Disable),
        ] {
            assert_eq!(mode(url), expected, "{url}");
        }
    }

    #[test]
    fn what_is_not_about_certificates_is_kept() {
        let url = "postgres://ann:s%3F@db.example/chat?sslrootcert=/etc/ca.pem&connect_timeout=7";
        let Address { config, authorities } = Address::parse(url).unwrap();
        assert_eq!(authorities, Some(PathBuf::from("/etc/ca.pem")));
        assert_eq!(config.get_password(), Some(&b"s?"[..]));
        assert_eq!(config.get_connect_timeout().map(std::time::Duration::as_secs), Some(7));
    }

    #[test]
    fn an_option_that_does_not_exist_is_an_error_without_the_password() {
        for query in ["sslmode=maybe", "colour=red"] {
            let url = ["postgres://ann:secret@db.example/chat", query].join("?");
            let Err(Failure::Final(error)) = Address::parse(&url) else { panic!("{query}") };
            let shown =
                ["", &error.to_string(), &std::error::Error::source(&error).unwrap().to_string()];
            assert!(shown.iter().all(|text| !text.contains("secret")), "{shown:?}");
        }
    }
}
