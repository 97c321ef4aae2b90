//! Users that a proxy in front of us names in a header.
//!
//! The header of anybody else is ignored, as if it were not there: whoever reaches us past the proxy
//! is nobody.

use std::net::IpAddr;

use axum::http::HeaderMap;

use super::Identity;
use crate::config::{ForwardedUser, TrustedProxies};

/// Believes the trusted proxies, and nobody else.
pub(super) struct ForwardedUsers {
    header: String,
    proxies: TrustedProxies,
}

impl ForwardedUsers {
    pub(super) fn new(user: &ForwardedUser, proxies: TrustedProxies) -> Self {
        Self {
            header: user.header.clone(),
            proxies,
        }
    }

    pub(super) fn identify(&self, headers: &HeaderMap, peer: Option<IpAddr>) -> Identity {
        if !peer.is_some_and(|peer| self.proxies.contain(peer)) {
            return Identity::Nobody;
        }
        let mut values = headers.get_all(&self.header).iter();
        match (values.next(), values.next()) {
            (None, _) => Identity::Nobody,
            // The proxy added its own and left the caller's in place.
            (Some(_), Some(_)) => Identity::Invalid,
            (Some(user), None) => {
                let user = user.to_str().ok().and_then(|user| user.parse().ok());
                user.map_or(Identity::Invalid, |user| Identity::Known {
                    user,
                    until: None,
                })
            }
        }
    }
}
