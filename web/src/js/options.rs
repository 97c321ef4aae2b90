//! Reading and checking what the page passes in.
//!
//! Names the field that is wrong. What is right is sent on as the page wrote it.

use js_sys::{Function, Object, Reflect};
use mono_connect_shared::id::{AccountId, JobId};
use wasm_bindgen::prelude::*;
use web_sys::{RequestCredentials, Url, UrlSearchParams};

use super::proxy::{Proxy, json};
use super::value::{get, milliseconds, set};
use crate::error::Error;
use crate::ports::Wanted;
use crate::wish::{CONSENT, CUSTOMER, INSTITUTION};

/// Milliseconds for one call of the proxy, unless the page says otherwise: somewhat more than the
/// proxy gives a call to Mono by default, so that its own answer about a Mono that hangs comes first.
const TIMEOUT: u32 = 65_000;

/// What `create` was given.
pub(super) struct Create {
    pub(super) proxy: Proxy,
    pub(super) connect: Option<Function>,
    pub(super) on_event: Option<Function>,
    pub(super) redirect: Option<Function>,
    pub(super) nonce: Option<String>,
}

impl Create {
    pub(super) fn read(options: &JsValue) -> Result<Self, Error> {
        check_object(options)?;
        let base = proxy_url(options)?;
        Ok(Self {
            proxy: Proxy {
                credentials: credentials(&base),
                base: base.href().trim_end_matches('/').to_owned(),
                token: callback(options, "token")?,
                timeout: timeout(options)?.unwrap_or(TIMEOUT),
            },
            connect: callback(options, "connect")?,
            on_event: callback(options, "onEvent")?,
            redirect: callback(options, "redirect")?,
            nonce: nonce(options)?,
        })
    }
}

fn proxy_url(options: &JsValue) -> Result<Url, Error> {
    let value = get(options, "proxyUrl");
    let text = if value.is_null_or_undefined() {
        Some("/".to_owned())
    } else {
        value.as_string()
    };
    let text = text.ok_or_else(|| Error::invalid_option("proxyUrl", "must be a text"))?;
    let base = get(&get(&js_sys::global(), "document"), "baseURI").as_string();
    match &base {
        Some(base) => Url::new_with_base(&text, base),
        None => Url::new(&text),
    }
    .ok()
    .filter(|url| url.protocol().starts_with("http"))
    .inspect(|url| {
        url.set_search("");
        url.set_hash("");
    })
    .ok_or_else(|| Error::invalid_option("proxyUrl", "must be the proxy's address"))
}

/// Cookies go to the proxy wherever it is: the caller's session is in one.
fn credentials(base: &Url) -> RequestCredentials {
    let page = get(&get(&js_sys::global(), "location"), "origin");
    if page.as_string().is_some_and(|page| page == base.origin()) {
        RequestCredentials::SameOrigin
    } else {
        RequestCredentials::Include
    }
}

/// The options are an object, or left out.
pub(super) fn check_object(options: &JsValue) -> Result<(), Error> {
    if options.is_null_or_undefined() || options.is_object() {
        return Ok(());
    }
    Err(Error::invalid_option("options", "must be an object"))
}

fn nonce(options: &JsValue) -> Result<Option<String>, Error> {
    let value = get(options, "nonce");
    if value.is_null_or_undefined() {
        return Ok(None);
    }
    let wrong = || Error::invalid_option("nonce", "must be a text");
    value.as_string().map(Some).ok_or_else(wrong)
}

/// A function of the page's, where it gives one.
pub(super) fn callback(options: &JsValue, name: &str) -> Result<Option<Function>, Error> {
    let value = get(options, name);
    if value.is_null_or_undefined() {
        return Ok(None);
    }
    let wrong = |_| Error::invalid_option(name, "must be a function");
    value.dyn_into().map(Some).map_err(wrong)
}

/// `timeoutMs`, where the page gives one.
pub(super) fn timeout(options: &JsValue) -> Result<Option<u32>, Error> {
    let value = get(options, "timeoutMs");
    if value.is_null_or_undefined() {
        return Ok(None);
    }
    match value.as_f64() {
        // More than `setTimeout` can count would fire at once.
        Some(number) if (1.0..=2_147_483_647.0).contains(&number) => {
            Ok(Some(milliseconds(number / 1_000.0)))
        }
        _ => Err(Error::invalid_option(
            "timeoutMs",
            "must be a positive number",
        )),
    }
}

