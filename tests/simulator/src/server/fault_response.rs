//! Carries a fault out: instead of the true answer, or upon it.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;

use super::Cut;
use crate::api::{enqueued, failed};
use crate::engine::App;
use crate::faults::{Fault, FaultKind};
use crate::world::World;

/// The spoilt answer to this call.
pub(crate) async fn spoil(app: &App, fault: Fault, request: Request, next: Next) -> Response {
    let cut = request
        .extensions()
        .get::<Cut>()
        .cloned()
        .unwrap_or_default();
    let answer = if fault.after || fault.kind.needs_the_answer() {
        Some(next.run(request).await)
    } else {
        None
    };
    match fault.kind {
        FaultKind::Status {
            code,
            body,
            content_type,
            retry_after,
        } => status(
            app,
            code,
            body,
            content_type.as_deref(),
            retry_after.as_deref(),
        ),
        FaultKind::Delay { ms } => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            answer.unwrap_or_default()
        }
        FaultKind::Hang => pending().await,
        FaultKind::Reset => {
            cut.now();
            pending().await
        }
        FaultKind::Truncate => truncate(answer.unwrap_or_default()).await,
        FaultKind::Html { code } => html(code),
        FaultKind::MalformedJson => malformed(),
        FaultKind::Huge { bytes } => huge(bytes),
        FaultKind::SlowBody { chunk, every_ms } => {
            slow(answer.unwrap_or_default(), chunk.max(1), every_ms).await
        }
        FaultKind::Redirect { to } => {
            let mut response = StatusCode::FOUND.into_response();
            set(&mut response, LOCATION, &to);
            response
        }
        FaultKind::NullData => Json(enqueued(app.read(World::now))).into_response(),
    }
}

fn status(
    app: &App,
    code: u16,
    body: Option<String>,
    content_type: Option<&str>,
    retry_after: Option<&str>,
) -> Response {
    let code = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let message = code.canonical_reason().unwrap_or("Error");
    let body = body.unwrap_or_else(|| failed(app.read(World::now), message).to_string());
    let mut response = (code, body).into_response();
    set(
        &mut response,
        CONTENT_TYPE,
        content_type.unwrap_or("application/json"),
    );
    if let Some(retry_after) = retry_after {
        set(&mut response, RETRY_AFTER, retry_after);
    }
    response
}

fn html(code: u16) -> Response {
    let code = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_GATEWAY);
    let page =
        format!("<html><head><title>{code}</title></head><body><h1>{code}</h1></body></html>");
    let mut response = (code, page).into_response();
    set(&mut response, CONTENT_TYPE, "text/html");
    response
}

fn malformed() -> Response {
    let mut response = r#"{"status":"successful","data":{"id":"66"#.into_response();
    set(&mut response, CONTENT_TYPE, "application/json");
    response
}

async fn truncate(answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let half = whole.slice(..whole.len() / 2);
    parts
        .headers
        .insert(CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let pieces = stream::unfold(Some(half), |left| async move {
        if let Some(piece) = left {
            return Some((Ok(piece), None::<Bytes>));
        }
        // Lets the first half reach the wire before the connection breaks.
        tokio::task::yield_now().await;
        Some((Err(io::Error::other("cut by a fault")), None))
    });
    Response::from_parts(parts, Body::from_stream(pieces))
}

async fn slow(answer: Response, chunk: usize, every_ms: u64) -> Response {
    let (parts, body) = answer.into_parts();
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let pause = Duration::from_millis(every_ms);
    let pieces = stream::unfold(whole, move |mut left| async move {
        if left.is_empty() {
            return None;
        }
        tokio::time::sleep(pause).await;
        let piece = left.split_to(chunk.min(left.len()));
        Some((Ok::<_, Infallible>(piece), left))
    });
    Response::from_parts(parts, Body::from_stream(pieces))
}

fn huge(bytes: u64) -> Response {
    const HEAD: &[u8] = br#"{"status":"successful","data":{"id":""#;
    const TAIL: &[u8] = br#""}}"#;
    const PIECE: &[u8] = &[b'6'; 64 * 1024];
    let filling = bytes.saturating_sub((HEAD.len() + TAIL.len()) as u64);
    let pieces = stream::unfold((false, filling, false), |(begun, left, ended)| async move {
        if !begun {
            return Some((
                Ok::<_, Infallible>(Bytes::from_static(HEAD)),
                (true, left, false),
            ));
        }
        if left > 0 {
            let size = usize::try_from(left)
                .unwrap_or(PIECE.len())
                .min(PIECE.len());
            let piece = Bytes::from_static(&PIECE[..size]);
            return Some((Ok(piece), (true, left - size as u64, false)));
        }
        (!ended).then(|| (Ok(Bytes::from_static(TAIL)), (true, 0, true)))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    set(&mut response, CONTENT_TYPE, "application/json");
    response
}

/// Sets a header; a value that no header can hold is left out.
fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
