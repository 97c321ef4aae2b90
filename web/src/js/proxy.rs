//! The proxy, over `fetch`.

use core::future::Future;
use core::pin::Pin;
use std::rc::Rc;

use js_sys::{Array, Date, Function, JSON, Object, Promise, parse_float};
use mono_connect_shared::config::{
    ApiGeneration, Environment, PublicConfig, ReauthoriseMethod, WidgetSource,
};
use mono_connect_shared::problem::ErrorCode;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestCredentials, Response};

use super::options::job_id;
use super::timer::BrowserTimer;
use super::value::{Field, apply, encode, get, milliseconds};
use crate::deadline::within;
use crate::error::{Code, Details, Error};
use crate::login::with_login;
use crate::ports::{Backend, Reauthorisation, Session, Standing, Timer as _, Wanted};
use crate::waiting::wait_for;

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
#[derive(Clone, Copy)]
pub(super) enum Call<'a> {
    /// Reads.
    Get,
    /// Does, with a JSON body where there is one.
    Post(Option<&'a str>),
    /// Removes.
    Delete,
    /// Reads what goes on, where it was left.
    Follow(Option<&'a str>),
}

/// An answer to come. Boxed, so that there is one copy of what makes it, not one inside every call.
type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + 'a>>;

/// Ends the request when it is dropped; too late to matter once the answer is there.
pub(super) struct Abandoned(AbortController);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Proxy {
    /// `GET /api/config`
    pub(super) async fn config(&self) -> Result<PublicConfig, Error> {
        read_config(&self.send("/api/config", Call::Get).await?).ok_or_else(senseless)
    }

    /// `POST /api/session`
    pub(super) async fn session(&self) -> Result<(), Error> {
        self.send("/api/session", Call::Post(None)).await.map(drop)
    }

    /// One call and its answer, as JavaScript sees it.
    pub(super) fn send<'a>(&'a self, path: &'a str, call: Call<'a>) -> Answer<'a, JsValue> {
        Box::pin(within(&BrowserTimer, self.timeout, async move {
            let (response, _abandoned) = self.response(path, call).await?;
            if response.status() == 204 {
                return Ok(JsValue::UNDEFINED);
            }
            body(&response).await
        }))
    }

    /// Opens a stream of events. It is closed when the second half of the answer is dropped.
    pub(super) async fn open_stream(
        &self,
        path: &str,
        last_id: Option<String>,
    ) -> Result<(Response, Abandoned), Error> {
        let call = Call::Follow(last_id.as_deref());
        within(&BrowserTimer, self.timeout, self.response(path, call)).await
    }

    /// One call, whose answer is no refusal; with a fresh token where the first was refused.
    fn response<'a>(&'a self, path: &'a str, call: Call<'a>) -> Answer<'a, (Response, Abandoned)> {
        Box::pin(with_login(self.token.is_some(), async move || {
            let abandoned = Abandoned(AbortController::new().map_err(unreachable_proxy)?);
            let request = self.request(path, call, &abandoned.0).await?;
            let answer = fetch(&request).map_err(unreachable_proxy)?;
            let response = JsFuture::from(answer).await.map_err(unreachable_proxy)?;
            let response: Response = response.unchecked_into();
            if response.ok() {
                return Ok((response, abandoned));
            }
            let body = body(&response).await.unwrap_or_default();
            Err(refused(&response, body))
        }))
    }

    async fn request(
        &self,
        path: &str,
        call: Call<'_>,
        controller: &AbortController,
    ) -> Result<web_sys::Request, Error> {
        let url = [self.base.as_str(), path].concat();
        let mut builder = match call {
            Call::Get | Call::Follow(_) => gloo_net::http::Request::get(&url),
            Call::Post(_) => gloo_net::http::Request::post(&url),
            Call::Delete => gloo_net::http::Request::delete(&url),
        }
        .credentials(self.credentials)
        .abort_signal(Some(&controller.signal()))
        .header("x-mono-connect", "1");
        if let Some(token) = self.bearer().await? {
            builder = builder.header("authorization", &["Bearer ", &token].concat());
        }
        if let Call::Follow(Some(last_id)) = call {
            builder = builder.header("last-event-id", last_id);
        }
        match call {
            Call::Post(Some(body)) => builder
                .header("content-type", "application/json")
                .body(body),
            _ => builder.build(),
        }
        .map(web_sys::Request::from)
        .map_err(|_| Error::invalid_option("proxyUrl", "no address of a proxy"))
    }

    /// Has a statement built as a PDF, and asks until it can be fetched.
    pub(super) async fn statement_pdf(
        &self,
        path: &str,
        period: &str,
        milliseconds: u32,
    ) -> Result<JsValue, Error> {
        let wanted = json(&encode(&[("period", Field::Text(Some(period)))]));
        let end = BrowserTimer.now() + f64::from(milliseconds);
        let order = self.send(path, Call::Post(Some(&wanted)));
        let ordered = within(&BrowserTimer, milliseconds, order).await?;
        let job = job_id(&get(&ordered, "job_id"));
        if let Some(ended) = built(ordered) {
            return ended;
        }
        let path = [path, "/", job.map_err(|_| senseless())?.as_str()].concat();
        wait_for(&BrowserTimer, end, &|| {
            Box::pin(async { Ok(built(self.send(&path, Call::Get).await?)) })
        })
        .await?
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
            .because(Rc::new(cause))
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
        .because(Rc::new(cause))
    };
    let promise = response.json().map_err(unreadable)?;
    JsFuture::from(promise).await.map_err(unreadable)
}

