//! Proxy and simulator, put together.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use futures_util::future::join_all;
use mono_connect_proxy::clock::Clock as _;
use mono_connect_proxy::config::{Config, Source};
use mono_connect_proxy::random::{SharedRandom, SystemRandom};
use mono_connect_proxy::{App, server};
use mono_connect_store::{MemoryStore, PostgresStore, SqliteLocation, SqliteStore, Store};
use mono_simulator::{LinkAs, Linked, Options, Simulator};
use mono_test_postgres::FreshDatabase;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::ServiceExt as _;

use crate::clock::ManualClock;
use crate::locked::Locked;
use crate::random::SeededRandom;
use crate::visitor::Visitor;

/// Which store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file of the test's own.
    Sqlite,
    /// Gone with the test.
    Memory,
    /// Tables of the test's own on a server.
    Postgres,
}

/// Which store, unless a test says: the whole suite can be run over another one.
const VARIABLE: &str = "MONO_CONNECT_TEST_DATABASE";

impl Database {
    #[expect(
        clippy::disallowed_methods,
        reason = "how whoever runs the tests chooses"
    )]
    fn of_this_run() -> Self {
        match std::env::var(VARIABLE).as_deref() {
            Err(_) | Ok("sqlite") => Self::Sqlite,
            Ok("memory") => Self::Memory,
            Ok("postgres") => Self::Postgres,
            Ok(other) => panic!("{VARIABLE} is {other}: it may be sqlite, memory or postgres"),
        }
    }
}

/// How many proxies stand on one PostgreSQL, unless a test says: every test can be run over several.
const PROXIES_VARIABLE: &str = "MONO_CONNECT_TEST_PROXIES";

#[expect(
    clippy::disallowed_methods,
    reason = "how whoever runs the tests chooses"
)]
fn proxies_of_this_run() -> usize {
    std::env::var(PROXIES_VARIABLE).map_or(1, |number| number.parse().unwrap())
}

/// How the proxy is set up. The default is v2, on SQLite unless the run is over another store.
#[derive(Debug)]
pub struct TestAppBuilder {
    variables: BTreeMap<String, String>,
    database: Database,
    proxies: usize,
    webhooks: bool,
    seed: Option<u64>,
}

impl TestAppBuilder {
    /// Lets Mono send its events.
    #[must_use]
    pub fn webhooks(self) -> Self {
        Self {
            webhooks: true,
            ..self
        }
    }

    /// Sets a variable of the configuration.
    #[must_use]
    pub fn set(mut self, variable: &str, value: &str) -> Self {
        self.variables.insert(variable.to_owned(), value.to_owned());
        self
    }

    /// The generation of Mono's API.
    #[must_use]
    pub fn generation(self, generation: &str) -> Self {
        self.set("MONO_API_GENERATION", generation)
    }

    /// Which store.
    #[must_use]
    pub fn database(self, database: Database) -> Self {
        Self { database, ..self }
    }

    /// One proxy, however many there are in this run: for what each proxy counts or remembers for
    /// itself.
    #[must_use]
    pub fn one_proxy(self) -> Self {
        Self { proxies: 1, ..self }
    }

    /// Lets the proxy's randomness follow from this number.
    #[must_use]
    pub fn seeded(self, seed: u64) -> Self {
        Self {
            seed: Some(seed),
            ..self
        }
    }

    /// Starts the simulator, then the proxy in front of it.
    pub async fn start(mut self) -> TestApp {
        let simulator = Arc::new(Simulator::start(Options::manual()).await.unwrap());
        let clock = Arc::new(ManualClock::at(simulator.now()));
        for (variable, value) in [
            ("MONO_SECRET_KEY", simulator.secret_key()),
            ("MONO_PUBLIC_KEY", simulator.public_key()),
            ("MONO_WEBHOOK_SECRET", "webhook_secret_simulator".to_owned()),
            ("MONO_API_URL", simulator.base_url().to_owned()),
            ("SESSION_KEY", "5e".repeat(32)),
            ("RATE_LIMIT", "1000000".to_owned()),
        ] {
            self.variables.entry(variable.to_owned()).or_insert(value);
        }
        let (stores, kept): (Stores, Kept) = match self.database {
            Database::Memory => (vec![Arc::new(MemoryStore::default())], Kept::Nothing),
            Database::Sqlite => {
                let folder = TempDir::new().unwrap();
                (vec![open_sqlite(&folder).await], Kept::Folder(folder))
            }
            Database::Postgres => {
                let database = Arc::new(FreshDatabase::create().await);
                let stores = open_postgres(&database, self.proxies).await;
                (stores, Kept::Postgres(database))
            }
        };
        let around = Around {
            variables: self.variables,
            simulator,
            clock,
            random: match self.seed {
                Some(seed) => Arc::new(SeededRandom::new(seed)),
                None => Arc::new(SystemRandom),
            },
        };
        let app = assemble(around, stores, kept).await;
        if self.webhooks {
            app.takes_webhooks().await;
        }
        app
    }
}

