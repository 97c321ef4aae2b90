//! Mono's keys and the webhook secrets.

use mono_connect_shared::config::Environment;
use secrecy::{ExposeSecret as _, SecretString};

use super::source::Source;
use super::value::list;

/// A shorter webhook secret can be found by trying.
const SHORT_SECRET: usize = 16;

/// Who we are towards Mono.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Sent to Mono with every call, and to nobody else.
    pub secret_key: SecretString,
    /// Given to pages.
    pub public_key: String,
    /// Of both keys.
    pub environment: Environment,
    /// What Mono proves itself with when it calls: one, or two while it is rotated.
    pub webhook_secrets: Vec<SecretString>,
    /// Whether Mono is asked before good news of an event is believed.
    pub confirm_webhooks: bool,
}

impl Keys {
    pub(super) fn read(source: &mut Source<'_>) -> Option<Self> {
        let secret_key = source.required("MONO_SECRET_KEY");
        let secret_environment = secret_key
            .as_deref()
            .and_then(|key| source.check("MONO_SECRET_KEY", environment_of(key, "sk")));
        let public_key = source.required("MONO_PUBLIC_KEY");
        let public_environment = public_key.as_deref().and_then(|key| {
            if key.contains("_sk_") {
                source.problem(
                    "MONO_PUBLIC_KEY",
                    "looks like a secret key, and everybody would see it: give the public one",
                );
                return None;
            }
            source.check("MONO_PUBLIC_KEY", environment_of(key, "pk"))
        });
        if let (Some(secret), Some(public)) = (secret_environment, public_environment)
            && secret != public
        {
            source.problem(
                "MONO_PUBLIC_KEY",
                format!(
                    "is a {} key, but MONO_SECRET_KEY is a {} key",
                    public.as_str(),
                    secret.as_str()
                ),
            );
        }
        let webhook_secrets = source
            .required("MONO_WEBHOOK_SECRET")
            .and_then(|text| source.check("MONO_WEBHOOK_SECRET", webhook_secrets(&text)));
        let is_short = |secret: &SecretString| secret.expose_secret().len() < SHORT_SECRET;
        if webhook_secrets.iter().flatten().any(is_short) {
            source.warning(
                "MONO_WEBHOOK_SECRET",
                format!(
                    "is shorter than {SHORT_SECRET} characters: whoever guesses it can send events"
                ),
            );
        }
        let confirm_webhooks = source.parsed("WEBHOOK_CONFIRM", |text| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err("must be true or false".to_owned()),
        });
        Some(Self {
            confirm_webhooks: confirm_webhooks?,
            secret_key: secret_key?.into(),
            public_key: public_key?,
            environment: secret_environment?,
            webhook_secrets: webhook_secrets?,
        })
    }

    pub(super) fn is_live(&self) -> bool {
        self.environment == Environment::Live
    }
}

fn environment_of(key: &str, kind: &str) -> Result<Environment, String> {
    let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
    Environment::ALL
        .iter()
        .find(|environment| {
            let prefix = format!("{}_{kind}_", environment.as_str());
            visible && key.len() > prefix.len() && key.starts_with(&prefix)
        })
        .copied()
        .ok_or_else(|| format!("must start with test_{kind}_ or live_{kind}_"))
}

fn webhook_secrets(text: &str) -> Result<Vec<SecretString>, String> {
    let secrets: Vec<SecretString> = list(text).map(SecretString::from).collect();
    match secrets.len() {
        0 => Err("is required".to_owned()),
        1 | 2 => Ok(secrets),
        _ => Err("must be one value, or two while it is rotated".to_owned()),
    }
}
