//! Linking an account: from the widget's code to an account of the user's.
//!
//! A code works once and is gone after ten minutes, so each step is written down before the next:
//! the intent before Mono is asked, Mono's answer before anything else, then the account. Whatever
//! breaks in between, the same user may bring the same code again and goes on where it broke.

use mono_connect_shared::account::Account;
use mono_connect_shared::id::{AccountId, UserId};
use mono_connect_shared::lifecycle::{self, State};
use mono_connect_shared::link::ExchangeRequest;
use mono_connect_store::{
    AccountRecord, CodeHash, ConsentRecord, Exchange, ExchangeStart, LinkOutcome,
    LinkSessionRecord, NewLink, Profile,
};
use sha2::{Digest as _, Sha256};

use super::{Accounts, Error, view};

/// A linked account.
#[derive(Debug)]
pub enum Linked {
    /// By this call.
    Now(Account),
    /// This user had exchanged this code before.
    Before(Account),
}

/// By what an account came to its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attached {
    /// By a code that the browser brought.
    ByCode,
    /// By an event of Mono's that named the attempt.
    ByEvent,
}

impl Accounts {
    /// Exchanges the code and links the account to the user.
    ///
    /// Goes on when the caller has gone, because by then Mono may have used up the code.
    pub async fn link(&self, user: &UserId, request: ExchangeRequest) -> Result<Linked, Error> {
        let accounts = self.clone();
        let user = user.clone();
        self.to_the_end(async move { accounts.link_to_the_end(&user, &request).await })
            .await
    }

    async fn link_to_the_end(
        &self,
        user: &UserId,
        request: &ExchangeRequest,
    ) -> Result<Linked, Error> {
        let code = CodeHash(Sha256::digest(request.code.expose()).into());
        // Always in this order, so that two calls never wait for each other.
        let _attempt = self.turn(&self.inner.attempts, &request.reference).await?;
        let _code = self.turn(&self.inner.codes, &code).await?;
        let _attempt_anywhere = self.hold(&format!("attempt {}", request.reference)).await?;
        let _code_anywhere = self.hold(&format!("code {:x?}", code.0)).await?;

        let known = self.store().find_exchange(&code).await?;
        let known = known.filter(|exchange| exchange.user == *user);
        let exchanged = known.as_ref().and_then(|exchange| exchange.account.clone());
        if let (Some(id), Some(known)) = (&exchanged, &known) {
            if let Some(record) = self.store().find_account(user, id).await? {
                return self.seen(record).map(Linked::Before);
            }
            // It was linked, and is gone since: an old code does not bring it back.
            let session = self.store().find_link_session(&known.reference).await?;
            if session.is_some_and(|session| session.account.as_ref() == Some(id)) {
                return Err(Error::LinkSessionInvalid);
            }
        }
        let known = known.is_some();
        let session = self.open_session(user, request).await?;
        let id = match exchanged {
            Some(id) => id,
            None => match self.exchange(user, request, code, known).await {
                Ok(id) => id,
                // An earlier try did reach Mono, and an event told its outcome.
                Err(Error::CodeExpired(error)) => match (&session.account, known) {
                    (Some(id), true) => {
                        // Our answer may get lost as well, and the code be brought once more.
                        self.store().record_exchange(&code, id).await?;
                        id.clone()
                    }
                    _ => return Err(Error::CodeExpired(error)),
                },
                Err(error) => return Err(error),
            },
        };
        let account = self.attach(session, id, Attached::ByCode).await?;
        Ok(Linked::Now(account))
    }

    /// The link session that the reference names: the user's own, not expired and not used.
    async fn open_session(
        &self,
        user: &UserId,
        request: &ExchangeRequest,
    ) -> Result<LinkSessionRecord, Error> {
        let session = self.store().find_link_session(&request.reference).await?;
        session
            .filter(|session| session.user == *user)
            .filter(|session| session.account.is_none() || !session.exchanged)
            .filter(|session| self.now() < session.expires_at)
            .ok_or(Error::LinkSessionInvalid)
    }

