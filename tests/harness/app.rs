//! Proxy and simulator, put together.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use mono_connect_proxy::clock::Clock as _;
use mono_connect_proxy::config::{Config, Source};
use mono_connect_proxy::random::SystemRandom;
use mono_connect_proxy::{App, Jobs, server};
use mono_connect_store::{MemoryStore, SqliteLocation, SqliteStore, Store};
use mono_simulator::{LinkAs, Linked, Options, Simulator};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::clock::ManualClock;
use crate::visitor::Visitor;

/// Which store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file of the test's own.
    Sqlite,
    /// Gone with the test.
    Memory,
}

/// How the proxy is set up. The default is v2 on SQLite.
#[derive(Debug)]
pub struct TestAppBuilder {
    variables: BTreeMap<String, String>,
    database: Database,
    webhooks: bool,
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

    /// Starts the simulator, then the proxy in front of it.
    pub async fn start(mut self) -> TestApp {
        let simulator = Simulator::start(Options::manual()).await.unwrap();
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
        let environment = |name: &str| self.variables.get(name).cloned();
        let config = Config::read(Source::new(BTreeMap::new(), &environment))
            .unwrap_or_else(|problems| panic!("{problems}"));

        let folder = TempDir::new().unwrap();
        let store: Arc<dyn Store> = match self.database {
            Database::Memory => Arc::new(MemoryStore::default()),
            Database::Sqlite => {
                let location = SqliteLocation::File(folder.path().join("test.db"));
                Arc::new(SqliteStore::open(&location).await.unwrap())
            }
        };
        let shared_clock: Arc<ManualClock> = Arc::clone(&clock);
        let app = App::new(
            &config,
            Arc::clone(&store),
            shared_clock,
            Arc::new(SystemRandom),
        )
        .unwrap();
        let shutdown = CancellationToken::new();
        if self.webhooks {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}/webhooks/mono", listener.local_addr().unwrap());
            simulator.change_settings(|settings| settings.webhook.url = Some(url));
            tokio::spawn(server::serve(
                listener,
                app.public.clone(),
                shutdown.clone(),
            ));
        }
        TestApp {
            public: app.public,
            admin: app.admin,
            jobs: app.jobs,
            simulator,
            clock,
            store,
            _stop: shutdown.drop_guard(),
            _folder: folder,
        }
    }
}

/// A proxy with a simulated Mono behind it.
pub struct TestApp {
    /// Mono.
    pub simulator: Simulator,
    /// The proxy's clock; move it by [`TestApp::advance`], so that Mono's moves with it.
    pub clock: Arc<ManualClock>,
    /// What the proxy keeps.
    pub store: Arc<dyn Store>,
    pub(crate) public: Router,
    pub(crate) admin: Router,
    jobs: Jobs,
    _stop: DropGuard,
    _folder: TempDir,
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
            database: Database::Sqlite,
            webhooks: false,
        }
    }

    /// Somebody with a browser that has never been here.
    pub fn newcomer(&self) -> Visitor<'_> {
        Visitor::new(self)
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
        self.jobs.run_due().await;
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
