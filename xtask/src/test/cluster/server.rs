//! A PostgreSQL server of our own: made, started, stopped and removed by its own programs.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};

use super::Durability;
use super::user::{self, User};
use crate::environment::random_secret;
use crate::process::{capture, find_program, run};
use crate::terminal::note;
use crate::test::debian::Debian;
use crate::workspace::Workspace;

/// Where Debian keeps the programs of each version: not on PATH.
const DEBIAN: &str = "/usr/lib/postgresql";

/// A server that runs.
pub(super) struct OwnServer {
    running: Arc<Mutex<Option<Running>>>,
    url: String,
    programs: PathBuf,
    // Let go of last, so that whoever comes next finds nothing of ours.
    _claim: File,
}

impl OwnServer {
    /// Makes a server and starts it.
    pub(super) fn start(
        workspace: &Workspace,
        debian: &Debian,
        durability: Durability,
    ) -> Result<Self> {
        let programs = Programs::find(debian)?;
        let target = workspace.target("test");
        fs::create_dir_all(&target).with_context(|| format!("creating {}", target.display()))?;
        let claim = claim(&target)?;
        let user = user::find()?;
        let folder = if user.reaches(&target)? {
            target.join("postgres")
        } else {
            // The checkout is in a folder that is nobody else's, such as root's home.
            std::env::temp_dir().join("mono-connect-test-postgres")
        };
        let folder_of_programs = programs.pg_ctl.parent().unwrap_or(Path::new("")).to_owned();
        let server = Running {
            programs,
            user,
            folder,
        };
        server.remove_leftover()?;
        let password = random_secret()?;
        let running = Arc::new(Mutex::new(None));
        stop_on_interrupt(Arc::clone(&running))?;
        let port = free_port()?;
        let started = server.make_and_start(&password, port, durability);
        *running.lock().unwrap_or_else(PoisonError::into_inner) = Some(server);
        // Dropped on an error, it is stopped and removed.
        let own = Self {
            running,
            url: format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres"),
            programs: folder_of_programs,
            _claim: claim,
        };
        started.map(|()| own)
    }

    pub(super) fn url(&self) -> String {
        self.url.clone()
    }

    /// The folder of its programs.
    pub(super) fn programs(&self) -> &Path {
        &self.programs
    }

    /// Stops and removes it.
    pub(super) fn stop(self) -> Result<()> {
        stop(&self.running)
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        // An error is on its way already, or it has been stopped.
        let _ = stop(&self.running);
    }
}

fn stop(running: &Mutex<Option<Running>>) -> Result<()> {
    let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
    running.take().map_or(Ok(()), |server| server.end())
}

/// One server at a time in a checkout. The system lets go of the claim with this process.
fn claim(folder: &Path) -> Result<File> {
    let path = folder.join("postgres.lock");
    let file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!("another run of these tests has one started here"),
        Err(TryLockError::Error(error)) => Err(error).context("claiming the server's folder"),
    }
}

/// The server is no child that ends with us, so a Ctrl-C must stop it first.
fn stop_on_interrupt(running: Arc<Mutex<Option<Running>>>) -> Result<()> {
    ctrlc::set_handler(move || {
        if let Err(error) = stop(&running) {
            note(&format!("{error:#}"));
        }
        // As a shell says of what an interrupt has ended.
        std::process::exit(130);
    })
    .context("listening for Ctrl-C")
}

fn free_port() -> Result<u16> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).context("looking for a port")?;
    let address = listener.local_addr().context("looking for a port")?;
    Ok(address.port())
}

struct Running {
    programs: Programs,
    user: User,
    folder: PathBuf,
}

impl Running {
    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// A run that was killed could not stop its server.
    fn remove_leftover(&self) -> Result<()> {
        if self.folder.exists() {
            self.end()?;
        }
        Ok(())
    }

    fn make_and_start(&self, password: &str, port: u16, durability: Durability) -> Result<()> {
        note("starting a PostgreSQL");
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("creating {}", self.folder.display()))?;
        self.user.owns(&self.folder)?;
        let password_file = self.folder.join("password");
        fs::write(&password_file, password).context("writing the server's password")?;
        self.user.owns(&password_file)?;

