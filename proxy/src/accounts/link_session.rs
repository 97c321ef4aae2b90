//! Beginning to link an account.

use jiff::SignedDuration;
use mono_connect_shared::id::{Reference, UserId};
use mono_connect_shared::link::{
    LinkSession, LinkSessionRequest, WidgetData, WidgetOptions, WidgetScope,
};
use mono_connect_store::LinkSessionRecord;

use super::{Accounts, Error};
use crate::random;

/// How long an attempt is good for: the user finds the bank, logs in, waits for an OTP.
const LIFETIME: SignedDuration = SignedDuration::from_mins(30);

/// Attempts of one user that may be open at once: nobody has as many pages, and each is a row.
const OPEN_AT_ONCE: u64 = 1_000;

/// Marks references of ours among all that Mono may tell as `meta.ref`.
pub(super) const LINK_PREFIX: &str = "mcl_";

impl Accounts {
    /// Begins an attempt to link an account to this user.
    pub async fn start_link(
        &self,
        user: &UserId,
        request: LinkSessionRequest,
    ) -> Result<LinkSession, Error> {
        let created_at = self.now();
        if self
            .store()
            .count_open_link_sessions(user, created_at)
            .await?
            >= OPEN_AT_ONCE
        {
            return Err(Error::TooManyAttempts);
        }
        let expires_at = created_at
            .checked_add(LIFETIME)
            .map_err(|_| Error::Broken("the end of time"))?;
        let reference: Reference = random::name(self.inner.parts.random.as_ref(), LINK_PREFIX)?
            .parse()
            .map_err(|_| Error::Broken("a random name is no reference"))?;
        self.store()
            .add_link_session(&LinkSessionRecord {
                reference: reference.clone(),
                user: user.clone(),
                created_at,
                expires_at,
                consent: request.consent,
                account: None,
                exchanged: false,
            })
            .await?;
        Ok(LinkSession {
            reference: reference.clone(),
            expires_at,
            widget: WidgetOptions {
                key: self.settings().public_key.clone(),
                scope: WidgetScope::Auth,
                reference,
                data: WidgetData {
                    customer: request.customer,
                },
                selected_institution: request.institution,
            },
        })
    }
}
