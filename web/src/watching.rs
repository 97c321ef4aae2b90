//! Following the proxy's events for as long as the page wants to.
//!
//! The browser opens a stream that broke off again by itself and says what it saw last. Where it
//! gives up, this opens another, which begins with a snapshot: nothing is missed either way.

use core::cell::RefCell;
use std::rc::{Rc, Weak};

use crate::error::{Code, Error};
use crate::ports::{Events, Timer};
use crate::stop::Stop;

/// The pause before a stream that the browser gave up is opened again, in milliseconds. It doubles
/// with every attempt in vain.
const FIRST_PAUSE: u32 = 1_000;

/// The longest such pause.
const LONGEST_PAUSE: u32 = 30_000;

/// Follows the events, beginning with an open stream, until it is dropped.
pub async fn follow<E: Events>(
    events: &E,
    timer: &impl Timer,
    mut stream: E::Stream,
) -> Result<(), Error> {
    let mut pause = FIRST_PAUSE;
    loop {
        if events.given_up(&stream).await {
            pause = FIRST_PAUSE;
        }
        drop(stream);
        timer.sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
        stream = events.open()?;
    }
}

/// The subscriptions of one instance, which end with it.
#[derive(Default)]
pub struct Subscriptions(RefCell<Vec<Weak<Stop>>>);

impl Subscriptions {
    /// Begins one: what its following runs under.
    pub fn begin(&self) -> Rc<Stop> {
        let stop = Rc::new(Stop::default());
        let mut running = self.0.borrow_mut();
        running.retain(|stop| stop.strong_count() > 0);
        running.push(Rc::downgrade(&stop));
        stop
    }
}

impl Drop for Subscriptions {
    fn drop(&mut self) {
        for stop in self.0.take().iter().filter_map(Weak::upgrade) {
            end(&stop);
        }
    }
}

/// Ends a subscription.
pub fn end(stop: &Stop) {
    stop.stop(Error::new(Code::Aborted, "The subscription was closed."));
}

#[cfg(test)]
mod tests;
