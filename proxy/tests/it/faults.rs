//! Three proxies on one PostgreSQL while everything around them breaks: wires are cut, delayed,
//! slowed down and refused, and processes are killed. Afterwards somebody who knows only what was
//! acknowledged looks for what was lost.
//!
//! Waits in real time: the processes are real.

mod back_end;
mod rolling;
mod wire;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mono_connect_store::{AccountStore as _, InboxStore as _, OutboxStore as _, PostgresStore};
use mono_simulator::{LinkAs, Options, Simulator};
use mono_test_postgres::FreshDatabase;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::process::{Browser, Proxy, variables};
use back_end::BackEnd;
use wire::{Mode, Wire};

/// Rounds in one run, unless whoever runs it says otherwise.
const ROUNDS: u64 = 3;

/// How many rounds, and which random numbers.
const ROUNDS_VARIABLE: &str = "MONO_CONNECT_FAULT_ROUNDS";
const SEED_VARIABLE: &str = "MONO_CONNECT_FAULT_SEED";

const PROXIES: usize = 3;
const VISITORS: usize = 5;

/// Whatever was disturbed has settled by then.
const SETTLED: Duration = Duration::from_mins(2);

#[expect(clippy::disallowed_methods, reason = "how whoever runs it chooses")]
fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

/// What callers were told is done.
#[derive(Debug, Default)]
struct Ledger {
    linked: BTreeMap<String, Kept>,
}

#[derive(Debug)]
struct Kept {
    unlinked: bool,
}

struct Member {
    database: Wire,
    mono: Wire,
    variables: BTreeMap<String, String>,
    proxy: Option<Proxy>,
}

/// Everything there is.
struct World {
    simulator: Arc<Simulator>,
    database: FreshDatabase,
    store: PostgresStore,
    back_end: BackEnd,
    members: Vec<Member>,
    /// Where each member listens; none while it is down.
    listening: Arc<Mutex<Vec<Option<SocketAddr>>>>,
    front: Wire,
    ledger: Arc<Mutex<Ledger>>,
    random: fastrand::Rng,
}

fn address_of(url: &str) -> SocketAddr {
    let host = url.split("://").nth(1).unwrap();
    host.trim_end_matches('/').parse().unwrap()
}

impl World {
    async fn begin(seed: u64) -> Self {
        let simulator = Arc::new(Simulator::start(Options::default()).await.unwrap());
        let database = FreshDatabase::create().await;
        let store = PostgresStore::open(database.url()).await.unwrap();
        let back_end = BackEnd::start().await;
        let listening = Arc::new(Mutex::new(vec![None; PROXIES]));
        let known = Arc::clone(&listening);
        let front = Wire::choosing(Arc::new(move || {
            let known = known.lock().unwrap_or_else(PoisonError::into_inner);
            let alive: Vec<SocketAddr> = known.iter().flatten().copied().collect();
            fastrand::choice(alive)
        }))
        .await;
        let webhooks = format!("http://{}/webhooks/mono", front.address);
        simulator.change_settings(|settings| {
            settings.processing_time = Duration::from_millis(300);
            settings.webhook.url = Some(webhooks);
            settings.webhook.timeout = Duration::from_secs(3);
        });
        let mut world = Self {
            simulator,
            database,
            store,
            back_end,
            members: Vec::new(),
            listening,
            front,
            ledger: Arc::default(),
            random: fastrand::Rng::with_seed(seed),
        };
        for _ in 0..PROXIES {
            let member = world.member().await;
            world.members.push(member);
        }
        world
    }

    async fn member(&self) -> Member {
        let url: url::Url = self.database.url().parse().unwrap();
        let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
        let database = Wire::to(server.parse().unwrap()).await;
        let mono = Wire::to(address_of(self.simulator.base_url())).await;
        let mut through_wire = url;
        through_wire.set_host(Some("127.0.0.1")).unwrap();
        through_wire
            .set_port(Some(database.address.port()))
            .unwrap();
        let mut variables = variables(&self.simulator, std::path::Path::new("unused"));
        for (name, value) in [
            ("DATABASE_URL", through_wire.to_string()),
            ("MONO_API_URL", format!("http://{}", mono.address)),
            ("UPSTREAM_TIMEOUT", "2s".to_owned()),
            ("NOTIFY_URL", self.back_end.url.clone()),
            ("NOTIFY_SECRET", BackEnd::SECRET.to_owned()),
            // Nobody reads it while the proxy runs, and a full pipe would stop the proxy.
            ("LOG", "off,mono_connect_proxy::run=info".to_owned()),
        ] {
            variables.insert(name.to_owned(), value);
        }
        Member {
            database,
            mono,
            variables,
            proxy: None,
        }
    }

