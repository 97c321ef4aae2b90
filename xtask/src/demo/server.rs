//! A server that the demo started: its output in a file, its end noticed, its stop orderly.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
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
    lines: Receiver<String>,
}

impl Server {
    /// Starts the command, with its output in `folder`.
    pub(crate) fn start(name: &'static str, mut command: Command, folder: &Path) -> Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let file = File::create(&log).with_context(|| format!("creating {}", log.display()))?;
        let errors = file.try_clone().context("sharing the log")?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .with_context(|| format!("{name} did not start"))?;
        let (sender, lines) = channel();
        let output = child.stdout.take().context("the output was piped")?;
        thread::spawn(move || copy_lines(output, file, &sender));
        Ok(Self {
            name,
            child,
            log,
            lines,
        })
    }

    /// The next line that the server wrote to standard output, when there is one within `wait`.
    pub(crate) fn line(&self, wait: Duration) -> Option<String> {
        self.lines.recv_timeout(wait).ok()
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
        let log = fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
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

/// Copies the output into the log and offers each line; ends with the server.
fn copy_lines(output: impl Read, mut log: File, sender: &Sender<String>) {
    for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).into_owned();
        // A full disk must not stop the demo, and after the start nobody listens.
        let _ = writeln!(log, "{line}");
        let _ = sender.send(line);
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

    const PATIENCE: Duration = Duration::from_secs(30);

    fn start(script: &str, folder: &Path) -> Server {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Server::start("server", command, folder).unwrap()
    }

    fn wait_for_end(server: &mut Server) -> String {
        // The channel closes when the output does, which is when the process has ended.
        while server.line(PATIENCE).is_some() {}
        server.child.wait().unwrap();
        server.ended().unwrap().unwrap()
    }

    #[test]
    fn a_running_server_is_asked_to_end_and_may_drain() {
        let folder = tempfile::tempdir().unwrap();
        let script = "trap 'echo drained; kill $!; exit 0' TERM; tail -f /dev/null & echo up; wait";
        let mut server = start(script, folder.path());
        assert_eq!(server.line(PATIENCE).as_deref(), Some("up"));
        assert_eq!(server.ended().unwrap(), None);

        server.stop().unwrap();

        assert_eq!(server.line(PATIENCE).as_deref(), Some("drained"));
        assert!(server.ended().unwrap().unwrap().contains("exit status: 0"));
    }

    #[test]
    fn a_dead_server_is_reported_with_the_end_of_its_output() {
        let folder = tempfile::tempdir().unwrap();
        let script = "seq 1 60; echo 'no such key' >&2; exit 2";
        let mut server = start(script, folder.path());
        let report = wait_for_end(&mut server);
        assert!(
            report.starts_with("server ended (exit status: 2)"),
            "{report}"
        );
        assert!(report.contains("no such key"), "{report}");
        assert!(report.lines().any(|line| line == "60"), "{report}");
        assert!(
            !report.lines().any(|line| line == "1"),
            "only the end is shown: {report}"
        );
        server.stop().unwrap();
    }

    #[test]
    fn a_dropped_server_is_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let script = "trap 'echo drained; kill $!; exit 0' TERM; tail -f /dev/null & echo up; wait";
        let server = start(script, folder.path());
        assert_eq!(server.line(PATIENCE).as_deref(), Some("up"));
        let log = server.log.clone();
        let pid = i32::try_from(server.child.id()).unwrap();
        drop(server);
        assert!(fs::read_to_string(log).unwrap().contains("up"));
        let gone = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), None);
        assert_eq!(gone, Err(nix::errno::Errno::ESRCH));
    }
}