/// What the page wants to link; nothing when it says nothing of it.
pub(super) fn wanted(options: &JsValue) -> Result<Option<Wanted>, Error> {
    check_object(options)?;
    let body = Object::new();
    let customer = section(options, "customer", CUSTOMER, &body)?;
    let has = |field: &str| get(&customer, field).is_string();
    if customer.is_object() && !has("id") && !(has("name") && has("email")) {
        return Err(Error::invalid_option(
            "customer",
            "needs an id, or a name and an email",
        ));
    }
    let institution = section(options, "institution", INSTITUTION, &body)?;
    require(&institution, "institution.id")?;
    let consent = section(options, "consent", CONSENT, &body)?;
    require(&consent, "consent.version")?;
    let is_empty = Object::keys(&body).length() == 0;
    Ok((!is_empty).then(|| Wanted(json(&body))))
}

/// One part of the options, whose fields are all texts; `undefined` when it is left out.
fn section(
    options: &JsValue,
    name: &str,
    fields: &[&str],
    body: &Object,
) -> Result<JsValue, Error> {
    let value = get(options, name);
    if value.is_null_or_undefined() {
        return Ok(JsValue::UNDEFINED);
    }
    let Some(object) = value.dyn_ref::<Object>() else {
        return Err(Error::invalid_option(name, "must be an object"));
    };
    for key in Object::keys(object).iter() {
        let key = key.as_string().unwrap_or_default();
        let is_text = || {
            let text = get(object, &key);
            text.is_string() || text.is_null_or_undefined()
        };
        let wrong = |message| Error::invalid_option(&[name, ".", &key].concat(), message);
        if !fields.contains(&key.as_str()) {
            return Err(wrong("is not known"));
        }
        if !is_text() {
            return Err(wrong("must be a text"));
        }
    }
    set(body, name, value.clone());
    Ok(value)
}

/// A part that is there has its one necessary field.
fn require(section: &JsValue, path: &str) -> Result<(), Error> {
    let field = path.rsplit('.').next().unwrap_or_default();
    if section.is_undefined() || get(section, field).is_string() {
        return Ok(());
    }
    Err(Error::invalid_option(path, "must be a text"))
}

/// An account's id, fit to stand in a path.
pub(super) fn account_id(value: &JsValue) -> Result<AccountId, Error> {
    value
        .as_string()
        .and_then(|text| AccountId::try_from(text).ok())
        .ok_or_else(|| Error::invalid_option("id", "must be an account's id"))
}

/// A job's id, fit to stand in a path.
pub(super) fn job_id(value: &JsValue) -> Result<JobId, Error> {
    value
        .as_string()
        .and_then(|text| JobId::try_from(text).ok())
        .ok_or_else(|| Error::invalid_option("jobId", "must be a job's id"))
}

/// The period of a statement, which the proxy understands or refuses.
pub(super) fn period(options: &JsValue) -> Result<String, Error> {
    get(options, "period")
        .as_string()
        .ok_or_else(|| Error::invalid_option("period", "must be a text, for instance last3months"))
}

/// The query string of a read: every field but those that steer the call itself.
pub(super) fn query(options: &JsValue) -> Result<String, Error> {
    check_object(options)?;
    let Some(object) = options.dyn_ref::<Object>() else {
        return Ok(String::new());
    };
    let wrong = |name: &str| Error::invalid_option(name, "must be a text, a number or a boolean");
    let query = UrlSearchParams::new().map_err(|_| wrong("options"))?;
    for key in Object::keys(object).iter() {
        let name = key.as_string().unwrap_or_default();
        let value = Reflect::get(object, &key).unwrap_or_default();
        if name == "signal" || name == "timeoutMs" || value.is_null_or_undefined() {
            continue;
        }
        let is_plain = value.as_f64().is_some() || value.as_bool().is_some();
        let text = value.as_string().or_else(|| is_plain.then(|| json(&value)));
        let text = text.ok_or_else(|| wrong(&name))?;
        query.append(&name, &text);
    }
    let text = String::from(query.to_string());
    Ok(if text.is_empty() {
        text
    } else {
        ["?", &text].concat()
    })
}
