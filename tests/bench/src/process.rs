//! A server that is measured: started on its processor, its output in a file, stopped at the end.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::client::Client;
use crate::machine::{self, LOAD, MEASURED};
use crate::wire::Request;

/// The longest start that is not a failure.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it may take to end before it is killed.
const DRAIN: Duration = Duration::from_secs(10);
/// The time between two looks.
const LOOK: Duration = Duration::from_micros(500);
/// How much of its output is shown when it has died.
const LAST_LINES: usize = 5;

/// A running server. Dropped, it is stopped.
pub(crate) struct Process {
    name: &'static str,
    child: Child,
    log: PathBuf,
    started: Instant,
}

impl Process {
    /// Starts it on the processor of who is measured.
    pub(crate) fn start(name: &'static str, mut command: Command, folder: &Path) -> Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let output = File::create(&log).with_context(|| format!("creating {}", log.display()))?;
        let errors = output.try_clone().context("sharing the log")?;
        command.stdin(Stdio::null()).stdout(output).stderr(errors);
        // A child begins where its parent is.
        machine::pin(MEASURED)?;
        let started = Instant::now();
        let child = command.spawn();
        machine::pin(LOAD)?;
        Ok(Self {
            name,
            child: child.with_context(|| format!("{name} did not start"))?,
            log,
            started,
        })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the first 200; how long it took from the start on.
    pub(crate) fn ready(&mut self, address: SocketAddr) -> Result<Duration> {
        let question = Request::get("/api/config").bytes();
        while self.started.elapsed() < PATIENCE {
            let answer = Client::connect(address).and_then(|mut client| client.send(&question));
            if answer.is_ok_and(|answer| answer.status == 200) {
                return Ok(self.started.elapsed());
            }
            if let Some(status) = self.child.try_wait().context("watching a server")? {
                bail!("{} ended ({status}):\n{}", self.name, self.last_lines());
            }
            sleep(LOOK);
        }
        bail!("{} did not answer:\n{}", self.name, self.last_lines())
    }

    /// The end of what it has written.
    pub(crate) fn last_lines(&self) -> String {
        let output = String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned();
        let lines: Vec<&str> = output.lines().collect();
        lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
    }

    fn stop(&mut self) -> Result<()> {
        if self.child.try_wait()?.is_some() {
            return Ok(());
        }
        machine::terminate(self.pid())?;
        let asked = Instant::now();
        while asked.elapsed() < DRAIN {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            sleep(Duration::from_millis(5));
        }
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It is gone, or it cannot be helped.
        let _ = self.stop();
    }
}

/// An address on loopback that nobody listens on.
pub(crate) fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("looking for a port")?;
    listener.local_addr().context("looking for a port")
}
