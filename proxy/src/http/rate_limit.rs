//! How often one caller may call.
//!
//! Per process: this protects the proxy. Budgets that belong to an account are held by the store.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock as _, MonotonicClock};
use governor::state::keyed::HashMapStateStore;
use governor::{NotUntil, Quota, RateLimiter as Governor};
use mono_connect_shared::id::UserId;
use mono_connect_shared::problem::ErrorCode;

use super::caller::{Identity, client_address};
use super::envelope::PeerAddress;
use super::error::ApiError;
use super::state::AppState;

type Keyed<K> = Governor<K, HashMapStateStore<K>, MonotonicClock>;

/// Counts calls per caller, of pages and of the site's back end, and per address where there is none.
pub(super) struct RateLimiter {
    users: Keyed<UserId>,
    services: Keyed<Arc<str>>,
    addresses: Keyed<IpAddr>,
    calls: AtomicU32,
}

/// Callers who have been quiet are forgotten after so many calls.
const CLEAN_EVERY: u32 = 4096;

impl RateLimiter {
    pub(super) fn new(calls_per_minute: NonZeroU32) -> Self {
        let tenth = NonZeroU32::new(calls_per_minute.get() / 10).unwrap_or(NonZeroU32::MIN);
        let keyed = |calls| Quota::per_minute(calls);
        Self {
            users: Governor::new(
                keyed(calls_per_minute),
                HashMapStateStore::default(),
                MonotonicClock,
            ),
            services: Governor::new(
                keyed(calls_per_minute),
                HashMapStateStore::default(),
                MonotonicClock,
            ),
            addresses: Governor::new(keyed(tenth), HashMapStateStore::default(), MonotonicClock),
            calls: AtomicU32::new(0),
        }
    }

    /// Seconds to wait, if the caller has called too often.
    fn check(&self, identity: &Identity, address: IpAddr) -> Result<(), u64> {
        if self
            .calls
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(CLEAN_EVERY)
        {
            self.users.retain_recent();
            self.addresses.retain_recent();
        }
        match identity {
            Identity::Known { user, .. } => {
                self.users.check_key(user).map_err(|wait| seconds(&wait))
            }
            Identity::Service(key) => self.services.check_key(key).map_err(|wait| seconds(&wait)),
            Identity::Nobody | Identity::Invalid => self
                .addresses
                .check_key(&address)
                .map_err(|wait| seconds(&wait)),
        }
    }
}

fn seconds(not_until: &NotUntil<<MonotonicClock as governor::clock::Clock>::Instant>) -> u64 {
    not_until.wait_time_from(MonotonicClock.now()).as_secs() + 1
}

/// Refuses a call of somebody who has called too often. Runs after the caller is known.
pub(super) async fn limit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let identity = request.extensions().get().unwrap_or(&Identity::Nobody);
    let peer = request
        .extensions()
        .get::<PeerAddress>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    let address = client_address(request.headers(), peer, &state.callers.proxies);
    match state.limiter.check(identity, address) {
        Ok(()) => next.run(request).await,
        Err(seconds) => ApiError::new(ErrorCode::RateLimited, "Too many calls in a minute.")
            .retry_after(seconds)
            .into_response(),
    }
}
