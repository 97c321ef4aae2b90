//! Names that this process holds against the others.
//!
//! By advisory locks of one connection that does nothing else: however long Mono takes, no
//! connection of the pool is kept waiting, and the server lets go when the process dies. Within
//! this process they hold nobody up, because a connection may lock twice: callers take turns
//! before they come here.

use std::time::Duration;

use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, timeout};

use crate::Error;
use crate::hold::Hold;

/// How often another process is looked at that holds the name.
const LOOK: Duration = Duration::from_millis(50);

/// A server that takes longer to answer is not there.
const PATIENCE: Duration = Duration::from_secs(5);

/// Somebody who would hold a name.
struct Request {
    name: String,
    reply: oneshot::Sender<Result<bool, Error>>,
}

#[derive(Debug, Clone)]
pub(super) struct Holds {
    requests: mpsc::Sender<Request>,
    released: mpsc::UnboundedSender<String>,
}

impl Holds {
    /// Connects when it is first asked; ends with its last handle.
    pub(super) fn start(pool: &PgPool) -> Self {
        let (requests, asked) = mpsc::channel(64);
        let (released, to_release) = mpsc::unbounded_channel();
        let holder = Holder {
            options: pool.connect_options().as_ref().clone(),
            connection: None,
        };
        tokio::spawn(holder.run(asked, to_release));
        Self { requests, released }
    }

    /// Waits until no other process holds the name, and holds it; none when patience is over.
    pub(super) async fn hold(&self, name: &str, patience: Duration) -> Result<Option<Hold>, Error> {
        let gone = || Error::Unavailable("nobody holds names any more".into());
        let begun = Instant::now();
        loop {
            let (reply, answer) = oneshot::channel();
            let request = Request {
                name: name.to_owned(),
                reply,
            };
            self.requests.send(request).await.map_err(|_| gone())?;
            if answer.await.map_err(|_| gone())?? {
                let hold = Hold::of(name.to_owned(), self.released.clone());
                return Ok(Some(hold));
            }
            if begun.elapsed() > patience {
                return Ok(None);
            }
            sleep(LOOK).await;
        }
    }
}

struct Holder {
    options: PgConnectOptions,
    connection: Option<PgConnection>,
}

impl Holder {
    async fn run(
        mut self,
        mut requests: mpsc::Receiver<Request>,
        mut released: mpsc::UnboundedReceiver<String>,
    ) {
        loop {
            tokio::select! {
                // In this order, so that what is held no longer holds up nobody.
                biased;
                Some(name) = released.recv() => self.release(&name).await,
                request = requests.recv() => match request {
                    Some(request) => self.take(request).await,
                    None => return,
                },
            }
        }
    }

    async fn take(&mut self, Request { name, reply }: Request) {
        let was_connected = self.connection.is_some();
        let mut taken = self.lock_in_time(&name).await;
        if taken.is_err() && was_connected {
            // The server may be another by now.
            taken = self.lock_in_time(&name).await;
        }
        if let Err(Ok(true)) = reply.send(taken) {
            // The caller has gone.
            self.release(&name).await;
        }
    }

    async fn lock_in_time(&mut self, name: &str) -> Result<bool, Error> {
        let taken = timeout(PATIENCE, self.lock(name)).await;
        let taken = taken.unwrap_or_else(|_| Err(Error::Unavailable("no answer".into())));
        if taken.is_err() {
            // What else was held is free with it: better than held for ever.
            self.connection = None;
        }
        taken
    }

    async fn lock(&mut self, name: &str) -> Result<bool, Error> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => PgConnection::connect_with(&self.options).await?,
        };
        let connection = self.connection.insert(connection);
        let taken = sqlx::query_scalar("select pg_try_advisory_lock(hashtextextended($1, 0))")
            .bind(name)
            .fetch_one(connection)
            .await?;
        Ok(taken)
    }

    async fn release(&mut self, name: &str) {
        let Some(connection) = &mut self.connection else {
            return;
        };
        let release = sqlx::query("select pg_advisory_unlock(hashtextextended($1, 0))")
            .bind(name)
            .execute(connection);
        if !matches!(timeout(PATIENCE, release).await, Ok(Ok(_))) {
            self.connection = None;
        }
    }
}
