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
