//! The widget's code as a guest of the page: what it may hear and where its frames may go.
//!
//! How it is kept apart from the page is in `guest.js`; what is decided is decided here.

use core::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, Function, Object};
use mono_connect_shared::config::ReauthoriseMethod;
use wasm_bindgen::prelude::*;
use web_sys::{Url, Window};

use super::value::function;
use crate::guard::{Message, Sender, admits, handed_over_as, without_query};

#[wasm_bindgen(module = "/src/js/guest.js")]
extern "C" {
    /// The widget's code and everything it has put into the page.
    pub(super) type Guest;

    #[wasm_bindgen(constructor)]
    fn new(
        class: &Function,
        origins: &Array,
        nonce: Option<&str>,
        admits: &Function,
        address: &Function,
        ended: &Function,
    ) -> Guest;

    /// Makes the instance; `on_event` is the page's own.
    #[wasm_bindgen(method, catch)]
    pub(super) fn construct(
        this: &Guest,
        config: &Object,
        on_event: Option<&Function>,
    ) -> Result<(), JsValue>;

    /// Calls a method of the instance.
    #[wasm_bindgen(method, catch)]
    pub(super) fn call(this: &Guest, method: &str) -> Result<(), JsValue>;

    /// The same with an argument.
    #[wasm_bindgen(method, catch, js_name = call)]
    pub(super) fn call_with(this: &Guest, method: &str, value: &str) -> Result<(), JsValue>;

    /// Calls the instance's `open`, once it is built.
    #[wasm_bindgen(method, catch)]
    pub(super) fn open(this: &Guest) -> Result<(), JsValue>;

    /// Whether what was built is still in the page.
    #[wasm_bindgen(method, js_name = isThere)]
    pub(super) fn is_there(this: &Guest) -> bool;

    /// Removes everything that the widget's code put into the page.
    #[wasm_bindgen(method)]
    pub(super) fn leave(this: &Guest, is_closed: bool);
}

// What guest.js imports. Never called: only files that are named in Rust go into the package.
#[wasm_bindgen(module = "/src/js/listeners.js")]
extern "C" {
    #[wasm_bindgen(js_name = invoke)]
    fn _listeners();
}
#[wasm_bindgen(module = "/src/js/looks.js")]
extern "C" {
    #[wasm_bindgen(js_name = Looks)]
    fn _looks();
}
#[wasm_bindgen(module = "/src/js/markup.js")]
extern "C" {
    #[wasm_bindgen(js_name = isFrame)]
    fn _markup();
}
#[wasm_bindgen(module = "/src/js/patch.js")]
extern "C" {
    #[wasm_bindgen(js_name = owner)]
    fn _patch();
}
#[wasm_bindgen(module = "/src/js/timers.js")]
extern "C" {
    #[wasm_bindgen(js_name = Timers)]
    fn _timers();
}

/// What is handed to the widget so that a user can log in again.
pub(super) struct Handover {
    /// What the value is.
    pub(super) method: ReauthoriseMethod,
    /// The value.
    pub(super) value: String,
    /// Whether an address was refused because the value stood where it is taken for the other.
    pub(super) is_mistaken: Cell<bool>,
}

/// Lets the widget's code in. `ended` is told what fails in it later, or, with `true` as its second
/// argument, that the page has removed it.
pub(super) fn admit(
    window: Window,
    class: &Function,
    origins: Vec<String>,
    nonce: Option<&str>,
    handover: Option<Rc<Handover>>,
    ended: &Function,
) -> Guest {
    let known = origins.iter().map(JsValue::from).collect::<Array>();
    let may_hear = function(move |kind, origin, from| {
        let (kind, origin) = (kind.as_string(), origin.as_string());
        let message = Message {
            kind: kind.as_deref(),
            origin: origin.as_deref().unwrap_or_default(),
            sender: match from.as_string().as_deref() {
                Some("frame") => Sender::Frame,
                Some("code") => Sender::Code,
                _ => Sender::Other,
            },
        };
        Ok(admits(message, &origins).into())
    });
    let address = function(move |address, _, _| {
        let address = address.as_string().unwrap_or_default();
        let allowed = allowed(&window, &address, handover.as_deref())?;
        Ok(allowed.map_or(JsValue::NULL, JsValue::from))
    });
    Guest::new(class, &known, nonce, &may_hear, &address, ended)
}

/// A frame's address without the page's query string and fragment; none if it would hand over a
/// token as an account, or an account as a token.
fn allowed(
    window: &Window,
    address: &str,
    handover: Option<&Handover>,
) -> Result<Option<String>, JsValue> {
    let base = window.document().and_then(|page| page.base_uri().ok()?);
    let Ok(url) = Url::new_with_base(address, &base.unwrap_or_default()) else {
        return Ok(Some(address.to_owned()));
    };
    let location = window.location();
    let page = [location.origin()?, location.pathname()?].concat();
    let query = url.search_params();
    let (mut is_mistaken, mut is_changed) = (false, false);
    for pair in Array::from(&query).iter() {
        let pair: Array = pair.unchecked_into();
        let text = |index| pair.get(index).as_string().unwrap_or_default();
        let (name, value) = (text(0), text(1));
        if let Some(handover) = handover
            && let Some(method) = handed_over_as(&name, &value, &handover.value)
        {
            is_mistaken |= method != handover.method;
        }
        if let Some(short) = without_query(&value, &page) {
            query.set(&name, &short);
            is_changed = true;
        }
    }
    if let Some(short) = without_query(&url.hash(), &page) {
        url.set_hash(&short);
        is_changed = true;
    }
    if let Some(handover) = handover
        && is_mistaken
    {
        handover.is_mistaken.set(true);
        return Ok(None);
    }
    Ok(Some(if is_changed {
        url.href()
    } else {
        address.to_owned()
    }))
}
