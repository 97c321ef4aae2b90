//! Where the proxy listens and what browsers see of it.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::source::Source;
use super::value::{is_loopback, origin, origins, serialised_origin};

/// Addresses and origins.
#[derive(Debug, Clone)]
pub struct Listen {
    /// Browser API and static files.
    pub public: SocketAddr,
    /// Health and readiness.
    pub admin: SocketAddr,
    /// The origin that browsers see, as they write it.
    pub public_origin: String,
    /// Whether browsers come by https.
    pub secure: bool,
    /// Further page origins that may call.
    pub allowed_origins: Vec<String>,
    /// A folder to serve at `/`.
    pub static_dir: Option<PathBuf>,
}

impl Listen {
    pub(super) fn read(source: &mut Source<'_>, live: bool) -> Option<Self> {
        let public = source.parsed("LISTEN_ADDR", address);
        let admin = source.parsed("ADMIN_ADDR", address);
        if let (Some(public), Some(admin)) = (public, admin)
            && public == admin
            && public.port() != 0
        {
            source.problem(
                "ADMIN_ADDR",
                "must not be LISTEN_ADDR: it is not for the public",
            );
        }
        let public_url = source.parsed("PUBLIC_URL", |text| {
            let url = origin(text)?;
            if live && url.scheme() == "http" && !is_loopback(&url) {
                return Err("must be https with a live key".to_owned());
            }
            Ok(url)
        });
        let allowed_origins = match source.value("ALLOWED_ORIGINS") {
            None => Some(Vec::new()),
            Some(text) => source.check("ALLOWED_ORIGINS", origins(&text)),
        };
        let static_dir = match source.value("STATIC_DIR").map(PathBuf::from) {
            None => Some(None),
            Some(path) if path.is_dir() => Some(Some(path)),
            Some(_) => source.check("STATIC_DIR", Err("is no folder".to_owned())),
        };
        let public_url = public_url?;
        Some(Self {
            public: public?,
            admin: admin?,
            public_origin: serialised_origin(&public_url),
            secure: public_url.scheme() == "https",
            allowed_origins: allowed_origins?,
            static_dir: static_dir?,
        })
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "must be an address and a port, for instance 127.0.0.1:8080".to_owned())
}
