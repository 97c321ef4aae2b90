//! Refuses calls from pages that may not call (RFC 10017: custom header, origin).
//!
//! The header makes every call from another origin pre-flighted, and only allowed origins pass
//! that; the origin check holds although a sibling sub-domain was taken over, where cookies alone
//! would not.

use std::collections::BTreeSet;

use axum::extract::{OriginalUri, Request, State};
use axum::http::{HeaderMap, HeaderName, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use mono_connect_shared::problem::ErrorCode;

use super::error::ApiError;
use super::state::AppState;
use crate::config::Listen;

/// The header that a form or an image cannot send.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-mono-connect");

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Origins whose pages may call.
#[derive(Debug)]
pub(super) struct AllowedOrigins {
    own: String,
    others: BTreeSet<String>,
}

impl AllowedOrigins {
    pub(super) fn new(listen: &Listen) -> Self {
        Self {
            own: listen.public_origin.clone(),
            others: listen.allowed_origins.iter().cloned().collect(),
        }
    }

    /// Whether the browser says that a page of an allowed origin calls. What no browser sent says
    /// neither, and is no forged call of a page.
    fn allow(&self, headers: &HeaderMap) -> bool {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (Some(_), Some(_)) => false,
            // No browser says both: that it is our own page, and that it is not.
            (Some(origin), None) if origin.as_bytes() == self.own.as_bytes() => {
                is_same_origin(headers)
            }
            (Some(origin), None) => {
                let origin = origin.to_str();
                origin.is_ok_and(|origin| self.others.contains(origin))
            }
            (None, _) => is_same_origin(headers),
        }
    }
}

/// Whether the browser says so, or nothing.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let mut sites = headers.get_all(SEC_FETCH_SITE).iter();
    sites.all(|site| site.as_bytes() == b"same-origin")
}

/// Runs before anything else looks at a call.
pub(super) async fn check(
    State(state): State<AppState>,
    OriginalUri(uri): OriginalUri,
    request: Request,
    next: Next,
) -> Response {
    if !state.origins.allow(request.headers()) {
        return ApiError::new(
            ErrorCode::ForbiddenOrigin,
            "The page's origin is neither this server's nor an allowed one.",
        )
        .into_response();
    }
    let needs_header = !is_exempt(request.method(), uri.path());
    if needs_header
        && request
            .headers()
            .get(HEADER)
            .is_none_or(|value| value != "1")
    {
        return ApiError::new(
            ErrorCode::ForbiddenOrigin,
            "The header `x-mono-connect: 1` is missing.",
        )
        .into_response();
    }
    next.run(request).await
}

/// The public configuration, and the event stream: an `EventSource` can set no header.
pub(super) fn is_exempt(method: &Method, path: &str) -> bool {
    method == Method::GET && matches!(path, "/api/config" | "/api/events")
}
