//! What comes with a request, through the whole proxy: nobody gets in, Mono is not asked, and nothing
//! breaks.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, Request, Uri, header};
use jiff::Timestamp;
use mono_connect_proxy::clock::Clock;
use mono_connect_proxy::config::{Config, Source};
use mono_connect_proxy::random::SystemRandom;
use mono_connect_proxy::{App, Routes};
use mono_connect_shared::id::{AccountId, JobId, Reference, UserId};
use mono_connect_store::MemoryStore;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

/// A token of the key below for the user `ada`, without end.
const TOKEN: &str = include_str!("corpus/login/token");

/// The proxies that are asked, and what drives them.
struct Proxies {
    runtime: Runtime,
    of_sessions: Routes,
    of_tokens: Routes,
    /// The cookie of a session, name and value.
    cookie: String,
}

/// It is always the same moment.
struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp::constant(1_790_000_000, 0)
    }
}

thread_local! {
    static PROXIES: Proxies = Proxies::start();
}

fn proxy(login: &[(&str, &str)]) -> Routes {
    let mut variables = BTreeMap::from([
        ("MONO_SECRET_KEY", "test_sk_fuzz"),
        ("MONO_PUBLIC_KEY", "test_pk_fuzz"),
        ("MONO_WEBHOOK_SECRET", "a webhook secret"),
        // Nobody is there; nobody is asked.
        ("MONO_API_URL", "http://127.0.0.1:9"),
        ("RATE_LIMIT", "4000000000"),
    ]);
    variables.extend(login.iter().copied());
    let environment = |name: &str| variables.get(name).map(OsString::from);
    let config = Config::read(Source::new(BTreeMap::new(), &environment)).unwrap();
    let store = Arc::new(MemoryStore::default());
    let app = App::new(&config, store, Arc::new(Standing), Arc::new(SystemRandom)).unwrap();
    app.public
}

impl Proxies {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let key = "5e".repeat(32);
        let of_sessions = proxy(&[("SESSION_KEY", &key)]);
        let secret = "a secret of thirty-two bytes, or more";
        let of_tokens = proxy(&[("AUTH_MODE", "jwt"), ("JWT_SECRET", secret)]);
        let mut proxies = Self {
            runtime,
            of_sessions,
            of_tokens,
            cookie: String::new(),
        };
        let begin = Request::post("/api/session").header("x-mono-connect", "1");
        let begin = begin.body(Body::empty()).unwrap();
        let answer = proxies.of_sessions.clone().oneshot(begin);
        let answer = proxies.runtime.block_on(answer).unwrap();
        let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
        cookie
            .split(';')
            .next()
            .unwrap()
            .clone_into(&mut proxies.cookie);
        proxies
    }

    /// The status of the answer. What has gone wrong inside is never right.
    fn asks(&self, proxy: &Routes, request: Request<Body>) -> u16 {
        let answer = self.runtime.block_on(proxy.clone().oneshot(request));
        let status = answer.unwrap().status().as_u16();
        assert!(status < 500, "{status}");
        status
    }

    /// The status of a call of somebody with a session.
    fn calls(&self, request: axum::http::request::Builder, body: &[u8]) -> u16 {
        let request = request
            .header("x-mono-connect", "1")
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "application/json");
        self.asks(
            &self.of_sessions,
            request.body(Body::from(body.to_vec())).unwrap(),
        )
    }
}

fn accounts(name: header::HeaderName, value: &HeaderValue) -> Request<Body> {
    let request = Request::get("/api/accounts").header("x-mono-connect", "1");
    request.header(name, value).body(Body::empty()).unwrap()
}

/// The bytes as a cookie's value, as a whole line of cookies, and as a token.
pub(crate) fn login(data: &[u8]) {
    let value = |before: &str| HeaderValue::from_bytes(&[before.as_bytes(), data].concat());
    PROXIES.with(|proxies| {
        let token = data.trim_ascii() == TOKEN.trim().as_bytes();
        for (name, before) in [
            (header::COOKIE, "mono_connect_session="),
            (header::COOKIE, ""),
        ] {
            if let Ok(value) = value(before) {
                let status = proxies.asks(&proxies.of_sessions, accounts(name, &value));
                // The key of this process signed nothing of the corpus.
                assert_eq!(status, 401);
            }
        }
        if let Ok(value) = value("Bearer ") {
            let asked = accounts(header::AUTHORIZATION, &value);
            let status = proxies.asks(&proxies.of_tokens, asked);
            assert_eq!(status, if token { 200 } else { 401 });
        }
    });
}

/// The bytes as the query of every call that takes one.
pub(crate) fn query(data: &[u8]) {
    PROXIES.with(|proxies| {
        for path in [
            "/api/accounts/a1/transactions?",
            "/api/accounts/a1/statement?",
            "/api/accounts/a1/balance?",
            "/service/accounts?",
        ] {
            // A head that cannot be written reaches nobody.
            if let Ok(uri) = Uri::try_from([path.as_bytes(), data].concat()) {
                let status = proxies.calls(Request::get(uri), b"");
                assert!(matches!(status, 400 | 401 | 404 | 422), "{status}");
            }
        }
    });
}

/// The bytes as the body of every call that takes one.
pub(crate) fn body(data: &[u8]) {
    PROXIES.with(|proxies| {
        for path in [
            "/api/session",
            "/api/link-sessions",
            "/api/accounts",
            "/api/accounts/a1/statement-pdfs",
        ] {
            let status = proxies.calls(Request::post(path), data);
            // There may be too many attempts by now.
            let expected = [201, 204, 400, 404, 409, 413, 422, 429];
            assert!(expected.contains(&status), "{path}: {status}");
        }
    });
}

/// The bytes as the number of the last event that a page has seen.
pub(crate) fn last_event_id(data: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(data) else {
        return;
    };
    PROXIES.with(|proxies| {
        let request = Request::get("/api/events").header("last-event-id", value);
        assert_eq!(proxies.calls(request, b""), 200);
    });
}

/// The bytes as an id: where a type takes it, and where a path holds it.
pub(crate) fn ids(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let names = [
            text.parse().map(|id: AccountId| id.to_string()),
            text.parse().map(|id: JobId| id.to_string()),
            text.parse().map(|id: Reference| id.to_string()),
        ];
        for name in names.into_iter().flatten() {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            assert!(
                name.bytes().all(plain) && (1..=64).contains(&name.len()),
                "{name:?}"
            );
        }
        if let Ok(user) = text.parse::<UserId>() {
            assert_eq!(user.to_string(), text);
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.@|:+=~".contains(&byte);
            assert!(
                text.bytes().all(plain) && (1..=128).contains(&text.len()),
                "{text:?}"
            );
            assert!(!text.bytes().all(|byte| byte == b'.'), "{text:?}");
        }
    }
    PROXIES.with(|proxies| {
        for (before, after) in [
            ("/api/accounts/", ""),
            ("/api/accounts/", "/balance"),
            ("/api/accounts/a1/jobs/", ""),
        ] {
            let path = [before.as_bytes(), data, after.as_bytes()].concat();
            if let Ok(uri) = Uri::try_from(path) {
                let status = proxies.calls(Request::get(uri), b"");
                assert!(matches!(status, 200 | 400 | 404 | 405), "{status}");
            }
        }
    });
}
