//! Who owns an account, as the bank knows them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The holder of an account.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Identity {
    /// As the bank writes it.
    pub full_name: Option<String>,
    /// Electronic mail.
    pub email: Option<String>,
    /// As the bank writes it.
    pub phone: Option<String>,
    /// The bank's own word.
    pub gender: Option<String>,
    /// `YYYY-MM-DD`, unless the bank writes it in a way that cannot be told for sure.
    pub date_of_birth: Option<String>,
    /// The last four digits of the bank verification number; the full number is never sent to pages.
    pub bvn_last4: Option<String>,
    /// Street and town, on one line.
    pub address: Option<String>,
    /// The bank's own word.
    pub marital_status: Option<String>,
}

// Personal data does not belong into a log.
impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Identity([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_person_is_in_what_a_log_would_print() {
        let identity = Identity {
            full_name: Some("Samuel Olamide".to_owned()),
            bvn_last4: Some("9422".to_owned()),
            ..Identity::default()
        };
        assert_eq!(format!("{identity:?}"), "Identity([redacted])");
    }
}
