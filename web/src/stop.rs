//! Stopping a call from outside: the page's signal, `close()`, or the end of the instance.
//!
//! Stops waiting; it undoes nothing that the proxy has already done.

use core::cell::{Cell, RefCell};
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::{Poll, Waker};
use std::rc::Rc;

use crate::attempt::Attempt;
use crate::error::{Code, Error};

/// One running call's way of being told to stop.
#[derive(Default)]
pub struct Stop {
    reason: RefCell<Option<Error>>,
    waker: RefCell<Option<Waker>>,
    past_closing: Cell<bool>,
    attempt: RefCell<Option<Rc<Attempt>>>,
    at_once: Cell<Option<Box<dyn FnOnce()>>>,
}

impl Stop {
    /// Ends the call with this error, unless it has ended already.
    pub fn stop(&self, reason: Error) {
        self.reason.borrow_mut().get_or_insert(reason);
        // The call itself notices only when it runs again, and the page may go on at once.
        if let Some(act) = self.at_once.take() {
            act();
        }
        let waker = self.waker.borrow_mut().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Does this as soon as the call is stopped, before whoever stops it goes on.
    pub fn at_once(&self, act: impl FnOnce() + 'static) {
        self.at_once.set(Some(Box::new(act)));
    }

    /// This opening of the widget is what the call waits for.
    pub fn opens(&self, attempt: &Rc<Attempt>) {
        self.attempt.replace(Some(attempt.clone()));
    }

    /// The page closes the widget. Nothing to stop once the widget has given its answer.
    pub fn close(&self) {
        if self.past_closing.get() {
            return;
        }
        let attempt = self.attempt.take();
        let report = attempt.and_then(|attempt| attempt.report());
        self.stop(
            report.unwrap_or_else(|| Error::new(Code::Dismissed, "The page closed the widget.")),
        );
    }

    /// Fails once the call was stopped.
    pub fn check(&self) -> Result<(), Error> {
        match self.reason.borrow().as_ref() {
            Some(reason) => Err(reason.clone()),
            None => Ok(()),
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
            if let Err(reason) = self.check() {
                return Poll::Ready(Err(reason));
            }
            self.waker.replace(Some(context.waker().clone()));
            call.as_mut().poll(context)
        })
        .await
    }
}
