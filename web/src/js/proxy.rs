//! The proxy, over `fetch`.

use js_sys::{Date, Function, JSON, Object, Promise};
use mono_connect_shared::config::PublicConfig;
use mono_connect_shared::problem::ErrorCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestCredentials, Response};

use super::timer::BrowserTimer;
use super::value::{apply, get, set};
use crate::deadline::within;
use crate::error::{Code, Error};
use crate::ports::{Backend, Reauthorisation, Session, Wanted};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch)]
    fn fetch(request: &web_sys::Request) -> Result<Promise, JsValue>;
}

/// Where the proxy is, and who calls it.
#[derive(Clone)]
pub(super) struct Proxy {
    /// Without a slash at its end.
    pub(super) base: String,
    /// Whether cookies go along.
    pub(super) credentials: RequestCredentials,
    /// The page's `token`.
    pub(super) token: Option<Function>,
    /// Milliseconds for one call.
    pub(super) timeout: u32,
}

/// One call.
pub(super) enum Call<'a> {
    /// Reads.
    Get,
    /// Does, with a JSON body where there is one.
    Post(Option<&'a str>),
}

/// What the module itself reads of a problem document.
#[derive(Deserialize)]
struct ProblemView {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    detail: Option<String>,
    #[serde(default)]
    request_id: Option<String>,
    #[serde(default)]
    retry_after: Option<u32>,
}

#[derive(Deserialize)]
struct SessionView {
    reference: String,
    expires_at: String,
}

/// Ends the request when it is dropped; too late to matter once the answer is there.
struct Abandoned(AbortController);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Proxy {
    /// `GET /api/config`
    pub(super) async fn config(&self) -> Result<PublicConfig, Error> {
        decode(self.send("/api/config", Call::Get).await?)
    }

    /// `POST /api/session`
    pub(super) async fn session(&self) -> Result<(), Error> {
        self.send("/api/session", Call::Post(None)).await.map(drop)
    }

    /// One call and its answer, as JavaScript sees it.
    pub(super) async fn send(&self, path: &str, call: Call<'_>) -> Result<JsValue, Error> {
        within(
            &BrowserTimer,
            self.timeout,
            self.exchange_messages(path, call),
        )
        .await
    }

    async fn exchange_messages(&self, path: &str, call: Call<'_>) -> Result<JsValue, Error> {
        let controller = AbortController::new().map_err(unreachable_proxy)?;
        let request = self.request(path, call, &controller).await?;
        let _abandoned = Abandoned(controller);
        let answer = fetch(&request).map_err(unreachable_proxy)?;
        let response = JsFuture::from(answer).await.map_err(unreachable_proxy)?;
        let response: Response = response.unchecked_into();
        let status = response.status();
        let body = if status == 204 {
            Ok(JsValue::UNDEFINED)
        } else {
            body(&response).await
        };
        if response.ok() {
            return body;
        }
        Err(refused(&response, body.unwrap_or_default()))
    }

    async fn request(
        &self,
        path: &str,
        call: Call<'_>,
        controller: &AbortController,
    ) -> Result<web_sys::Request, Error> {
        let url = [self.base.as_str(), path].concat();
        let mut builder = match call {
            Call::Get => gloo_net::http::Request::get(&url),
            Call::Post(_) => gloo_net::http::Request::post(&url),
        }
        .credentials(self.credentials)
        .abort_signal(Some(&controller.signal()))
        .header("x-mono-connect", "1");
        if let Some(token) = self.bearer().await? {
            builder = builder.header("authorization", &["Bearer ", &token].concat());
        }
        match call {
            Call::Get | Call::Post(None) => builder.build(),
            Call::Post(Some(body)) => builder
                .header("content-type", "application/json")
                .body(body),
        }
        .map(web_sys::Request::from)
        .map_err(|_| Error::invalid_option("proxyUrl", "no address of a proxy"))
    }

