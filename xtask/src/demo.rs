//! `cargo xtask demo`: the whole loop on this machine, without keys and without Mono.
//!
//! It builds everything, starts the simulator and the proxy on loopback, prints one URL and stays
//! until somebody stops it. It keeps nothing from one run to the next but the key that signs
//! session cookies.

mod ports;
mod readiness;
mod server;
mod settings;

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use self::readiness::Waited;
use self::server::Server;
use self::settings::Settings;
use crate::terminal::{note, say};
use crate::workspace::Workspace;
use crate::{npm, programs, site};

/// How often the demo looks whether its servers still live.
const LOOK: Duration = Duration::from_millis(200);

/// A Ctrl-C in a terminal reaches the servers at the same moment as us: a server that has just
/// ended may have been asked to. This is how long we wait to hear of it.
const INTERRUPT_LAG: Duration = Duration::from_secs(1);

/// Runs the demo until it is interrupted.
pub(crate) fn command(workspace: &Workspace) -> Result<()> {
    let folder = workspace.target("demo");
    let _claim = claim(&folder)?;
    npm::build(workspace)?;
    let programs = programs::build(workspace)?;
    site::assemble(workspace, &folder.join("www"))?;
    forget_accounts(&folder)?;
    let settings = Settings::choose(&folder)?;

    // From here on an interrupt must stop the servers first. Before, its default effect is right.
    let interrupts = interrupts()?;
    note("starting the simulator and the proxy");
    let mut simulator = Server::start("mono-simulator", settings.simulator(&programs), &folder)?;
    let Waited::Ready(simulator_url) = readiness::announced(&mut simulator, &interrupts)? else {
        return Ok(());
    };
    let proxy = settings.proxy(&programs, &simulator_url);
    let mut proxy = Server::start("mono-connect-proxy", proxy, &folder)?;
    let Waited::Ready(()) = readiness::ready(&mut proxy, settings.admin, &interrupts)? else {
        return Ok(());
    };
    say(&format!("{}/", settings.public_url()));
    say("Press Ctrl-C to stop.");
    // The proxy goes first: it is the one with a client of the other open.
    stay(&mut [&mut proxy, &mut simulator], &interrupts)
}

/// One demo at a time: a second one would empty the database under the first. The system lets go
/// of the claim with this process, however it ends.
fn claim(folder: &Path) -> Result<File> {
    fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    let path = folder.join("lock");
    let file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!("the demo of this checkout is running already"),
        Err(TryLockError::Error(error)) => Err(error).context("claiming the demo's folder"),
    }
}

/// The simulator forgets its accounts when it stops, so those of an earlier run would point to
/// nothing: every run starts with an empty database.
fn forget_accounts(folder: &Path) -> Result<()> {
    for ending in ["", "-wal", "-shm", "-journal"] {
        let file = folder.join(format!("{}{ending}", settings::DATABASE));
        if file.exists() {
            fs::remove_file(&file).with_context(|| format!("removing {}", file.display()))?;
        }
    }
    Ok(())
}

/// A message for every SIGINT, SIGTERM and SIGHUP, or their like.
fn interrupts() -> Result<Receiver<()>> {
    let (sender, receiver) = channel();
    ctrlc::set_handler(move || {
        // Nobody listens any more when the demo is already ending.
        let _ = sender.send(());
    })
    .context("listening for Ctrl-C")?;
    Ok(receiver)
}

/// Waits for an interrupt, then stops the servers in this order.
fn stay(servers: &mut [&mut Server], interrupts: &Receiver<()>) -> Result<()> {
    loop {
        if interrupts.recv_timeout(LOOK).is_ok() {
            break;
        }
        let Some(ended) = servers
            .iter_mut()
            .find_map(|server| server.ended().transpose())
        else {
            continue;
        };
        let ended = ended?;
        if interrupts.recv_timeout(INTERRUPT_LAG).is_ok() {
            break;
        }
        bail!("{ended}");
    }
    servers.iter_mut().try_for_each(|server| server.stop())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_demo_is_refused_until_the_first_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let first = claim(folder.path()).unwrap();
        claim(folder.path()).unwrap_err();
        drop(first);
        claim(folder.path()).unwrap();
    }

    #[test]
    fn an_earlier_database_is_gone_and_the_key_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let left = |name: &str| folder.path().join(name).exists();
        for name in [
            "mono-connect.db",
            "mono-connect.db-wal",
            "mono-connect.db-shm",
            "session-key",
        ] {
            fs::write(folder.path().join(name), "earlier").unwrap();
        }
        forget_accounts(folder.path()).unwrap();
        assert!(
            !left("mono-connect.db")
                && !left("mono-connect.db-wal")
                && !left("mono-connect.db-shm")
        );
        assert!(left("session-key"));
    }
}
