//! The proxy as tests use it: the real router over the real client, a simulated Mono, a real store,
//! and a clock that stands still until it is moved.
//!
//! No socket stands between a test and the router; between the proxy and the simulated Mono there
//! is one.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]

mod answer;
mod app;
mod back_end;
mod clock;
mod locked;
mod page;
mod random;
mod visitor;

pub use answer::Answer;
pub use app::{Database, TestApp, TestAppBuilder};
pub use back_end::{BackEnd, Delivery};
pub use clock::{ManualClock, PANIC_CANARY};
pub use locked::Locked;
pub use page::{Page, PageEvent};
pub use visitor::{Call, Visitor};
