//! Static files, and what the browser may do with what we serve.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse as _;
use tower_http::services::ServeDir;

use super::state::AppState;
use super::{method_not_allowed, not_found};
use crate::config::Config;

/// Serves the folder, if there is one, for every path that is none of ours.
pub(super) fn with_static_files(router: Router<AppState>, config: &Config) -> Router<AppState> {
    let Some(folder) = &config.listen.static_dir else {
        return router;
    };
    let policy = content_policy(config);
    let files = Router::new()
        .fallback_service(
            ServeDir::new(folder).fallback(axum::handler::Handler::with_state(not_found, ())),
        )
        .layer(from_fn(move |request: Request, next: Next| {
            let policy = policy.clone();
            async move {
                if is_hidden(request.uri().path()) {
                    return not_found().await.into_response();
                }
                let mut response = next.run(request).await;
                if response.status() == StatusCode::METHOD_NOT_ALLOWED {
                    let allow = response.headers_mut().remove(header::ALLOW);
                    let allow = allow.map(|methods| [(header::ALLOW, methods)]);
                    return (allow, method_not_allowed().await).into_response();
                }
                // What is no file of the folder's is an answer like every other.
                if response.status().as_u16() < 400 {
                    let headers = response.headers_mut();
                    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
                    // Asked again every time, so that a new release is seen at once.
                    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
                }
                response
            }
        }));
    router.fallback_service(files)
}

/// Whether this is no file for visitors: `.env`, `.git`, and whatever else begins with a dot, apart
/// from what RFC 8615 has there for them.
fn is_hidden(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let path = path.replace("%2e", ".").replace("%2f", "/");
    path.split('/')
        .any(|name| name.starts_with('.') && name != ".well-known")
}

/// What a page of ours may load: its own files, WebAssembly, and the widget. connect.js writes
/// `style` attributes, hence `unsafe-inline` for styles.
fn content_policy(config: &Config) -> HeaderValue {
    let script = config.widget.script_origin();
    let frames = config.widget.origins.join(" ");
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' {script}; \
         style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; \
         frame-src {frames}; font-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}
