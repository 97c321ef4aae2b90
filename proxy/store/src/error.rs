//! What can go wrong with a store.

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be reached, is locked or full. The same call may work later.
    #[error("the database is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A row holds what this version never writes.
    #[error("{table} {key}: {column} makes no sense")]
    Inconsistent {
        /// Which table.
        table: &'static str,
        /// Which row.
        key: String,
        /// Which column.
        column: &'static str,
    },
    /// A value does not open: its key is another one, or it was moved or changed.
    #[error("{table} {key}: {column} opens with none of the keys")]
    Sealed {
        /// Which table.
        table: &'static str,
        /// Which row.
        key: String,
        /// Which column.
        column: &'static str,
    },
    /// The database was written with other keys.
    #[error(transparent)]
    Keys(WrongKeys),
}

/// Why these keys are the wrong ones. Ids are no secret.
#[derive(Debug, thiserror::Error)]
pub enum WrongKeys {
    /// Something can be opened with this key only.
    #[error("the key {id} is missing, and values in the database open with no other")]
    Missing {
        /// Which key.
        id: String,
    },
    /// The database knows another key by this id.
    #[error("the key {id} is not the one that the database knows by this id")]
    Other {
        /// Which key.
        id: String,
    },
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code);
        Self::Unavailable(match code.as_deref() {
            // What the server says of these names the user or the database.
            Some("28000" | "28P01") => "the database refuses the login".into(),
            Some("3D000") => "there is no such database".into(),
            _ => Box::new(error),
        })
    }
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::Unavailable(Box::new(error))
    }
}