    async fn start(&mut self, index: usize) {
        let member = &mut self.members[index];
        if member.proxy.is_some() {
            return;
        }
        let proxy = Proxy::start(&member.variables).await;
        let address = address_of(&proxy.url);
        member.proxy = Some(proxy);
        self.listening
            .lock()
            .unwrap_or_else(PoisonError::into_inner)[index] = Some(address);
    }

    async fn kill(&mut self, index: usize) {
        if let Some(proxy) = self.members[index].proxy.take() {
            proxy.signal("-KILL").await;
            self.listening
                .lock()
                .unwrap_or_else(PoisonError::into_inner)[index] = None;
            proxy.ends().await;
        }
    }

    async fn heal(&mut self) {
        self.back_end.refuses_one_in(None);
        for index in 0..PROXIES {
            self.members[index].database.set(Mode::Pass);
            self.members[index].mono.set(Mode::Pass);
            self.start(index).await;
        }
    }

    /// Breaks something.
    async fn break_something(&mut self) {
        let index = self.random.usize(..PROXIES);
        let mode = match self.random.u32(..5) {
            0 => Mode::Refuse,
            1 => Mode::Slow,
            2 => Mode::Delay(Duration::from_millis(self.random.u64(5..80))),
            _ => Mode::Pass,
        };
        match self.random.u32(..10) {
            0 | 1 => self.kill(index).await,
            2 | 3 => {
                self.members[index].database.set(Mode::Pass);
                self.start(index).await;
            }
            4 => self.members[index].database.cut(),
            5 => self.members[index].mono.cut(),
            6 => self.members[index].database.set(mode),
            7 => self.members[index].mono.set(mode),
            8 => self.front.cut(),
            _ => self.back_end.refuses_one_in(Some(self.random.u32(2..6))),
        }
    }

    async fn round(&mut self, seed: u64) {
        let mut visitors = JoinSet::new();
        for visitor in 0..VISITORS {
            let random = fastrand::Rng::with_seed(seed * 1000 + visitor as u64);
            let front = format!("http://{}", self.front.address);
            let (simulator, ledger) = (Arc::clone(&self.simulator), Arc::clone(&self.ledger));
            visitors.spawn(visit(front, simulator, ledger, random));
        }
        for _ in 0..12 {
            tokio::time::sleep(Duration::from_millis(self.random.u64(50..250))).await;
            self.break_something().await;
        }
        self.heal().await;
        // Every visitor gets there in the end.
        while let Some(visited) = visitors.join_next().await {
            visited.unwrap();
        }
        self.settles().await;
        self.check().await;
    }

