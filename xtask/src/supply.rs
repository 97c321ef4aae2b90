//! `cargo xtask supply`: what it is built from. Licences, sources and second versions of crates, by
//! `deny.toml`; known holes of crates and of npm packages.
//!
//! Known holes are listed elsewhere, and not every machine gets there. What could not be asked is said
//! at the end, in so many words; it is no success, and it is no failure of the project either.

mod npm;

use std::net::{TcpStream, ToSocketAddrs as _};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::process::run;
use crate::terminal::{note, say};
use crate::tools::{Tool, from_crates_io};
use crate::workspace::Workspace;

const DENY: Tool = Tool {
    name: "cargo-deny",
    version: "0.20.2",
};

/// Where the known holes of crates are listed.
const ADVISORIES: (&str, u16) = ("github.com", 443);

const PATIENCE: Duration = Duration::from_secs(10);

/// Checks everything that can be checked from here, and says what cannot.
pub(crate) fn command(workspace: &Workspace) -> Result<()> {
    note("checking licences, sources and versions of crates");
    let deny = from_crates_io(workspace, &DENY)?;
    let check = |what: &[&str]| {
        let mut command = Command::new(&deny);
        // Called by itself it wants the word that cargo would put there.
        command
            .current_dir(workspace.root())
            .args(["--locked", "check"]);
        run(command.args(what))
    };
    check(&["bans", "licenses", "sources"])?;
    let mut unchecked = Vec::new();
    if is_reachable(ADVISORIES) {
        note("checking for known holes of crates");
        check(&["advisories"])?;
    } else {
        unchecked.push(format!(
            "known holes of crates: {} cannot be reached from here",
            ADVISORIES.0
        ));
    }
    note("checking for known holes of npm packages");
    let mut wrong = Vec::new();
    for lock in npm::locks(workspace)? {
        match npm::audit(&lock)? {
            npm::Audit::Clean => {}
            npm::Audit::Holes(count) => {
                wrong.push(format!("{count} known holes in {}", lock.display()));
            }
            npm::Audit::NotOffered(status) => unchecked.push(format!(
                "known holes of {}: the npm registry offers no audit (status {status})",
                lock.display()
            )),
        }
    }
    for what in &unchecked {
        say(&format!("NOT CHECKED: {what}"));
    }
    if !wrong.is_empty() {
        bail!("{}; see `npm audit` there", wrong.join(", "));
    }
    Ok(())
}

fn is_reachable(address: (&str, u16)) -> bool {
    let Ok(addresses) = address.to_socket_addrs() else {
        return false;
    };
    addresses
        .into_iter()
        .any(|address| TcpStream::connect_timeout(&address, PATIENCE).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_cannot_be_reached() {
        assert!(!is_reachable(("127.0.0.1", 9)));
        assert!(!is_reachable(("nowhere.invalid", 443)));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(is_reachable(("127.0.0.1", port)));
    }
}
