//! What is sent to start linking an account.

use std::fmt;

use serde::Serialize;

use crate::secret::Redacted;

/// Whose account is to be linked. `Debug` shows neither name nor address.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum LinkCustomer {
    /// A customer that Mono knows.
    Existing {
        /// Mono's id of the customer.
        id: String,
    },
    /// A customer that Mono does not know yet.
    New {
        /// The customer's name.
        name: String,
        /// The customer's e-mail address.
        email: String,
    },
}

impl fmt::Debug for LinkCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Existing { id } => f.debug_struct("Existing").field("id", id).finish(),
            Self::New { name, email } => f
                .debug_struct("New")
                .field("name", &Redacted::new(name))
                .field("email", &Redacted::new(email))
                .finish(),
        }
    }
}

/// Which bank's login the page opens with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LinkInstitution {
    /// Mono's id of the bank.
    pub id: String,
    /// `internet_banking` or `mobile_banking`.
    pub auth_method: String,
}

/// A request for a hosted page on which a user links an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRequest {
    /// Whose account it is.
    pub customer: LinkCustomer,
    /// The bank, when it is known before.
    pub institution: Option<LinkInstitution>,
    /// A unique reference that comes back as `meta.ref`.
    pub reference: String,
    /// Where the page sends the user afterwards.
    pub redirect_url: String,
}
