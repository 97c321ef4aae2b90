//! Rows and what they mean. A row that makes no sense is named, never guessed at.

use mono_connect_shared::Timestamp;
use mono_connect_shared::id::AccountId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row as _};

use crate::Error;
use crate::changes::{Change, Changed};
use crate::inbox::InboxEvent;
use crate::jobs::JobRecord;
use crate::links::{CodeHash, Exchange, LinkSessionRecord};
use crate::record::AccountRecord;
use crate::sealed::{
    ACCOUNT_CONSENT, ACCOUNT_PROFILE, Column, INBOX_BODY, Keyring, LINK_SESSION_CONSENT,
};

/// A row, and how it is read. What is sealed can be read in no other way.
pub(crate) trait Row: Sized {
    type Record;

    fn read(self, keyring: &Keyring) -> Result<Self::Record, Error>;
}

/// What rows say; nothing if one of them makes no sense.
pub(crate) fn read_all<R: Row>(keyring: &Keyring, rows: Vec<R>) -> Result<Vec<R::Record>, Error> {
    rows.into_iter().map(|row| row.read(keyring)).collect()
}

/// What rows say that were claimed. One that makes no sense is logged and left out: it is due again
/// later, and stands in nobody's way until then.
pub(crate) fn read_claimed<R: Row>(keyring: &Keyring, rows: Vec<R>) -> Vec<R::Record> {
    rows.into_iter()
        .filter_map(|row| match row.read(keyring) {
            Ok(record) => Some(record),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "a row cannot be read and is left out");
                None
            }
        })
        .collect()
}

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

    fn sealed_json<T: DeserializeOwned>(
        &self,
        keyring: &Keyring,
        column: &Column,
        written: String,
    ) -> Result<T, Error> {
        let json = keyring.open(column, self.key, written.into_bytes())?;
        serde_json::from_slice(&json).map_err(|_| self.wrong(column.name))
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

mod audit;
mod outbox;

pub(crate) use audit::AuditRow;
pub(crate) use outbox::{OutboxRow, outbox_backlog};

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

impl Row for LinkSessionRow {
    type Record = LinkSessionRecord;

    fn read(self, keyring: &Keyring) -> Result<Self::Record, Error> {
        let key = self.reference.clone();
        let columns = Columns {
            table: "link_sessions",
            key: &key,
        };
        Ok(LinkSessionRecord {
            reference: columns.id("reference", self.reference)?,
            user: columns.id("user_id", self.user)?,
            created_at: columns.time("created_at", self.created_at)?,
            expires_at: columns.time("expires_at", self.expires_at)?,
            consent: self
                .consent
                .map(|consent| columns.sealed_json(keyring, &LINK_SESSION_CONSENT, consent))
                .transpose()?,
            account: self
                .account
                .map(|id| columns.id("account_id", id))
                .transpose()?,
            exchanged: self.exchanged,
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

impl Row for ExchangeRow {
    type Record = Exchange;

    fn read(self, _: &Keyring) -> Result<Self::Record, Error> {
        let key = self.reference.clone();
        let columns = Columns {
            table: "exchanges",
            key: &key,
        };
        Ok(Exchange {
            code: CodeHash(
                self.code
                    .try_into()
                    .map_err(|_| columns.wrong("code_hash"))?,
            ),
            user: columns.id("user_id", self.user)?,
            reference: columns.id("reference", self.reference)?,
            started_at: columns.time("started_at", self.started_at)?,
            account: self
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

impl Row for AccountRow {
    type Record = AccountRecord;

    fn read(self, keyring: &Keyring) -> Result<Self::Record, Error> {
        let key = self.id.clone();
        let columns = Columns {
            table: "accounts",
            key: &key,
        };
        Ok(AccountRecord {
            id: columns.id("id", self.id)?,
            user: columns.id("user_id", self.user)?,
            version: self.version,
            profile: columns.sealed_json(keyring, &ACCOUNT_PROFILE, self.profile)?,
            state: columns.json("state_json", &self.state)?,
            reference: columns.id("reference", self.reference)?,
            consent: self
                .consent
                .map(|consent| columns.sealed_json(keyring, &ACCOUNT_CONSENT, consent))
                .transpose()?,
            duplicate_of: self
                .duplicate_of
                .map(|id| columns.id("duplicate_of", id))
                .transpose()?,
            linked_at: columns.time("linked_at", self.linked_at)?,
            updated_at: columns.time("updated_at", self.updated_at)?,
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
        assumed: bool = "assumed",
        started_at: i64 = "started_at",
        updated_at: i64 = "updated_at",
    }
}

impl Row for JobRow {
    type Record = JobRecord;

    fn read(self, _: &Keyring) -> Result<Self::Record, Error> {
        let key = self.id.clone();
        let columns = Columns {
            table: "jobs",
            key: &key,
        };
        Ok(JobRecord {
            id: columns.id("id", self.id)?,
            account: columns.id("account_id", self.account)?,
            user: columns.id("user_id", self.user)?,
            name: self.name,
            status: self.status.as_str().into(),
            reauth_required: self.reauth_required,
            assumed: self.assumed,
            started_at: columns.time("started_at", self.started_at)?,
            updated_at: columns.time("updated_at", self.updated_at)?,
        })
    }
}

/// `number, account_id, what, job_id`.
pub(crate) type ChangeRow = (i64, String, String, Option<String>);

impl Row for ChangeRow {
    type Record = Change;

    fn read(self, _: &Keyring) -> Result<Change, Error> {
        let (number, account, what, job) = self;
        let key = number.to_string();
        let columns = Columns {
            table: "changes",
            key: &key,
        };
        let what = match (what.as_str(), job) {
            ("account", None) => Changed::Account,
            ("removed" | "erased", None) => Changed::Removed,
            ("job", Some(job)) => Changed::Job(columns.id("job_id", job)?),
            _ => return Err(columns.wrong("what")),
        };
        Ok(Change {
            number,
            account: columns.id("account_id", account)?,
            what,
        })
    }
}

row! {
    InboxRow {
        id: i64 = "id",
        body: Vec<u8> = "body",
        received_at: i64 = "received_at",
        attempts: i64 = "attempts",
    }
}

impl Row for InboxRow {
    type Record = InboxEvent;

    fn read(self, keyring: &Keyring) -> Result<InboxEvent, Error> {
        let key = self.id.to_string();
        let columns = Columns {
            table: "inbox",
            key: &key,
        };
        Ok(InboxEvent {
            id: self.id,
            body: keyring.open(&INBOX_BODY, &key, self.body)?,
            received_at: columns.time("received_at", self.received_at)?,
            attempts: u32::try_from(self.attempts).map_err(|_| columns.wrong("attempts"))?,
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

impl Row for UserChangeRow {
    type Record = (Timestamp, AccountId);

    fn read(self, _: &Keyring) -> Result<Self::Record, Error> {
        let key = self.number.to_string();
        let columns = Columns {
            table: "changes",
            key: &key,
        };
        Ok((
            columns.time("made_at", self.at)?,
            columns.id("account_id", self.account)?,
        ))
    }
}
