//! `cargo xtask demo`: the whole loop on this machine, without keys and without Mono.
//!
//! It builds everything, starts the simulator and the proxy on loopback, prints one URL and stays
//! until somebody stops it. It keeps nothing from one run to the next but the key that signs
//! session cookies.

mod ports;
mod readiness;
mod server;
mod settings;

use std::fs;
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
    npm::build(workspace)?;
    let programs = programs::build(workspace)?;
    let folder = workspace.target("demo");
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