    async fn bearer(&self) -> Result<Option<String>, Error> {
        let Some(token) = &self.token else {
            return Ok(None);
        };
        let failed = |cause: JsValue| {
            Error::new(
                Code::Proxy(ErrorCode::Unauthenticated),
                "The page's token() failed.",
            )
            .because(cause)
        };
        let promised = apply(token, &JsValue::UNDEFINED, &[]).map_err(failed)?;
        let token = JsFuture::from(Promise::resolve(&promised))
            .await
            .map_err(failed)?;
        match token.as_string() {
            // Anything else would make the header invalid, or another header.
            Some(token) if token.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(Some(token)),
            _ => Err(Error::invalid_option("token", "must resolve to a token")),
        }
    }
}

async fn body(response: &Response) -> Result<JsValue, Error> {
    let unreadable = |cause: JsValue| {
        Error::new(
            Code::Network,
            "The answer is no JSON: is proxyUrl the proxy's address?",
        )
        .because(cause)
    };
    let promise = response.json().map_err(unreadable)?;
    JsFuture::from(promise).await.map_err(unreadable)
}

fn unreachable_proxy(cause: JsValue) -> Error {
    Error::new(Code::Network, "The proxy cannot be reached.").because(cause)
}

fn refused(response: &Response, body: JsValue) -> Error {
    let status = response.status();
    let problem = serde_wasm_bindgen::from_value::<ProblemView>(body.clone()).ok();
    let header = |name: &str| response.headers().get(name).ok().flatten();
    let known = |word: &str| {
        ErrorCode::ALL
            .iter()
            .copied()
            .find(|code| code.as_str() == word)
    };
    let code = problem
        .as_ref()
        .and_then(|problem| known(problem.code.as_deref()?));
    let problem = problem.as_ref();
    let retry_after = problem
        .and_then(|problem| problem.retry_after)
        .or_else(|| header("retry-after")?.parse().ok());
    Error {
        code: code.map_or_else(|| Code::from_status(status), Code::Proxy),
        message: problem
            .and_then(|problem| problem.detail.clone().or_else(|| problem.title.clone()))
            .unwrap_or_else(|| "The proxy refused without saying why.".to_owned()),
        status: Some(status),
        request_id: problem
            .and_then(|problem| problem.request_id.clone())
            .or_else(|| header("x-request-id")),
        retry_after_ms: retry_after.map(|seconds| seconds.saturating_mul(1_000)),
        cause: None,
    }
    .because(body)
}

fn decode<T: DeserializeOwned>(value: JsValue) -> Result<T, Error> {
    serde_wasm_bindgen::from_value(value).map_err(|cause| {
        Error::new(
            Code::Network,
            "The answer makes no sense: is proxyUrl the proxy's address?",
        )
        .because(JsValue::from(cause))
    })
}

impl Backend for Proxy {
    type Options = Object;
    type Account = JsValue;

    async fn open_session(&self, wanted: &Wanted) -> Result<Session<Object>, Error> {
        let answer = self
            .send("/api/link-sessions", Call::Post(Some(&wanted.0)))
            .await?;
        let options: Object = get(&answer, "widget").unchecked_into();
        let view: SessionView = decode(answer)?;
        Ok(Session {
            reference: view.reference,
            expires_at: Date::parse(&view.expires_at),
            options,
        })
    }

    async fn exchange(&self, code: &str, reference: &str) -> Result<JsValue, Error> {
        let body = Object::new();
        set(&body, "code", code);
        set(&body, "reference", reference);
        self.send("/api/accounts", Call::Post(Some(&json(&body))))
            .await
    }

    async fn account(&self, id: &str) -> Result<(JsValue, bool), Error> {
        let account = self
            .send(&["/api/accounts/", id].concat(), Call::Get)
            .await?;
        let requires_reauth = get(&account, "requires_reauth").is_truthy();
        Ok((account, requires_reauth))
    }

    async fn reauthorise(&self, id: &str) -> Result<Reauthorisation, Error> {
        let path = ["/api/accounts/", id, "/reauthorise"].concat();
        decode(self.send(&path, Call::Post(None)).await?)
    }
}

/// A value of ours as JSON.
pub(super) fn json(value: &JsValue) -> String {
    JSON::stringify(value).map(String::from).unwrap_or_default()
}
