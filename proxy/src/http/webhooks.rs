//! `POST /webhooks/mono`: events of Mono's (contract: secret first, durable before the 200).
//!
//! Answers have no body. Whoever has no right secret learns nothing, not even what a body must be.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::state::AppState;
use crate::inbox::NotAccepted;
use crate::telemetry::WebhookOutcome;

const SECRET: HeaderName = HeaderName::from_static("mono-webhook-secret");

/// What every event of Mono's has. What else it has depends on its name and on Mono's generation.
#[derive(utoipa::ToSchema)]
#[expect(
    dead_code,
    reason = "the inbox keeps events as they came; this is for the document"
)]
struct WebhookEvent {
    /// What it is about, for instance `mono.events.account_updated`.
    #[schema(min_length = 1, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]+$")]
    event: String,
    /// What it tells.
    data: Option<serde_json::Value>,
}

/// Larger events are refused.
const MAXIMUM: usize = 1024 * 1024;

/// An event that takes longer is an attack or a dead connection.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(15);

/// In seconds: when an event that could not be kept may be sent again.
const RETRY_AFTER: &str = "5";

/// Takes an event of Mono's.
///
/// Answered once the event is kept; what it tells is looked at afterwards, and good news are confirmed by
/// asking Mono. Events that this version does not know are kept as well.
#[utoipa::path(
    post,
    path = "/webhooks/mono",
    operation_id = "take_event",
    tag = "Webhooks",
    request_body(content = WebhookEvent),
    responses(
        (status = 200, description = "The event is kept."),
        (status = 400, description = "No JSON object with an `event`."),
        (status = 401, description = "The secret is missing or wrong."),
        (status = 408, description = "The body did not come in time."),
        (status = 413, description = "The body is larger than 1 MiB."),
        (status = 503, description = "The event could not be kept; send it again."),
    ),
    security(("webhook_secret" = [])),
)]
pub(super) async fn accept(State(state): State<AppState>, request: Request) -> Response {
    let status = keep(&state, request).await;
    state.metrics.webhook_answered(match status {
        StatusCode::OK => WebhookOutcome::Accepted,
        StatusCode::UNAUTHORIZED => WebhookOutcome::Unauthenticated,
        StatusCode::SERVICE_UNAVAILABLE => WebhookOutcome::NotKept,
        _ => WebhookOutcome::Invalid,
    });
    match status {
        StatusCode::SERVICE_UNAVAILABLE => {
            (status, [(header::RETRY_AFTER, RETRY_AFTER)]).into_response()
        }
        status => status.into_response(),
    }
}

async fn keep(state: &AppState, request: Request) -> StatusCode {
    if !knows_secret(state, request.headers()) {
        return StatusCode::UNAUTHORIZED;
    }
    let body = match read(request.into_body()).await {
        Ok(body) => body,
        Err(status) => return status,
    };
    match state.inbox.accept(body).await {
        Ok(()) => StatusCode::OK,
        Err(NotAccepted::NoEvent(_)) => StatusCode::BAD_REQUEST,
        Err(error @ NotAccepted::Store(_)) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "an event was not kept"
            );
            // Mono tries again.
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

fn knows_secret(state: &AppState, headers: &HeaderMap) -> bool {
    let mut given = headers.get_all(SECRET).iter();
    match (given.next(), given.next()) {
        (Some(secret), None) => state.inbox.knows(secret.as_bytes()),
        _ => false,
    }
}

async fn read(body: Body) -> Result<Vec<u8>, StatusCode> {
    let body = Limited::new(body, MAXIMUM).collect();
    match tokio::time::timeout(TIMEOUT, body).await {
        Ok(Ok(body)) => Ok(body.to_bytes().into()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Ok(Err(_)) => Err(StatusCode::BAD_REQUEST),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}
