//! What the site's back end was told: everything, in order, as often as needed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use mono_connect_tests::Delivery;
use serde_json::Value;

use super::world::Known;

/// The first retry comes by then.
const FIRST_RETRY: SignedDuration = SignedDuration::from_mins(1);
/// The harness's back end asks for two minutes with every 503.
const FIRST_RETRY_AFTER_503: SignedDuration = SignedDuration::from_secs(121);

/// One event as it came.
#[derive(Clone)]
struct Event {
    id: String,
    kind: String,
    /// When it was written.
    at: Timestamp,
    account: Value,
    body: String,
    /// Each try, and what it was answered with.
    tries: Vec<(Timestamp, u16)>,
}

impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            kind, at, account, ..
        } = self;
        write!(f, "{kind} of {at} {:?} {account}", self.tries)
    }
}

impl Event {
    fn is_taken(&self) -> bool {
        self.tries.last().is_some_and(|(_, status)| *status < 300)
    }

    /// A reminder that was not taken in its hours is left out.
    fn is_done(&self) -> bool {
        self.is_taken() || self.kind.ends_with("reminder")
    }

    fn changes_nothing(&self) -> bool {
        self.kind.ends_with("reminder") || self.kind.ends_with("stale")
    }
}

/// Everything that came.
pub(super) struct Told {
    opens: i8,
    opens_minute: i8,
    closes: i8,
    closes_minute: i8,
    /// Of each account, in the order in which they came first.
    by_account: BTreeMap<String, Vec<Event>>,
    works: Vec<Timestamp>,
    owners: BTreeMap<String, usize>,
}

impl Told {
    pub(super) fn new(reminders: &str) -> Self {
        let numbers: Vec<i8> = reminders
            .split(['-', ':'])
            .map(|number| number.parse().unwrap())
            .collect();
        Self {
            opens: numbers[0],
            opens_minute: numbers[1],
            closes: numbers[2],
            closes_minute: numbers[3],
            by_account: BTreeMap::new(),
            works: Vec::new(),
            owners: BTreeMap::new(),
        }
    }

    /// The proxy has done what was due then.
    pub(super) fn works(&mut self, at: Timestamp) {
        self.works.push(at);
    }

    pub(super) fn takes(&mut self, came: &[Delivery], accounts: &[Known]) {
        for delivery in came {
            self.take(delivery, accounts);
        }
    }

    fn take(&mut self, delivery: &Delivery, accounts: &[Known]) {
        let body = delivery.event();
        let account = body["data"]["account"].clone();
        let of = account["id"].as_str().unwrap().to_owned();
        let id = delivery.header("webhook-id").to_owned();
        let sent: i64 = delivery.header("webhook-timestamp").parse().unwrap();
        let sent = Timestamp::from_second(sent).unwrap();
        let known = accounts.iter().find(|known| known.id == of).unwrap();
        let user = body["data"]["user_id"].as_str().unwrap();
        let owner = *self.owners.entry(user.to_owned()).or_insert(known.user);
        assert_eq!(owner, known.user, "{body}");

        let told = self.by_account.entry(of.clone()).or_default();
        if let Some(again) = told.iter_mut().find(|event| event.id == id) {
            assert!(!again.is_taken(), "{body} was taken before");
            if again.body != delivery.body {
                // After the end nothing personal is told, of before it either.
                assert!(account["name"].is_null(), "{} and {body}", again.body);
                assert_eq!(again.kind, delivery.kind());
                assert_eq!(again.at, written(&body));
                again.body.clone_from(&delivery.body);
            }
            if let [(first, status)] = again.tries[..] {
                let longest = if status == 503 {
                    FIRST_RETRY_AFTER_503
                } else {
                    FIRST_RETRY
                };
                let due = first + longest + SignedDuration::from_secs(1);
                let missed = self.works.iter().find(|at| due < **at && **at < sent);
                assert_eq!(missed, None, "first tried at {first}: {body}");
            }
            again.tries.push((sent, delivery.status));
            return;
        }
        if let Some(before) = told.last() {
            // What is told of an erased user is deleted, but for the end.
            let is_end = delivery.kind() == "account.unlinked";
            assert!(before.is_done() || is_end, "{before:?} comes before {body}");
            assert!(before.at <= written(&body), "{before:?} and {body}");
            assert_ne!(before.kind, "account.unlinked", "{body}");
        }
        let event = Event {
            id,
            kind: delivery.kind(),
            at: written(&body),
            account,
            body: delivery.body.clone(),
            tries: vec![(sent, delivery.status)],
        };
        check_kind(told, &event);
        told.push(event);
        if delivery.kind().ends_with("reminder") {
            self.check_reminder(&of);
        }
    }

