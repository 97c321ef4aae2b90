//! Putting the process together, and taking it down.

use std::sync::Arc;

use mono_client::Generation;
use mono_connect_shared::config::{ApiGeneration, Environment};
use mono_connect_store::{Keyring, PostgresStore, SqliteLocation, SqliteStore, Store};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::accounts::{Accounts, Parts, Settings};
use crate::clock::{SharedClock, SystemClock};
use crate::config::{Config, Problem, Storage};
use crate::http::{AppState, Routes, admin_router, public_router, server};
use crate::inbox::Inbox;
use crate::jobs::{BackEnd, Jobs, seal};
use crate::outbox::{Courier, ForbiddenTarget};
use crate::random::{self, SharedRandom, SystemRandom};
use crate::telemetry::{Metrics, Traces};

/// How long work may take that goes on although its caller has gone.
const FINISH: std::time::Duration = std::time::Duration::from_secs(10);

/// Sent to whoever writes beyond the largest size that a file may have.
const FILE_TOO_LARGE: SignalKind = SignalKind::from_raw(25);

/// Why the process could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be opened or migrated.
    #[error("DATABASE_URL: the database cannot be opened")]
    Store(#[source] mono_connect_store::Error),
    /// The database was written with other keys.
    #[error("ENCRYPTION_KEYS: {0}")]
    Keys(mono_connect_store::WrongKeys),
    /// Something in the database opens with none of the keys.
    #[error("ENCRYPTION_KEYS: {0} values in the database open with none of the keys; see the log")]
    Unreadable(u64),
    /// The client of Mono's API cannot be built.
    #[error("the client of Mono's API cannot be built")]
    Mono(#[from] mono_client::BuildError),
    /// The client that fetches the keys of the site's login cannot be built.
    #[error("JWT_JWKS_URL: the client that asks there cannot be built")]
    Jwks(#[source] reqwest::Error),
    /// The client that tells the site's back end cannot be built.
    #[error("NOTIFY_URL: the client that posts there cannot be built")]
    Courier(#[source] reqwest::Error),
    /// The client that exports traces cannot be built.
    #[error("OTEL_EXPORTER_OTLP_ENDPOINT: the client that posts there cannot be built")]
    Traces(#[source] reqwest::Error),
    /// The site's back end cannot be there.
    #[error("NOTIFY_URL: {0}")]
    Target(ForbiddenTarget),
    /// An address is taken or not ours.
    #[error("{variable}: cannot listen there")]
    Listen {
        /// Which setting names the address.
        variable: &'static str,
        /// What the machine says.
        #[source]
        source: std::io::Error,
    },
    /// Signals cannot be received.
    #[error("signals cannot be received")]
    Signal(#[source] std::io::Error),
}

impl StartError {
    /// Whether the configuration is wrong, and not the world around.
    pub fn is_wrong_configuration(&self) -> bool {
        matches!(self, Self::Keys(_) | Self::Target(_))
    }
}

impl From<mono_connect_store::Error> for StartError {
    fn from(error: mono_connect_store::Error) -> Self {
        match error {
            mono_connect_store::Error::Keys(wrong) => Self::Keys(wrong),
            error => Self::Store(error),
        }
    }
}

/// The two routers and what stands behind them, apart from sockets: what tests run.
pub struct App {
    /// For the public.
    pub public: Routes,
    /// For whoever runs it.
    pub admin: Routes,
    /// What is done besides answering.
    pub jobs: Jobs,
    accounts: Accounts,
    courier: Option<Courier>,
    metrics: Metrics,
    draining: CancellationToken,
}

impl App {
    /// Puts the parts together.
    pub fn new(
        config: &Config,
        store: Arc<dyn Store>,
        clock: SharedClock,
        random: SharedRandom,
    ) -> Result<Self, StartError> {
        let metrics = Metrics::default();
        let mono = mono_client::Client::new(mono_client::Config {
            api_url: config.upstream.api_url.clone(),
            secret_key: config.keys.secret_key.clone(),
            generation: match config.upstream.generation {
                ApiGeneration::V1 => Generation::V1,
                ApiGeneration::V2 => Generation::V2,
            },
            timeout: config.upstream.timeout,
            concurrency: config.upstream.concurrency,
        })?
        .observed_by(Arc::new(metrics.clone()))
        .rolling({
            let random = Arc::clone(&random);
            Arc::new(move || random::number(random.as_ref()))
        });
        let inbox = Inbox::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            &config.keys.webhook_secrets,
        );
        let jobs_store = Arc::clone(&store);
        let accounts = Accounts::new(Parts {
            store,
            mono,
            clock: Arc::clone(&clock),
            random: Arc::clone(&random),
            metrics: metrics.clone(),
            settings: Settings {
                public_key: config.keys.public_key.clone(),
                generation: config.upstream.generation,
                reauthorise: config.upstream.reauthorise,
                public_url: config.listen.public_origin.clone(),
                confirm_events: config.keys.confirm_webhooks,
                patience: config.upstream.timeout * 2,
                cache_ttl: config.limits.cache_ttl,
                tells_back_end: config.notify.is_some(),
            },
        });
        let draining = CancellationToken::new();
        let back_end = config.notify.as_ref().map(|notify| {
            Ok(BackEnd {
                courier: Courier::new(notify)?,
                reminders: notify.reminders.clone(),
            })
        });
        let back_end = back_end.transpose().map_err(StartError::Courier)?;
        let courier = back_end.as_ref().map(|back_end| back_end.courier.clone());
        let jobs = Jobs {
            accounts: accounts.in_background(),
            store: jobs_store,
            clock: Arc::clone(&clock),
            arrivals: inbox.arrivals(),
            schedule: config.schedule.clone(),
            back_end,
            random: Arc::clone(&random),
            metrics: metrics.clone(),
        };
        let state = AppState::new(
            config,
            accounts.clone(),
            inbox,
            metrics.clone(),
            clock,
            random,
            draining.clone(),
        )
        .map_err(StartError::Jwks)?;
        Ok(Self {
            public: public_router(state.clone(), config),
            admin: admin_router(state),
            jobs,
            accounts,
            courier,
            metrics,
            draining,
        })
    }
}

/// Migrates the database, and encrypts what is not encrypted with the first key.
pub async fn migrate(config: &Config) -> Result<(), StartError> {
    let store = open(config).await?;
    let sealing = seal(&*store).await?;
    store.close().await;
    match sealing.unreadable {
        0 => Ok(()),
        values => Err(StartError::Unreadable(values)),
    }
}

/// Opens the database and migrates it.
async fn open(config: &Config) -> Result<Arc<dyn Store>, StartError> {
    let keys = config.encryption_keys.iter();
    let keyring = Keyring::new(keys.map(|key| (&*key.id, key.expose())))?;
    let location = match &config.storage {
        Storage::SqliteFile(path) => SqliteLocation::File(path.clone()),
        Storage::SqliteMemory => SqliteLocation::Memory,
        Storage::Postgres(url) => {
            let store = PostgresStore::open_with_keys(url.expose(), keyring).await?;
            return Ok(Arc::new(store));
        }
    };
    let store = SqliteStore::open_with_keys(&location, keyring).await?;
    Ok(Arc::new(store))
}

/// Serves until SIGTERM or SIGINT, then lets running requests end. `traces` are those that this
/// process exports.
pub async fn serve(config: &Config, traces: Option<&Traces>) -> Result<(), StartError> {
    // A write that fails is answered for; a process that is killed by it answers nobody. Whoever has
    // once listened to a signal is not killed by it any more.
    drop(signal(FILE_TOO_LARGE).map_err(StartError::Signal)?);
    let store = open(config).await?;
    let app = App::new(
        config,
        Arc::clone(&store),
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
    )?;
    if let Some(traces) = traces {
        traces.count_in(&app.metrics);
    }
    if let Some(courier) = &app.courier {
        courier.check().await.map_err(StartError::Target)?;
    }
    let public = listen("LISTEN_ADDR", config.listen.public).await?;
    let admin = listen("ADMIN_ADDR", config.listen.admin).await?;
    let ended = ended().map_err(StartError::Signal)?;

    for Problem { variable, message } in &config.warnings {
        tracing::warn!("{variable} {message}");
    }
    if config.keys.environment == Environment::Live {
        if config.encryption_keys.is_empty() {
            tracing::warn!(
                "ENCRYPTION_KEYS is not set: names, account numbers and whatever else Mono tells of \
                 live users lie unencrypted in the database and in its backups"
            );
        }
        if matches!(&config.storage, Storage::Postgres(url) if !url.is_protected()) {
            tracing::warn!(
                "DATABASE_URL: somebody in between could pass himself off as the database: add \
                 sslmode=verify-full"
            );
        }
    }
    tracing::info!(
        listen = address(&public),
        admin = address(&admin),
        public_url = config.listen.public_origin,
        environment = config.keys.environment.as_str(),
        api_generation = config.upstream.generation.as_str(),
        "serving"
    );

    let draining = app.draining.clone();
    // Readiness is answered to the end, so that whoever asks sees "draining", not silence.
    let admin_end = CancellationToken::new();
    let admin = tokio::spawn(server::serve(admin, app.admin, admin_end.clone()));
    let public = tokio::spawn(server::serve(public, app.public, draining.clone()));
    let jobs = tokio::spawn(app.jobs.run(draining.clone()));
    ended.await;
    tracing::info!("draining");
    draining.cancel();
    // A panic in the accept loop was logged by the hook.
    drop(public.await);
    drop(jobs.await);
    if tokio::time::timeout(FINISH, app.accounts.finish())
        .await
        .is_err()
    {
        tracing::warn!("some work did not end in time; it goes on after the next start");
    }
    if let Some(traces) = traces {
        traces.end().await;
    }
    admin_end.cancel();
    drop(admin.await);
    store.close().await;
    tracing::info!("ended");
    Ok(())
}

async fn listen(
    variable: &'static str,
    address: std::net::SocketAddr,
) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StartError::Listen { variable, source })
}

/// The address that was taken, which for port 0 is not the one that was asked for.
fn address(listener: &TcpListener) -> String {
    listener
        .local_addr()
        .map_or_else(|_| "unknown".to_owned(), |address| address.to_string())
}

/// Ends on the first SIGTERM or SIGINT. Listens from now on, so that none is missed.
fn ended() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
