//! `GET /api/events`: the caller's accounts, live (`text/event-stream`).

mod places;

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::unfold;
use mono_connect_shared::Timestamp;
use mono_connect_shared::event::{JobEvent, RemovedEvent};
use tokio_util::sync::CancellationToken;

use super::caller::{Caller, LoginEnds};
use super::error::ApiError;
use super::rate_limit::ClientAddress;
use super::state::AppState;
use crate::accounts::{self, Feed, FeedEvent};
use crate::clock::SharedClock;
use crate::random;

pub(super) use places::Places;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Servers between us and the page that compress answers (Next.js) or collect them (nginx) would
/// hold events back.
const UNBUFFERED: [(HeaderName, &str); 2] = [
    (header::CACHE_CONTROL, "no-store, no-transform"),
    (HeaderName::from_static("x-accel-buffering"), "no"),
];

/// A comment this often keeps the connection open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A wake-up may be lost, for instance when whoever made the change was cut off; never for longer.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// The caller's accounts, live.
///
/// First an event `snapshot` with all accounts, then `account`, `job` and `removed` as they change. Each
/// has an id; a client that comes back with `last-event-id` gets what it missed, or a new snapshot when
/// that is too old. A comment every 15 seconds keeps the stream open. An `EventSource` can set no header,
/// so this call needs no `x-mono-connect`.
#[utoipa::path(
    get,
    path = "/events",
    operation_id = "watch",
    tag = "Live",
    params(
        ("last-event-id" = Option<String>, Header, description = "The id of the last event that was seen."),
    ),
    responses(
        (status = 200, description = "A stream of events that does not end by itself.", content_type = "text/event-stream", body = String),
    ),
    extensions(("x-problems" = json!(["rate_limited", "503 rate_limited"]))),
)]
pub(super) async fn stream(
    State(state): State<AppState>,
    Caller(user): Caller,
    LoginEnds(until): LoginEnds,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, ApiError> {
    let last_seen = headers
        .get(LAST_EVENT_ID)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse().ok());
    let place = state.places.take(address);
    let place = place.ok_or(accounts::Error::TooManyPages)?;
    let feed = state.accounts.feed(&user, last_seen).await?;
    let end = End {
        draining: state.draining.clone(),
        clock: state.clock.clone(),
        until,
        come_back_after: come_back_after(random::number(&*state.random)),
        farewell: false,
    };
    let events = unfold(
        (feed, end, (place, state.metrics.event_stream_opened())),
        |(mut feed, mut end, open)| async move {
            let event = next(&mut feed, &mut end).await?;
            Some((Ok::<_, Infallible>(event), (feed, end, open)))
        },
    );
    let stream = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    Ok((UNBUFFERED, stream).into_response())
}

/// What ends a stream from our side.
struct End {
    draining: CancellationToken,
    clock: SharedClock,
    /// When the login ends that opened it.
    until: Option<Timestamp>,
    /// What the page is told when the process is about to end.
    come_back_after: Duration,
    /// It was told.
    farewell: bool,
}

/// Sooner than browsers come back by themselves, and not all at once: there may be thousands.
fn come_back_after(random: u32) -> Duration {
    Duration::from_millis(250 + u64::from(random % 1_250))
}

/// Waits for something to tell. None ends the stream: the process is about to end, or the login has
/// ended, or the store does not answer; the browser comes back by itself.
async fn next(feed: &mut Feed, end: &mut End) -> Option<Event> {
    loop {
        if end.farewell {
            return None;
        }
        if end.until.is_some_and(|until| until <= end.clock.now()) {
            return None;
        }
        match feed.next().await {
            Ok(Some((number, event))) => return render(number, event),
            Ok(None) => {
                let changed = tokio::time::timeout(LOOK_AGAIN, feed.changed());
                // In time or not: it is looked at again.
                if end.draining.run_until_cancelled(changed).await.is_none() {
                    end.farewell = true;
                    return Some(Event::default().retry(end.come_back_after));
                }
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a stream broke off"
                );
                return None;
            }
        }
    }
}

fn render(number: i64, event: FeedEvent) -> Option<Event> {
    let named = Event::default().id(number.to_string());
    let rendered = match event {
        FeedEvent::Snapshot(accounts) => named.event("snapshot").json_data(accounts),
        FeedEvent::Account(account) => named.event("account").json_data(account),
        FeedEvent::Job(account_id, job) => {
            named.event("job").json_data(JobEvent { account_id, job })
        }
        FeedEvent::Removed(account_id) => named
            .event("removed")
            .json_data(RemovedEvent { account_id }),
    };
    rendered.ok()
}
