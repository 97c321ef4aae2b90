//! Encrypting what was written without keys or with an earlier one: once, after the start.

use std::time::Duration;

use mono_connect_store::{Error, Sealing, Store};

use super::Jobs;

/// Values that are looked at in one statement.
const BATCH: u32 = 200;

/// How long to wait after the database has failed.
const PAUSE: Duration = Duration::from_mins(1);

impl Jobs {
    /// Tries until everything was looked at.
    pub(super) async fn seal(&self) {
        while let Err(error) = seal(&*self.store).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "older values could not be encrypted yet"
            );
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Encrypts everything that is not under the first key; tells in the log what came of it.
pub(crate) async fn seal(store: &dyn Store) -> Result<Sealing, Error> {
    let mut sealing = Sealing::default();
    while !sealing.is_done() {
        sealing = store.seal_some(sealing, BATCH).await?;
    }
    if sealing.unreadable > 0 {
        tracing::error!(
            values = sealing.unreadable,
            "ENCRYPTION_KEYS: some values open with none of the keys"
        );
    } else if sealing.sealed > 0 {
        tracing::info!(
            values = sealing.sealed,
            "ENCRYPTION_KEYS: everything is encrypted with the first key now"
        );
    }
    Ok(sealing)
}
