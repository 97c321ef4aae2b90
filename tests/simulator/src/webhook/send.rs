//! The one HTTP client of the simulator: posts webhooks, follows nothing.

use std::sync::Arc;

use super::{Outgoing, Sent};

/// Posts webhooks.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    client: reqwest::Client,
}

/// A sender whose connections are kept between webhooks.
///
/// # Errors
/// The TLS set-up of the machine is unusable.
#[expect(
    clippy::disallowed_methods,
    reason = "the only place that builds an HTTP client"
)]
pub(crate) fn sender() -> Result<Sender, reqwest::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    // Another package of the same process may have installed its own already; either will do.
    let _ = rustls::crypto::CryptoProvider::install_default((*provider).clone());
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()?;
    Ok(Sender { client })
}

impl Sender {
    pub(crate) async fn send(&self, outgoing: Outgoing) -> Sent {
        let Outgoing {
            url,
            secret,
            body,
            timeout,
        } = outgoing;
        let answer = self
            .client
            .post(url)
            .header("content-type", "application/json")
            .header("mono-webhook-secret", secret)
            .timeout(timeout)
            .body(body)
            .send()
            .await;
        answer
            .map(|answer| answer.status().as_u16())
            .map_err(|error| reason(&error))
    }
}

fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        "timeout".to_owned()
    } else if error.is_connect() {
        "could not connect".to_owned()
    } else {
        "connection broke".to_owned()
    }
}
