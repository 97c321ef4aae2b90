//! The one HTTP client of the simulator: posts webhooks, follows nothing.
//! What is posted, and when, is planned in `world`.

use std::sync::OnceLock;

use crate::world::{Outgoing, Sent};

/// Posts webhooks.
#[derive(Debug)]
pub(crate) struct Sender {
    /// For `http:`, where nearly all receivers are; it loads no certificates, which takes long.
    plain: reqwest::Client,
    /// For `https:`; built when the first such webhook goes out.
    verifying: OnceLock<reqwest::Client>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the only place that builds an HTTP client"
)]
fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
}

impl Sender {
    /// A sender whose connections are kept between webhooks.
    ///
    /// # Errors
    /// The client cannot be built.
    pub(crate) fn new() -> Result<Self, reqwest::Error> {
        // Another package of the same process may have installed its own already; either will do.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let plain = builder().tls_certs_only([]).build()?;
        Ok(Self {
            plain,
            verifying: OnceLock::new(),
        })
    }

    pub(crate) async fn send(&self, outgoing: Outgoing) -> Sent {
        let Outgoing {
            url,
            secret,
            body,
            timeout,
        } = outgoing;
        let client = self.client_for(&url).map_err(|error| error.to_string())?;
        let answer = client
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

    fn client_for(&self, url: &str) -> Result<&reqwest::Client, reqwest::Error> {
        if !url.starts_with("https:") {
            return Ok(&self.plain);
        }
        if let Some(client) = self.verifying.get() {
            return Ok(client);
        }
        let built = builder().build()?;
        Ok(self.verifying.get_or_init(|| built))
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
