//! What makes time pass: fires what is due, in order, while the clock runs or when it is moved.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;

use crate::clock::later;
use crate::sender::Sender;
use crate::world::{Due, World};

/// What every handler is given.
pub(crate) type App = Arc<Engine>;

/// The world and what drives it.
#[derive(Debug)]
pub(crate) struct Engine {
    world: Mutex<World>,
    sender: Sender,
    changed: Notify,
    /// Held while due things fire, so that two of them never overtake each other.
    turn: tokio::sync::Mutex<()>,
}

impl Engine {
    pub(crate) fn new(world: World, sender: Sender) -> Self {
        let turn = tokio::sync::Mutex::new(());
        Self {
            world: Mutex::new(world),
            sender,
            changed: Notify::new(),
            turn,
        }
    }

    /// Reads the world.
    pub(crate) fn read<T>(&self, reading: impl FnOnce(&World) -> T) -> T {
        reading(&self.lock())
    }

    /// Changes the world and wakes what waits for due things.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let result = change(&mut self.lock());
        self.changed.notify_one();
        result
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        // A panic under the lock is a bug of one request; the others go on.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves the clock and fires everything that falls due on the way, each at its own time.
    /// Returns when every webhook among it was answered or timed out.
    pub(crate) async fn advance(&self, by: Duration) {
        let _turn = self.turn.lock().await;
        let target = later(self.read(World::now), by);
        self.fire_until(target).await;
        self.lock().clock.forward_to(target);
        self.changed.notify_one();
    }

    /// Fires everything that is due now and waits for the webhooks among it.
    pub(crate) async fn settle(&self) {
        let _turn = self.turn.lock().await;
        let now = self.read(World::now);
        self.fire_until(now).await;
    }

    async fn fire_until(&self, target: Timestamp) {
        while let Some(due) = self.take_due(target) {
            if let Some(delivery) = self.fire(due) {
                self.deliver(delivery).await;
            }
        }
    }

    fn take_due(&self, until: Timestamp) -> Option<Due> {
        let mut world = self.lock();
        let (at, due) = world.agenda.pop(until)?;
        world.clock.forward_to(at);
        Some(due)
    }

    /// Does what is due; a delivery is left to the caller.
    fn fire(&self, due: Due) -> Option<u64> {
        let mut world = self.lock();
        match due {
            Due::FetchDone { account, cause } => world.finish_fetch(&account, cause),
            Due::Refresh { account } => {
                if world.refresh(&account).is_ok() {
                    world.plan_refresh(&account);
                }
            }
            Due::JobDone { job } => world.finish_job(&job),
            Due::IncomeDone { account } => world.finish_income(&account),
            Due::Release { account, delivery } => world.release(&account, delivery),
            Due::Deliver { delivery } => return Some(delivery),
        }
        None
    }

    async fn deliver(&self, number: u64) {
        let outgoing = self.lock().begin_attempt(number);
        if let Some(outgoing) = outgoing {
            let sent = self.sender.send(outgoing).await;
            self.change(|world| world.end_attempt(number, sent));
        }
    }
}

/// Fires what falls due while nobody moves the clock. Never ends.
pub(crate) async fn run(engine: Arc<Engine>) {
    loop {
        let changed = engine.changed.notified();
        let waiting = if engine.read(|world| world.clock.is_manual()) {
            engine.settle().await;
            None
        } else {
            fire_running(&engine).await
        };
        match waiting {
            Some(wait) => {
                let _ = tokio::time::timeout(wait, changed).await;
            }
            None => changed.await,
        }
    }
}

/// Fires what is due now; webhooks go out side by side, so that a slow receiver holds up nothing else.
/// Returns the time until the next thing is due.
async fn fire_running(engine: &Arc<Engine>) -> Option<Duration> {
    let _turn = engine.turn.lock().await;
    let now = engine.read(World::now);
    while let Some(due) = engine.take_due(now) {
        if let Some(delivery) = engine.fire(due) {
            let engine = Arc::clone(engine);
            tokio::spawn(async move { engine.deliver(delivery).await });
        }
    }
    engine.read(|world| {
        let next = world.agenda.next_at()?;
        let ms = next
            .as_millisecond()
            .saturating_sub(world.now().as_millisecond());
        Some(Duration::from_millis(u64::try_from(ms).unwrap_or(0).max(1)))
    })
}
