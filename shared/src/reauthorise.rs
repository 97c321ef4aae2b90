//! Re-authorising an account at a bank that asks its user to log in again.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::{AccountId, Reference};

/// Answer of `POST /api/accounts/{id}/reauthorise`: what to hand to the widget or where to go.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "method", rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub enum Reauthorisation {
    /// For connect.js up to 2.0.2.
    Token {
        /// Works once, within ten minutes.
        token: String,
        /// When it stops working.
        #[cfg_attr(feature = "ts", tsify(type = "string"))]
        expires_at: Timestamp,
        /// Names this attempt.
        reference: Reference,
    },
    /// For connect.js since 2.1.0.
    AccountId {
        /// The account to log in to again.
        account_id: AccountId,
        /// Names this attempt.
        reference: Reference,
    },
    /// A page of Mono's.
    HostedLink {
        /// Where to send the user.
        url: String,
        /// Names this attempt.
        reference: Reference,
    },
}

// A token opens the widget for this account, so it never prints itself.
impl core::fmt::Debug for Reauthorisation {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(match self {
            Self::Token { .. } => "Reauthorisation::Token",
            Self::AccountId { .. } => "Reauthorisation::AccountId",
            Self::HostedLink { .. } => "Reauthorisation::HostedLink",
        })
    }
}
