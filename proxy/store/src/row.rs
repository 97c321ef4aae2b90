//! Rows and what they mean. A row that makes no sense is named, never guessed at.

use mono_connect_shared::Timestamp;
use mono_connect_shared::id::AccountId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row as _};

use crate::Error;
use crate::audit::{AuditEntry, NewAuditEntry};
use crate::changes::{Change, Changed};
use crate::inbox::InboxEvent;
use crate::jobs::JobRecord;
use crate::links::{CodeHash, Exchange, LinkSessionRecord};
use crate::record::AccountRecord;

/// The column's name comes with every error, so rows are read by these few functions only.
struct Columns<'a> {
    table: &'static str,
    key: &'a str,
}

impl Columns<'_> {
    fn wrong(&self, column: &'static str) -> Error {
        Error::Inconsistent {
            table: self.table,
            key: self.key.to_owned(),
            column,
        }
    }

    fn id<T: TryFrom<String>>(&self, column: &'static str, text: String) -> Result<T, Error> {
        T::try_from(text).map_err(|_| self.wrong(column))
    }

    fn time(&self, column: &'static str, millisecond: i64) -> Result<Timestamp, Error> {
        Timestamp::from_millisecond(millisecond).map_err(|_| self.wrong(column))
    }

    fn json<T: DeserializeOwned>(&self, column: &'static str, text: &str) -> Result<T, Error> {
        serde_json::from_str(text).map_err(|_| self.wrong(column))
    }
}

/// A document as text. Fails only for types that JSON cannot hold, and ours all can.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::Unavailable(Box::new(error)))
}

/// A row, and by which columns it is read from either database.
macro_rules! row {
    ($row:ident { $($field:ident: $type:ty = $column:literal,)+ }) => {
        pub(crate) struct $row {
            $($field: $type,)+
        }

        impl FromRow<'_, SqliteRow> for $row {
            fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
                Ok(Self { $($field: row.try_get($column)?,)+ })
            }
        }

        impl FromRow<'_, PgRow> for $row {
            fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
                Ok(Self { $($field: row.try_get($column)?,)+ })
            }
        }
    };
}

row! {
    LinkSessionRow {
        reference: String = "reference",
        user: String = "user_id",
        created_at: i64 = "created_at",
        expires_at: i64 = "expires_at",
        consent: Option<String> = "consent_json",
        account: Option<String> = "account_id",
        exchanged: bool = "exchanged",
    }
}

impl TryFrom<LinkSessionRow> for LinkSessionRecord {
    type Error = Error;

    fn try_from(row: LinkSessionRow) -> Result<Self, Error> {
        let key = row.reference.clone();
        let columns = Columns {
            table: "link_sessions",
            key: &key,
        };
        Ok(Self {
            reference: columns.id("reference", row.reference)?,
            user: columns.id("user_id", row.user)?,
            created_at: columns.time("created_at", row.created_at)?,
            expires_at: columns.time("expires_at", row.expires_at)?,
            consent: row
                .consent
                .map(|consent| columns.json("consent_json", &consent))
                .transpose()?,
            account: row
                .account
                .map(|id| columns.id("account_id", id))
                .transpose()?,
            exchanged: row.exchanged,
        })
    }
}

row! {
    ExchangeRow {
        code: Vec<u8> = "code_hash",
        user: String = "user_id",
        reference: String = "reference",
        started_at: i64 = "started_at",
        account: Option<String> = "account_id",
    }
}

impl TryFrom<ExchangeRow> for Exchange {
    type Error = Error;

    fn try_from(row: ExchangeRow) -> Result<Self, Error> {
        let key = row.reference.clone();
        let columns = Columns {
            table: "exchanges",
            key: &key,
        };
        Ok(Self {
            code: CodeHash(
                row.code
                    .try_into()
                    .map_err(|_| columns.wrong("code_hash"))?,
            ),
            user: columns.id("user_id", row.user)?,
            reference: columns.id("reference", row.reference)?,
            started_at: columns.time("started_at", row.started_at)?,
            account: row
                .account
                .map(|id| columns.id("account_id", id))
                .transpose()?,
        })
    }
}

row! {
    AccountRow {
        id: String = "id",
        user: String = "user_id",
        version: i64 = "version",
        profile: String = "profile_json",
        state: String = "state_json",
        reference: String = "reference",
        consent: Option<String> = "consent_json",
        duplicate_of: Option<String> = "duplicate_of",
        linked_at: i64 = "linked_at",
        updated_at: i64 = "updated_at",
    }
}

