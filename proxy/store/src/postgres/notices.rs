//! Listens to what the other processes write.
//!
//! Each change announces itself when it is committed. An announcement can be lost, with the
//! connection or behind a pooler that does not pass it on; so the changes are looked at as well,
//! on the same connection, which shows by the way whether it still lives.

use std::collections::BTreeSet;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener, PgNotification, PgPool, PgPoolOptions};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::Process;
use crate::notices::{Notice, Notices};

/// How often the changes are looked at.
const LOOK: Duration = Duration::from_millis(500);

/// A server that takes longer to answer is not there.
const PATIENCE: Duration = Duration::from_secs(5);

/// Between two tries to connect again.
const PAUSE: Duration = Duration::from_millis(250);

/// Notices that wait for their reader; more wait in the database.
const QUEUE: usize = 256;

/// A change may be committed after so many with larger numbers, and is still noticed by looking.
const OVERTAKEN: i64 = 100;

/// Changes that are read at once. Whoever is further behind is told so instead.
const BATCH: i64 = 1000;

/// `number, process, user_id, account_id, what`.
type Row = (i64, i64, String, String, String);

/// Listens from now on, or a little later if the server does not answer; ends with the notices.
pub(super) async fn start(pool: &PgPool, process: Process) -> Notices {
    let (notices, receiver) = mpsc::channel(QUEUE);
    let (hears, first_look) = oneshot::channel();
    let listening = Listening {
        process,
        known: None,
        hears: Some(hears),
        notices,
    };
    tokio::spawn(listening.run(pool.connect_options().as_ref().clone()));
    drop(timeout(PATIENCE, first_look).await);
    Notices::of(receiver)
}

struct Listening {
    process: Process,
    /// None before the first look.
    known: Option<Known>,
    /// Told once, when the first look is over.
    hears: Option<oneshot::Sender<()>>,
    notices: mpsc::Sender<Notice>,
}

/// Why a connection is listened to no longer.
enum Ended {
    /// Nobody reads the notices any more.
    Unread,
    /// The connection broke, or the server is not there.
    Lost,
}

impl From<sqlx::Error> for Ended {
    fn from(_: sqlx::Error) -> Self {
        Self::Lost
    }
}

impl Listening {
    async fn run(mut self, options: PgConnectOptions) {
        while let Err(Ended::Lost) = self.listen(&options).await {
            tokio::select! {
                () = self.notices.closed() => return,
                () = sleep(PAUSE) => {}
            }
        }
    }

    /// Listens on one connection until it breaks.
    async fn listen(&mut self, options: &PgConnectOptions) -> Result<(), Ended> {
        let mut listener = timeout(PATIENCE, connect(options, &self.process.channel))
            .await
            .map_err(|_| Ended::Lost)??;
        if self.known.is_none() {
            // What there was before is known to whoever reads the store from now on.
            let known = self.known.insert(Known::default());
            for (number, ..) in look_in_time(&mut listener, None).await? {
                known.add(number);
            }
        }
        if let Some(hears) = self.hears.take() {
            // Whoever waits may have lost patience.
            let _ = hears.send(());
        }
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.notices.closed() => return Err(Ended::Unread),
                heard = listener.try_recv() => match heard? {
                    Some(notification) => self.heard(&notification).await?,
                    None => return Err(Ended::Lost),
                },
                _ = looks.tick() => {
                    let newest = self.known.as_ref().map(|known| known.newest);
                    self.saw(look_in_time(&mut listener, newest).await?).await?;
                }
            }
        }
    }

    async fn heard(&mut self, notification: &PgNotification) -> Result<(), Ended> {
        let mut words = notification.payload().split(' ');
        let numbers = [(); 2].map(|()| words.next().and_then(|word| word.parse().ok()));
        let names = [(); 3].map(|()| words.next().map(str::to_owned));
        // Whatever else is said on this channel is none of ours.
        let ([Some(number), Some(process)], [Some(user), Some(account), Some(what)]) =
            (numbers, names)
        else {
            return Ok(());
        };
        self.learn((number, process, user, account, what)).await
    }

    async fn saw(&mut self, rows: Vec<Row>) -> Result<(), Ended> {
        if i64::try_from(rows.len()).is_ok_and(|count| count >= BATCH) {
            let known = self.known.get_or_insert_default();
            for (number, ..) in rows {
                known.add(number);
            }
            return self.tell(Notice::Missed).await;
        }
        for row in rows {
            self.learn(row).await?;
        }
        Ok(())
    }

    /// Tells a change that is new and another's.
    async fn learn(&mut self, row: Row) -> Result<(), Ended> {
        let (number, process, user, account, what) = row;
        let is_new = self.known.get_or_insert_default().add(number);
        if !is_new || process == self.process.number {
            return Ok(());
        }
        match (user.try_into(), account.try_into()) {
            (Ok(user), Ok(account)) => {
                let removed = matches!(what.as_str(), "removed" | "erased");
                let notice = Notice::Changed {
                    user,
                    account,
                    removed,
                };
                self.tell(notice).await
            }
            _ => Ok(()),
        }
    }

    async fn tell(&self, notice: Notice) -> Result<(), Ended> {
        self.notices.send(notice).await.map_err(|_| Ended::Unread)
    }
}

/// A connection of its own, because a listener keeps it.
async fn connect(options: &PgConnectOptions, channel: &str) -> Result<PgListener, sqlx::Error> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .connect_with(options.clone())
        .await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    // By itself it would connect again, and say nothing of what it missed.
    listener.eager_reconnect(false);
    listener.listen(channel).await?;
    Ok(listener)
}

/// The changes that may not be known yet, and some that are. Before anything is known, the last few.
async fn look_in_time(listener: &mut PgListener, newest: Option<i64>) -> Result<Vec<Row>, Ended> {
    let look = sqlx::query_as(
        "select number, process, user_id, account_id, what from changes
         where number > coalesce($1, (select max(number) from changes)) - $2
         order by number limit $3",
    )
    .bind(newest)
    .bind(OVERTAKEN)
    .bind(BATCH)
    .fetch_all(listener);
    Ok(timeout(PATIENCE, look).await.map_err(|_| Ended::Lost)??)
}

/// Which of the newest changes are known.
#[derive(Debug, Default)]
struct Known {
    newest: i64,
    recent: BTreeSet<i64>,
}

impl Known {
    /// Whether this one was not known.
    fn add(&mut self, number: i64) -> bool {
        self.newest = self.newest.max(number);
        let is_new = self.recent.insert(number);
        self.recent = self.recent.split_off(&(self.newest - OVERTAKEN + 1));
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_is_new_once_in_whatever_order() {
        let mut known = Known::default();
        for number in [5, 3, 900, 850, 4_000] {
            assert!(known.add(number), "{number}");
        }
        assert!(!known.add(4_000));
        assert!(known.add(3_950), "it was overtaken");
        assert!(!known.add(3_950));
        assert_eq!(known.recent.len(), 2, "what is old is not remembered");
    }
}
