//! What lies in the database, and under which keys: checked at the start, and sealed anew when the
//! first key has changed.

use async_trait::async_trait;

use super::keyring::prefix;
use super::{ALL, Column, KeyType, Keyring};
use crate::Error;
use crate::error::WrongKeys;

/// Seals what was written without keys, or with an earlier one.
#[async_trait]
pub trait SealStore: Send + Sync + 'static {
    /// Goes on from where it stands and looks at the next values, `limit` at most. Two may do so at
    /// once, and others may write meanwhile.
    async fn seal_some(&self, sealing: Sealing, limit: u32) -> Result<Sealing, Error>;
}

/// How far sealing has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sealing {
    column: usize,
    /// The last row that was looked at; none at the beginning of a column.
    row: Option<String>,
    /// How many values were sealed with the first key.
    pub sealed: u64,
    /// How many values open with none of the keys.
    pub unreadable: u64,
}

impl Sealing {
    /// Everything was looked at.
    pub fn is_done(&self) -> bool {
        self.column >= ALL.len()
    }

    /// For a store that keeps nothing sealed.
    pub(crate) fn done(self) -> Self {
        let column = ALL.len();
        Self { column, ..self }
    }
}

/// What a database must do for its values to be sealed. A value is bytes, whatever its column holds.
#[async_trait]
pub(crate) trait Vault: Sync {
    fn keyring(&self) -> &Keyring;

    /// Ids of the keys that were ever used, with their check values.
    async fn known_keys(&self) -> Result<Vec<(String, String)>, Error>;

    /// Keeps a key's check value, unless there is one.
    async fn remember_key(&self, id: &str, check: &str) -> Result<(), Error>;

    async fn forget_key(&self, id: &str) -> Result<(), Error>;

    /// Whether any value of the column begins like this.
    async fn any_value(&self, column: &Column, prefix: &str) -> Result<bool, Error>;

    /// The next rows by their keys; with their values where these do not begin like this.
    async fn other_values(
        &self,
        column: &Column,
        after: &str,
        prefix: &str,
        limit: u32,
    ) -> Result<Vec<(String, Option<Vec<u8>>)>, Error>;

    /// Writes a value, unless somebody else has written another.
    async fn replace(
        &self,
        column: &Column,
        row: &str,
        value: &[u8],
        by: &[u8],
    ) -> Result<bool, Error>;

    /// Lets go of copies of what was replaced, where the database keeps any.
    async fn forget_replaced(&self) -> Result<(), Error>;
}

/// Refuses keys that cannot open what is there. An earlier key may be missing once nothing lies
/// under it any more.
pub(crate) async fn check_keys(vault: &impl Vault) -> Result<(), Error> {
    check_known_keys(vault).await?;
    for (id, check) in vault.keyring().check_values()? {
        vault.remember_key(&id, &check).await?;
    }
    // Another process may have started at this moment, with another key of the same id.
    check_known_keys(vault).await
}

async fn check_known_keys(vault: &impl Vault) -> Result<(), Error> {
    for (id, check) in vault.known_keys().await? {
        if vault.keyring().passes_check(&id, &check) {
            continue;
        }
        if vault.keyring().has(&id) {
            return Err(Error::Keys(WrongKeys::Other { id }));
        }
        for column in ALL {
            if vault.any_value(column, &prefix(&id)).await? {
                return Err(Error::Keys(WrongKeys::Missing { id }));
            }
        }
        vault.forget_key(&id).await?;
    }
    Ok(())
}

/// [`SealStore::seal_some`] of any database.
pub(crate) async fn seal_some(
    vault: &impl Vault,
    mut sealing: Sealing,
    limit: u32,
) -> Result<Sealing, Error> {
    let keyring = vault.keyring();
    let (Some(prefix), Some(column)) = (keyring.current_prefix(), ALL.get(sealing.column)) else {
        return Ok(sealing.done());
    };
    let first = match column.key_type {
        KeyType::Text => "",
        KeyType::Number => "0",
    };
    let after = sealing.row.as_deref().unwrap_or(first);
    let rows = vault.other_values(column, after, &prefix, limit).await?;
    let next = rows.last().map(|(row, _)| row.clone());
    for (row, value) in rows {
        let Some(value) = value else { continue };
        match keyring.open(column, &row, value.clone()) {
            Ok(plain) => {
                let by = keyring.seal(column, &row, plain)?;
                // Whoever wrote in between has sealed it.
                let sealed = vault.replace(column, &row, &value, &by).await?;
                sealing.sealed += u64::from(sealed);
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(
                    error,
                    "ENCRYPTION_KEYS: a value opens with none of the keys"
                );
                sealing.unreadable += 1;
            }
        }
    }
    if next.is_none() {
        sealing.column += 1;
    }
    sealing.row = next;
    if sealing.is_done() && sealing.sealed > 0 {
        vault.forget_replaced().await?;
    }
    Ok(sealing)
}
