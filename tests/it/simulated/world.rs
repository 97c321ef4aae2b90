//! Everything there is in a history: it lets steps happen, and remembers what was acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::http::Method;
use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use mono_connect_proxy::clock::Clock as _;
use mono_connect_tests::{Answer, BackEnd, Database, TestApp, Visitor};
use mono_simulator::{AccountChange, DeliveryState, Fault, FaultKind, Generation, LinkAs};
use serde_json::{Value, json};

use super::budgets::{Asker, Budgets};
use super::outbox::Told;
use super::step::{Events, Failing, How, Linking, Step};

/// Users at once.
const USERS: usize = 4;

/// Accounts of one user, for a page that is not too long.
const ACCOUNTS: usize = 5;

/// So long after the last fault nothing reminds of it: circuits are closed, and what Mono asked to
/// wait for is over.
const CALM: SignedDuration = SignedDuration::from_mins(12);

/// The bank lets nobody in for longer than this, nor does the site's back end refuse for longer: an
/// event is given up after two days and a half.
const LONGEST_REFUSAL: SignedDuration = SignedDuration::from_hours(20);

/// How a history is set up.
#[derive(Debug, Clone)]
pub(super) struct Setup {
    pub(super) seed: u64,
    pub(super) generation: &'static str,
    database: Database,
    pub(super) reminders: &'static str,
    pub(super) scheduled: bool,
    cache: &'static str,
    confirms: bool,
    fetching: Duration,
    bank_session: Duration,
}

impl Setup {
    pub(super) fn rolled(seed: u64, dice: &mut Rng) -> Self {
        let generation = ["v1", "v2"][dice.usize(..2)];
        Self {
            seed,
            generation,
            // A file is slow, and adds little but what its rows hold after a restart.
            database: if dice.u8(..10) == 0 {
                Database::Sqlite
            } else {
                Database::Memory
            },
            reminders: ["09:00-18:00", "22:00-06:00", "13:30-14:30"][dice.usize(..3)],
            scheduled: dice.u8(..4) > 0,
            cache: ["0", "15m"][dice.usize(..2)],
            confirms: dice.u8(..5) > 0,
            fetching: Duration::from_secs([3, 3, 150][dice.usize(..3)]),
            bank_session: Duration::from_mins([0, 30][dice.usize(..2)]),
        }
    }
}

/// Somebody with a browser.
struct User {
    cookie: Option<String>,
    /// All of the user's data was erased, and that was acknowledged.
    erased: bool,
}

/// A bank account that somebody has linked at Mono.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is learnt apart from the others"
)]
pub(super) struct Known {
    pub(super) id: String,
    pub(super) user: usize,
    pub(super) consent: bool,
    /// The proxy has answered that it is linked.
    pub(super) linked: bool,
    /// The proxy has answered that it is unlinked, or erased.
    pub(super) ended: bool,
    /// At times its bank gave nothing: then Mono's word of its last try is none of its last success.
    pub(super) gave_nothing: bool,
}

/// A code that no browser has brought yet.
struct Left {
    account: usize,
    code: String,
    reference: String,
}

pub(super) struct World {
    setup: Setup,
    /// None only while it restarts.
    app: Option<TestApp>,
    back_end: BackEnd,
    users: Vec<User>,
    accounts: Vec<Known>,
    left: Vec<Left>,
    budgets: Budgets,
    told: Told,
    /// When the last fault of Mono's ended; none while there is one.
    well_since: Option<Timestamp>,
    refuses_since: Option<Timestamp>,
}

