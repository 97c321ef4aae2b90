//! Whole histories, made from a number: users, banks, Mono, its events, the site's back end and the
//! clock do what may happen, in any order, and the proxy does what is due. After every step, and more
//! strictly after the end, somebody who knows only what was acknowledged, and what the simulated Mono
//! says of itself, looks for what is wrong.
//!
//! The same number makes the same steps at the same times, and the proxy rolls the same dice. What it
//! does at the same moment it does side by side, over sockets: which of two events of one moment is
//! applied first, and which call a fault hits, may differ from run to run.

mod budgets;
mod outbox;
mod step;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};

use fastrand::Rng;

use self::step::steps;
use self::world::{Setup, World};

/// How many histories, and the number of the first.
const HISTORIES_VARIABLE: &str = "MONO_CONNECT_SIMULATION_HISTORIES";
const SEED_VARIABLE: &str = "MONO_CONNECT_SIMULATION_SEED";

/// In one run, unless whoever runs it says otherwise.
const HISTORIES: u64 = 20;

/// In one history.
const STEPS: usize = 150;

#[expect(clippy::disallowed_methods, reason = "how whoever runs it chooses")]
fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

/// What has happened so far, for whoever wants to know how it came to a failure.
struct Story {
    seed: u64,
    told: Vec<String>,
}

impl Drop for Story {
    #[expect(clippy::print_stderr, reason = "shown with a test that fails")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            for (number, step) in self.told.iter().enumerate() {
                eprintln!("{number}: {step}");
            }
            eprintln!(
                "to be seen again with {SEED_VARIABLE}={} {HISTORIES_VARIABLE}=1",
                self.seed
            );
        }
    }
}

async fn history(seed: u64) {
    let mut dice = Rng::with_seed(seed);
    let setup = Setup::rolled(seed, &mut dice);
    let mut story = Story {
        seed,
        told: vec![format!("{setup:?}")],
    };
    let mut world = World::begin(setup).await;
    for (turn, step) in steps(&mut dice, STEPS).iter().enumerate() {
        story.told.push(format!("{} {step:?}", world.time()));
        world.takes(step).await;
        world.holds(turn).await;
    }
    story.told.push(format!("{} all faults end", world.time()));
    world.settles().await;
}

/// One history after the other, as many at once as there are processors.
#[test]
fn whatever_happens_in_whatever_order_the_promises_hold() {
    let next = AtomicU64::new(number(SEED_VARIABLE, 1));
    let end = number(SEED_VARIABLE, 1) + number(HISTORIES_VARIABLE, HISTORIES);
    let tell = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                return;
            }
            // Time of its own, which no other history moves.
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().build().unwrap();
            runtime.block_on(history(seed));
        }
    };
    let threads = std::thread::available_parallelism().unwrap().get();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(tell);
        }
    });
}

/// Its event and its code both came when it was over: the back end was told of two lives.
#[tokio::test]
async fn an_account_that_ended_before_its_code_came_ends_once() {
    history(2105).await;
}

#[test]
fn the_same_number_makes_the_same_steps() {
    let of = |seed| steps(&mut Rng::with_seed(seed), STEPS);
    assert_eq!(of(7), of(7));
    assert_ne!(of(7), of(8));
}