/// One for each proxy.
type Stores = Vec<Arc<dyn Store>>;

/// What goes with the test, besides the store.
enum Kept {
    Nothing,
    Folder(TempDir),
    Postgres(Arc<FreshDatabase>),
}

async fn open_sqlite(folder: &TempDir) -> Arc<dyn Store> {
    let location = SqliteLocation::File(folder.path().join("test.db"));
    Arc::new(SqliteStore::open(&location).await.unwrap())
}

async fn open_postgres(database: &FreshDatabase, count: usize) -> Stores {
    let mut stores: Stores = Vec::new();
    for _ in 0..count {
        stores.push(Arc::new(PostgresStore::open(database.url()).await.unwrap()));
    }
    stores
}

/// What a proxy is put into. Cheap to clone.
#[derive(Clone)]
struct Around {
    variables: BTreeMap<String, String>,
    simulator: Arc<Simulator>,
    clock: Arc<ManualClock>,
    random: SharedRandom,
}

/// One proxy for each store.
async fn assemble(around: Around, stores: Stores, kept: Kept) -> TestApp {
    let environment = |name: &str| around.variables.get(name).map(Into::into);
    let config = Config::read(Source::new(BTreeMap::new(), &environment))
        .unwrap_or_else(|problems| panic!("{problems}"));
    let stop = CancellationToken::new();
    let mut proxies = Vec::new();
    for store in &stores {
        let clock: Arc<ManualClock> = Arc::clone(&around.clock);
        let random = Arc::clone(&around.random);
        let app = App::new(&config, Arc::clone(store), clock, random).unwrap();
        // It ends with the token.
        drop(app.jobs.listen(stop.clone()).await);
        proxies.push(app);
    }
    TestApp {
        simulator: Arc::clone(&around.simulator),
        clock: Arc::clone(&around.clock),
        store: Arc::clone(stores.first().expect("there is a store")),
        stores,
        proxies: Arc::new(proxies),
        next: Arc::default(),
        around,
        stop: stop.drop_guard(),
        kept,
    }
}

/// A proxy with a simulated Mono behind it; or several, which are to be seen as one.
///
/// With several, a browser reads from the one that it came to first, as through a balancer that
/// knows it again; whatever changes something goes to one after the other, a page's stream is
/// opened at another one, Mono's events arrive at all, and all do what is due at the same time.
pub struct TestApp {
    /// Mono.
    pub simulator: Arc<Simulator>,
    /// The proxy's clock; move it by [`TestApp::advance`], so that Mono's moves with it.
    pub clock: Arc<ManualClock>,
    /// What the proxy keeps.
    pub store: Arc<dyn Store>,
    stores: Stores,
    proxies: Arc<Vec<App>>,
    /// Whose turn it is.
    next: Arc<AtomicUsize>,
    around: Around,
    stop: DropGuard,
    kept: Kept,
}

impl TestApp {
    /// With everything at its default.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// To be set up.
    pub fn builder() -> TestAppBuilder {
        TestAppBuilder {
            variables: BTreeMap::new(),
            database: Database::of_this_run(),
            proxies: proxies_of_this_run(),
            webhooks: false,
            seed: None,
        }
    }

    /// One more proxy, set up the same, on the same database and in front of the same Mono.
    pub async fn another(&self) -> Self {
        let Kept::Postgres(database) = &self.kept else {
            panic!("only PostgreSQL takes several proxies");
        };
        let stores = open_postgres(database, 1).await;
        let kept = Kept::Postgres(Arc::clone(database));
        assemble(self.around.clone(), stores, kept).await
    }

    /// The process is gone, and another one starts on the same database, in front of the same Mono.
    pub async fn restarted(self) -> Self {
        let takes_webhooks = self.simulator.settings().webhook.url.is_some();
        let Self {
            around,
            stores,
            stop,
            kept,
            ..
        } = self;
        drop(stop);
        if !matches!(kept, Kept::Nothing) {
            join_all(stores.iter().map(|store| store.close())).await;
        }
        let stores = match &kept {
            // It is the process that goes, and not what stands for its disk.
            Kept::Nothing => stores,
            Kept::Folder(folder) => vec![open_sqlite(folder).await],
            Kept::Postgres(database) => open_postgres(database, stores.len()).await,
        };
        let app = assemble(around, stores, kept).await;
        if takes_webhooks {
            app.takes_webhooks().await;
        }
        app
    }