    /// When the hours of reminders began in which this is; none outside of them.
    fn opened_on(&self, at: Timestamp) -> Option<Date> {
        let local = at.to_zoned(TimeZone::get("Africa/Lagos").unwrap());
        let time = (local.hour(), local.minute());
        let opens = (self.opens, self.opens_minute);
        let closes = (self.closes, self.closes_minute);
        if opens < closes {
            return (opens <= time && time < closes).then(|| local.date());
        }
        if time >= opens {
            Some(local.date())
        } else if time < closes {
            Some(local.date() - 1.day())
        } else {
            None
        }
    }

    fn check_reminder(&self, account: &str) {
        let told = &self.by_account[account];
        let reminders = told.iter().filter(|one| one.kind.ends_with("reminder"));
        let mut days = BTreeSet::new();
        for reminder in reminders {
            let day = self.opened_on(reminder.at);
            assert!(day.is_some(), "out of hours: {reminder:?}");
            for (sent, _) in &reminder.tries {
                assert_eq!(self.opened_on(*sent), day, "too late: {reminder:?}");
            }
            assert!(days.insert(day), "twice a day: {reminder:?}");
        }
    }

    /// Whether the newest event of an account shows it as the page does.
    pub(super) fn agrees(&self, shown: &Value) {
        let id = shown["id"].as_str().unwrap();
        let told = &self.by_account[id];
        let last = told.iter().rfind(|event| !event.changes_nothing()).unwrap();
        for field in ["data_status", "requires_reauth", "name", "balance"] {
            assert_eq!(
                last.account[field], shown[field],
                "{field}: {last:?} and {shown}"
            );
        }
    }

    /// Whether time itself was told of: who does not log in is reminded, and who brings nothing for
    /// days is named.
    pub(super) fn has_nudged(
        &self,
        since: Timestamp,
        now: Timestamp,
        accounts: &[Known],
        at_mono: &dyn Fn(&str) -> Value,
    ) {
        for account in accounts
            .iter()
            .filter(|account| account.linked && !account.ended)
        {
            let truth = at_mono(&account.id);
            if !truth["unlinked_at"].is_null() {
                continue;
            }
            let told = &self.by_account[&account.id];
            let of_kind = |kind: &str, since: Timestamp| {
                told.iter()
                    .any(|event| event.kind == kind && event.at > since)
            };
            if truth["reauth_required"] == true {
                let reminded = of_kind("account.reauthorisation_reminder", since + 2 * DAY);
                assert!(reminded, "{truth} of which nobody is reminded");
            }
            let fetched_at: Timestamp = truth["updated_at"].as_str().unwrap().parse().unwrap();
            let overdue = now.duration_since(fetched_at) > 3 * DAY + SignedDuration::from_hours(12);
            if overdue && !account.gave_nothing {
                let is_told = of_kind("account.stale", fetched_at);
                assert!(is_told, "{truth} is stale, after {told:?}");
            }
        }
    }

    /// Whether the beginning and the end of each account were told, once.
    pub(super) fn is_complete(&self, accounts: &[Known], is_erased: impl Fn(usize) -> bool) {
        for account in accounts {
            let none = Vec::new();
            let told = self.by_account.get(&account.id).unwrap_or(&none);
            let count = |kind: &str| told.iter().filter(|event| event.kind == kind).count();
            if account.linked && !is_erased(account.user) {
                assert_eq!(count("account.linked"), 1, "{}", account.id);
            }
            if account.linked && account.ended {
                assert_eq!(count("account.unlinked"), 1, "{}", account.id);
            }
            let pending = told.iter().find(|event| !event.is_done());
            assert!(pending.is_none() || is_erased(account.user), "{pending:?}");
        }
    }
}

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn written(body: &Value) -> Timestamp {
    body["timestamp"].as_str().unwrap().parse().unwrap()
}

/// Whether this may follow what was told of the account.
fn check_kind(told: &[Event], event: &Event) {
    let last_of = |kinds: &[&str]| {
        let found = told
            .iter()
            .rposition(|one| kinds.contains(&one.kind.as_str()));
        found.map(|place| (place, told[place].kind.as_str()))
    };
    let login = last_of(&["account.reauthorisation_required", "account.reauthorised"]);
    let asked = login.is_some_and(|(_, kind)| kind.ends_with("required"));
    match event.kind.as_str() {
        "account.linked" => assert!(told.is_empty(), "{event:?} after {told:?}"),
        "account.reauthorisation_required" => assert!(!asked, "{event:?} after {told:?}"),
        "account.reauthorised" | "account.reauthorisation_reminder" => {
            assert!(asked, "{event:?} after {told:?}");
        }
        "account.stale" => {
            let before = last_of(&["account.stale"]).map(|(place, _)| place);
            let news = last_of(&["account.updated"]).map(|(place, _)| place);
            assert!(
                before.is_none() || before < news,
                "{event:?} after {told:?}"
            );
        }
        _ => {}
    }
    let first_is_missing = told.is_empty() && event.kind != "account.linked";
    assert!(
        !first_is_missing || event.kind == "account.unlinked",
        "{event:?}"
    );
}
