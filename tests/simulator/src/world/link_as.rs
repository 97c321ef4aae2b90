//! Bank users who act without a browser, for tests.

use serde::{Deserialize, Serialize};

use super::institution::{INSTITUTIONS, find};
use super::{CustomerRef, Generation, LinkRequest, Refusal, World};

/// Who links what. The default is Samuel Olamide's first account at `GTBank`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinkAs {
    /// Id, identifier or name.
    pub institution: Option<String>,
    /// Username at that bank; its first user when absent.
    pub username: Option<String>,
    /// Account number; the user's first when absent.
    pub account: Option<String>,
    /// Reference of the link; comes back as `meta.ref`.
    pub reference: Option<String>,
    /// The business's customer.
    pub customer: Option<CustomerRef>,
    /// Age of this account's webhooks.
    pub generation: Option<Generation>,
    /// `internet_banking` or `mobile_banking`.
    pub auth_method: Option<String>,
}

/// What linking gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    /// Authorisation code, good once and for ten minutes.
    pub code: String,
    /// The account that the code stands for.
    pub account_id: String,
}

impl World {
    /// Links as the given bank user and issues a code.
    ///
    /// # Errors
    /// Something named does not exist.
    pub(crate) fn link_as(&mut self, who: LinkAs) -> Result<Linked, Refusal> {
        let bank_account = self.bank_account_of(&who)?;
        if let Some(named) = who.customer.as_ref() {
            self.know_customer(named);
        }
        let account_id = self.link(LinkRequest {
            bank_account,
            customer: who.customer,
            reference: who.reference,
            auth_method: who.auth_method,
            generation: who.generation,
            match_number: None,
        })?;
        let code = self.issue_code(&account_id);
        Ok(Linked { code, account_id })
    }

    fn bank_account_of(&self, who: &LinkAs) -> Result<usize, Refusal> {
        if let (None, Some(number)) = (&who.institution, &who.account) {
            return self.bank_account_numbered(number);
        }
        let named = who.institution.as_deref().unwrap_or(INSTITUTIONS[0].id);
        let institution =
            find(named).ok_or_else(|| Refusal::UnknownInstitution(named.to_owned()))?;
        if let Some(number) = &who.account {
            let found = self.bank_account_numbered(number)?;
            let here = self.banks.accounts[found].institution.id == institution.id;
            return if here {
                Ok(found)
            } else {
                Err(Refusal::UnknownBankAccount(number.clone()))
            };
        }
        let user = match &who.username {
            Some(username) => self.banks.user(institution.id, username),
            None => self
                .banks
                .users
                .iter()
                .position(|u| u.institution == institution.id),
        };
        let user = user
            .ok_or_else(|| Refusal::UnknownBankAccount(who.username.clone().unwrap_or_default()))?;
        let first = self.banks.accounts_of(user).first().copied();
        first.ok_or_else(|| Refusal::UnknownBankAccount(institution.name.to_owned()))
    }

    fn bank_account_numbered(&self, number: &str) -> Result<usize, Refusal> {
        let position = self.banks.accounts.iter().position(|a| a.number == number);
        position.ok_or_else(|| Refusal::UnknownBankAccount(number.to_owned()))
    }
}
