//! One opening of the widget, and how it ends.
//!
//! The widget tells what happens in any order and as often as it likes; the first end counts.

use core::cell::RefCell;
use core::future::poll_fn;
use core::task::{Poll, Waker};

use crate::error::{Code, Error};

/// What the widget has told so far.
#[derive(Default)]
pub struct Attempt {
    told: RefCell<Told>,
}

#[derive(Default)]
struct Told {
    end: Option<End>,
    reported: Option<Error>,
    waker: Option<Waker>,
}

#[derive(Clone)]
enum End {
    Succeeded(Option<String>),
    Closed,
    Broken(Error),
}

impl Attempt {
    /// The widget says that the user is through, and gives a code if there is one.
    pub fn succeeded(&self, code: Option<String>) {
        self.end(End::Succeeded(code));
    }

    /// The widget closed.
    pub fn closed(&self) {
        self.end(End::Closed);
    }

    /// The widget's code failed after it had started.
    pub fn broke(&self, error: Error) {
        self.end(End::Broken(error));
    }

    /// The widget reports an error. It stays open: the user may try again in it.
    pub fn reported(&self, error: Error) {
        self.told.borrow_mut().reported = Some(error);
    }

    /// What the widget has reported, if that is what closing it now means.
    pub fn report(&self) -> Option<Error> {
        self.told.borrow().reported.clone()
    }

    /// Whether the widget has ended.
    pub fn is_over(&self) -> bool {
        self.told.borrow().end.is_some()
    }

    fn end(&self, end: End) {
        let waker = {
            let mut told = self.told.borrow_mut();
            told.end.get_or_insert(end);
            told.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Waits for the end: the code that the widget gave, if it gave one.
    pub async fn outcome(&self) -> Result<Option<String>, Error> {
        poll_fn(|context| {
            let mut told = self.told.borrow_mut();
            match told.end.clone() {
                Some(End::Succeeded(code)) => Poll::Ready(Ok(code)),
                Some(End::Closed) => Poll::Ready(Err(told.reported.take().unwrap_or_else(|| {
                    Error::new(Code::Dismissed, "The widget was closed before its end.")
                }))),
                Some(End::Broken(error)) => Poll::Ready(Err(error)),
                None => {
                    told.waker = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}
