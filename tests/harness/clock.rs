//! A clock that stands still until it is moved.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use mono_connect_proxy::clock::Clock;
use mono_connect_shared::Timestamp;

/// What a broken clock panics with: it must be seen nowhere.
pub const PANIC_CANARY: &str = "CANARYPANIC";

/// Stands still.
#[derive(Debug)]
pub struct ManualClock {
    /// Milliseconds since 1970.
    time: AtomicI64,
    broken: AtomicBool,
}

impl ManualClock {
    /// Stands at this time.
    pub fn at(start: Timestamp) -> Self {
        Self {
            time: AtomicI64::new(start.as_millisecond()),
            broken: AtomicBool::new(false),
        }
    }

    /// Moves forward.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).expect("a test moves by less than an age");
        self.time.fetch_add(by, Ordering::SeqCst);
    }

    /// Whoever looks at it next panics, saying this.
    pub fn breaks_once(&self) {
        self.broken.store(true, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        assert!(
            !self.broken.swap(false, Ordering::SeqCst),
            "{PANIC_CANARY}: the clock is broken"
        );
        Timestamp::from_millisecond(self.time.load(Ordering::SeqCst)).expect("a time that exists")
    }
}
