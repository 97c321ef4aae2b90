//! What is known of an account.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::account::{DataStatus, LastSync, SyncResult};
use crate::id::JobId;

/// The state of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Linked: Mono may be asked for its data.
    Linked(Box<Linked>),
    /// Gone, by our wish or by Mono's word. Final: a new link makes a new account.
    Unlinked {
        /// Since when.
        at: Timestamp,
    },
}

/// What is known of a linked account. Each part has its own time, because each is told apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    /// How far Mono has come with the data.
    pub data: Data,
    /// Whether the bank lets Mono in.
    pub authorisation: Authorisation,
    /// How the last sync ended.
    pub last_sync: Option<LastSync>,
    /// The manual sync that runs or ran last.
    pub sync: Option<Running>,
    /// The real-time read that runs or ran last.
    pub realtime: Option<Running>,
    /// The analysis of the income.
    #[serde(default)]
    pub income: IncomeAnalysis,
    /// Whether Mono's own details were looked at for the attempt of which the account came. Not noted
    /// of what was linked before this was: there any word about the data stands for it.
    #[serde(default)]
    pub attempt_confirmed: Option<bool>,
}

/// How far Mono has come with the data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Data {
    /// When Mono said so; never, as long as only the link itself is known.
    pub at: Option<Timestamp>,
    /// What Mono said.
    pub status: DataStatus,
    /// What was fetched.
    pub retrieved: Vec<String>,
}

impl Default for Data {
    fn default() -> Self {
        Self {
            at: None,
            status: DataStatus::Processing,
            retrieved: Vec::new(),
        }
    }
}

/// Whether the bank lets Mono in. Required as long as an ask is newer than the last grant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorisation {
    /// When the user last logged in to the bank, or a sync proved that no login is needed.
    pub granted_at: Option<Timestamp>,
    /// What was asked since then, oldest first. All of them are kept, not only the first: a grant
    /// that is told late may answer some and not others.
    pub asks: Vec<Ask>,
    /// When we last let the user log in to the bank. Whether that succeeded is Mono's to say, and a
    /// sync may be how it says so.
    #[serde(default)]
    pub tried_at: Option<Timestamp>,
}

/// The bank asked its user to log in again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Ask {
    /// When Mono said so.
    pub at: Timestamp,
    /// By which word.
    pub cause: Cause,
}

/// By which word of Mono's a login is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The event `reauthorisation_required`.
    Event,
    /// A sync's outcome.
    Sync,
    /// A real-time job's outcome.
    Job,
}

impl Authorisation {
    /// The ask that still waits for the user, if any: the oldest.
    pub fn required(&self) -> Option<&Ask> {
        self.asks.first()
    }

    /// Whether it is no use asking the bank: it wants a login, and none was begun since.
    pub fn is_blocked(&self) -> bool {
        self.asks
            .last()
            .is_some_and(|ask| self.tried_at.is_none_or(|tried_at| tried_at <= ask.at))
    }
}

/// Mono's analysis of an account's income.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncomeAnalysis {
    /// When we had one started last.
    pub started_at: Option<Timestamp>,
    /// When one was over last, whoever had it started.
    pub finished_at: Option<Timestamp>,
}

impl IncomeAnalysis {
    /// Whether one that we had started is over.
    pub fn is_over(&self) -> bool {
        self.started_at.is_some() && self.started_at <= self.finished_at
    }

    /// Whether one has been running for so long, as far as is known.
    pub fn is_running_since(&self, now: Timestamp, time: SignedDuration) -> bool {
        let started_at = self.started_at.filter(|_| !self.is_over());
        started_at.is_some_and(|started_at| now.duration_since(started_at) >= time)
    }
}

/// Something asked of the bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// When it started.
    pub started_at: Timestamp,
    /// Mono's id of the job, once told.
    pub job: Option<JobId>,
    /// When it ended, once told.
    pub ended_at: Option<Timestamp>,
}

impl Linked {
    /// Whether Mono itself has said of which attempt the account came, or that it does not say.
    pub fn is_attempt_confirmed(&self) -> bool {
        self.attempt_confirmed.unwrap_or(self.data.at.is_some())
    }

    /// Whether Mono is to be asked about the account: it fetches data, or has not yet said of which
    /// attempt it came.
    pub fn wants_details(&self) -> bool {
        self.data.status == DataStatus::Processing || !self.is_attempt_confirmed()
    }

    /// When the bank's data was last fetched, as far as Mono has told. None while there is none.
    pub fn data_as_of(&self) -> Option<Timestamp> {
        let available = self.data.at.filter(|_| self.data.status.is_available());
        let synced = self.last_sync.as_ref();
        let synced = synced.filter(|sync| sync.outcome == SyncResult::Synced);
        available.max(synced.map(|sync| sync.at))
    }
}

impl State {
    /// A newly linked account, of which nothing else is known yet.
    pub fn linked() -> Self {
        Self::Linked(Box::new(Linked {
            attempt_confirmed: Some(false),
            ..Linked::default()
        }))
    }

    /// What is known of it, while it is linked.
    pub fn as_linked(&self) -> Option<&Linked> {
        match self {
            Self::Linked(linked) => Some(linked),
            Self::Unlinked { .. } => None,
        }
    }
}
