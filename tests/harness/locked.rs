//! Somebody else who holds the database.

use std::path::Path;

use mono_test_postgres::FreshDatabase;
use sqlx::postgres::PgPool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Postgres, Transaction};

/// Holds the database until it is let go.
#[must_use]
pub struct Locked(Holder);

enum Holder {
    Sqlite(SqliteConnection),
    Postgres(PgPool, Transaction<'static, Postgres>),
}

impl Locked {
    pub(crate) async fn sqlite(path: &Path) -> Self {
        let options = SqliteConnectOptions::new().filename(path);
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        connection.execute("begin exclusive").await.unwrap();
        Self(Holder::Sqlite(connection))
    }

    pub(crate) async fn postgres(database: &FreshDatabase, tables: &str) -> Self {
        let pool = database.connect().await;
        let mut transaction = pool.begin().await.unwrap();
        let lock = AssertSqlSafe(format!("lock table {tables} in access exclusive mode"));
        sqlx::query(lock).execute(&mut *transaction).await.unwrap();
        Self(Holder::Postgres(pool, transaction))
    }

    /// Lets it go.
    pub async fn release(self) {
        match self.0 {
            Holder::Sqlite(mut connection) => {
                connection.execute("rollback").await.unwrap();
                connection.close().await.unwrap();
            }
            Holder::Postgres(pool, transaction) => {
                transaction.rollback().await.unwrap();
                pool.close().await;
            }
        }
    }
}
