//! Where accounts are kept.

use std::path::PathBuf;

use super::source::Source;

/// Which database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storage {
    /// A SQLite file.
    SqliteFile(PathBuf),
    /// SQLite in memory: gone with the process.
    SqliteMemory,
}

impl Storage {
    pub(super) fn read(source: &mut Source<'_>) -> Option<Self> {
        source.parsed("DATABASE_URL", |text| {
            if text == "sqlite::memory:" {
                return Ok(Self::SqliteMemory);
            }
            if let Some(path) = text.strip_prefix("sqlite://") {
                return match path {
                    "" => Err("must name a file: sqlite://PATH".to_owned()),
                    path if path.contains('?') => Err("takes no parameters".to_owned()),
                    path => Ok(Self::SqliteFile(PathBuf::from(path))),
                };
            }
            if text.starts_with("postgres://") || text.starts_with("postgresql://") {
                return Err("PostgreSQL is not supported by this version yet".to_owned());
            }
            Err("must be sqlite://PATH or sqlite::memory:".to_owned())
        })
    }
}