        let mut initdb = self.command(&self.programs.initdb);
        initdb.arg("--pgdata").arg(self.data());
        initdb.args(["--username=postgres", "--auth=scram-sha-256"]);
        initdb.arg("--pwfile").arg(&password_file);
        // Nothing here needs to outlive the machine.
        initdb.args(["--encoding=UTF8", "--locale=C", "--no-sync"]);
        capture(&mut initdb)?;

        let durability = match durability {
            Durability::None => "-c fsync=off -c full_page_writes=off",
            Durability::AsOnASite => "",
        };
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
             -c max_connections=400 {durability}"
        );
        let mut start = self.command(&self.programs.pg_ctl);
        start.args(["start", "--wait", "--silent", "--options", &options]);
        start.arg("--pgdata").arg(self.data());
        start.arg("--log").arg(self.folder.join("server.log"));
        run(&mut start)
    }

    /// Stops it and removes its folder.
    fn end(&self) -> Result<()> {
        if self.data().join("postmaster.pid").exists() {
            let mut stop = self.command(&self.programs.pg_ctl);
            stop.args(["stop", "--wait", "--silent", "--mode=immediate"]);
            stop.arg("--pgdata").arg(self.data());
            let stopped = run(&mut stop);
            if self.data().join("postmaster.pid").exists() {
                // Else the file was all that was left of a server that is long gone.
                stopped?;
            }
        }
        fs::remove_dir_all(&self.folder)
            .with_context(|| format!("removing {}", self.folder.display()))
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        // The folder that we are in may be closed to the user.
        command.current_dir(&self.folder);
        self.user.runs(&mut command);
        command
    }
}

#[derive(Debug)]
struct Programs {
    initdb: PathBuf,
    pg_ctl: PathBuf,
}

impl Programs {
    /// On PATH, else where Debian has them, else installed.
    fn find(debian: &Debian) -> Result<Self> {
        if let Some(found) = Self::locate() {
            return Ok(found);
        }
        debian.install("postgresql")?;
        Self::locate().context("Debian's postgresql is installed, but has no initdb and pg_ctl")
    }

    fn locate() -> Option<Self> {
        let on_path = || {
            Some(Self {
                initdb: find_program("initdb")?,
                pg_ctl: find_program("pg_ctl")?,
            })
        };
        on_path().or_else(|| newest(Path::new(DEBIAN)))
    }
}

/// The programs of the newest version in Debian's folder.
fn newest(folder: &Path) -> Option<Programs> {
    let versions = fs::read_dir(folder).ok()?.flatten();
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let found = versions.filter_map(|entry| {
        let bin = entry.path().join("bin");
        let programs = Programs {
            initdb: bin.join("initdb"),
            pg_ctl: bin.join("pg_ctl"),
        };
        let complete = programs.initdb.is_file() && programs.pg_ctl.is_file();
        Some((version(&entry.path())?, programs)).filter(|_| complete)
    });
    let (_, programs) = found.max_by_key(|(version, _)| *version)?;
    Some(programs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_complete_version_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        for (version, programs) in [
            ("9", ["initdb", "pg_ctl"].as_slice()),
            ("15", &["initdb", "pg_ctl"]),
            ("17", &["initdb"]),
            ("common", &["initdb", "pg_ctl"]),
        ] {
            let bin = folder.path().join(version).join("bin");
            fs::create_dir_all(&bin).unwrap();
            for program in programs {
                fs::write(bin.join(program), "").unwrap();
            }
        }
        let found = newest(folder.path()).unwrap();
        assert_eq!(found.pg_ctl, folder.path().join("15/bin/pg_ctl"));
        assert!(newest(&folder.path().join("nowhere")).is_none());
    }

    #[test]
    fn a_second_run_is_refused_until_the_first_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let first = claim(folder.path()).unwrap();
        claim(folder.path()).unwrap_err();
        drop(first);
        claim(folder.path()).unwrap();
    }
}