impl TryFrom<AccountRow> for AccountRecord {
    type Error = Error;

    fn try_from(row: AccountRow) -> Result<Self, Error> {
        let key = row.id.clone();
        let columns = Columns {
            table: "accounts",
            key: &key,
        };
        Ok(Self {
            id: columns.id("id", row.id)?,
            user: columns.id("user_id", row.user)?,
            version: row.version,
            profile: columns.json("profile_json", &row.profile)?,
            state: columns.json("state_json", &row.state)?,
            reference: columns.id("reference", row.reference)?,
            consent: row
                .consent
                .map(|consent| columns.json("consent_json", &consent))
                .transpose()?,
            duplicate_of: row
                .duplicate_of
                .map(|id| columns.id("duplicate_of", id))
                .transpose()?,
            linked_at: columns.time("linked_at", row.linked_at)?,
            updated_at: columns.time("updated_at", row.updated_at)?,
        })
    }
}

row! {
    JobRow {
        id: String = "id",
        account: String = "account_id",
        user: String = "user_id",
        name: Option<String> = "name",
        status: String = "status",
        reauth_required: Option<bool> = "reauth_required",
        started_at: i64 = "started_at",
        updated_at: i64 = "updated_at",
    }
}

impl TryFrom<JobRow> for JobRecord {
    type Error = Error;

    fn try_from(row: JobRow) -> Result<Self, Error> {
        let key = row.id.clone();
        let columns = Columns {
            table: "jobs",
            key: &key,
        };
        Ok(Self {
            id: columns.id("id", row.id)?,
            account: columns.id("account_id", row.account)?,
            user: columns.id("user_id", row.user)?,
            name: row.name,
            status: row.status.as_str().into(),
            reauth_required: row.reauth_required,
            started_at: columns.time("started_at", row.started_at)?,
            updated_at: columns.time("updated_at", row.updated_at)?,
        })
    }
}

/// `number, account_id, what, job_id`.
pub(crate) type ChangeRow = (i64, String, String, Option<String>);

impl TryFrom<ChangeRow> for Change {
    type Error = Error;

    fn try_from((number, account, what, job): ChangeRow) -> Result<Self, Error> {
        let key = number.to_string();
        let columns = Columns {
            table: "changes",
            key: &key,
        };
        let what = match (what.as_str(), job) {
            ("account", None) => Changed::Account,
            ("removed", None) => Changed::Removed,
            ("job", Some(job)) => Changed::Job(columns.id("job_id", job)?),
            _ => return Err(columns.wrong("what")),
        };
        Ok(Self {
            number,
            account: columns.id("account_id", account)?,
            what,
        })
    }
}

/// `id, body, received_at, attempts`.
pub(crate) type InboxRow = (i64, Vec<u8>, i64, i64);

impl TryFrom<InboxRow> for InboxEvent {
    type Error = Error;

    fn try_from((id, body, received_at, attempts): InboxRow) -> Result<Self, Error> {
        let key = id.to_string();
        let columns = Columns {
            table: "inbox",
            key: &key,
        };
        Ok(Self {
            id,
            body,
            received_at: columns.time("received_at", received_at)?,
            attempts: u32::try_from(attempts).map_err(|_| columns.wrong("attempts"))?,
        })
    }
}

row! {
    UserChangeRow {
        number: i64 = "number",
        at: i64 = "made_at",
        account: String = "account_id",
    }
}

impl TryFrom<UserChangeRow> for (Timestamp, AccountId) {
    type Error = Error;

    fn try_from(row: UserChangeRow) -> Result<Self, Error> {
        let key = row.number.to_string();
        let columns = Columns {
            table: "changes",
            key: &key,
        };
        Ok((
            columns.time("made_at", row.at)?,
            columns.id("account_id", row.account)?,
        ))
    }
}

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

impl TryFrom<AuditRow> for AuditEntry {
    type Error = Error;

    fn try_from(row: AuditRow) -> Result<Self, Error> {
        let key = row.number.to_string();
        let columns = Columns {
            table: "audit",
            key: &key,
        };
        let entry = NewAuditEntry {
            at: columns.time("at", row.at)?,
            key: row.key,
            action: row.action,
            account: row
                .account
                .map(|id| columns.id("account_id", id))
                .transpose()?,
            user: row.user.map(|id| columns.id("user_id", id)).transpose()?,
            status: row
                .status
                .map(|status| u16::try_from(status).map_err(|_| columns.wrong("status")))
                .transpose()?,
            request_id: row.request_id,
        };
        Ok(Self {
            number: row.number,
            entry,
        })
    }
}
