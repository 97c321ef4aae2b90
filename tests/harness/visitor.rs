//! Somebody with a browser: keeps the cookie, sends what our module sends.

use std::net::SocketAddr;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request, header};
use mono_connect_proxy::PeerAddress;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::answer::Answer;
use crate::app::TestApp;
use crate::page::Page;

/// Somebody with a browser.
pub struct Visitor<'a> {
    app: &'a TestApp,
    /// Which proxy it came to.
    at: usize,
    /// The `cookie` header, once there is one.
    pub cookie: Option<String>,
}

/// One call, to be completed and sent.
#[must_use]
pub struct Call<'v, 'a> {
    visitor: &'v mut Visitor<'a>,
    request: Request<Body>,
}

impl<'a> Visitor<'a> {
    pub(crate) fn new(app: &'a TestApp, at: usize) -> Self {
        let cookie = None;
        Self { app, at, cookie }
    }

    /// A GET with the custom header.
    pub fn get(&mut self, path: &str) -> Call<'_, 'a> {
        self.call(Method::GET, path)
    }

    /// A POST with the custom header.
    pub fn post(&mut self, path: &str) -> Call<'_, 'a> {
        self.call(Method::POST, path)
    }

    /// Any call with the custom header.
    pub fn call(&mut self, method: Method, path: &str) -> Call<'_, 'a> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("x-mono-connect", "1")
            .body(Body::empty())
            .unwrap();
        Call {
            visitor: self,
            request,
        }
    }

    /// A second browser window of the same visitor, for calls at the same time.
    #[must_use]
    pub fn same(&self) -> Visitor<'a> {
        Visitor {
            app: self.app,
            at: self.at,
            cookie: self.cookie.clone(),
        }
    }

    /// Opens the stream of events, as an `EventSource` does: without the custom header.
    pub async fn watches(&self, last_seen: Option<&str>) -> Page {
        let mut request = Request::get("/api/events").header("sec-fetch-site", "same-origin");
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        if let Some(last_seen) = last_seen {
            request = request.header("last-event-id", last_seen);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = self.app.public(self.at + 1).oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "text/event-stream"
        );
        assert_eq!(
            response.headers()[header::CACHE_CONTROL],
            "no-store, no-transform"
        );
        Page::new(response.into_body())
    }

    /// Begins to link; gives the reference.
    pub async fn starts_link(&mut self) -> String {
        let answer = self.post("/api/link-sessions").json(&json!({})).await;
        answer.assert_status(201)["reference"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Exchanges a code.
    pub async fn exchanges(&mut self, code: &str, reference: &str) -> Answer {
        self.post("/api/accounts")
            .json(&json!({"code": code, "reference": reference}))
            .await
    }

    /// Links an account from beginning to end; gives it as answered.
    pub async fn links(&mut self) -> Value {
        let reference = self.starts_link().await;
        let linked = self.app.bank_user_links(&reference).await;
        self.exchanges(&linked.code, &reference)
            .await
            .assert_status(201)
    }

    /// Links an account and waits until Mono has its data; gives its id.
    pub async fn links_and_waits(&mut self) -> String {
        let id = self.links().await["id"].as_str().unwrap().to_owned();
        self.app.advance(std::time::Duration::from_secs(10)).await;
        let account = self
            .get(&format!("/api/accounts/{id}"))
            .send()
            .await
            .assert_status(200);
        assert_eq!(account["data_status"], "AVAILABLE");
        id
    }
}

impl Call<'_, '_> {
    /// With a header.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_str(value).unwrap();
        self.request
            .headers_mut()
            .append(HeaderName::from_static(name), value);
        self
    }

    /// From this address.
    pub fn from(mut self, address: &str) -> Self {
        let address = SocketAddr::new(address.parse().unwrap(), 4711);
        self.request.extensions_mut().insert(PeerAddress(address));
        self
    }

    /// Without a header.
    pub fn without(mut self, name: &str) -> Self {
        self.request.headers_mut().remove(name);
        self
    }

    /// With a body as it is.
    pub fn body(mut self, content_type: &str, body: impl Into<Body>) -> Self {
        *self.request.body_mut() = body.into();
        let value = HeaderValue::from_str(content_type).unwrap();
        self.request
            .headers_mut()
            .insert(header::CONTENT_TYPE, value);
        self
    }

    /// Sends JSON.
    pub async fn json(self, body: &Value) -> Answer {
        self.body("application/json", body.to_string()).send().await
    }

    /// Sends it to the public listener.
    pub async fn send(self) -> Answer {
        let Call {
            visitor,
            mut request,
        } = self;
        if let Some(cookie) = &visitor.cookie
            && !request.headers().contains_key(header::COOKIE)
        {
            request
                .headers_mut()
                .insert(header::COOKIE, HeaderValue::from_str(cookie).unwrap());
        }
        let at = if request.method().is_safe() {
            visitor.at
        } else {
            visitor.app.next()
        };
        let response = visitor.app.public(at).oneshot(request).await.unwrap();
        let answer = Answer::read(response).await;
        if let Some(set_cookie) = answer.header("set-cookie") {
            // What has no time left is taken away.
            let kept = Some(set_cookie).filter(|cookie| !cookie.ends_with("Max-Age=0"));
            visitor.cookie = kept.and_then(|cookie| cookie.split(';').next().map(str::to_owned));
        }
        answer
    }

    /// Sends it to the listener that is not for the public.
    pub async fn send_to_admin(self) -> Answer {
        let admin = self.visitor.app.admin(self.visitor.at);
        let response = admin.oneshot(self.request).await.unwrap();
        Answer::read(response).await
    }
}
