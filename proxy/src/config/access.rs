//! Who the caller is.

mod forwarded;
mod jwt;
mod service;
mod session;

pub use forwarded::{ForwardedUser, TrustedProxies};
pub use jwt::{PublicKey, TokenKeys, Tokens};
pub use service::ServiceKey;
pub use session::SessionKeys;

use super::source::Source;

/// Who may call.
#[derive(Debug, Clone)]
pub struct Access {
    /// How users are told apart.
    pub login: Login,
    /// Keys of the site's own back end; none when it has no access.
    pub service_keys: Vec<ServiceKey>,
    /// Whose forwarding headers are believed.
    pub trusted_proxies: TrustedProxies,
}

/// How users are told apart.
#[derive(Debug, Clone)]
pub enum Login {
    /// Anonymous visitors, by a signed cookie.
    Session(SessionKeys),
    /// Users of the site's own login, by a token that it signs.
    Jwt(Box<Tokens>),
    /// Users that a proxy in front of us names.
    Forwarded(ForwardedUser),
}

impl Access {
    pub(super) fn read(source: &mut Source<'_>) -> Option<Self> {
        let trusted_proxies = TrustedProxies::read(source);
        let login = Login::read(source, trusted_proxies.as_ref());
        let service_keys = ServiceKey::read_all(source);
        Some(Self {
            login: login?,
            service_keys: service_keys?,
            trusted_proxies: trusted_proxies?,
        })
    }
}

impl Login {
    fn read(source: &mut Source<'_>, proxies: Option<&TrustedProxies>) -> Option<Self> {
        let mode = source.value("AUTH_MODE")?;
        match mode.as_str() {
            "session" => SessionKeys::read(source).map(Self::Session),
            "jwt" => Tokens::read(source).map(Box::new).map(Self::Jwt),
            "forwarded" => ForwardedUser::read(source, proxies).map(Self::Forwarded),
            _ => {
                source.problem("AUTH_MODE", "must be session, jwt or forwarded");
                // What it should have been is not known; what was given for it can be looked at.
                if source.given("SESSION_KEY").is_some() {
                    let _: Option<SessionKeys> = SessionKeys::read(source);
                }
                None
            }
        }
    }
}
