//! What time it is: the only place that asks the machine.

use std::sync::Arc;

use mono_connect_shared::Timestamp;

/// Says what time it is. Tests bring their own.
pub trait Clock: Send + Sync + 'static {
    /// Now, to the millisecond: the store keeps no more.
    fn now(&self) -> Timestamp;
}

/// A clock that can be handed around.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the injected clock")]
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        // Cannot fail: a timestamp holds the millisecond of every timestamp.
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}
