//! Following the proxy's events for as long as the page wants to.
//!
//! A stream that ends, breaks off, or falls silent is opened again, and the proxy is told what was
//! seen last: nothing is missed.

use core::cell::RefCell;
use std::rc::{Rc, Weak};

use crate::deadline::within;
use crate::error::{Code, Error};
use crate::ports::{Events, Timer};
use crate::stop::Stop;

/// The pause before a stream is opened again, in milliseconds. It doubles with every attempt in
/// vain.
const FIRST_PAUSE: u32 = 1_000;

/// A proxy that is about to end says when to come back, so that not everybody comes at once; never
/// sooner than this.
const LEAST_PAUSE: u32 = 100;

/// The longest such pause.
const LONGEST_PAUSE: u32 = 30_000;

/// How long a stream may be silent, in milliseconds. The proxy says something every 15 seconds; a
/// connection that nobody closed, for instance while the machine slept, says nothing for ever.
const SILENCE: u32 = 45_000;

/// Follows the events until it is dropped.
pub async fn follow<E: Events>(events: &E, timer: &impl Timer) {
    let mut pause = FIRST_PAUSE;
    loop {
        let wait = match events.open().await {
            Ok(mut stream) => {
                pause = FIRST_PAUSE;
                let ended = loop {
                    let heard = within(timer, SILENCE, events.hear(&mut stream)).await;
                    if let Err(ended) = heard {
                        break ended;
                    }
                };
                let asked_for = ended.details().retry_after_ms.unwrap_or(pause);
                asked_for.clamp(LEAST_PAUSE, LONGEST_PAUSE)
            }
            Err(error) => {
                let asked_for = error.details().retry_after_ms.unwrap_or(0);
                // What trying again alone will not mend, the page is told. It may: by logging in.
                if !error.code().is_retryable() {
                    events.is_refused(error);
                }
                pause.max(asked_for)
            }
        };
        timer.sleep(wait).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// What of one instance goes on until it comes to an end, and ends with the instance: its
/// subscriptions, and its asking until something is there.
#[derive(Default)]
pub struct Ongoing(RefCell<Vec<Weak<Stop>>>);

impl Ongoing {
    /// Begins one: what it runs under.
    pub fn begin(&self) -> Rc<Stop> {
        let stop = Rc::new(Stop::default());
        let mut running = self.0.borrow_mut();
        running.retain(|stop| stop.strong_count() > 0);
        running.push(Rc::downgrade(&stop));
        stop
    }
}

impl Drop for Ongoing {
    fn drop(&mut self) {
        for stop in self.0.take().iter().filter_map(Weak::upgrade) {
            stop.stop(Error::new(Code::Aborted, "The instance was freed."));
        }
    }
}

/// Ends a subscription.
pub fn end(stop: &Stop) {
    stop.stop(Error::new(Code::Aborted, "The subscription was closed."));
}

#[cfg(test)]
mod tests;
