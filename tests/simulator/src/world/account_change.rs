//! What a test may change about a linked account from outside.

use serde::{Deserialize, Serialize};

use super::{Refusal, World};

/// Changes to one linked account; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountChange {
    /// Shown from now on, until the next fetch changes it. Any word is taken.
    pub data_status: Option<String>,
    /// What fetches bring from now on: `AVAILABLE`, `PARTIAL`, `UNAVAILABLE` or `FAILED`.
    pub outcome: Option<String>,
    /// Kobo; hides the bank's own balance.
    pub balance: Option<i64>,
    /// The bank answers only after its user has logged in again.
    pub reauth_required: Option<bool>,
    /// Forget the last manual sync, so that the next is not too early.
    pub forget_last_sync: bool,
    /// The bank user makes a transaction now.
    pub transaction: Option<NewTransaction>,
}

/// A transaction that a bank user makes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTransaction {
    /// Kobo, positive.
    pub amount: i64,
    /// `true`: money comes in.
    #[serde(default)]
    pub credit: bool,
    /// Text of it.
    pub narration: String,
}

impl World {
    /// Applies a change.
    ///
    /// # Errors
    /// Unknown account, or an amount that is not positive.
    pub(crate) fn change_account(
        &mut self,
        id: &str,
        change: AccountChange,
    ) -> Result<(), Refusal> {
        let now = self.now();
        let account = self.account_mut(id)?;
        if let Some(status) = change.data_status {
            account.data_status = status;
        }
        if let Some(outcome) = change.outcome {
            account.outcome = Some(outcome);
        }
        if let Some(balance) = change.balance {
            account.balance_override = Some(balance);
        }
        if let Some(required) = change.reauth_required {
            account.reauth_required = required;
        }
        if change.forget_last_sync {
            account.last_sync = None;
        }
        let bank_account = account.bank_account;
        if let Some(NewTransaction {
            amount,
            credit,
            narration,
        }) = change.transaction
        {
            if amount <= 0 {
                return Err(Refusal::Invalid("amount must be positive".to_owned()));
            }
            let habits = self.settings.habits;
            let ledger = &mut self.banks.accounts[bank_account].ledger;
            ledger.book_until(now, habits);
            ledger.add(now, credit, amount, narration);
        }
        Ok(())
    }
}
