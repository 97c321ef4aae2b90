//! The client, which every resource adds its calls to.
//!
//! What a call sends and reads stands beside its resource; how it is sent stands in `transport`.

use std::fmt;
use std::sync::Arc;

use crate::config::{BuildError, Config, Dice, Generation, Repeats};
use crate::observer::Observer;
use crate::transport::Transport;

/// A client of Mono. Clones share connections and the limit of calls at once.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use mono_client::{Client, Config, Generation};
///
/// let client = Client::new(Config {
///     api_url: "https://api.withmono.com".parse()?,
///     secret_key: "test_sk_example".into(),
///     generation: Generation::V2,
///     timeout: std::time::Duration::from_secs(30),
///     concurrency: 256,
/// })?;
/// let account = client.exchange("code_from_the_widget").await?;
/// let details = client.account(&account).await?;
/// # drop(details);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    pub(crate) transport: Transport,
    generation: Generation,
}

impl Client {
    /// Builds a client with the default [`Repeats`].
    pub fn new(config: Config) -> Result<Self, BuildError> {
        Self::with_repeats(config, Repeats::default())
    }

    /// Builds a client that repeats as told.
    pub fn with_repeats(config: Config, repeats: Repeats) -> Result<Self, BuildError> {
        let generation = config.generation;
        Ok(Self {
            transport: Transport::new(config, repeats)?,
            generation,
        })
    }

    /// The same client, whose calls this observer hears of.
    #[must_use]
    pub fn observed_by(mut self, observer: Arc<dyn Observer>) -> Self {
        self.transport.observer = observer;
        self
    }

    /// The same client, whose pauses are random by these.
    #[must_use]
    pub fn rolling(mut self, dice: Arc<Dice>) -> Self {
        self.transport.dice = dice;
        self
    }

    /// The same client, for work that nobody waits for: its calls take a quarter of the places at
    /// most.
    #[must_use]
    pub fn in_background(mut self) -> Self {
        self.transport.in_background = true;
        self
    }

    /// The same client, whose calls are all answered with this, and never sent: for fuzzing.
    #[cfg(feature = "fuzzing")]
    #[must_use]
    pub fn answering(&self, body: &[u8]) -> Self {
        let mut client = self.clone();
        client.transport.known_answer = Some(Arc::from(body));
        client
    }

    /// Which API this client speaks.
    pub const fn generation(&self) -> Generation {
        self.generation
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}
