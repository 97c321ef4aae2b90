//! Every call to the simulated API goes through here: it is noted, and spoilt when a fault hits it.

use std::collections::BTreeMap;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;

use super::fault_response::spoil;
use crate::api::key;
use crate::clock::iso;
use crate::engine::App;
use crate::faults::is_api;
use crate::world::LoggedRequest;

/// Notes the call, looks for a fault, and notes the answer.
pub(crate) async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    if path.starts_with("/_sim") {
        return next.run(request).await;
    }
    let fault = app.change(|world| world.faults.take(request.method().as_str(), &path));
    let number = is_api(&path).then(|| {
        let mut entry = entry(&app, &request);
        entry.fault = fault.as_ref().map(|fault| fault.kind.name());
        app.change(|world| world.note_request(entry))
    });
    let response = match fault {
        Some(fault) => spoil(&app, fault, request, next).await,
        None => next.run(request).await,
    };
    if let Some(number) = number {
        let status = response.status().as_u16();
        app.change(|world| world.note_answer(number, status));
    }
    response
}

fn entry(app: &App, request: &Request) -> LoggedRequest {
    LoggedRequest {
        number: 0,
        at: iso(app.read(crate::world::World::now)),
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        status: None,
        headers: headers(request.headers()),
        key: key::check(app, request.headers()),
        fault: None,
    }
}

fn headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut shown = BTreeMap::new();
    for (name, value) in headers {
        let text = if name == "mono-sec-key" {
            "[redacted]".to_owned()
        } else {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        };
        // A repeated header shows all its values.
        shown
            .entry(name.to_string())
            .and_modify(|all: &mut String| {
                all.push_str(", ");
                all.push_str(&text);
            })
            .or_insert(text);
    }
    shown
}