impl World {
    pub(super) async fn begin(setup: Setup) -> Self {
        let back_end = BackEnd::start().await;
        let mut builder = TestApp::builder()
            .database(setup.database)
            .seeded(setup.seed)
            .generation(setup.generation)
            .webhooks()
            .set("NOTIFY_URL", &back_end.url)
            .set("NOTIFY_SECRET", BackEnd::SECRET)
            .set("TIMEZONE", "Africa/Lagos")
            .set("REMINDER_WINDOW", setup.reminders)
            .set("CACHE_TTL", setup.cache)
            .set("WEBHOOK_CONFIRM", &setup.confirms.to_string());
        if setup.scheduled {
            builder = builder.set("SYNC_SCHEDULE", "0 2 * * *");
        }
        let app = builder.start().await;
        app.simulator.change_settings(|settings| {
            settings.processing_time = setup.fetching;
            settings.mfa_session = setup.bank_session;
            settings.webhook.generation = generation(setup.generation);
        });
        let well_since = Some(Timestamp::MIN);
        Self {
            told: Told::new(setup.reminders),
            budgets: Budgets::new(setup.generation),
            setup,
            app: Some(app),
            back_end,
            users: Vec::new(),
            accounts: Vec::new(),
            left: Vec::new(),
            well_since,
            refuses_since: None,
        }
    }

    fn app(&self) -> &TestApp {
        self.app.as_ref().unwrap()
    }

    pub(super) fn time(&self) -> Timestamp {
        self.app().clock.now()
    }

    /// Lets a step happen, and what follows from it at once.
    pub(super) async fn takes(&mut self, step: &Step) {
        match step {
            Step::Arrives => self.somebody_arrives().await,
            Step::Links(linking) => self.links(linking, true).await,
            Step::Dies(linking) => self.links(linking, false).await,
            Step::Brings(which) => {
                if !self.left.is_empty() {
                    let left = self.left.remove(which % self.left.len());
                    self.brings(left).await;
                }
            }
            Step::Reads {
                account,
                what,
                by_stranger,
            } => self.reads(*account, what, *by_stranger).await,
            Step::Syncs { account, twice } => self.syncs(*account, *twice).await,
            Step::Reauthorises { account, finishes } => {
                self.reauthorises(*account, *finishes).await;
            }
            Step::Unlinks(account) => self.unlinks(*account).await,
            Step::Erases(user) => self.erases(*user).await,
            Step::BankAsks { .. }
            | Step::BankGives { .. }
            | Step::MonoFetches(_)
            | Step::MonoUnlinks(_) => self.at_the_bank(step).await,
            Step::Events(events) => self.events(events),
            Step::MonoFails(failing) => self.mono_fails(failing),
            Step::MonoRecovers => self.mono_recovers(),
            Step::BackEndRefuses(status) => {
                self.back_end.refuses(Some(*status));
                self.refuses_since.get_or_insert(self.time());
            }
            Step::BackEndTakes => self.back_end_takes(),
            Step::Passes { part, parts } => {
                for _ in 0..*parts {
                    self.passes(*part).await;
                    self.works().await;
                }
            }
            Step::PassesUnseen(time) => self.passes(*time).await,
            Step::Restarts => {
                let app = self.app.take().unwrap();
                self.app = Some(app.restarted().await);
            }
        }
        self.watches(Asker::Page);
        self.passes(Duration::from_millis(1_100)).await;
        self.works().await;
    }

    /// Moves every clock: what the client of Mono's API waits for is past, too.
    async fn passes(&mut self, time: Duration) {
        self.app().simulator.settle().await;
        self.app().advance(time).await;
        tokio::time::pause();
        tokio::time::advance(time).await;
        tokio::time::resume();
        let now = self.time();
        let refused = self.refuses_since.map(|since| now.duration_since(since));
        if refused.is_some_and(|refused| refused > LONGEST_REFUSAL) {
            self.back_end_takes();
        }
    }

    async fn works(&mut self) {
        self.app().simulator.settle().await;
        self.app().work().await;
        self.told.works(self.time());
        self.watches(Asker::Proxy);
        let came = self.back_end.news();
        self.told.takes(&came, &self.accounts);
    }

    /// Looks at what Mono was asked since the last time.
    fn watches(&mut self, asker: Asker) {
        let simulator = &self.app().simulator;
        let requests = simulator.requests();
        simulator.clear_requests();
        self.budgets.takes(&requests, asker, &self.accounts);
    }

