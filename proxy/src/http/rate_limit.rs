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

/// Counts calls per caller, of pages and of the site's back end, and per address: of callers with a
/// login all together, and of those without apart.
pub(super) struct RateLimiter {
    users: Keyed<UserId>,
    services: Keyed<Arc<str>>,
    strangers: Keyed<IpAddr>,
    addresses: Keyed<IpAddr>,
    calls: AtomicU32,
}

/// Where a call comes from, for whoever counts something else by it.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClientAddress(pub(super) IpAddr);

/// How many callers may call at once from one address as often as each of them may.
const CALLERS_PER_ADDRESS: u32 = 10;

/// Whether logged-in callers are counted by this address. Not by one of this machine: there stands a
/// proxy that has not been named as trusted, and everybody comes from it.
pub(super) fn is_counted(address: IpAddr) -> bool {
    !address.is_loopback() && !address.is_unspecified()
}

/// Callers who have been quiet are forgotten after so many calls.
const CLEAN_EVERY: u32 = 4096;

impl RateLimiter {
    pub(super) fn new(calls_per_minute: NonZeroU32) -> Self {
        let tenth = NonZeroU32::new(calls_per_minute.get() / 10).unwrap_or(NonZeroU32::MIN);
        let tenfold = calls_per_minute
            .saturating_mul(NonZeroU32::new(CALLERS_PER_ADDRESS).unwrap_or(NonZeroU32::MIN));
        Self {
            users: per_minute(calls_per_minute),
            services: per_minute(calls_per_minute),
            strangers: per_minute(tenth),
            addresses: per_minute(tenfold),
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
            self.strangers.retain_recent();
            self.addresses.retain_recent();
        }
        let checked = match identity {
            Identity::Known { user, .. } => self.users.check_key(user).and_then(|()| {
                if is_counted(address) {
                    self.addresses.check_key(&address)
                } else {
                    Ok(())
                }
            }),
            Identity::Service(key) => self.services.check_key(key),
            Identity::Nobody | Identity::Invalid => self.strangers.check_key(&address),
        };
        checked.map_err(|wait| seconds(&wait))
    }
}

fn per_minute<K: Clone + std::hash::Hash + Eq>(calls: NonZeroU32) -> Keyed<K> {
    Governor::new(
        Quota::per_minute(calls),
        HashMapStateStore::default(),
        MonotonicClock,
    )
}

fn seconds(not_until: &NotUntil<<MonotonicClock as governor::clock::Clock>::Instant>) -> u64 {
    not_until.wait_time_from(MonotonicClock.now()).as_secs() + 1
}

/// Refuses a call of somebody who has called too often. Runs after the caller is known.
pub(super) async fn limit(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let identity = request.extensions().get().unwrap_or(&Identity::Nobody);
    let peer = request
        .extensions()
        .get::<PeerAddress>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    let address = client_address(request.headers(), peer, &state.callers.proxies);
    match state.limiter.check(identity, address) {
        Ok(()) => {
            request.extensions_mut().insert(ClientAddress(address));
            next.run(request).await
        }
        Err(seconds) => ApiError::new(ErrorCode::RateLimited, "Too many calls in a minute.")
            .retry_after(seconds)
            .into_response(),
    }
}
