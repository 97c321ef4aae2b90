//! Where accounts are kept.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::source::Source;

/// Which database.
#[derive(Debug, Clone)]
pub enum Storage {
    /// A SQLite file.
    SqliteFile(PathBuf),
    /// SQLite in memory: gone with the process.
    SqliteMemory,
    /// PostgreSQL, which several proxies may share.
    Postgres(PostgresUrl),
}

/// Where a PostgreSQL is, and as whom and with which password it is used.
#[derive(Clone)]
pub struct PostgresUrl {
    url: SecretString,
    protected: bool,
}

impl PostgresUrl {
    /// The whole URL, password included.
    pub fn expose(&self) -> &str {
        self.url.expose_secret()
    }

    /// Whether nobody in between can pass himself off as the server: it is on this machine, or it
    /// must prove who it is.
    pub fn is_protected(&self) -> bool {
        self.protected
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PostgresUrl([redacted])")
    }
}

/// What may stand after the `?`. Another word would be ignored, and with it a setting that matters.
const PARAMETERS: &[&str] = &[
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "user",
];

const SSL_MODES: &[&str] = &[
    "disable",
    "allow",
    "prefer",
    "require",
    "verify-ca",
    "verify-full",
];

impl Storage {
    pub(super) fn read(source: &mut Source<'_>) -> Option<Self> {
        source.parsed("DATABASE_URL", |text| {
            if text == "sqlite::memory:" {
                return Ok(Self::SqliteMemory);
            }
            if let Some(path) = text.strip_prefix("sqlite://") {
                return match path {
                    "" => Err("must name a file: sqlite://PATH".to_owned()),
                    path if path.contains('?') => Err("takes no parameters".to_owned()),
                    path if !has_folder(Path::new(path)) => {
                        Err("names a file in a folder that does not exist".to_owned())
                    }
                    path => Ok(Self::SqliteFile(PathBuf::from(path))),
                };
            }
            if text.starts_with("postgres://") || text.starts_with("postgresql://") {
                return postgres(text).map(Self::Postgres);
            }
            Err("must be sqlite://PATH, sqlite::memory: or postgres://…".to_owned())
        })
    }
}

fn has_folder(path: &Path) -> bool {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    folder.is_none_or(Path::is_dir)
}

fn postgres(text: &str) -> Result<PostgresUrl, String> {
    let wrong = || "must be postgres://USER:PASSWORD@HOST:PORT/DATABASE".to_owned();
    let url = Url::parse(text).map_err(|_| wrong())?;
    let parameter = |name: &str| {
        let found = url.query_pairs().find(|(known, _)| known == name);
        found.map(|(_, value)| value.into_owned())
    };
    let host = parameter("hostaddr").or_else(|| parameter("host"));
    let host = host.or_else(|| url.host_str().map(str::to_owned));
    let host = host.filter(|host| !host.is_empty()).ok_or_else(wrong)?;
    for (name, value) in url.query_pairs() {
        let option = name.starts_with("options[") && name.ends_with(']');
        if !option && !PARAMETERS.contains(&&*name) {
            return Err(format!(
                "has a parameter that is not known; known are {}",
                PARAMETERS.join(", ")
            ));
        }
        if name == "sslmode" && !SSL_MODES.contains(&&*value) {
            return Err(format!("sslmode must be one of {}", SSL_MODES.join(", ")));
        }
    }
    let verified = parameter("sslmode").is_some_and(|mode| mode == "verify-full");
    Ok(PostgresUrl {
        url: text.to_owned().into(),
        protected: verified || is_here(&host),
    })
}

/// Whether a host is this machine. A path is one of its sockets.
fn is_here(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse();
    host.starts_with('/')
        || host == "localhost"
        || address.is_ok_and(|address: IpAddr| address.is_loopback())
}