    /// Waits until nothing is left to do.
    async fn settles(&self) {
        let settling = async {
            loop {
                let state = self.simulator.deliveries();
                let pending = state
                    .iter()
                    .any(|one| format!("{:?}", one.state) == "Pending");
                if pending {
                    // Mono repeats what was not taken.
                    self.simulator.advance(Duration::from_secs(31)).await;
                }
                let inbox = self.store.inbox_backlog().await.unwrap();
                let outbox = self.store.outbox_backlog().await.unwrap();
                if !pending && inbox.events == 0 && outbox.messages == 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        tokio::time::timeout(SETTLED, settling)
            .await
            .expect("everything settles");
    }

    /// Accounts of which callers were told that they are linked, and whether they were unlinked.
    fn ledger(&self) -> Vec<(String, bool)> {
        let ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let linked = ledger.linked.iter();
        linked
            .map(|(id, kept)| (id.clone(), kept.unlinked))
            .collect()
    }

    /// Whoever looks knows what was acknowledged, and nothing of how it was done.
    async fn check(&self) {
        let told = self.back_end.told();
        for (id, unlinked) in self.ledger() {
            let events = told.get(&id).cloned().unwrap_or_default();
            let first = events.first().map(String::as_str);
            assert_eq!(first, Some("account.linked"), "{id}: {events:?}");
            let links = events.iter().filter(|kind| *kind == "account.linked");
            assert_eq!(links.count(), 1, "{id} was linked once: {events:?}");
            let kept = self.store.find_any_account(&id.parse().unwrap()).await;
            let kept = kept.unwrap();
            if unlinked {
                assert!(kept.is_none(), "{id} was unlinked");
                let last = events.last().map(String::as_str);
                assert_eq!(last, Some("account.unlinked"), "{id}: {events:?}");
                continue;
            }
            // Every event of Mono's was acknowledged, and one of them told this.
            let truth = self.simulator.account(&id).unwrap();
            let kept = kept.expect("it was linked");
            let linked = kept.state.as_linked().unwrap();
            assert_eq!(linked.data.status.as_str(), truth["data_status"], "{id}");
            assert_eq!(kept.profile.balance, truth["balance"].as_i64(), "{id}");
            let sessions = self
                .simulator
                .requests_to("GET", &format!("/v2/accounts/{id}/balance"));
            let in_real_time = sessions.iter().filter(|request| {
                let mut headers = request.headers.iter();
                headers.any(|(name, value)| name == "x-realtime" && value == "true")
            });
            assert!(
                in_real_time.count() <= 1,
                "{id}: one session in five minutes"
            );
        }
    }
}

/// A visitor who links an account, reads it, and perhaps unlinks it; and who does not give up.
async fn visit(
    front: String,
    simulator: Arc<Simulator>,
    ledger: Arc<Mutex<Ledger>>,
    mut random: fastrand::Rng,
) {
    let browser = again("a session", || async {
        let browser = Browser::try_open(&front).await;
        browser.ok_or_else(|| "none".to_owned())
    })
    .await;
    let started = again("an attempt", || async {
        said(browser.post("/api/link-sessions", &json!({})), &[201]).await
    })
    .await;
    let reference = started.1["reference"].as_str().unwrap().to_owned();
    let who = LinkAs {
        reference: Some(reference.clone()),
        ..LinkAs::default()
    };
    let code = simulator.link(who).await.unwrap().code;
    let exchange = json!({"code": code, "reference": reference});
    let account = again("an exchange", || async {
        let exchange = browser.post("/api/accounts", &exchange);
        let (status, answer) = said(exchange, &[200, 201, 422]).await?;
        if status != 422 {
            return Ok(answer);
        }
        // The code was taken, and Mono's answer was lost on the way: its event tells it.
        let (_, list) = said(browser.get("/api/accounts"), &[200]).await?;
        let first = list["accounts"].as_array().and_then(|list| list.first());
        first.cloned().ok_or_else(|| format!("{answer}, {list}"))
    })
    .await;
    let id = account["id"].as_str().unwrap().to_owned();
    let mut unlinked = false;
    let note = |unlinked| {
        let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.linked.insert(id.clone(), Kept { unlinked });
    };
    note(unlinked);
    for _ in 0..4 {
        let path = match random.u32(..3) {
            0 => format!("/api/accounts/{id}/balance?realtime=true"),
            1 => format!("/api/accounts/{id}/transactions"),
            _ => "/api/accounts".to_owned(),
        };
        drop(said(browser.get(&path), &[200]).await);
    }
    if random.u32(..4) == 0 {
        again("an end", || async {
            // An earlier try may have been heard.
            said(browser.delete(&format!("/api/accounts/{id}")), &[204, 404]).await
        })
        .await;
        unlinked = true;
        note(unlinked);
    }
}

/// The status and the JSON of an answer, if the status is one of these. Anything else must be a
/// failure that may pass.
async fn said(request: reqwest::RequestBuilder, expected: &[u16]) -> Result<(u16, Value), String> {
    let answer = request.send().await.map_err(|error| error.to_string())?;
    let (status, path) = (answer.status().as_u16(), answer.url().path().to_owned());
    let body = answer.text().await.map_err(|error| error.to_string())?;
    if expected.contains(&status) {
        return Ok((status, serde_json::from_str(&body).unwrap_or_default()));
    }
    let may_pass = [409, 429, 502, 503, 504];
    assert!(may_pass.contains(&status), "{status} of {path}: {body}");
    Err(format!("{status}: {body}"))
}

/// Tries until it works.
async fn again<T, F>(what: &str, mut work: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, String>>,
{
    let begun = tokio::time::Instant::now();
    loop {
        match work().await {
            Ok(done) => return done,
            Err(seen) => assert!(begun.elapsed() < SETTLED, "{what}: {seen}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_proxies_on_postgres_lose_nothing_whatever_breaks() {
    let seed = number(SEED_VARIABLE, 1);
    let mut world = World::begin(seed).await;
    world.heal().await;
    for round in 0..number(ROUNDS_VARIABLE, ROUNDS) {
        eprintln_round(round, seed);
        world
            .round(seed.wrapping_mul(1_000_003).wrapping_add(round))
            .await;
    }
}

/// A failure is found again by these numbers.
#[expect(clippy::print_stderr, reason = "shown with a test that fails")]
fn eprintln_round(round: u64, seed: u64) {
    eprintln!("round {round} with {SEED_VARIABLE}={seed}");
}
