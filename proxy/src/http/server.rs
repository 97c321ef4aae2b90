//! The accept loop: connections with timers and a bound.
//!
//! `axum::serve` waits for ever for a request head and keeps silent connections; this does not.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::PeerAddress;

/// A request's head must be complete in this time, and so must the pause before it.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);

/// A head larger than this is refused with 431.
const HEAD_SIZE: usize = 32 * 1024;

/// How long requests may take to end once the process is about to.
const DRAIN: Duration = Duration::from_secs(25);

/// What was sent before the end began has been read by then. A connection of which nothing was read
/// is closed at once.
const LAST_READ: Duration = Duration::from_millis(100);

/// How many peers are served, and how patiently.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at once; more wait in the kernel's queue.
    pub connections: usize,
    /// A peer that takes nothing of what was sent to it for so long is gone, or wants to be waited
    /// for. A stream of events is read from the store as its reader takes it, so nothing piles up
    /// meanwhile.
    pub unread_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            unread_timeout: Duration::from_secs(30),
        }
    }
}

/// After the machine has run out of something, for instance file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `shutdown`, then lets what is running end.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) {
    serve_within(listener, router, shutdown, Limits::default()).await;
}

/// The same, within other limits.
pub async fn serve_within(
    listener: TcpListener,
    router: Router,
    shutdown: CancellationToken,
    limits: Limits,
) {
    let connections = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let serve_one = |stream, peer, permit: OwnedSemaphorePermit| {
        prepare(&stream, limits.unread_timeout);
        let connection = graceful.watch(connection(stream, peer, router.clone()));
        tokio::spawn(async move {
            // A peer that goes away or talks nonsense is no event of ours.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection ended");
            }
            drop(permit);
        });
    };
    loop {
        let Ok(permit) = Arc::clone(&connections).acquire_owned().await else {
            break;
        };
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "no connection accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        serve_one(stream, peer, permit);
    }
    for (stream, peer) in waiting(listener) {
        let Ok(permit) = Arc::clone(&connections).try_acquire_owned() else {
            break;
        };
        serve_one(stream, peer, permit);
    }
    tokio::time::sleep(LAST_READ).await;
    if tokio::time::timeout(DRAIN, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not end in time");
    }
}

/// Whoever is connected and was not accepted yet: closing the listener would cut them off, with a
/// request on the way that they cannot know to be unheard.
fn waiting(listener: TcpListener) -> Vec<(TcpStream, SocketAddr)> {
    let accept = |listener: &std::net::TcpListener| {
        let (stream, peer) = listener.accept()?;
        stream.set_nonblocking(true)?;
        Ok::<_, std::io::Error>((TcpStream::from_std(stream)?, peer))
    };
    let Ok(listener) = listener.into_std() else {
        return Vec::new();
    };
    std::iter::from_fn(|| accept(&listener).ok()).collect()
}

/// Best effort: a socket that refuses an option still serves.
fn prepare(stream: &TcpStream, unread_timeout: Duration) {
    // Small answers must not wait for more to send.
    let _ = stream.set_nodelay(true);
    // Elsewhere the machine's own, longer timeout does it.
    #[cfg(target_os = "linux")]
    let _ = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(unread_timeout));
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
) -> http1::Connection<
    TokioIo<TcpStream>,
    impl hyper::service::HttpService<Incoming, ResBody = Body, Future: Send, Error = Infallible>,
> {
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(PeerAddress(peer));
        router.clone().oneshot(request)
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_SIZE)
        .serve_connection(TokioIo::new(stream), service)
}
