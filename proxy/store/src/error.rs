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
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Unavailable(Box::new(error))
    }
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::Unavailable(Box::new(error))
    }
}