    /// Everything that lies in the database, as it lies there: of a file every byte, deleted ones and
    /// the write-ahead log included.
    pub async fn everything_kept(&self) -> String {
        match &self.kept {
            Kept::Nothing => panic!("nothing lies anywhere"),
            Kept::Postgres(database) => database.everything().await,
            Kept::Folder(folder) => {
                let files = std::fs::read_dir(folder.path()).unwrap();
                let files = files.map(|file| std::fs::read(file.unwrap().path()).unwrap());
                String::from_utf8_lossy(&files.collect::<Vec<_>>().concat()).into_owned()
            }
        }
    }

    /// Somebody else holds the database: of SQLite the one place of a writer, of PostgreSQL these
    /// tables.
    pub async fn locked(&self, tables: &str) -> Locked {
        match &self.kept {
            Kept::Nothing => panic!("nobody else can get there"),
            Kept::Folder(folder) => Locked::sqlite(&folder.path().join("test.db")).await,
            Kept::Postgres(database) => Locked::postgres(database, tables).await,
        }
    }

    /// Cuts every connection to the database, as a server that restarts does.
    pub async fn cut_database(&self) {
        if let Kept::Postgres(database) = &self.kept {
            database.cut_connections().await;
        }
    }

    /// Lets Mono send its events here from now on.
    pub async fn takes_webhooks(&self) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks/mono", listener.local_addr().unwrap());
        self.simulator
            .change_settings(|settings| settings.webhook.url = Some(url));
        let shutdown = self.stop.token().clone();
        let (proxies, next) = (Arc::clone(&self.proxies), Arc::clone(&self.next));
        let in_turn = Router::new().fallback(async move |request: Request| {
            let at = next.fetch_add(1, Ordering::Relaxed) % proxies.len();
            proxies[at].public.clone().oneshot(request).await
        });
        tokio::spawn(server::serve(listener, in_turn, shutdown));
    }

    /// Whose turn it is.
    pub(crate) fn next(&self) -> usize {
        self.next.fetch_add(1, Ordering::Relaxed) % self.proxies.len()
    }

    /// What this proxy answers to everybody.
    pub(crate) fn public(&self, at: usize) -> Router {
        self.proxies[at % self.proxies.len()].public.clone()
    }

    /// What this proxy answers to those who run it.
    pub(crate) fn admin(&self, at: usize) -> Router {
        self.proxies[at % self.proxies.len()].admin.clone()
    }

    /// Somebody with a browser that has never been here.
    pub fn newcomer(&self) -> Visitor<'_> {
        Visitor::new(self, self.next())
    }

    /// Somebody with a session.
    pub async fn visitor(&self) -> Visitor<'_> {
        let mut visitor = self.newcomer();
        visitor.post("/api/session").send().await.assert_status(204);
        visitor
    }

    /// Moves both clocks.
    pub async fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.simulator.advance(by).await;
        assert_eq!(
            self.clock.now(),
            self.simulator.now(),
            "both clocks tell the same time"
        );
    }

    /// Lets the proxy do what is due besides answering.
    pub async fn work(&self) {
        join_all(self.proxies.iter().map(|proxy| proxy.jobs.run_due())).await;
    }

    /// Moves both clocks, then lets the proxy do what is due.
    pub async fn advance_and_work(&self, by: Duration) {
        self.advance(by).await;
        self.work().await;
    }

    /// A bank user logs in for this link session, as if in the widget.
    pub async fn bank_user_links(&self, reference: &str) -> Linked {
        let who = LinkAs {
            reference: Some(reference.to_owned()),
            ..LinkAs::default()
        };
        self.simulator.link(who).await.unwrap()
    }

    /// What time it is, as Mono writes it.
    pub fn clock_text(&self) -> String {
        self.clock.now().to_string()
    }

    /// How many times Mono was called with this method and path.
    pub fn calls(&self, method: &str, path_pattern: &str) -> usize {
        self.simulator.requests_to(method, path_pattern).len()
    }

    /// How many times Mono was called at all.
    pub fn all_calls(&self) -> usize {
        self.simulator.requests().len()
    }
}
