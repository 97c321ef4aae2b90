//! The whole state of the simulated Mono behind one lock: banks, links, codes, settings, agenda and logs.
//! Does no IO; what must be sent is put on the agenda.

mod account;
mod account_change;
mod bank;
mod customer;
mod events;
mod fetch;
mod habits;
mod hosted;
mod income;
mod institution;
mod ledger;
mod link;
mod link_as;
mod log;
mod realtime;
mod settings;
mod view;
mod visit;
mod webhook;

use std::collections::BTreeMap;

use fastrand::Rng;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub(crate) use account::{IDENTITY, LinkedAccount};
pub(crate) use bank::{BankAccount, Banks, OTP, PASSWORD};
pub(crate) use customer::{Customer, NewCustomer};
pub(crate) use events::{Agenda, Due};
pub(crate) use fetch::SyncOutcome;
pub(crate) use hosted::{HostedLink, Scope};
pub(crate) use institution::{INSTITUTIONS, find as find_institution};
pub(crate) use ledger::date_of;
pub(crate) use link::{Code, LinkRequest, ReauthToken};
pub(crate) use log::Bounded;
pub(crate) use realtime::{Job, JobKind};
pub(crate) use visit::{Visit, Visits};
pub(crate) use webhook::{Outgoing, Sent};

pub use account_change::{AccountChange, NewTransaction};
pub use customer::CustomerRef;
pub use institution::Institution;
pub use link::Refusal;
pub use link_as::{LinkAs, Linked};
pub use log::{KeyCheck, LoggedRequest};
pub use settings::{Dialect, Generation, Settings, WebhookSettings};
pub use webhook::{Attempt, Delivery, DeliveryState, HandmadeWebhook};

use crate::clock::Clock;
use crate::faults::Faults;
use crate::random::dice;

/// What never changes while the simulator runs.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) secret_key: String,
    pub(crate) public_key: String,
    pub(crate) seed: u64,
    /// The origin in links to the simulator itself.
    pub(crate) public_url: String,
    pub(crate) app: String,
    pub(crate) business: String,
}

/// What a test changed about an institution.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InstitutionChange {
    /// What fetches from it bring: `AVAILABLE`, `PARTIAL`, `UNAVAILABLE` or `FAILED`.
    pub outcome: Option<String>,
    /// Whether it asks for an OTP.
    pub mfa: Option<bool>,
}

/// A statement that is being built as PDF.
#[derive(Debug, Clone)]
pub(crate) struct StatementPdf {
    pub(crate) account: String,
    pub(crate) ready_at: Timestamp,
}

/// Everything.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) identity: Identity,
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    pub(crate) banks: Banks,
    pub(crate) institution_changes: BTreeMap<String, InstitutionChange>,
    pub(crate) accounts: BTreeMap<String, LinkedAccount>,
    pub(crate) customers: BTreeMap<String, Customer>,
    pub(crate) codes: BTreeMap<String, Code>,
    pub(crate) reauth_tokens: BTreeMap<String, ReauthToken>,
    pub(crate) hosted_links: BTreeMap<String, HostedLink>,
    pub(crate) jobs: BTreeMap<String, Job>,
    pub(crate) statement_pdfs: BTreeMap<String, StatementPdf>,
    pub(crate) visits: Visits,
    pub(crate) agenda: Agenda,
    pub(crate) deliveries: Bounded<Delivery>,
    pub(crate) next_delivery: u64,
    pub(crate) held_back: BTreeMap<String, u64>,
    pub(crate) requests: Bounded<LoggedRequest>,
    pub(crate) next_request: u64,
    pub(crate) faults: Faults,
    pub(crate) ids: Rng,
    initial_settings: Settings,
}

impl World {
    pub(crate) fn new(identity: Identity, clock: Clock, settings: Settings) -> Self {
        Self {
            banks: Banks::generate(identity.seed),
            ids: dice(identity.seed, &["ids"]),
            initial_settings: settings.clone(),
            identity,
            clock,
            settings,
            institution_changes: BTreeMap::new(),
            accounts: BTreeMap::new(),
            customers: BTreeMap::new(),
            codes: BTreeMap::new(),
            reauth_tokens: BTreeMap::new(),
            hosted_links: BTreeMap::new(),
            jobs: BTreeMap::new(),
            statement_pdfs: BTreeMap::new(),
            visits: Visits::default(),
            agenda: Agenda::default(),
            deliveries: Bounded::new(2_000),
            next_delivery: 1,
            held_back: BTreeMap::new(),
            requests: Bounded::new(10_000),
            next_request: 0,
            faults: Faults::default(),
        }
    }

    /// As after the start, but for the clock, which goes on.
    pub(crate) fn reset(&mut self) {
        let fresh = Self::new(
            self.identity.clone(),
            self.clock.clone(),
            self.initial_settings.clone(),
        );
        *self = fresh;
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A linked account that was not unlinked.
    pub(crate) fn account(&self, id: &str) -> Result<&LinkedAccount, Refusal> {
        self.accounts
            .get(id)
            .filter(|a| a.unlinked_at.is_none())
            .ok_or(Refusal::UnknownAccount)
    }

    pub(crate) fn account_mut(&mut self, id: &str) -> Result<&mut LinkedAccount, Refusal> {
        self.accounts
            .get_mut(id)
            .filter(|a| a.unlinked_at.is_none())
            .ok_or(Refusal::UnknownAccount)
    }

    pub(crate) fn bank_account(&self, account: &LinkedAccount) -> &BankAccount {
        &self.banks.accounts[account.bank_account]
    }

    pub(crate) fn institution_change(&self, id: &str) -> InstitutionChange {
        self.institution_changes
            .get(id)
            .cloned()
            .unwrap_or_default()
    }

    pub(crate) fn asks_for_otp(&self, institution: &Institution) -> bool {
        self.institution_change(institution.id)
            .mfa
            .unwrap_or(institution.mfa)
    }

    /// Changes how an institution answers; what is absent stays.
    ///
    /// # Errors
    /// No such institution.
    pub(crate) fn change_institution(
        &mut self,
        which: &str,
        change: InstitutionChange,
    ) -> Result<(), Refusal> {
        let institution =
            find_institution(which).ok_or_else(|| Refusal::UnknownInstitution(which.to_owned()))?;
        let known = self
            .institution_changes
            .entry(institution.id.to_owned())
            .or_default();
        known.outcome = change.outcome.or(known.outcome.take());
        known.mfa = change.mfa.or(known.mfa);
        Ok(())
    }

    /// Takes new settings into use.
    pub(crate) fn set_settings(&mut self, settings: Settings) {
        let replan = settings.refresh_interval != self.settings.refresh_interval;
        self.settings = settings;
        if replan {
            self.agenda
                .retain(|due| !matches!(due, Due::Refresh { .. }));
            let accounts = self.accounts.values().filter(|a| a.unlinked_at.is_none());
            let linked: Vec<String> = accounts.map(|a| a.id.clone()).collect();
            for id in linked {
                self.plan_refresh(&id);
            }
        }
    }
}