/// How the building of a PDF has ended; nothing while it goes on. No later question helps where it
/// has failed.
fn built(pdf: JsValue) -> Option<Result<JsValue, Error>> {
    match text(&pdf, "status").as_deref() {
        Some("building") => None,
        Some("ready") if text(&pdf, "url").is_some() => Some(Ok(pdf)),
        _ => Some(Err(Error::new(
            Code::Proxy(ErrorCode::UpstreamError),
            "Mono could not build the PDF.",
        ))),
    }
}

pub(super) fn unreachable_proxy(cause: JsValue) -> Error {
    Error::new(Code::Network, "The proxy cannot be reached.").because(Rc::new(cause))
}

fn refused(response: &Response, body: JsValue) -> Error {
    let status = response.status();
    let header = |name: &str| response.headers().get(name).ok().flatten();
    let code = text(&body, "code").and_then(|code| known(ErrorCode::ALL, ErrorCode::as_str, &code));
    let seconds = get(&body, "retry_after")
        .as_f64()
        .or_else(|| seconds_until(&header("retry-after")?));
    Error::from(Details {
        code: code.map_or_else(|| Code::from_status(status), Code::Proxy),
        message: text(&body, "detail")
            .or_else(|| text(&body, "title"))
            .unwrap_or_else(|| "The proxy refused without saying why.".to_owned()),
        status: Some(status),
        request_id: text(&body, "request_id").or_else(|| header("x-request-id")),
        retry_after_ms: seconds.map(milliseconds),
        cause: Some(Rc::new(body)),
    })
}

/// What a `retry-after` says: a number of seconds or a date.
fn seconds_until(header: &str) -> Option<f64> {
    let number = parse_float(header);
    let seconds = if number.is_nan() {
        (Date::parse(header) - BrowserTimer.now()) / 1_000.0
    } else {
        number
    };
    (!seconds.is_nan()).then_some(seconds)
}

#[inline(never)]
fn text(value: &JsValue, key: &str) -> Option<String> {
    get(value, key).as_string()
}

fn read_config(config: &JsValue) -> Option<PublicConfig> {
    let word = |key: &str| text(config, key);
    let widget = get(config, "widget");
    let origins = get(&widget, "origins").dyn_into::<Array>().ok()?;
    Some(PublicConfig {
        public_key: word("public_key")?,
        environment: known(Environment::ALL, Environment::as_str, &word("environment")?)?,
        api_generation: known(
            ApiGeneration::ALL,
            ApiGeneration::as_str,
            &word("api_generation")?,
        )?,
        reauthorise: known_method(config, "reauthorise")?,
        widget: WidgetSource {
            script_url: text(&widget, "script_url")?,
            origins: origins
                .iter()
                .filter_map(|origin| origin.as_string())
                .collect(),
        },
    })
}

fn known_method(value: &JsValue, key: &str) -> Option<ReauthoriseMethod> {
    known(
        ReauthoriseMethod::ALL,
        ReauthoriseMethod::as_str,
        &text(value, key)?,
    )
}

/// The word among those that this version knows.
fn known<T: Copy>(words: &[T], as_str: fn(T) -> &'static str, word: &str) -> Option<T> {
    words.iter().copied().find(|known| as_str(*known) == word)
}

fn senseless() -> Error {
    Error::new(
        Code::Network,
        "The answer makes no sense: is proxyUrl the proxy's address?",
    )
}

impl Backend for Proxy {
    type Options = Object;
    type Account = JsValue;

    async fn open_session(&self, wanted: &Wanted) -> Result<Session<Object>, Error> {
        let answer = self
            .send("/api/link-sessions", Call::Post(Some(&wanted.0)))
            .await?;
        let options: Object = get(&answer, "widget").unchecked_into();
        let read = || {
            Some(Session {
                reference: text(&answer, "reference")?,
                expires_at: Date::parse(&text(&answer, "expires_at")?),
                options,
            })
        };
        read().ok_or_else(senseless)
    }

    async fn exchange(&self, code: &str, reference: &str) -> Result<JsValue, Error> {
        let body = json(&encode(&[
            ("code", Field::Text(Some(code))),
            ("reference", Field::Text(Some(reference))),
        ]));
        self.send("/api/accounts", Call::Post(Some(&body))).await
    }

    async fn account(&self, id: &str) -> Result<(JsValue, Standing), Error> {
        let account = self
            .send(&["/api/accounts/", id].concat(), Call::Get)
            .await?;
        let standing = Standing {
            requires_reauth: get(&account, "requires_reauth").is_truthy(),
            data_available: get(&account, "data_available").is_truthy(),
        };
        Ok((account, standing))
    }

    async fn reauthorise(&self, id: &str) -> Result<Reauthorisation, Error> {
        let path = ["/api/accounts/", id, "/reauthorise"].concat();
        let answer = self.send(&path, Call::Post(None)).await?;
        let read = || {
            Some(Reauthorisation {
                method: known_method(&answer, "method")?,
                token: text(&answer, "token"),
                account_id: text(&answer, "account_id"),
                url: text(&answer, "url"),
                reference: text(&answer, "reference")?,
            })
        };
        read().ok_or_else(senseless)
    }
}

/// A value of ours as JSON.
pub(super) fn json(value: &JsValue) -> String {
    JSON::stringify(value).map(String::from).unwrap_or_default()
}