    fn visitor(&self, user: usize) -> Visitor<'_> {
        let mut visitor = self.app().newcomer();
        visitor.cookie.clone_from(&self.users[user].cookie);
        visitor
    }

    /// An answer that may be expected.
    fn heard(&self, what: &str, answer: &Answer) {
        let now = self.time();
        let calm = self
            .well_since
            .is_some_and(|since| now.duration_since(since) > CALM);
        if answer.status < 500 {
            assert_ne!(answer.status, 400, "{what}: {}", answer.body);
            assert_ne!(answer.status, 401, "{what}: {}", answer.body);
            return;
        }
        let problem = answer.json();
        let code = problem["code"].as_str().unwrap();
        let of_mono = ["upstream_error", "upstream_unavailable", "upstream_timeout"];
        let may_be = code == "not_supported" || (of_mono.contains(&code) && !calm);
        assert!(may_be, "{what}, calm {calm}: {problem}");
    }

    async fn somebody_arrives(&mut self) {
        if self.users.iter().filter(|user| !user.erased).count() >= USERS {
            return;
        }
        let cookie = self.app().visitor().await.cookie;
        self.users.push(User {
            cookie,
            erased: false,
        });
    }

    /// Somebody who is still there.
    fn user(&self, which: usize) -> Option<usize> {
        let here: Vec<_> = (0..self.users.len())
            .filter(|user| !self.users[*user].erased)
            .collect();
        (!here.is_empty()).then(|| here[which % here.len()])
    }

    /// An account that has not ended, linked or not.
    fn account(&self, which: usize) -> Option<usize> {
        let there: Vec<_> = (0..self.accounts.len())
            .filter(|account| !self.accounts[*account].ended)
            .collect();
        (!there.is_empty()).then(|| there[which % there.len()])
    }

    async fn links(&mut self, linking: &Linking, to_the_end: bool) {
        let Some(user) = self.user(linking.user) else {
            return;
        };
        let there = self.accounts.iter();
        if there.filter(|one| one.user == user && !one.ended).count() >= ACCOUNTS {
            return;
        }
        let wish = if linking.consent {
            json!({"consent": {"version": "1"}})
        } else {
            json!({})
        };
        let begun = self
            .visitor(user)
            .post("/api/link-sessions")
            .json(&wish)
            .await;
        let reference = begun.assert_status(201)["reference"].clone();
        let reference = reference.as_str().unwrap().to_owned();
        let who = LinkAs {
            institution: Some(linking.bank.to_owned()),
            reference: Some(reference.clone()),
            generation: Some(generation(self.setup.generation)),
            ..LinkAs::default()
        };
        let linked = self.app().simulator.link(who).await.unwrap();
        self.accounts.push(Known {
            id: linked.account_id,
            user,
            consent: linking.consent,
            linked: false,
            ended: false,
            gave_nothing: false,
        });
        let left = Left {
            account: self.accounts.len() - 1,
            code: linked.code,
            reference,
        };
        if to_the_end {
            self.brings(left).await;
        } else {
            self.left.push(left);
        }
    }

    async fn brings(&mut self, left: Left) {
        let Known { id, user, .. } = &self.accounts[left.account];
        let (id, user) = (id.clone(), *user);
        if self.users[user].erased {
            return;
        }
        let answer = self
            .visitor(user)
            .exchanges(&left.code, &left.reference)
            .await;
        self.heard("exchange", &answer);
        match answer.status {
            200 | 201 => {
                assert_eq!(answer.json()["id"], id.as_str());
                assert!(
                    !self.accounts[left.account].ended,
                    "an old code brings nothing back"
                );
                self.accounts[left.account].linked = true;
            }
            500.. => self.left.push(left),
            _ => {}
        }
    }

    async fn reads(&self, account: usize, what: &str, by_stranger: bool) {
        let Some(account) = self.account(account) else {
            return;
        };
        let Known { id, user, .. } = &self.accounts[account];
        let others = (0..self.users.len()).find(|other| other != user);
        let reader = others.filter(|_| by_stranger).unwrap_or(*user);
        let path = format!("/api/accounts/{id}{what}");
        let answer = self.visitor(reader).get(&path).send().await;
        if reader == *user {
            self.heard(&path, &answer);
        } else {
            answer.assert_problem(404, "account_not_found");
        }
    }

    async fn syncs(&self, account: usize, twice: bool) {
        let Some(account) = self.account(account) else {
            return;
        };
        let Known { id, user, .. } = &self.accounts[account];
        let path = format!("/api/accounts/{id}/sync");
        let ask = async || {
            let answer = self.visitor(*user).post(&path).send().await;
            self.heard(&path, &answer);
        };
        if twice {
            futures_util::join!(ask(), ask());
        } else {
            ask().await;
        }
    }

    async fn reauthorises(&self, account: usize, finishes: bool) {
        let Some(account) = self.account(account) else {
            return;
        };
        let Known { id, user, .. } = &self.accounts[account];
        let path = format!("/api/accounts/{id}/reauthorise");
        let answer = self.visitor(*user).post(&path).send().await;
        self.heard(&path, &answer);
        if answer.status == 200 && finishes {
            self.app().advance(Duration::from_secs(20)).await;
            // The link may have been ended at Mono meanwhile.
            let _: Result<(), _> = self.app().simulator.reauthorise(id).await;
        }
    }

    async fn unlinks(&mut self, account: usize) {
        let Some(account) = self.account(account) else {
            return;
        };
        let Known { id, user, .. } = &self.accounts[account];
        let path = format!("/api/accounts/{id}");
        let answer = self.visitor(*user).call(Method::DELETE, &path).send().await;
        self.heard(&path, &answer);
        if answer.status == 204 {
            assert!(self.is_unlinked_at_mono(id), "Mono is told first");
            self.accounts[account].ended = true;
        }
    }

    async fn erases(&mut self, user: usize) {
        let Some(user) = self.user(user) else {
            return;
        };
        let call = async || {
            let mut visitor = self.visitor(user);
            visitor.call(Method::DELETE, "/api/me").send().await
        };
        let answer = call().await;
        self.heard("erase", &answer);
        if answer.status == 204 {
            self.users[user].erased = true;
            for account in &mut self.accounts {
                account.ended |= account.user == user;
            }
        }
    }

    async fn at_the_bank(&mut self, step: &Step) {
        let (Step::BankAsks { account, .. }
        | Step::BankGives { account, .. }
        | Step::MonoFetches(account)
        | Step::MonoUnlinks(account)) = step
        else {
            return;
        };
        let Some(account) = self.account(*account) else {
            return;
        };
        if let Step::BankGives { outcome, .. } = step {
            self.accounts[account].gave_nothing |= matches!(*outcome, "UNAVAILABLE" | "FAILED");
        }
        let id = &self.accounts[account].id;
        if self.is_unlinked_at_mono(id) {
            return;
        }
        let simulator = &self.app().simulator;
        match step {
            Step::BankAsks { noticed, .. } => {
                let change = AccountChange {
                    reauth_required: Some(true),
                    ..AccountChange::default()
                };
                simulator.change_account(id, change).unwrap();
                if *noticed {
                    simulator.refresh(id).await.unwrap();
                }
            }
            Step::BankGives { outcome, .. } => self.bank_gives(id, outcome),
            Step::MonoFetches(_) => simulator.refresh(id).await.unwrap(),
            _ => simulator.unlink(id).await.unwrap(),
        }
    }

    fn bank_gives(&self, id: &str, outcome: &str) {
        let change = AccountChange {
            outcome: Some(outcome.to_owned()),
            ..AccountChange::default()
        };
        self.app().simulator.change_account(id, change).unwrap();
    }

    fn events(&self, events: &Events) {
        self.app().simulator.change_settings(|settings| {
            let webhook = &mut settings.webhook;
            webhook.duplicate = 0;
            webhook.reorder = false;
            webhook.delay = Duration::ZERO;
            webhook.drop = Vec::new();
            webhook.forged = false;
            match events {
                Events::Arrive => {}
                Events::Repeat(times) => webhook.duplicate = *times,
                Events::Overtake => webhook.reorder = true,
                Events::Wait(delay) => webhook.delay = *delay,
                Events::Vanish(which) => webhook.drop = vec![(*which).to_owned()],
                Events::AreForgedToo => webhook.forged = true,
            }
        });
    }

    fn mono_fails(&mut self, failing: &Failing) {
        let status = |code: u16, retry_after: Option<u32>| FaultKind::Status {
            code,
            body: None,
            content_type: None,
            retry_after: retry_after.map(|seconds| seconds.to_string()),
        };
        let kind = match failing.how {
            // With a time to wait, so that nobody here waits for the next try.
            How::Status(503) => status(503, Some(20)),
            How::Status(code) => status(code, None),
            How::SlowDown(seconds) => status(429, Some(seconds)),
            How::Html => FaultKind::Html { code: 200 },
            How::Malformed => FaultKind::MalformedJson,
            How::NoData => FaultKind::NullData,
            How::Cut => FaultKind::Truncate,
            How::Slow => FaultKind::SlowBody {
                chunk: 200,
                every_ms: 1,
            },
            How::Lost => FaultKind::Reset,
        };
        // Of an account that has ended this would be a lie, which is believed after five minutes.
        let path = match failing.how {
            How::NoData => "/v2/accounts/*/transactions",
            _ => failing.where_to,
        };
        let mut fault = Fault::next(kind).on(path).times(failing.calls);
        fault.after = failing.how == How::Lost;
        // An end is taken for one whatever stands in the answer, so nothing may pass for a success
        // that was none.
        if matches!(failing.how, How::Html | How::Malformed | How::NoData) {
            fault.method = Some("GET".to_owned());
        }
        self.app().simulator.fault(fault);
        self.well_since = None;
    }

    fn mono_recovers(&mut self) {
        self.app().simulator.clear_faults();
        self.well_since.get_or_insert(self.time());
    }

    fn back_end_takes(&mut self) {
        self.back_end.refuses(None);
        self.refuses_since = None;
    }

    fn at_mono(&self, id: &str) -> Value {
        self.app().simulator.account(id).unwrap()
    }

    fn is_unlinked_at_mono(&self, id: &str) -> bool {
        !self.at_mono(id)["unlinked_at"].is_null()
    }

    /// A user's list, by id.
    async fn list(&self, user: usize) -> BTreeMap<String, Value> {
        let list = self.visitor(user).get("/api/accounts").send().await;
        let list = list.assert_status(200);
        let rows = list["accounts"].as_array().unwrap();
        let id = |row: &Value| row["id"].as_str().unwrap().to_owned();
        let by_id: BTreeMap<_, _> = rows.iter().map(|row| (id(row), row.clone())).collect();
        assert_eq!(by_id.len(), rows.len(), "no account is listed twice");
        by_id
    }

    /// Every user's list.
    async fn lists(&self) -> Vec<BTreeMap<String, Value>> {
        let mut lists = Vec::new();
        for user in 0..self.users.len() {
            lists.push(self.list(user).await);
        }
        lists
    }

    /// What holds after every step: looked at for one user after the other.
    pub(super) async fn holds(&self, turn: usize) {
        if !self.users.is_empty() {
            self.holds_for(turn % self.users.len()).await;
        }
    }

    async fn holds_for(&self, user: usize) {
        let list = self.list(user).await;
        for account in &self.accounts {
            let id = &account.id;
            let may_be = account.user == user && !account.ended;
            assert!(may_be || !list.contains_key(id), "{id} in a list of {user}");
            let must_be = may_be && account.linked && !self.is_unlinked_at_mono(id);
            assert!(!must_be || list.contains_key(id), "{id} was linked");
        }
        let known = |id: &String| self.accounts.iter().any(|account| account.id == *id);
        assert!(list.keys().all(known), "{list:?}");
    }

    /// Ends every fault, lets enough time pass, and looks more closely.
    pub(super) async fn settles(&mut self) {
        self.mono_recovers();
        self.events(&Events::Arrive);
        self.back_end_takes();
        for account in &self.accounts {
            if !self.is_unlinked_at_mono(&account.id) {
                self.bank_gives(&account.id, "AVAILABLE");
            }
        }
        let settled_since = self.time();
        // Mono repeats what was not taken for two days, and fetches once a day.
        for (hours, times) in [(2, 24), (1, 48)] {
            for _ in 0..times {
                self.passes(Duration::from_hours(hours)).await;
                self.works().await;
            }
        }
        for user in 0..self.users.len() {
            self.holds_for(user).await;
        }
        self.tells_the_truth().await;
        self.told
            .has_nudged(settled_since, self.time(), &self.accounts, &|id| {
                self.at_mono(id)
            });
        if self.setup.scheduled {
            self.has_synced(settled_since).await;
        }
        self.everybody_logs_in().await;
        self.nothing_is_left().await;
    }

    /// Whoever was linked is there, whoever was not is gone, and what is shown is true.
    async fn tells_the_truth(&self) {
        let lists = self.lists().await;
        let ends = self.delivered("account_unlinked");
        let begun = self.delivered("account_connected");
        for account in &self.accounts {
            let Known { id, user, .. } = account;
            let truth = self.at_mono(id);
            let shown = lists[*user].get(id);
            if !truth["unlinked_at"].is_null() {
                let is_told = ends.contains(id);
                assert!(!is_told || shown.is_none(), "{id} has ended");
                continue;
            }
            // Mono told of it, so it is there although no browser brought the code. Events of v1 do
            // not name the attempt.
            if self.setup.generation == "v2" && begun.contains(id) && !account.ended {
                assert!(shown.is_some(), "{id} was linked by its event");
            }
            let Some(shown) = shown else { continue };
            assert_eq!(
                shown["requires_reauth"], truth["reauth_required"],
                "{shown} and {truth}"
            );
            // Where the bank asks for its user, Mono has nothing new to tell.
            if truth["reauth_required"] == false {
                assert_eq!(
                    shown["data_status"], truth["data_status"],
                    "{shown} and {truth}"
                );
            }
            self.told.agrees(shown);
        }
    }

    /// The accounts of which the proxy has taken this event.
    fn delivered(&self, event: &str) -> BTreeSet<String> {
        let deliveries = self.app().simulator.deliveries();
        let taken = deliveries.into_iter().filter(|delivery| {
            delivery.event.ends_with(event) && delivery.state == DeliveryState::Delivered
        });
        taken.filter_map(|delivery| delivery.account).collect()
    }

    /// With consent, and where the bank lets Mono in, each night brought a sync.
    async fn has_synced(&self, since: Timestamp) {
        let lists = self.lists().await;
        for account in &self.accounts {
            let Known { id, user, .. } = account;
            let shown = lists[*user].get(id);
            if account.consent
                && shown.is_some_and(|shown| shown["requires_reauth"] == false)
                && !self.is_unlinked_at_mono(id)
            {
                let nights = self.budgets.nights_of(id, since);
                assert!(nights >= 3, "{id} was synced in {nights} of 4 nights");
            }
        }
    }

    /// Everybody logs in to the bank, and then everything is there.
    async fn everybody_logs_in(&mut self) {
        for account in &self.accounts {
            if !self.is_unlinked_at_mono(&account.id) {
                let simulator = &self.app().simulator;
                simulator.reauthorise(&account.id).await.unwrap();
            }
        }
        for _ in 0..10 {
            self.passes(Duration::from_secs(30)).await;
            self.works().await;
        }
        let lists = self.lists().await;
        for account in &self.accounts {
            let Some(shown) = lists[account.user].get(&account.id) else {
                continue;
            };
            let truth = self.at_mono(&account.id);
            if truth["unlinked_at"].is_null() {
                assert_eq!(shown["requires_reauth"], false, "{shown} and {truth}");
                assert_eq!(shown["data_status"], truth["data_status"], "{truth}");
                self.told.agrees(shown);
            }
        }
    }

    async fn nothing_is_left(&self) {
        let store = &self.app().store;
        assert_eq!(store.inbox_backlog().await.unwrap().events, 0);
        assert_eq!(store.count_running_jobs().await.unwrap(), 0);
        let outbox = store.outbox_backlog().await.unwrap();
        assert_eq!((outbox.messages, outbox.dead_letters), (0, 0), "{outbox:?}");
        self.told
            .is_complete(&self.accounts, |user| self.users[user].erased);
    }
}

fn generation(name: &str) -> Generation {
    if name == "v1" {
        Generation::V1
    } else {
        Generation::V2
    }
}
