//! Small steps between Rust and JavaScript values.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

/// A property, or `undefined`, whatever the value is.
pub(super) fn get(target: &JsValue, key: &str) -> JsValue {
    Reflect::get(target, &key.into()).unwrap_or_default()
}

/// Sets a property of an object of our own.
pub(super) fn set(target: &Object, key: &str, value: impl Into<JsValue>) {
    // An object that was just made takes every property.
    let _ = Reflect::set(target, &key.into(), &value.into());
}

/// A function for JavaScript, with one shape for all. It lives as long as JavaScript holds it.
pub(super) fn function(
    body: impl Fn(JsValue, JsValue, JsValue) -> Result<JsValue, JsValue> + 'static,
) -> Function {
    type Body = dyn Fn(JsValue, JsValue, JsValue) -> Result<JsValue, JsValue>;
    Closure::<Body>::wrap(Box::new(body))
        .into_js_value()
        .unchecked_into()
}

/// Calls a method by name.
pub(super) fn call_method(
    target: &JsValue,
    name: &str,
    arguments: &[JsValue],
) -> Result<JsValue, JsValue> {
    let method = Reflect::get(target, &name.into())?.dyn_into::<Function>()?;
    apply(&method, target, arguments)
}

/// Calls a function.
pub(super) fn apply(
    callee: &Function,
    this: &JsValue,
    arguments: &[JsValue],
) -> Result<JsValue, JsValue> {
    Reflect::apply(callee, this, &arguments.iter().collect::<js_sys::Array>())
}

/// Lets the page know of an error in a callback of its own, as an unhandled rejection, without
/// disturbing whoever called the callback.
pub(super) fn report(error: &JsValue) {
    let _: Promise = Promise::reject(error);
}

/// The page, where there is one.
pub(super) fn window() -> Option<web_sys::Window> {
    web_sys::window()
}
