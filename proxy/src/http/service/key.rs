//! Keys of the site's own back end.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use sha2::{Digest as _, Sha256};
use subtle::{ConditionallySelectable as _, ConstantTimeEq as _};

use crate::config::ServiceKey;
use crate::http::caller::{Found, Identity, bearer};
use crate::http::state::AppState;

/// The keys that are known, by their digests.
pub(in crate::http) struct ServiceKeys(Vec<(Arc<str>, [u8; 32])>);

impl ServiceKeys {
    pub(in crate::http) fn new(keys: &[ServiceKey]) -> Self {
        let known = keys
            .iter()
            .map(|key| (Arc::from(key.name.as_str()), key.digest));
        Self(known.collect())
    }

    /// The name of the key that the caller brings. Takes the same time whatever it is, and whether it
    /// is there at all.
    fn name(&self, headers: &HeaderMap) -> Option<&Arc<str>> {
        let given = match bearer(headers) {
            Found::One(key) => key,
            Found::None | Found::Unusable => "",
        };
        let digest: [u8; 32] = Sha256::digest(given).into();
        let mut found = u32::MAX;
        for (index, (_, known)) in (0..).zip(&self.0) {
            found.conditional_assign(&index, known.ct_eq(&digest));
        }
        let (name, _) = self.0.get(usize::try_from(found).ok()?)?;
        Some(name).filter(|_| !given.is_empty())
    }
}

/// Finds out whose key it is.
pub(super) async fn identify(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let identity = match state.service_keys.name(request.headers()) {
        Some(name) => Identity::Service(Arc::clone(name)),
        None => Identity::Nobody,
    };
    request.extensions_mut().insert(identity);
    next.run(request).await
}
