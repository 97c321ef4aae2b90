//! Waiting for one thing or another: an answer within a time, or two answers at once.

use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::Poll;

use crate::error::{Code, Error};
use crate::ports::Timer;

/// Runs `call` for at most `milliseconds`; then it is dropped and the answer is `timeout`.
pub async fn within<T>(
    timer: &impl Timer,
    milliseconds: u32,
    call: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let mut call = pin!(call);
    let mut time = pin!(timer.sleep(milliseconds));
    poll_fn(|context| {
        if let Poll::Ready(answer) = call.as_mut().poll(context) {
            return Poll::Ready(answer);
        }
        time.as_mut()
            .poll(context)
            .map(|()| Err(Error::new(Code::Timeout, "No answer in time.")))
    })
    .await
}

/// Runs both at once until both have succeeded or one has failed.
pub async fn both<A, B>(
    first: impl Future<Output = Result<A, Error>>,
    second: impl Future<Output = Result<B, Error>>,
) -> Result<(A, B), Error> {
    let mut first = pin!(first);
    let mut second = pin!(second);
    let mut answers = (None, None);
    poll_fn(|context| {
        if answers.0.is_none()
            && let Poll::Ready(answer) = first.as_mut().poll(context)
        {
            match answer {
                Ok(answer) => answers.0 = Some(answer),
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        if answers.1.is_none()
            && let Poll::Ready(answer) = second.as_mut().poll(context)
        {
            match answer {
                Ok(answer) => answers.1 = Some(answer),
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        match core::mem::take(&mut answers) {
            (Some(first), Some(second)) => Poll::Ready(Ok((first, second))),
            waiting => {
                answers = waiting;
                Poll::Pending
            }
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use core::future::{pending, ready};
    use std::rc::Rc;

    use super::*;
    use crate::fakes::{FakeTimer, Running, code};
    use crate::stop::Stop;

    fn run<T>(
        future: impl Future<Output = Result<T, Error>> + 'static,
    ) -> Option<Result<T, Error>> {
        Running::new(&Rc::new(Stop::default()), future).run()
    }

    fn failing() -> Result<u8, Error> {
        Err(Error::new(Code::Network, ""))
    }

    #[test]
    fn an_answer_in_time_counts_and_a_late_one_does_not() {
        let timer = || {
            let timer = FakeTimer::default();
            timer.stands_still.set(true);
            timer
        };
        let in_time = run(async move { within(&timer(), 5, ready(Ok(1))).await });
        assert_eq!(in_time.unwrap().unwrap(), 1);
        let late = async { within(&FakeTimer::default(), 5, pending::<Result<u8, Error>>()).await };
        assert_eq!(code(run(late).unwrap()), "timeout");
    }

    #[test]
    fn both_wait_for_both_and_for_no_more_than_a_failure() {
        assert_eq!(
            run(both(ready(Ok(1)), ready(Ok(2)))).unwrap().unwrap(),
            (1, 2)
        );
        assert!(run(both(ready(Ok(1)), pending::<Result<u8, Error>>())).is_none());
        assert_eq!(
            code(run(both(pending::<Result<u8, Error>>(), ready(failing()))).unwrap()),
            "network"
        );
        assert_eq!(
            code(run(both(ready(failing()), pending::<Result<u8, Error>>())).unwrap()),
            "network"
        );
    }
}
