//! One opening of the widget, and how it ends.
//!
//! The widget tells what happens in any order and as often as it likes. The first end counts; but a
//! success counts, too, that comes right after a close, before anybody was told of that.

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
    is_known: bool,
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
            let is_late = matches!((&told.end, &end), (Some(End::Closed), End::Succeeded(_)));
            if told.end.is_none() || (is_late && !told.is_known) {
                told.end = Some(end);
            }
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
            told.is_known = told.end.is_some();
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

#[cfg(test)]
mod tests {
    use core::future::Future as _;
    use core::task::Context;

    use super::*;

    fn outcome(attempt: &Attempt) -> Option<Result<Option<String>, Code>> {
        let mut outcome = core::pin::pin!(attempt.outcome());
        match outcome
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(end) => Some(end.map_err(|error| error.code())),
            Poll::Pending => None,
        }
    }

    #[test]
    fn a_success_right_after_a_close_counts() {
        let attempt = Attempt::default();
        assert_eq!(outcome(&attempt), None);
        attempt.closed();
        attempt.succeeded(Some("code".to_owned()));
        attempt.succeeded(Some("another".to_owned()));
        attempt.closed();
        assert_eq!(outcome(&attempt), Some(Ok(Some("code".to_owned()))));
    }

    #[test]
    fn a_success_after_an_end_that_was_told_or_a_failure_does_not_count() {
        let attempt = Attempt::default();
        attempt.closed();
        assert_eq!(outcome(&attempt), Some(Err(Code::Dismissed)));
        attempt.succeeded(None);
        assert_eq!(outcome(&attempt), Some(Err(Code::Dismissed)));

        let attempt = Attempt::default();
        attempt.broke(Error::new(Code::WidgetError, ""));
        attempt.succeeded(None);
        assert_eq!(outcome(&attempt), Some(Err(Code::WidgetError)));
    }
}
