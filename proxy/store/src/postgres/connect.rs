//! Connections: how many, for how long, and what each is told first.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Connection as _, Executor as _};

use crate::Error;

/// Connections of one process. A server's default limit of 100 leaves room for several processes.
const CONNECTIONS: u32 = 16;

/// Whoever waits longer for a connection is told that the database is not available.
const ACQUIRE: Duration = Duration::from_secs(5);

/// A connection that was idle for longer is tried before it is used: the server may be another.
const TRUSTED_WHILE_IDLE: Duration = Duration::from_secs(1);

/// What the server or the role has as defaults may suit others: no statement and no lock is waited
/// for without end, each statement sees what was committed before it began, and a commit is on the
/// disk before it is answered.
const SETTINGS: &str = "select
  set_config('statement_timeout', '15s', false),
  set_config('lock_timeout', '5s', false),
  set_config('idle_in_transaction_session_timeout', '30s', false),
  set_config('default_transaction_isolation', 'read committed', false),
  set_config('synchronous_commit', coalesce(
    nullif(current_setting('synchronous_commit'), 'off'), 'on'), false)";

pub(super) async fn pool(url: &str) -> Result<PgPool, Error> {
    let options: PgConnectOptions = url.parse()?;
    let options = match options.get_application_name() {
        Some(_) => options,
        None => options.application_name("mono-connect-proxy"),
    };
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE)
        .test_before_acquire(false)
        .before_acquire(|connection, usage| {
            Box::pin(async move {
                if usage.idle_for > TRUSTED_WHILE_IDLE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection.execute(SETTINGS).await?;
                Ok(())
            })
        })
        .connect_with(options)
        .await?;
    Ok(pool)
}
