//! Ends a read that takes longer than its whole budget, however many calls to Mono it makes.
//!
//! Only reads: what changes anything has an end of its own, and must not be told as failed while it
//! may still succeed.

use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use mono_connect_shared::problem::ErrorCode;

use super::error::ApiError;
use super::room::STREAM;

/// One call to Mono may take twice its timeout, repeats and waiting included; what surrounds it, no
/// longer than this.
const REST: Duration = Duration::from_secs(2);

/// How long a read may take.
pub(super) fn budget(upstream_timeout: Duration) -> Duration {
    upstream_timeout.saturating_mul(2).saturating_add(REST)
}

/// Answers in time, or says that Mono was too slow.
pub(super) async fn answer(
    State(budget): State<Duration>,
    request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let is_stream = route.is_some_and(|route| route.as_str() == STREAM);
    if *request.method() != Method::GET || is_stream {
        return next.run(request).await;
    }
    match tokio::time::timeout(budget, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::new(
            ErrorCode::UpstreamTimeout,
            "Mono did not answer in time. The same call may be made again.",
        )
        .into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tokio::time::{Instant, sleep};
    use tower::ServiceExt as _;

    use super::*;

    const SLOW: Duration = Duration::from_mins(5);

    async fn status(method: Method, path: &str) -> (u16, Duration) {
        let slow = || async { sleep(SLOW).await };
        let routes = get(slow).post(slow);
        let app = Router::new()
            .route("/api/accounts", routes.clone())
            .route(STREAM, routes)
            .layer(from_fn_with_state(budget(Duration::from_secs(30)), answer));
        let request = Request::builder().method(method).uri(path);
        let request = request.body(Body::empty()).unwrap();
        let begun = Instant::now();
        let response = app.oneshot(request).await.unwrap();
        (response.status().as_u16(), begun.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_ends_with_its_budget_and_nothing_else_does() {
        let read = status(Method::GET, "/api/accounts").await;
        assert_eq!(read, (504, Duration::from_secs(62)));
        assert_eq!(status(Method::POST, "/api/accounts").await, (200, SLOW));
        assert_eq!(status(Method::GET, STREAM).await, (200, SLOW));
    }
}