    /// Asks Mono for the account behind a code.
    async fn exchange(
        &self,
        user: &UserId,
        request: &ExchangeRequest,
        code: CodeHash,
        tried_before: bool,
    ) -> Result<AccountId, Error> {
        let intent = Exchange {
            code,
            user: user.clone(),
            reference: request.reference.clone(),
            started_at: self.now(),
            account: None,
        };
        match self.store().start_exchange(&intent).await? {
            ExchangeStart::Started => {}
            ExchangeStart::Exchanged(id) => return Ok(id),
            ExchangeStart::Taken => return Err(Error::CodeAlreadyUsed),
        }
        let id = match self.mono().exchange(request.code.expose()).await {
            Ok(id) => view::account_id(&id)?,
            Err(error) => return Err(self.exchange_failed(code, error, tried_before).await?),
        };
        self.store().record_exchange(&code, &id).await?;
        Ok(id)
    }

    /// What an exchange that failed means. The intent stays as long as Mono may have acted on it,
    /// now or at an earlier try: then the code is still this user's, and may be brought again.
    async fn exchange_failed(
        &self,
        code: CodeHash,
        error: mono_client::Error,
        tried_before: bool,
    ) -> Result<Error, Error> {
        if !tried_before && !error.may_have_been_carried_out() {
            self.store().forget_exchange(&code).await?;
        }
        Ok(match error {
            mono_client::Error::Refused { status, .. } if is_about_the_code(status) => {
                Error::CodeExpired(error)
            }
            mono_client::Error::NotFound => Error::CodeExpired(error),
            error => error.into(),
        })
    }

    /// Makes the account the user's, then asks Mono what it is.
    pub(super) async fn attach(
        &self,
        session: LinkSessionRecord,
        id: AccountId,
        attached: Attached,
    ) -> Result<Account, Error> {
        let now = self.now();
        let account = AccountRecord {
            id,
            user: session.user,
            version: 1,
            profile: Profile::default(),
            state: State::linked(),
            reference: session.reference.clone(),
            consent: session.consent.map(|consent| ConsentRecord {
                consent,
                given_at: session.created_at,
            }),
            duplicate_of: None,
            linked_at: now,
            updated_at: now,
        };
        let exchanged = attached == Attached::ByCode;
        let link = NewLink {
            message: self.message_of_new(&account)?,
            account,
            reference: session.reference,
            exchanged,
        };
        match self.store().finish_link(&link).await? {
            // An event may have been faster, or the user has linked it another time before.
            LinkOutcome::Linked | LinkOutcome::AlreadyLinked => {}
            LinkOutcome::Taken if exchanged => return Err(self.whose(&link.account.id).await?),
            LinkOutcome::Taken => return Err(Error::CodeAlreadyUsed),
            LinkOutcome::SessionUsed => return Err(Error::LinkSessionInvalid),
        }
        self.tell(&link.account.user);
        self.post();
        let record = self.find(&link.account.user, &link.account.id).await?;
        if record
            .state
            .as_linked()
            .is_none_or(lifecycle::Linked::is_attempt_confirmed)
        {
            return self.seen(record);
        }
        match self.refresh(record.clone()).await {
            Ok(record) => self.seen(record),
            Err(Error::Mono(mono_client::Error::NotFound)) => {
                // Unlinked at Mono before it was linked here. The code and the event of one attempt may
                // both come to this, and it is an end once.
                self.erase(&record).await?;
                Err(Error::AccountNotFound)
            }
            Err(Error::Mono(error)) => {
                // The account is linked all the same; its status is asked for again later.
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "no details after linking"
                );
                self.seen(record)
            }
            Err(error) => Err(error),
        }
    }

    /// Why a user cannot have an account that is another's: Mono's event named the other's attempt,
    /// whose code this was, or the other has brought a code for it.
    async fn whose(&self, id: &AccountId) -> Result<Error, Error> {
        let attempt = match self.store().find_any_account(id).await? {
            Some(record) => self.store().find_link_session(&record.reference).await?,
            None => None,
        };
        Ok(match attempt {
            Some(attempt) if !attempt.exchanged => Error::ReferenceMismatch,
            _ => Error::CodeAlreadyUsed,
        })
    }

    pub(super) fn seen(&self, record: AccountRecord) -> Result<Account, Error> {
        view::account(record, self.now()).ok_or(Error::AccountNotFound)
    }
}

/// Whether Mono refuses this code with it, and not every code: an empty wallet is 402.
const fn is_about_the_code(status: u16) -> bool {
    matches!(status, 400 | 409 | 422)
}
