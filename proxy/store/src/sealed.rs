//! What is encrypted at rest: the columns that hold personal data, and how a value is sealed.
//!
//! A sealed value is `sealed:KEY-ID:` and, in base64, nonce, ciphertext and tag of AES-256-GCM. It
//! is bound to its table, column and row, so that it opens nowhere else. What does not begin like
//! this is plain: it was written before there were keys. Everything that is sealed is JSON, and no
//! JSON document begins like this.

mod keyring;
mod vault;

pub use keyring::Keyring;
pub use vault::{SealStore, Sealing};

pub(crate) use vault::{Vault, check_keys, seal_some};

/// With this, and the id of a key, a sealed value begins.
const MARK: &str = "sealed:";

/// A column whose values are sealed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) table: &'static str,
    /// The primary key.
    pub(crate) key: &'static str,
    pub(crate) key_type: KeyType,
    pub(crate) name: &'static str,
    pub(crate) value_type: ValueType,
}

/// How a table names its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyType {
    Text,
    Number,
}

/// How a column holds its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueType {
    Text,
    Bytes,
}

/// One line for each column: this also makes it part of [`ALL`].
macro_rules! sealed_columns {
    ($($name:ident = $table:literal, $key:literal as $key_type:ident,
        $column:literal as $value_type:ident;)+) => {
        $(pub(crate) const $name: Column = Column {
            table: $table,
            key: $key,
            key_type: KeyType::$key_type,
            name: $column,
            value_type: ValueType::$value_type,
        };)+

        /// All of them: what is sealed anew when the key changes.
        pub(crate) const ALL: &[Column] = &[$($name),+];
    };
}

sealed_columns! {
    ACCOUNT_PROFILE = "accounts", "id" as Text, "profile_json" as Text;
    ACCOUNT_CONSENT = "accounts", "id" as Text, "consent_json" as Text;
    LINK_SESSION_CONSENT = "link_sessions", "reference" as Text, "consent_json" as Text;
    INBOX_BODY = "inbox", "id" as Number, "body" as Bytes;
    OUTBOX_ACCOUNT = "outbox", "id" as Text, "account_json" as Text;
}
