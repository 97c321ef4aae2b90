//! Asking the proxy until what is waited for is there.
//!
//! Asks, and asks for nothing to be done: what changes an account is Mono's word to the proxy.

use core::future::Future;
use core::pin::Pin;

use crate::deadline::within;
use crate::error::{Code, Error};
use crate::linking::Linking;
use crate::ports::{Backend, Standing, Timer, Widget};

/// Pauses between two questions, in milliseconds; the last repeats: what the proxy knows is to be
/// seen within a second. The proxy passes no more than one question in five seconds on to Mono.
const PAUSES: [u32; 2] = [500, 1_000];

/// The answer to one question: what is waited for, or nothing yet. Boxed, so that one copy of the
/// waiting serves everybody.
pub type Asked<'a, T> = Pin<Box<dyn Future<Output = Result<Option<T>, Error>> + 'a>>;

/// Asks until there is what is waited for, or it is `end` by the timer; then the answer is
/// `timeout`. A question that failed in a way that may pass is asked again.
pub async fn wait_for<'a, T>(
    timer: &impl Timer,
    end: f64,
    ask: &dyn Fn() -> Asked<'a, T>,
) -> Result<T, Error> {
    let mut pauses = PAUSES.into_iter();
    let mut pause = 0;
    loop {
        let answer = within(timer, until(timer, end)?, ask()).await;
        pause = pauses.next().unwrap_or(pause);
        let asked_for = match answer {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => 0,
            Err(error) if error.code().is_retryable() => {
                error.details().retry_after_ms.unwrap_or(0)
            }
            Err(error) => return Err(error),
        };
        let left = until(timer, end)?;
        timer.sleep(pause.max(asked_for).min(left)).await;
    }
}

/// Milliseconds until `end`.
fn until(timer: &impl Timer, end: f64) -> Result<u32, Error> {
    let left = end - timer.now();
    if left < 1.0 {
        return Err(Error::new(
            Code::Timeout,
            "What was waited for has not come in time.",
        ));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at least one, and no more than the milliseconds that were given"
    )]
    let left = left as u32;
    Ok(left)
}

impl<B: Backend, W: Widget, T: Timer> Linking<B, W, T> {
    /// Asks for an account until `stands_well`, for at most `milliseconds`.
    pub async fn account_when(
        &self,
        id: &str,
        stands_well: fn(Standing) -> bool,
        milliseconds: u32,
    ) -> Result<B::Account, Error> {
        let end = self.timer.now() + f64::from(milliseconds);
        wait_for(&self.timer, end, &|| {
            Box::pin(async move {
                let (account, standing) = self.backend.account(id).await?;
                Ok(stands_well(standing).then_some(account))
            })
        })
        .await
    }
}

#[cfg(test)]
mod tests;
