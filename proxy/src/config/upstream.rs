//! Where Mono is, how it is spoken to, and what is logged.

use std::time::Duration;

use mono_connect_shared::config::{ApiGeneration, ReauthoriseMethod};
use url::Url;

use super::source::Source;
use super::value::{duration, is_loopback, origin, positive};

/// Mono's API.
#[derive(Debug, Clone)]
pub struct Upstream {
    /// The only origin that is ever called.
    pub api_url: Url,
    /// Which paths and shapes.
    pub generation: ApiGeneration,
    /// What the widget is given to re-authorise.
    pub reauthorise: ReauthoriseMethod,
    /// Per attempt.
    pub timeout: Duration,
    /// Calls at once.
    pub concurrency: usize,
}

impl Upstream {
    pub(super) fn read(source: &mut Source<'_>, live: bool) -> Option<Self> {
        let api_url = source.parsed("MONO_API_URL", |text| {
            let url = origin(text)?;
            if live && url.scheme() == "http" && !is_loopback(&url) {
                return Err("must be https with a live key".to_owned());
            }
            Ok(url)
        });
        let generation = source.parsed("MONO_API_GENERATION", |text| {
            word(text, ApiGeneration::ALL, ApiGeneration::as_str)
        });
        let reauthorise = match source.given("MONO_REAUTH") {
            Some(text) => source.check(
                "MONO_REAUTH",
                word(&text, ReauthoriseMethod::ALL, ReauthoriseMethod::as_str),
            ),
            None => generation.map(|generation| match generation {
                ApiGeneration::V1 => ReauthoriseMethod::Token,
                ApiGeneration::V2 => ReauthoriseMethod::AccountId,
            }),
        };
        let timeout = source.parsed("UPSTREAM_TIMEOUT", |text| match duration(text)? {
            Duration::ZERO => Err("must be longer than 0".to_owned()),
            timeout => Ok(timeout),
        });
        let concurrency = source.parsed("UPSTREAM_CONCURRENCY", positive);
        Some(Self {
            api_url: api_url?,
            generation: generation?,
            reauthorise: reauthorise?,
            timeout: timeout?,
            concurrency: usize::try_from(concurrency?).ok()?,
        })
    }
}

/// What is logged, and how.
#[derive(Debug, Clone)]
pub struct Logging {
    /// For `tracing_subscriber::EnvFilter`.
    pub filter: String,
    /// For people or for machines.
    pub format: LogFormat,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One line of words.
    Text,
    /// One JSON object.
    Json,
}

impl Logging {
    pub(super) fn read(source: &mut Source<'_>) -> Option<Self> {
        let filter = source.parsed("LOG", |text| {
            tracing_subscriber::EnvFilter::try_new(text)
                .map(|_| text.to_owned())
                .map_err(|_| {
                    "must be error, warn, info, debug, trace, or module=level pairs".to_owned()
                })
        });
        let format = source.parsed("LOG_FORMAT", |text| match text {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err("must be text or json".to_owned()),
        });
        Some(Self {
            filter: filter?,
            format: format?,
        })
    }
}

fn word<T: Copy>(text: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T, String> {
    all.iter()
        .copied()
        .find(|value| name(*value) == text)
        .ok_or_else(|| {
            let names: Vec<_> = all.iter().map(|value| name(*value)).collect();
            format!("must be one of: {}", names.join(", "))
        })
}
