//! The holder of an account.

use std::fmt;

/// The holder of an account. `Debug` shows nothing of it, and of the bank verification number no
/// more than four digits are kept.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// The whole name.
    pub full_name: Option<String>,
    /// Electronic mail.
    pub email: Option<String>,
    /// As it came.
    pub phone: Option<String>,
    /// As it came.
    pub gender: Option<String>,
    /// `YYYY-MM-DD` where that can be told, else as it came.
    pub date_of_birth: Option<String>,
    /// The last four digits of the bank verification number.
    pub bvn_last4: Option<String>,
    /// On one line.
    pub address: Option<String>,
    /// As it came.
    pub marital_status: Option<String>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity([redacted])")
    }
}
