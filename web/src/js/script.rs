//! Loading the widget's script, once per page.
//!
//! The script element does not stay, whatever comes of it; a failure can be tried again.

use core::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlScriptElement;

use super::timer::BrowserTimer;
use super::value::{function, get, set, window};
use crate::deadline::within;
use crate::error::{Code, Error};

/// How long a script may take, in milliseconds.
const PATIENCE: u32 = 30_000;

struct Loading {
    url: String,
    class: Promise,
}

thread_local! {
    static LOADING: RefCell<Option<Loading>> = const { RefCell::new(None) };
}

/// The `Connect` class that the script at `url` brings.
///
/// `nonce` is what the page's content security policy knows its own scripts by.
pub(super) async fn class(url: &str, nonce: Option<&str>) -> Result<Function, Error> {
    let known = LOADING.with_borrow(|loading| {
        loading
            .as_ref()
            .filter(|loading| loading.url == url)
            .map(|loading| loading.class.clone())
    });
    let promise = match known {
        Some(promise) => promise,
        None => load(url, nonce)?,
    };
    let loaded = within(&BrowserTimer, PATIENCE, async {
        JsFuture::from(promise)
            .await
            .map_err(|cause| failed(url).because(Rc::new(cause)))
    });
    match loaded.await {
        Ok(class) => Ok(class.unchecked_into()),
        Err(error) => {
            forget(url);
            Err(if error.code() == Code::Timeout {
                failed(url)
            } else {
                error
            })
        }
    }
}

fn failed(url: &str) -> Error {
    let message = [
        "The widget's script did not load or brought no Connect: ",
        url,
    ]
    .concat();
    Error::new(Code::WidgetLoadFailed, &message)
}

fn forget(url: &str) {
    LOADING.with_borrow_mut(|loading| {
        if loading.as_ref().is_some_and(|loading| loading.url == url) {
            *loading = None;
        }
    });
}

fn load(url: &str, nonce: Option<&str>) -> Result<Promise, Error> {
    let script = element(url, nonce).map_err(|cause| failed(url).because(Rc::new(cause)))?;
    let class = Promise::new(&mut |resolve: Function, reject: Function| {
        let refuse = reject.clone();
        script.set_onload(Some(&function(move |_, _, _| {
            let class = window()
                .map(|window| get(&window, "Connect"))
                .unwrap_or_default();
            let settle = if class.is_function() {
                &resolve
            } else {
                &refuse
            };
            settle.call1(&JsValue::UNDEFINED, &class)
        })));
        script.set_onerror(Some(&function(move |event, _, _| {
            reject.call1(&JsValue::UNDEFINED, &event)
        })));
    });
    LOADING.set(Some(Loading {
        url: url.to_owned(),
        class: class.clone(),
    }));
    Ok(class)
}

fn element(url: &str, nonce: Option<&str>) -> Result<HtmlScriptElement, JsValue> {
    let document = window()
        .and_then(|window| window.document())
        .ok_or_else(|| JsValue::from_str("there is no document"))?;
    let script: HtmlScriptElement = document.create_element("script")?.dyn_into()?;
    if let Some(nonce) = nonce {
        script.set_nonce(nonce);
    }
    // Else a page that tells everybody its whole address would tell it here, too.
    set(&script, "referrerPolicy", "strict-origin");
    script.set_src(url);
    script.set_async(true);
    let place = document
        .head()
        .map(JsValue::from)
        .or_else(|| document.document_element().map(JsValue::from));
    place
        .unwrap_or_default()
        .dyn_into::<web_sys::Node>()?
        .append_child(&script)?;
    // It loads and runs all the same, and one that hangs leaves nothing, either.
    script.remove();
    Ok(script)
}
