//! What is due and when: a queue in the order of time, and of arrival within one instant.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::fetch::Cause;

/// Something that happens by itself when its time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Due {
    /// Mono has finished asking the bank.
    FetchDone {
        /// Linked account id.
        account: String,
        /// Why it asked.
        cause: Cause,
    },
    /// The automatic refresh of an account.
    Refresh {
        /// Linked account id.
        account: String,
    },
    /// A real-time job has come to its end.
    JobDone {
        /// Job id.
        job: String,
    },
    /// An income analysis has come to its end.
    IncomeDone {
        /// Linked account id.
        account: String,
    },
    /// An attempt at a webhook delivery.
    Deliver {
        /// Number of the delivery.
        delivery: u64,
    },
    /// A webhook held back for reordering goes out though no second one came.
    Release {
        /// Linked account id.
        account: String,
        /// Number of the delivery.
        delivery: u64,
    },
}

/// The queue.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    due: BTreeMap<(Timestamp, u64), Due>,
    next: u64,
}

impl Agenda {
    pub(crate) fn add(&mut self, at: Timestamp, due: Due) {
        self.next += 1;
        self.due.insert((at, self.next), due);
    }

    /// Takes the first thing that is due at `until` or before.
    pub(crate) fn pop(&mut self, until: Timestamp) -> Option<(Timestamp, Due)> {
        let entry = self.due.first_entry()?;
        let at = entry.key().0;
        (at <= until).then(|| (at, entry.remove()))
    }

    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&Due) -> bool) {
        self.due.retain(|_, due| keep(due));
    }

    pub(crate) fn len(&self) -> usize {
        self.due.len()
    }
}
