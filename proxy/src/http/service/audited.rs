//! Every use of a key goes into the audit log: before its answer, and where it changes anything,
//! before it begins as well.

use std::sync::{Arc, OnceLock};

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{MatchedPath, RawPathParams, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use mono_connect_shared::id::{AccountId, UserId};
use mono_connect_shared::problem::ErrorCode;
use mono_connect_store::NewAuditEntry;
use tracing::Instrument as _;

use crate::http::caller::Identity;
use crate::http::envelope::RequestId;
use crate::http::error::ApiError;
use crate::http::state::AppState;

/// What a call turns out to be about, told by its path and by whoever reads more of it.
#[derive(Clone, Default)]
pub(in crate::http) struct Used(Arc<About>);

#[derive(Default)]
struct About {
    account: OnceLock<AccountId>,
    user: OnceLock<UserId>,
}

impl Used {
    /// Notes whose data it is about.
    pub(in crate::http) fn user(&self, user: &UserId) {
        // The first one told stays.
        let _ = self.0.user.set(user.clone());
    }

    fn path(&self, name: &str, value: &str) {
        match name {
            "id" => drop(value.parse().map(|id| self.0.account.set(id))),
            "user_id" => drop(value.parse().map(|id| self.0.user.set(id))),
            _ => {}
        }
    }
}

/// Refuses whoever has no key, and notes what is done with one.
///
/// Goes on when the caller has gone: what was done is noted all the same.
pub(super) async fn audit(
    State(state): State<AppState>,
    path: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
    next: Next,
) -> Response {
    let Some(Identity::Service(key)) = request.extensions().get() else {
        let detail = "The key is missing, or it is none of ours.";
        return ApiError::new(ErrorCode::Unauthenticated, detail).into_response();
    };
    let use_of_key = Use::of(key, &request, state.clone());
    for (name, value) in path.iter().flatten() {
        use_of_key.about.path(name, value);
    }
    let done = tokio::spawn(use_of_key.run(request, next).in_current_span()).await;
    done.unwrap_or_else(|error| ApiError::internal(error).into_response())
}

/// One use of a key.
struct Use {
    state: AppState,
    key: Arc<str>,
    action: String,
    request_id: String,
    changes: bool,
    about: Used,
}

impl Use {
    fn of(key: &Arc<str>, request: &Request, state: AppState) -> Self {
        let extensions = request.extensions();
        // The route, not the path: the entry has the ids.
        let route = extensions
            .get::<MatchedPath>()
            .map_or("none", MatchedPath::as_str);
        let request_id = extensions.get::<RequestId>();
        Self {
            state,
            key: Arc::clone(key),
            action: format!("{} {route}", request.method()),
            request_id: request_id.map_or_else(String::new, |id| id.0.clone()),
            changes: !matches!(*request.method(), Method::GET | Method::HEAD),
            about: Used::default(),
        }
    }

    async fn run(self, mut request: Request, next: Next) -> Response {
        request.extensions_mut().insert(self.about.clone());
        if self.changes
            && let Err(error) = self.state.accounts.note_use(&self.entry(None)).await
        {
            return ApiError::from(error).into_response();
        }
        let response = next.run(request).await;
        let status = response.status().as_u16();
        match self
            .state
            .accounts
            .note_use(&self.entry(Some(status)))
            .await
        {
            Ok(()) => response,
            // What is not noted is not handed out.
            Err(error) => ApiError::from(error).into_response(),
        }
    }

    fn entry(&self, status: Option<u16>) -> NewAuditEntry {
        NewAuditEntry {
            at: self.state.clock.now(),
            key: self.key.to_string(),
            action: self.action.clone(),
            account: self.about.0.account.get().cloned(),
            user: self.about.0.user.get().cloned(),
            status,
            request_id: self.request_id.clone(),
        }
    }
}
