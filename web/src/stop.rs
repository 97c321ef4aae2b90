//! Stopping a call from outside: the page's signal, `close()`, or the end of the instance.
//!
//! Stops waiting; it undoes nothing that the proxy has already done.

use core::cell::{Cell, RefCell};
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::{Poll, Waker};

use crate::error::{Code, Error};

/// One running call's way of being told to stop.
#[derive(Default)]
pub struct Stop {
    reason: RefCell<Option<Error>>,
    waker: RefCell<Option<Waker>>,
    past_closing: Cell<bool>,
}

impl Stop {
    /// Ends the call with this error, unless it has ended already.
    pub fn stop(&self, reason: Error) {
        self.reason.borrow_mut().get_or_insert(reason);
        let waker = self.waker.borrow_mut().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The page closes the widget. Nothing to stop once the widget has given its answer.
    pub fn close(&self) {
        if !self.past_closing.get() {
            self.stop(Error::new(Code::Dismissed, "The page closed the widget."));
        }
    }

    /// From here on there is no widget left to close.
    pub fn widget_is_gone(&self) {
        self.past_closing.set(true);
    }

    /// Runs `call` until it ends or is stopped. When stopped, `call` is dropped where it stands.
    pub async fn or<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let mut call = pin!(call);
        poll_fn(|context| {
            if let Some(reason) = self.reason.borrow().as_ref() {
                return Poll::Ready(Err(reason.clone()));
            }
            self.waker.replace(Some(context.waker().clone()));
            call.as_mut().poll(context)
        })
        .await
    }
}
