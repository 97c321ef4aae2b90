//! Ports on loopback that nobody listens on.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use anyhow::{Context as _, Result};

/// How many ports after the preferred one are tried.
const TRIES: u16 = 200;

/// The preferred port, or the next free one that is not among `taken`.
pub(crate) fn free(preferred: u16, taken: &[SocketAddr]) -> Result<SocketAddr> {
    (preferred..preferred.saturating_add(TRIES))
        .map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .find(|address| !taken.contains(address) && TcpListener::bind(address).is_ok())
        .with_context(|| format!("no port is free from {preferred} on"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_passed_over() {
        let used = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = used.local_addr().unwrap().port();
        let found = free(port, &[]).unwrap();
        assert!(found.port() > port, "{found}");
        assert!(found.ip().is_loopback());
    }

    #[test]
    fn a_port_given_away_already_is_passed_over() {
        let first = free(20_000, &[]).unwrap();
        let second = free(20_000, &[first]).unwrap();
        assert_ne!(first, second);
    }
}
