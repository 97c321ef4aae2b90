//! What happens to accounts, banks and webhooks on order.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{answer, bad_request, done};
use crate::engine::App;
use crate::world::{AccountChange, HandmadeWebhook, InstitutionChange, LinkAs, World};

pub(super) async fn reset(State(app): State<App>) -> Response {
    app.change(World::reset);
    done(Ok(()))
}

pub(super) async fn link(State(app): State<App>, body: Bytes) -> Response {
    let who: LinkAs = match read(&body) {
        Ok(who) => who,
        Err(error) => return bad_request(error),
    };
    answer(
        app.change(|world| world.link_as(who))
            .map(|linked| json!(linked)),
    )
}

pub(super) async fn code(State(app): State<App>, Path(id): Path<String>) -> Response {
    answer(app.change(|world| {
        world.account(&id)?;
        Ok(json!({ "code": world.issue_code(&id), "account_id": id }))
    }))
}

pub(super) async fn change_account(
    State(app): State<App>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    let change: AccountChange = match read(&body) {
        Ok(change) => change,
        Err(error) => return bad_request(error),
    };
    answer(app.change(|world| {
        world.change_account(&id, change)?;
        world.account_state_of(&id)
    }))
}

pub(super) async fn change_institution(
    State(app): State<App>,
    Path(which): Path<String>,
    body: Bytes,
) -> Response {
    match read::<InstitutionChange>(&body) {
        Ok(change) => done(app.change(|world| world.change_institution(&which, change))),
        Err(error) => bad_request(error),
    }
}

pub(super) async fn refresh(State(app): State<App>, Path(id): Path<String>) -> Response {
    done(app.change(|world| world.refresh(&id).map(drop)))
}

pub(super) async fn reauthorise(State(app): State<App>, Path(id): Path<String>) -> Response {
    done(app.change(|world| world.reauthorise(&id)))
}

pub(super) async fn unlink(State(app): State<App>, Path(id): Path<String>) -> Response {
    done(app.change(|world| world.unlink(&id)))
}

pub(super) async fn send_webhook(
    State(app): State<App>,
    Json(webhook): Json<HandmadeWebhook>,
) -> Response {
    let number = app.change(|world| world.emit_handmade(webhook));
    answer(Ok(json!({ "delivery": number })))
}

pub(super) async fn replay(State(app): State<App>, Path(number): Path<u64>) -> Response {
    done(app.change(|world| world.replay(number)))
}

/// The body, or the defaults when there is none.
fn read<T: DeserializeOwned + Default>(body: &[u8]) -> serde_json::Result<T> {
    if body.is_empty() {
        return Ok(T::default());
    }
    serde_json::from_slice(body)
}
