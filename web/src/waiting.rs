//! Asking the proxy for an account until it stands as wanted.
//!
//! Asks, and asks for nothing to be done: what changes an account is Mono's word to the proxy.

use crate::deadline::within;
use crate::error::{Code, Error};
use crate::linking::Linking;
use crate::ports::{Backend, Standing, Timer, Widget};

/// Pauses between two questions, in milliseconds; the last repeats. The proxy passes no more than
/// one question in five seconds on to Mono.
const PAUSES: [u32; 5] = [500, 1_000, 2_000, 3_000, 5_000];

impl<B: Backend, W: Widget, T: Timer> Linking<B, W, T> {
    /// Asks until `stands_well`, for at most `milliseconds`; then the answer is `timeout`.
    pub async fn account_when(
        &self,
        id: &str,
        stands_well: fn(Standing) -> bool,
        milliseconds: u32,
    ) -> Result<B::Account, Error> {
        let end = self.timer.now() + f64::from(milliseconds);
        let mut pauses = PAUSES.into_iter();
        let mut pause = 0;
        loop {
            let left = self.until(end)?;
            let answer = within(&self.timer, left, self.backend.account(id)).await;
            pause = pauses.next().unwrap_or(pause);
            let asked_for = match answer {
                Ok((account, standing)) if stands_well(standing) => return Ok(account),
                Ok(_) => 0,
                Err(error) if error.code().is_retryable() => {
                    error.details().retry_after_ms.unwrap_or(0)
                }
                Err(error) => return Err(error),
            };
            let left = self.until(end)?;
            self.timer.sleep(pause.max(asked_for).min(left)).await;
        }
    }

    /// Milliseconds until `end`.
    fn until(&self, end: f64) -> Result<u32, Error> {
        let left = end - self.timer.now();
        if left < 1.0 {
            return Err(Error::new(
                Code::Timeout,
                "The account does not stand as wanted yet.",
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
}

#[cfg(test)]
mod tests;
