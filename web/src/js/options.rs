//! Reading and checking what the page passes in.
//!
//! Names the field that is wrong. What is right is sent on as the page wrote it.

use js_sys::{Function, Object, Reflect};
use mono_connect_shared::id::AccountId;
use mono_connect_shared::link::{Consent, Customer, SelectedInstitution};
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use web_sys::{RequestCredentials, Url, UrlSearchParams};

use super::proxy::{Proxy, json};
use super::value::{get, set};
use crate::error::Error;
use crate::ports::Wanted;

/// Milliseconds for one call of the proxy, unless the page says otherwise.
const TIMEOUT: u32 = 30_000;

/// What `create` was given.
pub(super) struct Create {
    pub(super) proxy: Proxy,
    pub(super) connect: Option<Function>,
    pub(super) on_event: Option<Function>,
    pub(super) redirect: Option<Function>,
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

fn callback(options: &JsValue, name: &str) -> Result<Option<Function>, Error> {
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
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "in range, and a fraction of a millisecond does not matter"
            )]
            let milliseconds = number as u32;
            Ok(Some(milliseconds))
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
    let customer = field::<Customer>(options, "customer", &body)?;
    if customer.is_some_and(|it| it.id.is_none() && (it.name.is_none() || it.email.is_none())) {
        return Err(Error::invalid_option(
            "customer",
            "needs an id, or a name and an email",
        ));
    }
    field::<SelectedInstitution>(options, "institution", &body)?;
    field::<Consent>(options, "consent", &body)?;
    let is_empty = Object::keys(&body).length() == 0;
    Ok((!is_empty).then(|| Wanted(json(&body))))
}

fn field<T: DeserializeOwned>(
    options: &JsValue,
    name: &str,
    body: &Object,
) -> Result<Option<T>, Error> {
    let value = get(options, name);
    if value.is_null_or_undefined() {
        return Ok(None);
    }
    let read = serde_wasm_bindgen::from_value(value.clone()).map_err(|error| {
        let text = error.to_string();
        Error::invalid_option(name, text.strip_prefix("Error: ").unwrap_or(&text))
    })?;
    set(body, name, value);
    Ok(Some(read))
}

/// An account's id, fit to stand in a path.
pub(super) fn account_id(value: &JsValue) -> Result<AccountId, Error> {
    value
        .as_string()
        .and_then(|text| AccountId::try_from(text).ok())
        .ok_or_else(|| Error::invalid_option("id", "must be an account's id"))
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
        let text = value
            .as_string()
            .or_else(|| value.as_bool().map(|value| value.to_string()))
            .or_else(|| {
                value
                    .as_f64()
                    .map(|_| js_sys::JsString::from(value.clone()).into())
            })
            .ok_or_else(|| wrong(&name))?;
        query.append(&name, &text);
    }
    let text = String::from(query.to_string());
    Ok(if text.is_empty() {
        text
    } else {
        ["?", &text].concat()
    })
}
