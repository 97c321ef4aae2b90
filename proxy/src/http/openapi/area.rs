//! The areas of the API: who calls there, and what every call there can be refused with.

use mono_connect_shared::event::{JobEvent, RemovedEvent};
use mono_connect_shared::outbound::OutboundEvent;
use mono_connect_shared::problem::Problem;
use serde_json::{Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema as _, ToSchema};
use utoipa_axum::router::OpenApiRouter;

use super::reference;
use crate::http::state::AppState;
use crate::http::{api_routes, open_routes, service};

/// Routes that the same things surround.
pub(super) struct Area {
    /// What stands before their paths.
    pub(super) prefix: &'static str,
    /// The routes themselves.
    pub(super) routes: fn() -> OpenApiRouter<AppState>,
    /// What stands before the operations' names, where another area has the same ones.
    pub(super) naming: &'static str,
    /// Whether the guard stands before them.
    pub(super) guarded: bool,
    /// Who may call an operation that does not say otherwise: any of these.
    pub(super) security: &'static [&'static str],
    /// What any call can be refused with.
    pub(super) problems: &'static [&'static str],
}

pub(super) fn all() -> [Area; 3] {
    [
        Area {
            prefix: "/api",
            routes: api_routes,
            naming: "",
            guarded: true,
            security: &["session", "login"],
            // The keys of the site's login may be out of reach.
            problems: &[
                "forbidden_origin",
                "rate_limited",
                "503 rate_limited",
                "upstream_unavailable",
                "internal",
                "503 internal",
            ],
        },
        Area {
            prefix: "/service",
            routes: service::routes,
            naming: "service_",
            guarded: false,
            security: &["service_key"],
            problems: &[
                "rate_limited",
                "503 rate_limited",
                "internal",
                "503 internal",
            ],
        },
        Area {
            prefix: "",
            routes: open_routes,
            naming: "",
            guarded: false,
            security: &[],
            problems: &["internal"],
        },
    ]
}

pub(super) fn tags() -> Value {
    json!([
        {"name": "Session", "description": "What a page does first."},
        {"name": "Linking", "description": "From a user's wish to a linked account."},
        {"name": "Accounts", "description": "The caller's accounts. Another user's account is 404, \
            exactly as one that does not exist."},
        {"name": "Data", "description": "What Mono has of an account. Before it is there, every \
            read is 409 `data_not_ready`, never an empty answer."},
        {"name": "Live", "description": "Changes, as they happen."},
        {"name": "You", "description": "Everything that is kept of the caller, to take away or to \
            erase."},
        {"name": "Back end", "description": "Everything, for the site's own back end. Every use of a \
            key is in the audit log."},
        {"name": "Webhooks", "description": "What Mono calls."},
        {"name": "Document", "description": "What you read."},
    ])
}

pub(super) fn security_schemes() -> Value {
    json!({
        "session": {
            "type": "apiKey", "in": "cookie", "name": "mono_connect_session",
            "description": "`AUTH_MODE=session`: an anonymous visitor, told apart by a signed \
                cookie (`__Host-Http-mono_connect_session` where the proxy is reached by https).",
        },
        "login": {
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "`AUTH_MODE=jwt`: the site's own login, as a bearer token or in the \
                cookie that `JWT_COOKIE` names. With `AUTH_MODE=forwarded` a trusted proxy in front \
                tells who calls.",
        },
        "service_key": {
            "type": "http", "scheme": "bearer",
            "description": "A key of the site's own back end, whose SHA-256 is in `SERVICE_KEYS`.",
        },
        "webhook_secret": {
            "type": "apiKey", "in": "header", "name": "mono-webhook-secret",
            "description": "The secret that Mono was given for its webhooks.",
        },
    })
}

/// What the proxy itself posts, to the site's own back end.
pub(super) fn webhooks() -> Value {
    let header = |name: &str, description: &str| {
        json!({
            "name": name, "in": "header", "required": true, "description": description,
            "schema": {"type": "string"},
        })
    };
    json!({
        "account": {
            "post": {
                "operationId": "outbound_event",
                "tags": ["Back end"],
                "summary": "An event about an account, to `NOTIFY_URL` (Standard Webhooks).",
                "description": "At least once, in order for each account. Answer 2xx within 15 \
                    seconds; anything else is tried again for two days and a half.",
                "security": [],
                "parameters": [
                    header("webhook-id", "Names the event: the same in every try."),
                    header("webhook-timestamp", "When it is sent, in seconds since 1970."),
                    header(
                        "webhook-signature",
                        "`v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`, for each of \
                         `NOTIFY_SECRET`, with a space between."
                    ),
                ],
                "requestBody": {
                    "required": true,
                    "content": {"application/json": {"schema": reference("OutboundEvent")}},
                },
                "responses": {"2XX": {"description": "It is taken."}},
            },
        },
    })
}

/// Schemas that no route names by type.
pub(super) fn further_schemas() -> Vec<(String, RefOr<Schema>)> {
    let mut schemas = Vec::new();
    Problem::schemas(&mut schemas);
    JobEvent::schemas(&mut schemas);
    RemovedEvent::schemas(&mut schemas);
    OutboundEvent::schemas(&mut schemas);
    schemas.extend([
        (Problem::name().into_owned(), Problem::schema()),
        (JobEvent::name().into_owned(), JobEvent::schema()),
        (RemovedEvent::name().into_owned(), RemovedEvent::schema()),
        (OutboundEvent::name().into_owned(), OutboundEvent::schema()),
    ]);
    schemas
}
