//! A PostgreSQL for the tests: the one that is named or runs already, else one of our own, made for
//! this call and gone with it.

mod server;
mod user;

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};

use self::server::OwnServer;
use super::debian::Debian;
use crate::environment::variable;
use crate::terminal::note;
use crate::workspace::Workspace;

/// Where a PostgreSQL of this machine is, if it is where PostgreSQL usually is.
const USUAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 5432);

/// Who is long not answering is not there.
const PATIENCE: Duration = Duration::from_secs(2);

/// A PostgreSQL that the tests may use.
pub(crate) struct Cluster {
    url: String,
    own: Option<OwnServer>,
}

/// Whether what was committed outlives the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// It need not: tests are done sooner.
    None,
    /// As with the settings that PostgreSQL comes with.
    AsOnASite,
}

impl Cluster {
    /// A database in which tests may make schemas.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The folder of its programs, if it is ours.
    pub(crate) fn programs(&self) -> Option<&Path> {
        self.own.as_ref().map(OwnServer::programs)
    }

    /// Stops it if it is ours. Dropped, it is stopped too, but nobody hears how that went.
    pub(crate) fn stop(self) -> Result<()> {
        self.own.map_or(Ok(()), OwnServer::stop)
    }
}

/// `DATABASE_URL`, else what lets us in on this machine, else our own.
pub(crate) fn find_or_start(workspace: &Workspace, debian: &Debian) -> Result<Cluster> {
    let found = |url| Cluster { url, own: None };
    let named = variable("DATABASE_URL").map(|url| url.to_string_lossy().into_owned());
    if let Some(url) = named.filter(|url| is_postgres(url)) {
        note("testing on the PostgreSQL of DATABASE_URL");
        return Ok(found(url));
    }
    if lets_in(USUAL) {
        note("testing on the PostgreSQL of this machine");
        return Ok(found(format!("postgres://postgres@{USUAL}/postgres")));
    }
    start(workspace, debian, Durability::None).context(
        "there is no PostgreSQL: install it, or name one in DATABASE_URL \
         (postgres://USER:PASSWORD@HOST/DATABASE)",
    )
}

/// Our own, whatever else there is.
pub(crate) fn start(
    workspace: &Workspace,
    debian: &Debian,
    durability: Durability,
) -> Result<Cluster> {
    let own = OwnServer::start(workspace, debian, durability)?;
    Ok(Cluster {
        url: own.url(),
        own: Some(own),
    })
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// Whether a PostgreSQL there takes `postgres` without a password.
fn lets_in(address: SocketAddr) -> bool {
    asks_nothing(address).unwrap_or(false)
}

/// The first message of PostgreSQL's protocol, and the first answer to it.
fn asks_nothing(address: SocketAddr) -> std::io::Result<bool> {
    const VERSION_3: u32 = 3 << 16;
    const PARAMETERS: &[u8] = b"user\0postgres\0database\0postgres\0\0";
    const AUTHENTICATED: [u8; 9] = [b'R', 0, 0, 0, 8, 0, 0, 0, 0];

    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let length = u32::try_from(8 + PARAMETERS.len()).unwrap_or(u32::MAX);
    let mut message = Vec::new();
    message.extend(length.to_be_bytes());
    message.extend(VERSION_3.to_be_bytes());
    message.extend(PARAMETERS);
    stream.write_all(&message)?;
    let mut answer = [0; AUTHENTICATED.len()];
    stream.read_exact(&mut answer)?;
    Ok(answer == AUTHENTICATED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn only_a_server_that_asks_for_nothing_lets_in() {
        let cases: [(&[u8], bool); 4] = [
            (&[b'R', 0, 0, 0, 8, 0, 0, 0, 0, b'S'], true),
            // It asks for a password.
            (&[b'R', 0, 0, 0, 23, 0, 0, 0, 10, b'S'], false),
            (b"HTTP/1.1 400 Bad Request", false),
            (b"", false),
        ];
        for (answer, expected) in cases {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let address = listener.local_addr().unwrap();
            let server = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut message = [0; 41];
                stream.read_exact(&mut message).unwrap();
                stream.write_all(answer).unwrap();
            });
            assert_eq!(lets_in(address), expected, "{answer:?}");
            server.join().unwrap();
            assert!(!lets_in(address), "nobody is there any more");
        }
    }

    #[test]
    fn only_a_url_of_postgres_names_one() {
        assert!(is_postgres("postgres://a@b/c") && is_postgres("postgresql://a@b/c"));
        assert!(!is_postgres("sqlite://mono-connect.db"));
    }
}
