//! Where the widget comes from.

use url::Url;

use super::source::Source;
use super::value::{http_url, is_loopback, origins, serialised_origin};

/// The widget's script and origins, handed to pages.
#[derive(Debug, Clone)]
pub struct Widget {
    /// The script that pages load.
    pub script_url: Url,
    /// Origins that the widget's messages may come from.
    pub origins: Vec<String>,
}

impl Widget {
    pub(super) fn read(source: &mut Source<'_>) -> Option<Self> {
        let script_url = source.parsed("MONO_WIDGET_SCRIPT_URL", |text| {
            let url = http_url(text)?;
            // A script over plain http is anybody's script.
            if url.scheme() == "http" && !is_loopback(&url) {
                return Err("must be https outside this machine".to_owned());
            }
            Ok(url)
        });
        let origins = source.parsed("MONO_WIDGET_ORIGINS", |text| match origins(text)? {
            origins if origins.is_empty() => Err("must name at least one origin".to_owned()),
            origins => Ok(origins),
        });
        Some(Self {
            script_url: script_url?,
            origins: origins?,
        })
    }

    /// The script's origin, for the content security policy.
    pub fn script_origin(&self) -> String {
        serialised_origin(&self.script_url)
    }
}
