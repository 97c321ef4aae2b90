//! The migrations: part of the program, all or none, one process at a time.

use std::borrow::Cow;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::PgPool;
use sqlx::{Executor as _, SqlSafeStr as _};

use super::Lock;
use crate::Error;

pub(super) async fn run(pool: &PgPool) -> Result<(), Error> {
    let mut transaction = pool.begin().await?;
    // Another process may migrate much data, and so may this one.
    transaction
        .execute("set local lock_timeout = 0; set local statement_timeout = 0")
        .await?;
    sqlx::query("select pg_advisory_xact_lock($1, hashtext(current_schema()))")
        .bind(Lock::Schema as i32)
        .execute(&mut *transaction)
        .await?;
    let mut migrator = migrator();
    // A lock of its own would outlive the transaction.
    migrator.set_locking(false);
    // What `run` does once it has its connection, in a form that can be awaited on any thread.
    migrator.run_direct(None, &mut *transaction, false).await?;
    transaction.commit().await?;
    Ok(())
}

fn migrator() -> Migrator {
    let migration = |version, name: &'static str, sql: &'static str| {
        let sql = sql.into_sql_str();
        Migration::new(
            version,
            Cow::Borrowed(name),
            MigrationType::Simple,
            sql,
            false,
        )
    };
    Migrator::with_migrations(vec![
        migration(1, "store", include_str!("migrations/0001_store.sql")),
        migration(2, "erasure", include_str!("migrations/0002_erasure.sql")),
        migration(3, "audit", include_str!("migrations/0003_audit.sql")),
        migration(4, "keys", include_str!("migrations/0004_keys.sql")),
        migration(5, "outbox", include_str!("migrations/0005_outbox.sql")),
        migration(6, "ends", include_str!("migrations/0006_ends.sql")),
        migration(7, "names", include_str!("migrations/0007_names.sql")),
        migration(8, "schedule", include_str!("migrations/0008_schedule.sql")),
    ])
}
