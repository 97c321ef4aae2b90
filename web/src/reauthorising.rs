//! Logging in at the bank again: from the proxy's token, id or link to Mono's confirmation.
//!
//! What the widget says only ends the widget. Whether the account is well again, the proxy says.

use std::rc::Rc;

use mono_connect_shared::config::ReauthoriseMethod;

use crate::attempt::Attempt;
use crate::error::{Code, Error};
use crate::linking::{Linking, Turn};
use crate::ports::{Backend, Opening, Reauthorisation, Timer, Widget};

/// Pauses between questions whether the account is well again, in milliseconds; the last repeats.
const CONFIRM_PAUSES: [u32; 5] = [500, 1_000, 2_000, 3_000, 5_000];

/// How long to ask, in milliseconds.
const CONFIRM_FOR: u32 = 120_000;

impl<O, B, W, T> Turn<B, W, T>
where
    B: Backend<Options = O>,
    W: Widget<Options = O>,
    T: Timer,
{
    /// Re-authorises an account by `method`, which is what the proxy is configured for.
    pub async fn reauthorise(
        self,
        id: &str,
        method: ReauthoriseMethod,
    ) -> Result<B::Account, Error> {
        let linking = &self.linking;
        self.stop
            .or(async {
                if method != ReauthoriseMethod::HostedLink {
                    linking.widget.load().await?;
                    linking.check_method(method)?;
                }
                let answer = linking.backend.reauthorise(id).await?;
                match &answer {
                    Reauthorisation {
                        method: ReauthoriseMethod::HostedLink,
                        url: Some(url),
                        ..
                    } => linking.visit(id, url).await,
                    Reauthorisation {
                        method: method @ ReauthoriseMethod::Token,
                        token: Some(value),
                        ..
                    }
                    | Reauthorisation {
                        method: method @ ReauthoriseMethod::AccountId,
                        account_id: Some(value),
                        ..
                    } => {
                        let opening = Opening::Reauthorise {
                            method: *method,
                            value,
                            reference: &answer.reference,
                        };
                        linking.log_in_again(&opening, *method).await?;
                        self.stop.widget_is_gone();
                        linking.confirmed(id).await
                    }
                    _ => Err(Error::new(
                        Code::ReauthoriseUnsupported,
                        "The proxy's answer lacks what its method needs.",
                    )),
                }
            })
            .await
    }
}

impl<O, B, W, T> Linking<B, W, T>
where
    B: Backend<Options = O>,
    W: Widget<Options = O>,
    T: Timer,
{
    fn check_method(&self, method: ReauthoriseMethod) -> Result<(), Error> {
        match self.widget.takes() {
            Some(taken) if taken != method => Err(unsupported(method)),
            _ => Ok(()),
        }
    }

    async fn log_in_again(
        &self,
        opening: &Opening<'_, O>,
        method: ReauthoriseMethod,
    ) -> Result<(), Error> {
        // The proxy may have changed its mind since it was asked for its configuration.
        self.widget.load().await?;
        self.check_method(method)?;
        self.make_room();
        let attempt = Rc::new(Attempt::default());
        let frame = self.widget.build(opening, attempt.clone())?;
        self.widget.show(&frame)?;
        // Whatever code the widget gives belongs to an account that is linked already.
        attempt.outcome().await.map(drop)
    }

    /// The account is fetched first: once the page leaves, nothing arrives any more.
    async fn visit(&self, id: &str, url: &str) -> Result<B::Account, Error> {
        if !(url.starts_with("https://") || url.starts_with("http://")) {
            return Err(Error::new(
                Code::ReauthoriseUnsupported,
                "The proxy's link is no web address.",
            ));
        }
        let (account, _) = self.backend.account(id).await?;
        self.widget.redirect(url)?;
        Ok(account)
    }

    async fn confirmed(&self, id: &str) -> Result<B::Account, Error> {
        let mut pauses = CONFIRM_PAUSES.into_iter();
        let mut pause = CONFIRM_PAUSES[0];
        let mut waited = 0;
        loop {
            match self.backend.account(id).await {
                Ok((account, false)) => return Ok(account),
                Err(error) if !error.code().is_retryable() => return Err(error),
                Ok(_) | Err(_) if waited >= CONFIRM_FOR => {
                    return Err(Error::new(
                        Code::Timeout,
                        "Mono has not confirmed the re-authorisation yet.",
                    ));
                }
                Ok(_) | Err(_) => {
                    pause = pauses.next().unwrap_or(pause);
                    waited += pause;
                    self.timer.sleep(pause).await;
                }
            }
        }
    }
}

/// This `Connect` would take `method`'s value for something else.
pub fn unsupported(method: ReauthoriseMethod) -> Error {
    Error::new(
        Code::ReauthoriseUnsupported,
        match method {
            ReauthoriseMethod::Token => {
                "The proxy gives a token, and this Connect takes none: use connect.js up to 2.0.2, \
                 or MONO_REAUTH=account_id."
            }
            _ => {
                "The proxy gives an account id, and this Connect takes none: use connect.js from \
                 2.1.0 on, or MONO_REAUTH=token."
            }
        },
    )
}

#[cfg(test)]
mod tests;
