//! Sealed values in SQLite.

use async_trait::async_trait;
use sqlx::AssertSqlSafe;

use super::SqliteStore;
use crate::Error;
use crate::sealed::{self, Column, KeyType, Keyring, SealStore, Sealing, ValueType, Vault};

#[async_trait]
impl SealStore for SqliteStore {
    async fn seal_some(&self, sealing: Sealing, limit: u32) -> Result<Sealing, Error> {
        sealed::seal_some(self, sealing, limit).await
    }
}

#[async_trait]
impl Vault for SqliteStore {
    fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    async fn known_keys(&self) -> Result<Vec<(String, String)>, Error> {
        let keys = sqlx::query_as("select id, check_value from encryption_keys order by id");
        Ok(keys.fetch_all(&self.writer).await?)
    }

    async fn remember_key(&self, id: &str, check: &str) -> Result<(), Error> {
        sqlx::query(
            "insert into encryption_keys (id, check_value) values (?, ?)
             on conflict (id) do nothing",
        )
        .bind(id)
        .bind(check)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    async fn forget_key(&self, id: &str) -> Result<(), Error> {
        sqlx::query("delete from encryption_keys where id = ?")
            .bind(id)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    async fn any_value(&self, column: &Column, prefix: &str) -> Result<bool, Error> {
        let Column { table, name, .. } = column;
        let query =
            format!("select 1 from {table} where substr(cast({name} as blob), 1, ?) = ? limit 1");
        let found = sqlx::query(AssertSqlSafe(query))
            .bind(length(prefix))
            .bind(prefix.as_bytes())
            .fetch_optional(&self.reader)
            .await?;
        Ok(found.is_some())
    }

    async fn other_values(
        &self,
        column: &Column,
        after: &str,
        prefix: &str,
        limit: u32,
    ) -> Result<Vec<(String, Option<Vec<u8>>)>, Error> {
        let Column {
            table, key, name, ..
        } = column;
        let key_type = key_type(column);
        let query = format!(
            "select cast({key} as text),
               case when length({name}) > 0 and substr(cast({name} as blob), 1, ?) <> ?
                 then cast({name} as blob) end
             from {table} where {key} > cast(? as {key_type}) order by {key} limit ?"
        );
        Ok(sqlx::query_as(AssertSqlSafe(query))
            .bind(length(prefix))
            .bind(prefix.as_bytes())
            .bind(after)
            .bind(limit)
            .fetch_all(&self.reader)
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
        let key_type = key_type(column);
        let value_type = match column.value_type {
            ValueType::Text => "text",
            ValueType::Bytes => "blob",
        };
        let query = format!(
            "update {table} set {name} = cast(? as {value_type})
             where {key} = cast(? as {key_type}) and cast({name} as blob) = ?"
        );
        let replaced = sqlx::query(AssertSqlSafe(query))
            .bind(by)
            .bind(row)
            .bind(value)
            .execute(&self.writer)
            .await?
            .rows_affected();
        Ok(replaced == 1)
    }

    async fn forget_replaced(&self) -> Result<(), Error> {
        // In the file it was overwritten; in the log it lies until that is cut off.
        sqlx::query("pragma wal_checkpoint(truncate)")
            .execute(&self.writer)
            .await?;
        Ok(())
    }
}

fn key_type(column: &Column) -> &'static str {
    match column.key_type {
        KeyType::Text => "text",
        KeyType::Number => "integer",
    }
}

fn length(prefix: &str) -> i64 {
    i64::try_from(prefix.len()).unwrap_or(i64::MAX)
}
