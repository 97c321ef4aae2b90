//! A fake Mono that is fast and forgets everything: what it answers depends on the request alone.
//!
//! A code is `code_` and the id of the account behind it. An id that begins with `slow` is answered after
//! a second. Whoever does not send the key is refused, so that no peer can leave it out.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::machine::{self, LOAD};

/// What every peer must send.
pub(crate) const KEY: &str = "test_sk_bench";

/// What every account's balance is.
pub(crate) const BALANCE: i64 = 5_376_900;

const SLOWNESS: Duration = Duration::from_secs(1);

/// Pages of transactions, by how many rows they have.
type Pages = Arc<Mutex<BTreeMap<u32, Bytes>>>;

/// Starts it on a thread of its own, on the load's processor.
pub(crate) fn start() -> Result<SocketAddr> {
    let (sender, address) = mpsc::channel();
    thread::spawn(move || {
        let served = serve(&sender);
        // Whoever started it has the error, or has seen it work.
        drop(sender.send(served.map(|()| SocketAddr::from(([127, 0, 0, 1], 0)))));
    });
    address.recv().context("the fake Mono did not start")?
}

fn serve(started: &mpsc::Sender<Result<SocketAddr>>) -> Result<()> {
    machine::pin(LOAD)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        drop(started.send(listener.local_addr().context("asking for the port")));
        let pages = Pages::default();
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let pages = Arc::clone(&pages);
            tokio::spawn(async move {
                let service = service_fn(move |request| answer(request, Arc::clone(&pages)));
                let connection =
                    http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                // A peer that is stopped leaves connections behind.
                drop(connection.await);
            });
        }
    })
}

async fn answer(
    request: Request<Incoming>,
    pages: Pages,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let key = request.headers().get("mono-sec-key");
    if key.is_none_or(|key| key != KEY) {
        return Ok(json(
            StatusCode::UNAUTHORIZED,
            "{\"message\":\"no key\"}".into(),
        ));
    }
    let (parts, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    let path: Vec<&str> = parts.uri.path().trim_matches('/').split('/').collect();
    if let ["v2", "accounts", id, ..] = path.as_slice()
        && id.starts_with("slow")
        && path.len() > 3
    {
        tokio::time::sleep(SLOWNESS).await;
    }
    let text = match path.as_slice() {
        ["v2", "accounts", "auth"] => exchanged(&body),
        ["v2", "accounts", id] => Some(details(id).into()),
        ["v2", "accounts", _, "balance"] => Some(balance().into()),
        ["v2", "accounts", _, "transactions"] => {
            let mut pages = pages.lock().unwrap_or_else(PoisonError::into_inner);
            let rows = limit(parts.uri.query());
            let page = pages
                .entry(rows)
                .or_insert_with(|| transactions(rows).into());
            Some(page.clone())
        }
        _ => None,
    };
    Ok(match text {
        Some(text) => json(StatusCode::OK, text),
        None => json(StatusCode::NOT_FOUND, "{\"message\":\"not found\"}".into()),
    })
}

fn json(status: StatusCode, text: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(text));
    *response.status_mut() = status;
    let kind = hyper::header::HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

fn exchanged(body: &[u8]) -> Option<Bytes> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    let id = body.get("code")?.as_str()?.strip_prefix("code_")?;
    Some(successful(&format!("{{\"id\":\"{id}\"}}")).into())
}

fn successful(data: &str) -> String {
    format!(
        "{{\"status\":\"successful\",\"message\":\"Request was successfully completed\",\
         \"timestamp\":\"2026-01-27T10:00:00.000Z\",\"data\":{data}}}"
    )
}

fn balance() -> String {
    successful(&format!(
        "{{\"id\":\"666b166ce06be73\",\"name\":\"Samuel Olamide\",\"account_number\":\"0200000043\",\
         \"balance\":{BALANCE},\"currency\":\"NGN\"}}"
    ))
}

fn details(id: &str) -> String {
    successful(&format!(
        "{{\"account\":{{\"id\":\"{id}\",\"name\":\"SAMUEL OLAMIDE\",\"account_number\":\"0200000043\",\
         \"currency\":\"NGN\",\"balance\":{BALANCE},\"type\":\"SAVINGS_ACCOUNT\",\"bvn\":null,\
         \"institution\":{{\"name\":\"GTBank\",\"bank_code\":\"058\",\"type\":\"PERSONAL_BANKING\"}}}},\
         \"customer\":{{\"id\":\"65c4f7a1b2d3e4f5a6b7c8d9\"}},\
         \"meta\":{{\"data_status\":\"AVAILABLE\",\"auth_method\":\"internet_banking\",\
         \"retrieved_data\":[\"identity\",\"balance\",\"transactions\"]}}}}"
    ))
}

/// A page of so many rows, each as long as rows of banks are.
fn transactions(rows: u32) -> String {
    let mut list = String::new();
    for row in 0..rows {
        let comma = if row == 0 { "" } else { "," };
        let kind = if row % 3 == 0 { "credit" } else { "debit" };
        // Writing to a String cannot fail.
        let _ = write!(
            list,
            "{comma}{{\"id\":\"66141bad{row:016x}\",\
             \"narration\":\"NIP/FCMB/DANIEL AFOLABI/App food o To Zenith Bank FUNKE OJO {row:06}\",\
             \"amount\":{},\"type\":\"{kind}\",\"balance\":{},\
             \"date\":\"2026-01-{:02}T15:44:00.000Z\",\"category\":\"online_transactions\"}}",
            100_000 + row,
            1_168_926 + row,
            1 + row % 28,
        );
    }
    format!(
        "{{\"status\":\"successful\",\"message\":\"Transactions retrieved successfully\",\
         \"timestamp\":\"2026-01-27T10:00:00.000Z\",\"data\":[{list}],\
         \"meta\":{{\"total\":{rows},\"page\":1,\"previous\":null,\"next\":null}}}}"
    )
}

fn limit(query: Option<&str>) -> u32 {
    let mut parts = query.unwrap_or_default().split('&');
    parts
        .find_map(|part| part.strip_prefix("limit=")?.parse().ok())
        .unwrap_or(50)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_as_long_as_the_goals_say() {
        let small = transactions(50).len();
        assert!((11_500..12_500).contains(&small), "{small}");
        let large = transactions(1000).len();
        assert!((230_000..240_000).contains(&large), "{large}");
        let rows: serde_json::Value = serde_json::from_str(&transactions(3)).unwrap();
        assert_eq!(rows["data"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn a_code_is_the_account_behind_it() {
        let answer = exchanged(br#"{"code":"code_acct1"}"#).unwrap();
        assert!(String::from_utf8_lossy(&answer).contains("\"id\":\"acct1\""));
        assert_eq!(exchanged(br#"{"code":"other"}"#), None);
    }

    #[test]
    fn the_limit_is_a_parameter_of_its_own() {
        assert_eq!(
            (
                limit(Some("page=2&limit=7")),
                limit(Some("nolimit=7")),
                limit(None)
            ),
            (7, 50, 50)
        );
    }
}
