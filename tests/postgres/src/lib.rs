//! A PostgreSQL for tests: each gets a schema of its own, gone with it.
//!
//! It starts no server: `cargo xtask test` does, or whoever sets the variable.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]

use sqlx::postgres::{PgConnection, PgPool};
use sqlx::{AssertSqlSafe, Connection as _};
use url::Url;

/// Names the server and a database in which schemas may be made.
const VARIABLE: &str = "MONO_CONNECT_TEST_POSTGRES_URL";

/// An empty schema, dropped with this.
#[derive(Debug)]
pub struct FreshDatabase {
    server: String,
    schema: String,
    url: String,
}

impl FreshDatabase {
    /// Makes one.
    pub async fn create() -> Self {
        let server = server();
        let mut connection = PgConnection::connect(&server).await.unwrap();
        let schema: String = sqlx::query_scalar(
            "select 'mono_connect_test_' || replace(gen_random_uuid()::text, '-', '')",
        )
        .fetch_one(&mut connection)
        .await
        .unwrap();
        let create = AssertSqlSafe(format!("create schema {schema}"));
        sqlx::query(create).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();

        let mut url: Url = server.parse().unwrap();
        url.query_pairs_mut()
            .append_pair("options[search_path]", &schema)
            // By which its connections are known.
            .append_pair("application_name", &schema);
        Self {
            server,
            schema,
            url: url.into(),
        }
    }

    /// A `DATABASE_URL` that leads there.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Connections of the test's own.
    pub async fn connect(&self) -> PgPool {
        PgPool::connect(&self.url).await.unwrap()
    }

    /// Every row of every table, as text.
    pub async fn everything(&self) -> String {
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        sqlx::query("set bytea_output = 'escape'")
            .execute(&mut connection)
            .await
            .unwrap();
        let tables: Vec<String> =
            sqlx::query_scalar("select tablename::text from pg_tables where schemaname = $1")
                .bind(&self.schema)
                .fetch_all(&mut connection)
                .await
                .unwrap();
        let mut rows: Vec<String> = Vec::new();
        for table in tables {
            let select = AssertSqlSafe(format!("select kept::text from {table} as kept"));
            let of_table = sqlx::query_scalar(select).fetch_all(&mut connection);
            rows.extend(of_table.await.unwrap());
        }
        connection.close().await.unwrap();
        rows.join("\n")
    }

    /// Ends every connection there, as a server that restarts does.
    pub async fn cut_connections(&self) {
        let mut connection = PgConnection::connect(&self.server).await.unwrap();
        cut(&mut connection, &self.schema).await.unwrap();
        connection.close().await.unwrap();
    }
}

impl Drop for FreshDatabase {
    fn drop(&mut self) {
        let server = self.server.clone();
        let schema = self.schema.clone();
        // On a thread of its own, because this one may be driving the test's tasks.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                let mut connection = PgConnection::connect(&server).await?;
                // What the test left half done holds locks.
                cut(&mut connection, &schema).await?;
                let drop = AssertSqlSafe(format!("drop schema {schema} cascade"));
                sqlx::query(drop).execute(&mut connection).await?;
                connection.close().await
            })
        })
        .join();
        if !std::thread::panicking() {
            dropped.unwrap().unwrap();
        }
    }
}

async fn cut(connection: &mut PgConnection, schema: &str) -> Result<(), sqlx::Error> {
    let cut = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1";
    sqlx::query(cut).bind(schema).execute(connection).await?;
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "how whoever runs the tests names the server"
)]
fn server() -> String {
    std::env::var(VARIABLE).unwrap_or_else(|_| {
        panic!(
            "{VARIABLE} is not set: run `cargo xtask test`, which starts a PostgreSQL, or set it \
             to postgres://USER:PASSWORD@HOST/DATABASE where tests may make schemas"
        )
    })
}
