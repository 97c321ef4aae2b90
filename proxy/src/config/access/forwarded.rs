//! Proxies in front of us, and the user that they name.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::config::source::Source;
use crate::config::value::list;

/// By which header a trusted proxy names the user.
#[derive(Debug, Clone)]
pub struct ForwardedUser {
    /// The header's name, in lower case.
    pub header: String,
}

/// Addresses whose forwarding headers are believed. Nobody else's are.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<IpNet>);

/// Headers that mean something else, and that browsers may set or send by themselves.
const TAKEN: [&str; 7] = [
    "authorization",
    "content-length",
    "cookie",
    "host",
    "origin",
    "x-forwarded-for",
    "x-mono-connect",
];

impl ForwardedUser {
    pub(super) fn read(source: &mut Source<'_>, proxies: Option<&TrustedProxies>) -> Option<Self> {
        let header = source.parsed("FORWARDED_USER_HEADER", header_name);
        if proxies.is_some_and(|proxies| proxies.0.is_empty()) {
            let message = "is required for AUTH_MODE=forwarded";
            source.problem("FORWARDED_TRUSTED_PROXIES", message);
        }
        Some(Self { header: header? })
    }
}

fn header_name(text: &str) -> Result<String, String> {
    let name = text.to_ascii_lowercase();
    let good = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if !good || TAKEN.contains(&name.as_str()) {
        return Err("must be the name of a header of its own".to_owned());
    }
    Ok(name)
}

impl TrustedProxies {
    pub(super) fn read(source: &mut Source<'_>) -> Option<Self> {
        match source.value("FORWARDED_TRUSTED_PROXIES") {
            None => Some(Self::default()),
            Some(text) => source.check("FORWARDED_TRUSTED_PROXIES", Self::parse(&text)),
        }
    }

    /// From networks and addresses, comma-separated.
    pub fn parse(text: &str) -> Result<Self, String> {
        let networks: Vec<IpNet> = list(text).map(network).collect::<Result<_, _>>()?;
        if networks.is_empty() {
            return Err("must name at least one network".to_owned());
        }
        Ok(Self(networks))
    }

    /// Whether this address is one of them.
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

fn network(text: &str) -> Result<IpNet, String> {
    let wrong = || "must be networks such as 10.0.0.0/8, comma-separated".to_owned();
    let network: IpNet = match text.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().into(),
        Err(_) => text.parse().map_err(|_| wrong())?,
    };
    if network.prefix_len() == 0 {
        return Err("must not hold the whole internet: anybody could name the user".to_owned());
    }
    Ok(network)
}
