//! Rows of the audit log.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row as _};

use super::{Columns, Row};
use crate::Error;
use crate::audit::{AuditEntry, NewAuditEntry};
use crate::sealed::Keyring;

row! {
    AuditRow {
        number: i64 = "number",
        at: i64 = "at",
        key: String = "key_name",
        action: String = "action",
        account: Option<String> = "account_id",
        user: Option<String> = "user_id",
        status: Option<i32> = "status",
        request_id: String = "request_id",
    }
}

impl Row for AuditRow {
    type Record = AuditEntry;

    fn read(self, _: &Keyring) -> Result<Self::Record, Error> {
        let key = self.number.to_string();
        let columns = Columns {
            table: "audit",
            key: &key,
        };
        let entry = NewAuditEntry {
            at: columns.time("at", self.at)?,
            key: self.key,
            action: self.action,
            account: self
                .account
                .map(|id| columns.id("account_id", id))
                .transpose()?,
            user: self.user.map(|id| columns.id("user_id", id)).transpose()?,
            status: self
                .status
                .map(|status| u16::try_from(status).map_err(|_| columns.wrong("status")))
                .transpose()?,
            request_id: self.request_id,
        };
        Ok(AuditEntry {
            number: self.number,
            entry,
        })
    }
}
