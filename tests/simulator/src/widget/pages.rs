//! The files of the widget. The page is the same for iframe and hosted link; its script reads the address.

use axum::extract::Query;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

const PAGE: &str = include_str!("assets/widget.html");
const SCRIPT: &str = include_str!("assets/widget.js");
const STYLE: &str = include_str!("assets/widget.css");
const CONNECT: &str = include_str!("assets/connect.js");
const WELCOME: &str = include_str!("assets/welcome.html");

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; base-uri 'none'; form-action 'self'";

#[derive(Debug, Deserialize)]
pub(super) struct RootQuery {
    key: Option<String>,
}

/// The widget for the real library, which loads `/?key=…`; a short word of welcome for people.
pub(super) async fn root(Query(query): Query<RootQuery>) -> Response {
    if query.key.is_some() {
        page(PAGE)
    } else {
        page(WELCOME)
    }
}

pub(super) async fn widget() -> Response {
    page(PAGE)
}

pub(super) async fn hosted() -> Response {
    page(PAGE)
}

pub(super) async fn connect_script() -> Response {
    file("text/javascript; charset=utf-8", CONNECT)
}

pub(super) async fn widget_script() -> Response {
    file("text/javascript; charset=utf-8", SCRIPT)
}

pub(super) async fn widget_style() -> Response {
    file("text/css; charset=utf-8", STYLE)
}

fn page(body: &'static str) -> Response {
    let mut response = file("text/html; charset=utf-8", body);
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

fn file(content_type: &'static str, body: &'static str) -> Response {
    (
        [(CONTENT_TYPE, content_type), (CACHE_CONTROL, "no-store")],
        body,
    )
        .into_response()
}
