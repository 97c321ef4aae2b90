//! Name resolution that leads to no address which a machine or its cloud keeps for itself, asked
//! anew for every connection, so that a name which changes later leads nowhere else either.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Url;

use crate::config::{is_forbidden, is_loopback};

/// Resolves names for one target.
#[derive(Debug, Clone)]
pub(super) struct PublicOnly {
    /// The target itself is on this machine, by its name.
    loopback: bool,
}

/// Where a name leads.
#[derive(Debug)]
pub(super) enum Lookup {
    /// There.
    Found(Vec<SocketAddr>),
    /// Nowhere, now.
    Unknown,
    /// Only where no back end can be.
    Forbidden,
}

#[derive(Debug, thiserror::Error)]
enum Nowhere {
    #[error("the name is not known")]
    Unknown,
    #[error("the name leads to addresses of this network's own services only")]
    Forbidden,
}

impl PublicOnly {
    pub(super) fn for_target(url: &Url) -> Self {
        Self {
            loopback: is_loopback(url),
        }
    }

    pub(super) async fn look_up(&self, name: &str) -> Lookup {
        let Ok(found) = tokio::net::lookup_host((name, 0)).await else {
            return Lookup::Unknown;
        };
        self.choose(found.collect())
    }

    fn choose(&self, found: Vec<SocketAddr>) -> Lookup {
        if found.is_empty() {
            return Lookup::Unknown;
        }
        let loopback = self.loopback;
        let allowed = |address: &SocketAddr| {
            let ip = address.ip().to_canonical();
            !is_forbidden(ip) || loopback && ip.is_loopback()
        };
        let allowed: Vec<_> = found.into_iter().filter(allowed).collect();
        if allowed.is_empty() {
            return Lookup::Forbidden;
        }
        Lookup::Found(allowed)
    }
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            match resolver.look_up(name.as_str()).await {
                Lookup::Found(addresses) => Ok(Box::new(addresses.into_iter()) as Addrs),
                Lookup::Unknown => Err(Nowhere::Unknown.into()),
                Lookup::Forbidden => Err(Nowhere::Forbidden.into()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(url: &str, found: &[&str]) -> Option<usize> {
        let resolver = PublicOnly::for_target(&url.parse().unwrap());
        let found = found
            .iter()
            .map(|ip| SocketAddr::new(ip.parse().unwrap(), 0));
        match resolver.choose(found.collect()) {
            Lookup::Found(addresses) => Some(addresses.len()),
            Lookup::Unknown | Lookup::Forbidden => None,
        }
    }

    #[test]
    fn a_name_does_not_lead_to_what_the_network_keeps_for_itself() {
        let app = "https://app.example/";
        assert_eq!(chosen(app, &["203.0.113.7", "10.0.0.7"]), Some(2));
        assert_eq!(chosen(app, &["203.0.113.7", "169.254.169.254"]), Some(1));
        for forbidden in [
            "127.0.0.1",
            "::1",
            "::ffff:127.0.0.1",
            "169.254.1.1",
            "fe80::1",
        ] {
            assert_eq!(chosen(app, &[forbidden]), None, "{forbidden}");
        }
        assert_eq!(
            chosen("http://localhost:3000/", &["127.0.0.1", "::1"]),
            Some(2)
        );
        assert_eq!(chosen("http://localhost:3000/", &["169.254.169.254"]), None);
    }
}
