//! Client addresses: whose they are, and the keys that limits count by in their place.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
};

use ipnet::IpNet;

/// The proxies in front of this server whose word on a client's address is taken.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

/// The address of a client. It can be counted by, as a [`RateKey`](super::RateKey), and be seen by
/// nobody: it has no text form, and its `Debug` shows nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(IpAddr);

impl TrustedProxies {
    /// Trusts the proxies in these networks; none trusts nobody.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Whose request this is: `peer`'s own, unless `peer` is a trusted proxy.
    ///
    /// A peer without an address, which has come through a Unix socket, is a trusted one: the
    /// operator decides who may open its file. It may forward for nobody; then nobody's address is
    /// known, and the answer is `None`.
    ///
    /// Of a trusted proxy `forwarded_for`, the values of all `X-Forwarded-For` headers in their
    /// order, is read from the right, where the nearest proxy wrote: the first address that is no
    /// trusted proxy is the client's. At anything that is no address the last good one stands;
    /// what is left of it may be the client's own invention.
    pub fn client_address(
        &self,
        peer: Option<IpAddr>,
        forwarded_for: &[&str],
    ) -> Option<ClientAddress> {
        let mut client = peer.map(|peer| peer.to_canonical());
        let hops = forwarded_for.iter().rev().flat_map(|value| value.rsplit(','));
        for hop in hops {
            if client.is_some_and(|client| !self.trusts(client)) {
                break;
            }
            match parse_hop(hop.trim()) {
                Some(address) => client = Some(address),
                None => break,
            }
        }
        client.map(ClientAddress)
    }

    /// Whether `address` is one of them.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// An address with or without port, an IPv6 one with or without brackets.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let bare = || hop.parse::<IpAddr>().ok();
    let with_port = || hop.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || {
        let inner = hop.strip_prefix('[')?.strip_suffix(']')?;
        inner.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
    };
    bare().or_else(with_port).or_else(bracketed).map(|address| address.to_canonical())
}

impl ClientAddress {
    /// What one customer of a provider has: an IPv4 address, or an IPv6 /64.
    pub(super) fn subscriber(self) -> [u8; 16] {
        self.masked(64)
    }

    /// What one site may have: an IPv4 address, or an IPv6 /48.
    pub(super) fn site(self) -> [u8; 16] {
        self.masked(48)
    }

    fn masked(self, prefix: u32) -> [u8; 16] {
        match self.0 {
            IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
            IpAddr::V6(address) => {
                (u128::from(address) & (u128::MAX << (128 - prefix))).to_be_bytes()
            }
        }
    }
}

impl fmt::Debug for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientAddress(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Trusts the proxies in `10.0.0.0/8` and `fd00::/8`.
    fn client(peer: &str, forwarded_for: &[&str]) -> IpAddr {
        let networks = ["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap());
        let proxies = TrustedProxies::new(networks.to_vec());
        proxies.client_address(peer.parse().ok(), forwarded_for).unwrap().0
    }

    fn assert_client(peer: &str, forwarded_for: &[&str], expected: &str) {
        let expected: IpAddr = expected.parse().unwrap();
        assert_eq!(client(peer, forwarded_for), expected, "{peer} {forwarded_for:?}");
    }

    #[test]
    fn only_a_trusted_peer_is_believed() {
        assert_client("192.0.2.1", &["203.0.113.9"], "192.0.2.1");
        assert_client("10.0.0.1", &["203.0.113.9"], "203.0.113.9");
        let nobody = TrustedProxies::default();
        let peer = "127.0.0.1".parse().unwrap();
        let client = nobody.client_address(Some(peer), &["203.0.113.9"]);
        assert_eq!(client, Some(ClientAddress(peer)));
    }

    #[test]
    fn a_peer_without_an_address_is_believed_and_may_know_none() {
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
        let client = |forwarded_for| proxies.client_address(None, forwarded_for);
        let expected = Some(ClientAddress("203.0.113.9".parse().unwrap()));
        assert_eq!(client(&["1.1.1.1, 203.0.113.9, 10.0.0.2"]), expected);
        assert_eq!(client(&[]), None);
        assert_eq!(client(&["unknown"]), None);
    }

    #[test]
    fn the_first_address_from_the_right_that_is_no_proxy_is_the_client() {
        for (forwarded_for, expected) in [
            (&["203.0.113.9"][..], "203.0.113.9"),
            (&["203.0.113.9, 10.0.0.2, 10.0.0.3"], "203.0.113.9"),
            (&["1.1.1.1, 203.0.113.9, 10.0.0.2"], "203.0.113.9"),
            (&["1.1.1.1", "203.0.113.9", "10.0.0.2"], "203.0.113.9"),
            (&["1.1.1.1, 10.0.0.9", "203.0.113.9"], "203.0.113.9"),
            (&["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            (&["203.0.113.9, fd00::1"], "203.0.113.9"),
        ] {
            assert_client("10.0.0.1", forwarded_for, expected);
        }
    }

    #[test]
    fn an_address_may_have_a_port_and_brackets() {
        for (hop, expected) in [
            ("203.0.113.9:4711", "203.0.113.9"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("  203.0.113.9\t", "203.0.113.9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
        ] {
            assert_client("10.0.0.1", &[hop], expected);
        }
    }

    #[test]
    fn an_ipv4_proxy_is_known_by_its_ipv6_form_too() {
        assert_client("::ffff:10.0.0.1", &["203.0.113.9"], "203.0.113.9");
        assert_client("10.0.0.1", &["203.0.113.9, ::ffff:10.0.0.2"], "203.0.113.9");
    }

    #[test]
    fn garbage_ends_the_walk_at_the_last_good_hop() {
        let garbage = [
            "",
            " ",
            ",",
            "unknown",
            "_hidden",
            "localhost",
            "for=203.0.113.9",
            "203.0.113.9;proto=http",
            "203.0.113.9 1.2.3.4",
            "203.0.113.999",
            "203.0.113",
            "0203.0.113.9",
            "0xcb007109",
            "3405803785",
            "203.0.113.9:",
            "203.0.113.9:99999",
            "[203.0.113.9]",
            "[2001:db8::1",
            "2001:db8::1]",
            "fe80::1%eth0",
            "2001:db8:::1",
            "\"203.0.113.9\"",
            "203.0.113.9\0",
            "２０３.0.113.9",
            "'; drop table accounts; --",
        ];
        for hop in garbage {
            assert_client("10.0.0.1", &[hop], "10.0.0.1");
            assert_client("10.0.0.1", &["1.1.1.1", hop], "10.0.0.1");
            let behind_another = format!("1.1.1.1, {hop}, 10.0.0.2");
            assert_client("10.0.0.1", &[&behind_another], "10.0.0.2");
        }
        assert_client("10.0.0.1", &[], "10.0.0.1");
        assert_client("10.0.0.1", &[&"x".repeat(100_000)], "10.0.0.1");
        assert_client("10.0.0.1", &[&",".repeat(100_000)], "10.0.0.1");
    }

    #[test]
    fn logs_show_nothing_of_an_address() {
        assert_eq!(
            format!("{:?}", ClientAddress("192.0.2.1".parse().unwrap())),
            "ClientAddress(…)"
        );
    }
}
