//! A running simulator in the caller's process: started, asked, acted upon, stopped when dropped.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use thiserror::Error;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::engine::{Engine, run};
use crate::faults::Fault;
use crate::options::Options;
use crate::random::{dice, object_id};
use crate::routes;
use crate::sender::Sender;
use crate::server;
use crate::world::{
    AccountChange, Delivery, HandmadeWebhook, Identity, InstitutionChange, LinkAs, Linked,
    LoggedRequest, Refusal, Settings, World,
};

/// Why a simulator did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A listener could not be set up.
    #[error("cannot listen: {0}")]
    Listen(#[from] io::Error),
    /// The HTTP client for webhooks could not be set up.
    #[error("cannot send webhooks: {0}")]
    Client(#[from] reqwest::Error),
}

/// A running Mono. Everything it runs stops when it is dropped.
#[derive(Debug)]
pub struct Simulator {
    engine: Arc<Engine>,
    base_url: String,
    tls_url: Option<String>,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Simulator {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Simulator {
    /// Binds and serves on tasks of the current runtime.
    ///
    /// # Errors
    /// An address that cannot be bound.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let (listener, address) = server::bind(options.listen).await?;
        let base_url = format!("http://{address}");
        let engine = Arc::new(Engine::new(world(&options, &base_url), Sender::new()?));
        let router = routes::router(&engine);
        let mut tls_url = None;
        let mut tasks = Vec::new();
        if let Some(tls_address) = options.tls_listen {
            let (tls_listener, address) = server::bind(tls_address).await?;
            tls_url = Some(format!("https://{address}"));
            let acceptor = server::acceptor()?;
            let serving = server::serve_tls(tls_listener, acceptor, router.clone());
            tasks.push(tokio::spawn(serving));
        }
        tasks.push(tokio::spawn(server::serve(listener, router)));
        tasks.push(tokio::spawn(run(Arc::clone(&engine))));
        Ok(Self {
            engine,
            base_url,
            tls_url,
            tasks,
        })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// `https://127.0.0.1:PORT`, when started with a TLS listener.
    pub fn tls_url(&self) -> Option<&str> {
        self.tls_url.as_deref()
    }

    /// Expected in `mono-sec-key`.
    pub fn secret_key(&self) -> String {
        self.engine.read(|world| world.identity.secret_key.clone())
    }

    /// Expected as the widget's `key`.
    pub fn public_key(&self) -> String {
        self.engine.read(|world| world.identity.public_key.clone())
    }

    /// Simulator time.
    pub fn now(&self) -> Timestamp {
        self.engine.read(World::now)
    }

    /// Moves the clock; what falls due on the way happens in order, each at its own time.
    /// Returns when the webhooks among it were answered or timed out.
    pub async fn advance(&self, by: Duration) {
        self.engine.advance(by).await;
    }

    /// Lets everything happen that is due now, and waits for the webhooks among it.
    pub async fn settle(&self) {
        self.engine.settle().await;
    }

    /// A bank user links an account without a browser.
    /// With a manual clock, its `account_connected` was delivered when this returns.
    ///
    /// # Errors
    /// Something named does not exist.
    pub async fn link(&self, who: LinkAs) -> Result<Linked, Refusal> {
        let linked = self.engine.change(|world| world.link_as(who));
        self.settle_if_manual().await;
        linked
    }

    /// A further code for an account that is linked already.
    ///
    /// # Errors
    /// Unknown account.
    pub fn code_for(&self, account_id: &str) -> Result<String, Refusal> {
        self.engine.change(|world| {
            world.account(account_id)?;
            Ok(world.issue_code(account_id))
        })
    }

    /// The account's user logs in again without a browser.
    ///
    /// # Errors
    /// Unknown account.
    pub async fn reauthorise(&self, account_id: &str) -> Result<(), Refusal> {
        let done = self.engine.change(|world| world.reauthorise(account_id));
        self.settle_if_manual().await;
        done
    }

    /// Mono refreshes the account by itself, now.
    ///
    /// # Errors
    /// Unknown account.
    pub async fn refresh(&self, account_id: &str) -> Result<(), Refusal> {
        let done = self
            .engine
            .change(|world| world.refresh(account_id).map(drop));
        self.settle_if_manual().await;
        done
    }

    /// Ends a link, as from Mono's dashboard.
    ///
    /// # Errors
    /// Unknown account.
    pub async fn unlink(&self, account_id: &str) -> Result<(), Refusal> {
        let done = self.engine.change(|world| world.unlink(account_id));
        self.settle_if_manual().await;
        done
    }

    /// Changes a linked account or what its bank answers.
    ///
    /// # Errors
    /// Unknown account, impossible change.
    pub fn change_account(&self, account_id: &str, change: AccountChange) -> Result<(), Refusal> {
        self.engine
            .change(|world| world.change_account(account_id, change))
    }

    /// Changes how an institution answers.
    ///
    /// # Errors
    /// Unknown institution.
    pub fn change_institution(
        &self,
        which: &str,
        change: InstitutionChange,
    ) -> Result<(), Refusal> {
        self.engine
            .change(|world| world.change_institution(which, change))
    }

    /// Sends a webhook that the test wrote itself.
    pub async fn send_webhook(&self, webhook: HandmadeWebhook) -> u64 {
        let number = self.engine.change(|world| world.emit_handmade(webhook));
        self.settle_if_manual().await;
        number
    }

    /// Sends a delivery once more.
    ///
    /// # Errors
    /// No such delivery.
    pub async fn replay(&self, delivery: u64) -> Result<(), Refusal> {
        let done = self.engine.change(|world| world.replay(delivery));
        self.settle_if_manual().await;
        done
    }

    /// Calls to the API so far, oldest first.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.engine
            .read(|world| world.requests.iter().cloned().collect())
    }

    /// Calls to the API whose method and path are these; `*` stands for one segment of the path.
    pub fn requests_to(&self, method: &str, path_pattern: &str) -> Vec<LoggedRequest> {
        let mut requests = self.requests();
        requests.retain(|r| r.method == method && crate::faults::matches(path_pattern, &r.path));
        requests
    }

    /// Forgets the calls so far.
    pub fn clear_requests(&self) {
        self.engine.change(|world| world.requests.clear());
    }

    /// Webhooks so far, oldest first.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.engine
            .read(|world| world.deliveries.iter().cloned().collect())
    }

    /// Orders a fault.
    pub fn fault(&self, fault: Fault) {
        self.engine.change(|world| world.faults.add(fault));
    }

    /// Takes back every fault.
    pub fn clear_faults(&self) {
        self.engine.change(|world| world.faults.clear());
    }

    /// The faults that still wait for a call to hit.
    pub fn faults(&self) -> Vec<Fault> {
        self.engine.read(|world| world.faults.ordered().to_vec())
    }

    /// What `GET /_sim/state` answers.
    pub fn state(&self) -> Value {
        self.engine.read(World::state)
    }

    /// One linked account as `GET /_sim/state` shows it, unlinked ones too.
    ///
    /// # Errors
    /// Never linked.
    pub fn account(&self, account_id: &str) -> Result<Value, Refusal> {
        self.engine.read(|world| world.account_state_of(account_id))
    }

    /// The settings now.
    pub fn settings(&self) -> Settings {
        self.engine.read(|world| world.settings.clone())
    }

    /// Changes settings in place.
    pub fn change_settings(&self, change: impl FnOnce(&mut Settings)) {
        self.engine.change(|world| {
            let mut settings = world.settings.clone();
            change(&mut settings);
            world.set_settings(settings);
        });
    }

    /// As after the start, but for the clock.
    pub fn reset(&self) {
        self.engine.change(World::reset);
    }

    async fn settle_if_manual(&self) {
        if self.engine.read(|world| world.clock.is_manual()) {
            self.engine.settle().await;
        }
    }
}

fn world(options: &Options, base_url: &str) -> World {
    let mut rng = dice(options.seed, &["business"]);
    let public_url = options.public_url.as_deref().unwrap_or(base_url);
    let identity = Identity {
        secret_key: options.secret_key.clone(),
        public_key: options.public_key.clone(),
        seed: options.seed,
        public_url: public_url.trim_end_matches('/').to_owned(),
        app: object_id(&mut rng),
        business: object_id(&mut rng),
    };
    let clock = Clock::new(options.manual_clock, options.start());
    World::new(identity, clock, options.settings.clone())
}
