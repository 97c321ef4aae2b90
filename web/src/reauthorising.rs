//! Logging in at the bank again: from the proxy's token, id or link to Mono's confirmation.
//!
//! What the widget says only ends the widget. Whether the account is well again, the proxy says.

use std::rc::Rc;

use mono_connect_shared::config::ReauthoriseMethod;

use crate::attempt::Attempt;
use crate::error::{Code, Error};
use crate::linking::{Linking, Turn};
use crate::ports::{Backend, Opening, Reauthorisation, Timer, Widget};

/// How long to ask whether the account is well again, in milliseconds.
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
                        self.log_in_again(&opening, *method).await?;
                        self.end_widget();
                        linking
                            .account_when(id, |account| !account.requires_reauth, CONFIRM_FOR)
                            .await
                    }
                    _ => Err(Error::new(
                        Code::ReauthoriseUnsupported,
                        "The proxy's answer lacks what its method needs.",
                    )),
                }
            })
            .await
    }

    async fn log_in_again(
        &self,
        opening: &Opening<'_, O>,
        method: ReauthoriseMethod,
    ) -> Result<(), Error> {
        let linking = &self.linking;
        // The proxy may have changed its mind since it was asked for its configuration.
        linking.widget.load().await?;
        linking.check_method(method)?;
        linking.make_room();
        let attempt = Rc::new(Attempt::default());
        let frame = linking.widget.build(opening, attempt.clone())?;
        self.show(frame, &attempt)?;
        // Whatever code the widget gives belongs to an account that is linked already.
        attempt.outcome().await.map(drop)
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
