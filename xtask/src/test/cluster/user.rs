//! As whom PostgreSQL's programs run: not as root, which they refuse.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

/// A user of this machine; none where we are not root, and may stay who we are.
#[derive(Debug, Clone, Copy)]
pub(super) struct User(Option<(u32, u32)>);

impl User {
    /// Lets a program run as this user.
    pub(super) fn runs(self, command: &mut Command) {
        #[cfg(unix)]
        if let Some((user, group)) = self.0 {
            use std::os::unix::process::CommandExt as _;
            command.uid(user).gid(group);
        }
        #[cfg(not(unix))]
        let _ = (self.0, command);
    }

    /// Gives the user a file or a folder.
    pub(super) fn owns(self, path: &Path) -> Result<()> {
        #[cfg(unix)]
        if let Some((user, group)) = self.0 {
            use anyhow::Context as _;
            std::os::unix::fs::chown(path, Some(user), Some(group))
                .with_context(|| format!("giving {} to postgres", path.display()))?;
        }
        #[cfg(not(unix))]
        let _ = path;
        Ok(())
    }

    /// Whether the user can come to a file in this folder.
    pub(super) fn reaches(self, folder: &Path) -> Result<bool> {
        #[cfg(unix)]
        if self.0.is_some() {
            use std::os::unix::fs::PermissionsExt as _;
            for ancestor in folder.ancestors() {
                let mode = std::fs::metadata(ancestor)?.permissions().mode();
                if mode & 0o001 == 0 {
                    return Ok(false);
                }
            }
        }
        #[cfg(not(unix))]
        let _ = folder;
        Ok(true)
    }
}

/// PostgreSQL's own user when we are root, else ourselves.
#[cfg(unix)]
pub(super) fn find() -> Result<User> {
    use anyhow::Context as _;

    let id = |arguments: &[&str]| -> Result<u32> {
        let number = crate::process::capture(Command::new("id").args(arguments))?;
        number.trim().parse().context("`id` wrote no number")
    };
    if id(&["-u"])? != 0 {
        return Ok(User(None));
    }
    let user = id(&["-u", "postgres"]).context("root cannot run PostgreSQL, and its user is")?;
    Ok(User(Some((user, id(&["-g", "postgres"])?))))
}

/// Ourselves.
#[cfg(not(unix))]
pub(super) fn find() -> Result<User> {
    Ok(User(None))
}
