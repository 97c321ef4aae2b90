//! The listeners: plain and TLS, one task per connection, so that a fault can tear down the one it hits.
//! Knows no routes.

pub(crate) mod fault_response;
pub(crate) mod log;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tower::ServiceExt;

pub(crate) use tls::acceptor;

/// Tears down the connection of the request that carries it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cut(Arc<Notify>);

impl Cut {
    pub(crate) fn now(&self) {
        self.0.notify_one();
    }
}

/// Binds; port 0 takes a free one.
pub(crate) async fn bind(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Serves plain HTTP. Never ends; dropping it closes every connection.
pub(crate) async fn serve(listener: TcpListener, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        let stream = accept(&listener).await;
        while connections.try_join_next().is_some() {}
        connections.spawn(serve_connection(stream, router.clone()));
    }
}

/// Serves HTTP over TLS. Never ends; dropping it closes every connection.
pub(crate) async fn serve_tls(
    listener: TcpListener,
    acceptor: tokio_rustls::TlsAcceptor,
    router: Router,
) {
    let mut connections = JoinSet::new();
    loop {
        let stream = accept(&listener).await;
        while connections.try_join_next().is_some() {}
        let acceptor = acceptor.clone();
        let router = router.clone();
        connections.spawn(async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                serve_connection(stream, router).await;
            }
        });
    }
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Only latency is lost when this fails.
                let _ = stream.set_nodelay(true);
                return stream;
            }
            // Out of file descriptors, mostly: others must close first.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn serve_connection<S>(stream: S, router: Router)
where
    S: AsyncRead + AsyncWrite + Unpin + OverTcp,
{
    let cut = Cut::default();
    let for_requests = cut.clone();
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(for_requests.clone());
        router.clone().oneshot(request)
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // How a client's connection ends is its own affair.
        _ = &mut connection => {}
        () = cut.0.notified() => {
            let stream = connection.into_parts().io.into_inner();
            // Without lingering, closing sends RST.
            let _ = stream.tcp().set_zero_linger();
        }
    }
}

/// A stream with a TCP connection below it.
trait OverTcp {
    fn tcp(&self) -> &TcpStream;
}

impl OverTcp for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl OverTcp for tokio_rustls::server::TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}
