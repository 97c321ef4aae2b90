//! Where a call comes from, seen through the proxies in front of us.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};

use crate::config::TrustedProxies;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address that a call is counted against: the peer's, or behind trusted proxies the nearest
/// one that is none of them. What stands further left in the header the caller may have made up.
///
/// Of an IPv6 address only the network counts: whoever has one has all of it.
pub(in crate::http) fn client_address(
    headers: &HeaderMap,
    peer: IpAddr,
    proxies: &TrustedProxies,
) -> IpAddr {
    let hops = headers.get_all(FORWARDED_FOR).iter().rev();
    let hops = hops.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    let mut address = peer.to_canonical();
    for hop in hops {
        if !proxies.contain(address) {
            break;
        }
        let Some(next) = std::str::from_utf8(hop).ok().and_then(parse) else {
            break;
        };
        address = next.to_canonical();
    }
    network(address)
}

/// An address, with or without a port.
fn parse(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let with_port = || hop.parse::<SocketAddr>().map(|address| address.ip());
    hop.parse().or_else(|_| with_port()).ok()
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn address(peer: &str, forwarded_for: &[&str]) -> String {
        let proxies = TrustedProxies::parse("10.0.0.0/8, 192.168.1.1, fd00::/8").unwrap();
        let mut headers = HeaderMap::new();
        for line in forwarded_for {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
        }
        client_address(&headers, peer.parse().unwrap(), &proxies).to_string()
    }

    #[test]
    fn a_stranger_is_who_he_is_whatever_he_says() {
        assert_eq!(address("203.0.113.9", &["1.1.1.1"]), "203.0.113.9");
        assert_eq!(address("203.0.113.9", &[]), "203.0.113.9");
    }

    #[test]
    fn behind_a_proxy_the_nearest_stranger_counts() {
        assert_eq!(address("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(
            address("10.0.0.1", &["6.6.6.6, 198.51.100.7, 10.2.2.2"]),
            "198.51.100.7"
        );
        // Lines are one list, in their order.
        assert_eq!(
            address("10.0.0.1", &["6.6.6.6", "198.51.100.7,192.168.1.1"]),
            "198.51.100.7"
        );
        assert_eq!(
            address("::ffff:10.0.0.1", &["198.51.100.7"]),
            "198.51.100.7"
        );
        assert_eq!(address("10.0.0.1", &["198.51.100.7:4711"]), "198.51.100.7");
        assert_eq!(
            address("fd00::1", &["[2001:db8:1:2::3]:4711"]),
            "2001:db8:1:2::"
        );
    }

    #[test]
    fn without_a_stranger_the_last_proxy_counts() {
        assert_eq!(address("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(address("10.0.0.1", &["10.0.0.2, 10.0.0.3"]), "10.0.0.2");
        assert_eq!(address("10.0.0.1", &["1.1.1.1, unknown"]), "10.0.0.1");
        assert_eq!(address("10.0.0.1", &[""]), "10.0.0.1");
    }

    #[test]
    fn a_network_of_the_next_protocol_is_one_address() {
        let one = address("2001:db8:1:2:aaaa::1", &[]);
        assert_eq!(one, address("2001:db8:1:2:bbbb::2", &[]));
        assert_ne!(one, address("2001:db8:1:3:aaaa::1", &[]));
    }
}
