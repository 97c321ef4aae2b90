//! Sealed values in PostgreSQL.

use async_trait::async_trait;
use sqlx::{AssertSqlSafe, Executor as _};

use super::PostgresStore;
use crate::Error;
use crate::sealed::{self, Column, KeyType, Keyring, SealStore, Sealing, ValueType, Vault};

#[async_trait]
impl SealStore for PostgresStore {
    async fn seal_some(&self, sealing: Sealing, limit: u32) -> Result<Sealing, Error> {
        sealed::seal_some(self, sealing, limit).await
    }
}

#[async_trait]
impl Vault for PostgresStore {
    fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    async fn known_keys(&self) -> Result<Vec<(String, String)>, Error> {
        let keys = sqlx::query_as("select id, check_value from encryption_keys order by id");
        Ok(keys.fetch_all(&self.pool).await?)
    }

    async fn remember_key(&self, id: &str, check: &str) -> Result<(), Error> {
        sqlx::query(
            "insert into encryption_keys (id, check_value) values ($1, $2)
             on conflict (id) do nothing",
        )
        .bind(id)
        .bind(check)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn forget_key(&self, id: &str) -> Result<(), Error> {
        sqlx::query("delete from encryption_keys where id = $1")
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn any_value(&self, column: &Column, prefix: &str) -> Result<bool, Error> {
        let (table, bytes) = (column.table, bytes(column));
        let mut transaction = self.begin().await?;
        // The whole table is read, once after a key was taken away.
        transaction
            .execute("set local statement_timeout = 0")
            .await?;
        let query = format!(
            "select exists (
               select 1 from {table} where substring({bytes} from 1 for octet_length($1)) = $1
             )"
        );
        let found = sqlx::query_scalar(AssertSqlSafe(query))
            .bind(prefix.as_bytes())
            .fetch_one(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(found)
    }

    async fn other_values(
        &self,
        column: &Column,
        after: &str,
        prefix: &str,
        limit: u32,
    ) -> Result<Vec<(String, Option<Vec<u8>>)>, Error> {
        let (table, key, bytes) = (column.table, column.key, bytes(column));
        let key_type = key_type(column);
        let query = format!(
            "select cells.id::text, case when octet_length(value) > 0
               and substring(value from 1 for octet_length($1)) <> $1 then value end
             from (
               select {key} as id, {bytes} as value from {table}
               where {key} > $2::text::{key_type} order by {key} limit $3
             ) as cells
             order by cells.id"
        );
        Ok(sqlx::query_as(AssertSqlSafe(query))
            .bind(prefix.as_bytes())
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await?)
    }

    async fn replace(
        &self,
        column: &Column,
        row: &str,
        value: &[u8],
        by: &[u8],
    ) -> Result<bool, Error> {
        let Column {
            table, key, name, ..
        } = column;
        let (key_type, bytes) = (key_type(column), bytes(column));
        let by_value = match column.value_type {
            ValueType::Text => "convert_from($1, 'UTF8')",
            ValueType::Bytes => "$1",
        };
        let query = format!(
            "update {table} set {name} = {by_value}
             where {key} = $2::text::{key_type} and {bytes} = $3"
        );
        let replaced = sqlx::query(AssertSqlSafe(query))
            .bind(by)
            .bind(row)
            .bind(value)
            .execute(&self.pool)
            .await?
            .rows_affected();
        Ok(replaced == 1)
    }

    async fn forget_replaced(&self) -> Result<(), Error> {
        // The server removes old rows by itself, in its own time.
        Ok(())
    }
}

fn key_type(column: &Column) -> &'static str {
    match column.key_type {
        KeyType::Text => "text",
        KeyType::Number => "bigint",
    }
}

/// The column's value as bytes.
fn bytes(column: &Column) -> String {
    match column.value_type {
        ValueType::Text => format!("convert_to({}, 'UTF8')", column.name),
        ValueType::Bytes => column.name.to_owned(),
    }
}
