//! A server that the demo started: its output in a file, its end noticed, its stop orderly.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// How long a server may take to drain before it is killed.
const DRAIN: Duration = Duration::from_secs(15);
/// How often a draining server is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// How much of its output is shown when a server has died.
const LAST_LINES: usize = 40;

/// A running server. Dropped, it is stopped.
pub(crate) struct Server {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Server {
    /// Starts the command, with all its output in one file in `folder`: in one, so that what it
    /// said last is last.
    pub(crate) fn start(name: &'static str, mut command: Command, folder: &Path) -> Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let output = File::create(&log).with_context(|| format!("creating {}", log.display()))?;
        let errors = output.try_clone().context("sharing the log")?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .with_context(|| format!("{name} did not start"))?;
        Ok(Self { name, child, log })
    }

    /// Everything that it has written so far.
    pub(crate) fn output(&self) -> String {
        // Only a log that somebody has removed is unreadable, and then there is nothing to show.
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// What there is to say when the server is no longer running.
    pub(crate) fn ended(&mut self) -> Result<Option<String>> {
        let status = self
            .child
            .try_wait()
            .with_context(|| format!("watching {}", self.name))?;
        Ok(status.map(|status| self.obituary(status)))
    }

    /// Asks it to drain and waits for its end; kills it when that takes too long.
    pub(crate) fn stop(&mut self) -> Result<()> {
        if self
            .child
            .try_wait()
            .with_context(|| format!("watching {}", self.name))?
            .is_some()
        {
            return Ok(());
        }
        ask_to_end(&mut self.child)?;
        let deadline = Instant::now() + DRAIN;
        while Instant::now() < deadline {
            if self
                .child
                .try_wait()
                .with_context(|| format!("watching {}", self.name))?
                .is_some()
            {
                return Ok(());
            }
            thread::sleep(LOOK);
        }
        self.child
            .kill()
            .with_context(|| format!("killing {}", self.name))?;
        self.child
            .wait()
            .with_context(|| format!("waiting for {}", self.name))
            .map(drop)
    }

    fn obituary(&self, status: ExitStatus) -> String {
        let output = self.output();
        let lines: Vec<&str> = output.lines().collect();
        let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
        format!(
            "{} ended ({status}); the end of {}:\n{}",
            self.name,
            self.log.display(),
            last.join("\n")
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // An error is on its way already, or the server is gone; there is nobody to tell.
        let _ = self.stop();
    }
}

#[cfg(unix)]
fn ask_to_end(child: &mut Child) -> Result<()> {
    use nix::errno::Errno;
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    let pid = i32::try_from(child.id()).context("a process id is an i32")?;
    match kill(Pid::from_raw(pid), Signal::SIGTERM) {
        // It ended by itself in this moment.
        Ok(()) | Err(Errno::ESRCH) => Ok(()),
        Err(error) => Err(error).context("sending SIGTERM"),
    }
}

/// Windows has no signal to ask with.
#[cfg(not(unix))]
fn ask_to_end(child: &mut Child) -> Result<()> {
    child.kill().context("ending the process")
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    /// Says `up`, and drains when it is asked to end.
    const DRAINING: &str =
        "trap 'echo drained; kill $!; exit 0' TERM; tail -f /dev/null & echo up; wait";

    fn start(script: &str, folder: &Path) -> Server {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Server::start("server", command, folder).unwrap()
    }

    fn wait_until_up(server: &mut Server) {
        while server.output() != "up\n" {
            assert_eq!(server.ended().unwrap(), None);
            thread::yield_now();
        }
    }

    #[test]
    fn a_running_server_is_asked_to_end_and_may_drain() {
        let folder = tempfile::tempdir().unwrap();
        let mut server = start(DRAINING, folder.path());
        wait_until_up(&mut server);

        server.stop().unwrap();

        assert_eq!(server.output(), "up\ndrained\n");
        assert!(server.ended().unwrap().unwrap().contains("exit status: 0"));
    }

    #[test]
    fn a_dead_server_is_reported_with_the_end_of_its_output() {
        let folder = tempfile::tempdir().unwrap();
        let mut server = start("seq 1 60; echo 'no such key' >&2; exit 2", folder.path());
        server.child.wait().unwrap();

        let report = server.ended().unwrap().unwrap();

        let lines: Vec<&str> = report.lines().collect();
        assert!(
            lines[0].starts_with("server ended (exit status: 2)"),
            "{report}"
        );
        assert_eq!(lines[1], "22", "{report}");
        assert_eq!(lines[lines.len() - 2..], ["60", "no such key"], "{report}");
        server.stop().unwrap();
    }

    #[test]
    fn a_dropped_server_is_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let mut server = start(DRAINING, folder.path());
        wait_until_up(&mut server);
        let log = server.log.clone();
        drop(server);
        assert_eq!(fs::read_to_string(log).unwrap(), "up\ndrained\n");
    }
}
