//! Who is measured: the proxy, and two others that do as much of its work as they can.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::process::{Process, free_address};
use crate::upstream::KEY;

/// What Mono sends with every webhook.
pub(crate) const WEBHOOK_SECRET: &str = "webhook-secret-bench";

/// A kind of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// `mono-connect-proxy`.
    Proxy,
    /// Adds the key and passes everything on: the least that a proxy can do.
    Nginx,
    /// The proxy's work, written for Express.
    Express,
}

/// Those that do the proxy's work.
pub(crate) const SITES: [Kind; 2] = [Kind::Proxy, Kind::Express];
/// All of them.
pub(crate) const ALL: [Kind; 3] = [Kind::Proxy, Kind::Nginx, Kind::Express];

/// Where the programs are.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    pub(crate) proxy: PathBuf,
    pub(crate) nginx: PathBuf,
    pub(crate) node: PathBuf,
    /// The folder of this package: the peers' sources.
    pub(crate) sources: PathBuf,
}

/// How a server is started.
#[derive(Debug, Clone, Default)]
pub(crate) struct Variation {
    /// Whether answers of Mono's are given again.
    pub(crate) cached: bool,
    /// PostgreSQL instead of a file of SQLite's.
    pub(crate) postgres: Option<String>,
    /// Calls to Mono at once, if not as many as by default.
    pub(crate) upstream_concurrency: Option<usize>,
}

/// A server that answers.
pub(crate) struct Peer {
    pub(crate) kind: Kind,
    pub(crate) address: SocketAddr,
    /// Where the proxy tells whether it is ready.
    pub(crate) admin: SocketAddr,
    /// From its start to its first answer.
    pub(crate) start: Duration,
    process: Process,
}

impl Peer {
    /// Starts it in this folder, and waits for its first answer.
    pub(crate) fn start(
        kind: Kind,
        programs: &Programs,
        upstream: SocketAddr,
        variation: &Variation,
        folder: &Path,
    ) -> Result<Self> {
        let (address, admin) = (free_address()?, free_address()?);
        let (name, command) = match kind {
            Kind::Proxy => (
                "proxy",
                proxy(programs, upstream, variation, folder, [address, admin]),
            ),
            Kind::Nginx => ("nginx", nginx(programs, upstream, folder, address)?),
            Kind::Express => (
                "express",
                express(programs, upstream, variation, folder, address),
            ),
        };
        let mut process = Process::start(name, command, folder)?;
        let start = process.ready(address)?;
        Ok(Self {
            kind,
            address,
            admin,
            start,
            process,
        })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// What went wrong, with what the server said last.
    pub(crate) fn explain(&self, error: &anyhow::Error) -> anyhow::Error {
        let said = self.process.last_lines();
        anyhow::anyhow!("{:?}: {error:#}\nIt said last:\n{said}", self.kind)
    }
}

fn proxy(
    programs: &Programs,
    upstream: SocketAddr,
    variation: &Variation,
    folder: &Path,
    [address, admin]: [SocketAddr; 2],
) -> Command {
    let mut command = Command::new(&programs.proxy);
    command.env_clear().current_dir(folder);
    if let Some(concurrency) = variation.upstream_concurrency {
        command.env("UPSTREAM_CONCURRENCY", concurrency.to_string());
    }
    let database = variation.postgres.as_deref();
    command.envs([
        ("MONO_SECRET_KEY", KEY),
        ("MONO_PUBLIC_KEY", "test_pk_bench"),
        ("MONO_WEBHOOK_SECRET", WEBHOOK_SECRET),
        ("MONO_API_URL", &format!("http://{upstream}")),
        ("SESSION_KEY", &"5e".repeat(32)),
        ("DATABASE_URL", database.unwrap_or("sqlite://bench.db")),
        ("LISTEN_ADDR", &address.to_string()),
        ("ADMIN_ADDR", &admin.to_string()),
        ("PUBLIC_URL", &format!("http://{address}")),
        ("CACHE_TTL", if variation.cached { "15m" } else { "0" }),
        // A machine that has other work to do must not make answers late.
        ("UPSTREAM_TIMEOUT", "120s"),
        // Nobody is refused for calling too often.
        ("RATE_LIMIT", "1000000000"),
    ]);
    command
}

fn nginx(
    programs: &Programs,
    upstream: SocketAddr,
    folder: &Path,
    address: SocketAddr,
) -> Result<Command> {
    let template = programs.sources.join("nginx.conf");
    let template =
        fs::read_to_string(&template).with_context(|| format!("reading {}", template.display()))?;
    let text = template
        .replace("{folder}", &folder.to_string_lossy())
        .replace("{upstream}", &upstream.to_string())
        .replace("{key}", KEY)
        .replace("{port}", &address.port().to_string());
    let file = folder.join("nginx.conf");
    fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
    let mut command = Command::new(&programs.nginx);
    command.arg("-p").arg(folder).arg("-c").arg(file);
    Ok(command)
}

fn express(
    programs: &Programs,
    upstream: SocketAddr,
    variation: &Variation,
    folder: &Path,
    address: SocketAddr,
) -> Command {
    let mut command = Command::new(&programs.node);
    command.arg(programs.sources.join("express/server.mjs"));
    command.current_dir(folder);
    command.envs([
        ("NODE_ENV", "production"),
        ("PORT", &address.port().to_string()),
        ("MONO_API_URL", &format!("http://{upstream}")),
        ("MONO_SECRET_KEY", KEY),
        ("MONO_WEBHOOK_SECRET", WEBHOOK_SECRET),
        ("DATABASE", "express.db"),
        ("CACHE", if variation.cached { "1" } else { "" }),
    ]);
    command
}
