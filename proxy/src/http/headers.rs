//! What every answer tells the browser not to do with it, problems and panics included.
//!
//! An answer that says otherwise itself, as pages and streams do, is left as it is.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::state::AppState;
use crate::config::Config;

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Headers of every answer, for any configuration.
const ALWAYS: [(HeaderName, &str); 6] = [
    (header::CACHE_CONTROL, "no-store"),
    // Most answers are data: a browser that shows one as a page may load nothing.
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    // The widget opens windows of banks, and listens to them.
    (OPENER_POLICY, "same-origin-allow-popups"),
];

/// For this host only: its neighbours may not have https.
const STRICT_TRANSPORT: &str = "max-age=31536000";

/// What the widget asks for (a bank may want to see its user's face), and what nobody here needs.
const WIDGETS: [&str; 4] = ["camera", "clipboard-read", "clipboard-write", "fullscreen"];
const NOBODYS: [&str; 4] = ["geolocation", "microphone", "payment", "usb"];

/// Headers of every answer, as configured.
pub(super) struct Headers(Vec<(HeaderName, HeaderValue)>);

impl Headers {
    pub(super) fn new(config: &Config) -> Self {
        let mut headers: Vec<_> = ALWAYS
            .map(|(name, value)| (name, HeaderValue::from_static(value)))
            .into();
        if let Ok(policy) = permissions(&config.widget.origins).try_into() {
            headers.push((PERMISSIONS_POLICY, policy));
        }
        if config.listen.secure {
            let value = HeaderValue::from_static(STRICT_TRANSPORT);
            headers.push((header::STRICT_TRANSPORT_SECURITY, value));
        }
        Self(headers)
    }

    /// Adds what the answer does not have.
    pub(super) fn complete(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.0 {
            headers.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
}

fn permissions(widget_origins: &[String]) -> String {
    let quoted = widget_origins.iter().map(|origin| format!("\"{origin}\""));
    let origins = ["self".to_owned()].into_iter().chain(quoted);
    let origins = origins.collect::<Vec<_>>().join(" ");
    let widgets = WIDGETS.map(|feature| format!("{feature}=({origins})"));
    let nobodys = NOBODYS.map(|feature| format!("{feature}=()"));
    [widgets, nobodys].concat().join(", ")
}

/// For a listener whose answers have no envelope.
pub(super) async fn add(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    state.headers.complete(response.headers_mut());
    response
}
