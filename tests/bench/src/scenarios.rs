//! The scenarios. To add one, write a file beside the others and name it in [`ALL`].

mod cold;
mod events;
mod exchange;
mod latency;
mod memory;
mod overload;
mod postgres;
mod reads;
mod webhooks;

use anyhow::Result;

use crate::bench::Bench;
use crate::table::Row;

/// Something that is measured, and whose goals have numbers.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) run: fn(&Bench) -> Result<Vec<Row>>,
}

/// Every scenario, in the order in which they run.
pub(crate) const ALL: &[Scenario] = &[
    reads::PAGE,
    reads::SMALL,
    reads::LARGE,
    reads::CACHED,
    exchange::SCENARIO,
    latency::SCENARIO,
    webhooks::SCENARIO,
    postgres::SCENARIO,
    events::SCENARIO,
    memory::SCENARIO,
    overload::SCENARIO,
    cold::SCENARIO,
];
