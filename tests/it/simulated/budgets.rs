//! What Mono was asked, by its own log and its own time: no more than is allowed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use mono_simulator::LoggedRequest;

use super::world::Known;

/// Since the last look, Mono was asked because of this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asker {
    /// A user did something.
    Page,
    /// Something was due.
    Proxy,
}

/// How often each account was asked about.
pub(super) struct Budgets {
    interval: SignedDuration,
    last: BTreeMap<String, Timestamp>,
    /// The nights in which an account was synced without its user, or tried to be.
    nights: BTreeMap<String, BTreeSet<Date>>,
}

impl Budgets {
    pub(super) fn new(generation: &str) -> Self {
        let minutes = if generation == "v1" { 2 } else { 5 };
        Self {
            interval: SignedDuration::from_mins(minutes),
            last: BTreeMap::new(),
            nights: BTreeMap::new(),
        }
    }

    pub(super) fn takes(&mut self, requests: &[LoggedRequest], asker: Asker, accounts: &[Known]) {
        for request in requests {
            let is_sync = request.method == "POST" && request.path.ends_with("/sync");
            let is_session = request
                .headers
                .get("x-realtime")
                .is_some_and(|it| it == "true");
            // What a fault has hit may have done nothing, and neither does what is about an account
            // that Mono has no more.
            let did_nothing = request.fault.is_some() || request.status == Some(404);
            if !(is_sync || is_session) || did_nothing {
                continue;
            }
            let parts: Vec<_> = request.path.split('/').collect();
            let id = parts[parts.len() - 2];
            let at: Timestamp = request.at.parse().unwrap();
            assert_ne!(request.status, Some(429), "too early for Mono: {request:?}");
            if let Some(before) = self.last.insert(id.to_owned(), at) {
                let passed = at.duration_since(before);
                assert!(
                    passed >= self.interval,
                    "{passed:?} after the last: {request:?}"
                );
            }
            if asker == Asker::Proxy {
                self.by_night(id, at, accounts);
            }
        }
    }

    fn by_night(&mut self, id: &str, at: Timestamp, accounts: &[Known]) {
        let local = at.to_zoned(TimeZone::get("Africa/Lagos").unwrap());
        assert!((2..=5).contains(&local.hour()), "{id} at {local}");
        let account = accounts.iter().find(|account| account.id == id).unwrap();
        assert!(account.consent, "{id} without consent");
        let nights = self.nights.entry(id.to_owned()).or_default();
        assert!(
            nights.insert(local.date()),
            "{id} twice in a night: {local}"
        );
    }

    /// In how many nights an account was synced since then.
    pub(super) fn nights_of(&self, id: &str, since: Timestamp) -> usize {
        let since = since
            .to_zoned(TimeZone::get("Africa/Lagos").unwrap())
            .date();
        let nights = self.nights.get(id).into_iter().flatten();
        nights.filter(|night| **night >= since).count()
    }
}
