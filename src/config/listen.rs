//! Where the server listens.

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    str::FromStr,
};

use serde_json::Value;

use super::setting::Written;

/// What a Unix socket's address begins with.
const UNIX: &str = "unix:";

/// An address on the network, or a Unix socket for a proxy on the same machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListenAddr {
    /// An IP address and a port.
    Tcp(SocketAddr),
    /// The absolute path of a socket in the file system.
    Unix(PathBuf),
}

/// Text that is no address to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "use an IP address and a port, such as 127.0.0.1:8080 or \"[::]:8080\", or unix: and an \
     absolute path"
)]
pub struct InvalidListenAddr;

impl FromStr for ListenAddr {
    type Err = InvalidListenAddr;

    fn from_str(text: &str) -> Result<Self, InvalidListenAddr> {
        match text.strip_prefix(UNIX) {
            Some(path) if Path::new(path).is_absolute() => Ok(Self::Unix(path.into())),
            Some(_) => Err(InvalidListenAddr),
            None => text.parse().map(Self::Tcp).map_err(|_| InvalidListenAddr),
        }
    }
}

impl From<SocketAddr> for ListenAddr {
    fn from(addr: SocketAddr) -> Self {
        Self::Tcp(addr)
    }
}

impl fmt::Display for ListenAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(addr) => addr.fmt(f),
            Self::Unix(path) => write!(f, "{UNIX}{}", path.display()),
        }
    }
}

impl Written for ListenAddr {
    fn read(value: &Value) -> Result<Self, String> {
        let text = value.as_str().ok_or(InvalidListenAddr).and_then(str::parse);
        text.map_err(|invalid| invalid.to_string())
    }

    fn write(&self) -> Value {
        self.to_string().into()
    }
}

/// Where a server that listens at `addr` can be reached from this machine.
pub fn reachable(addr: SocketAddr) -> SocketAddr {
    let ip = match addr.ip() {
        ip if !ip.is_unspecified() => ip,
        ip if ip.is_ipv4() => Ipv4Addr::LOCALHOST.into(),
        _ => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, addr.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back_as_it_is_written() {
        for text in ["127.0.0.1:8080", "[::]:80", "unix:/run/anonchat/anonchat.sock"] {
            assert_eq!(text.parse::<ListenAddr>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_neither_an_address_nor_an_absolute_path_is_refused() {
        for text in ["", "8080", "localhost:8080", "unix:", "unix:anonchat.sock", "/run/x.sock"] {
            assert_eq!(text.parse::<ListenAddr>(), Err(InvalidListenAddr), "{text}");
        }
    }

    #[test]
    fn a_server_that_listens_everywhere_is_reached_on_loopback() {
        for (listens, reached) in [
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:8080", "[::1]:8080"),
            ("192.0.2.1:8080", "192.0.2.1:8080"),
        ] {
            assert_eq!(reachable(listens.parse().unwrap()), reached.parse().unwrap());
        }
    }
}
