//! Rows of the outbox.

use mono_connect_shared::outbound::OutboundType;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row as _};

use super::{Columns, Row};
use crate::Error;
use crate::outbox::{NewMessage, OutboxBacklog, OutboxMessage};
use crate::sealed::{Keyring, OUTBOX_ACCOUNT};

row! {
    OutboxRow {
        number: i64 = "number",
        id: String = "id",
        kind: String = "kind",
        user: String = "user_id",
        account: String = "account_json",
        at: i64 = "made_at",
        attempts: i64 = "attempts",
        failure: Option<String> = "failure",
    }
}

impl Row for OutboxRow {
    type Record = OutboxMessage;

    fn read(self, keyring: &Keyring) -> Result<OutboxMessage, Error> {
        let key = self.id.clone();
        let columns = Columns {
            table: "outbox",
            key: &key,
        };
        let kind = OutboundType::ALL
            .into_iter()
            .find(|kind| kind.as_str() == self.kind);
        Ok(OutboxMessage {
            number: self.number,
            message: NewMessage {
                id: self.id,
                kind: kind.ok_or_else(|| columns.wrong("kind"))?,
                at: columns.time("made_at", self.at)?,
                user: columns.id("user_id", self.user)?,
                account: columns.sealed_json(keyring, &OUTBOX_ACCOUNT, self.account)?,
            },
            attempts: u32::try_from(self.attempts).map_err(|_| columns.wrong("attempts"))?,
            failure: self.failure,
        })
    }
}

/// What one query told of the whole outbox.
pub(crate) fn outbox_backlog(
    messages: i64,
    oldest: Option<i64>,
    dead_letters: i64,
) -> Result<OutboxBacklog, Error> {
    let columns = Columns {
        table: "outbox",
        key: "the oldest",
    };
    Ok(OutboxBacklog {
        messages: messages.unsigned_abs(),
        oldest: oldest
            .map(|oldest| columns.time("made_at", oldest))
            .transpose()?,
        dead_letters: dead_letters.unsigned_abs(),
    })
}
