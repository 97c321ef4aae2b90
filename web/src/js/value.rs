//! Small steps between Rust and JavaScript values.

use js_sys::{Function, Object, Promise, Reflect};
use serde::{Serialize, Serializer};
use wasm_bindgen::prelude::*;

// These are never inlined: each is used dozens of times, and size counts more than the call.

/// A property, or `undefined`, whatever the value is.
#[inline(never)]
pub(super) fn get(target: &JsValue, key: &str) -> JsValue {
    Reflect::get(target, &key.into()).unwrap_or_default()
}

/// Sets a property of an object of our own.
pub(super) fn set(target: &Object, key: &str, value: impl Into<JsValue>) {
    set_value(target, key, &value.into());
}

#[inline(never)]
fn set_value(target: &Object, key: &str, value: &JsValue) {
    // An object that was just made takes every property.
    let _ = Reflect::set(target, &key.into(), value);
}

/// A flat record of ours, on its way to JavaScript: names and texts or small numbers.
///
/// Only in this direction: decoding would make the module a third larger, because what serde says
/// of a value that does not fit brings along how to write every float. And a map instead of a
/// derived struct, whose names serde-wasm-bindgen would keep in a hash table.
struct Record<'a>(&'a [(&'a str, Field<'a>)]);

/// One field's value.
pub(super) enum Field<'a> {
    /// `undefined` where there is none.
    Text(Option<&'a str>),
    /// `undefined` where there is none.
    Number(Option<u32>),
    /// Yes or no.
    Flag(bool),
}

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, field)| (name, field)))
    }
}

impl Serialize for Field<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(Some(text)) => serializer.serialize_str(text),
            Self::Number(Some(number)) => serializer.serialize_u32(*number),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Text(None) | Self::Number(None) => serializer.serialize_none(),
        }
    }
}

/// A record as a plain object of JavaScript's.
#[inline(never)]
pub(super) fn encode(record: &[(&str, Field<'_>)]) -> Object {
    let as_object = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    // Flat records of words and small numbers always become objects.
    Record(record)
        .serialize(&as_object)
        .unwrap_or_default()
        .unchecked_into()
}

/// A function for JavaScript, with one shape for all. It lives as long as this does.
pub(super) type Callback = Closure<dyn Fn(JsValue, JsValue, JsValue) -> Result<JsValue, JsValue>>;

/// A function for JavaScript that lives as long as JavaScript holds it.
pub(super) fn function(
    body: impl Fn(JsValue, JsValue, JsValue) -> Result<JsValue, JsValue> + 'static,
) -> Function {
    Callback::wrap(Box::new(body))
        .into_js_value()
        .unchecked_into()
}

/// Calls a method by name.
#[inline(never)]
pub(super) fn call_method(
    target: &JsValue,
    name: &str,
    arguments: &[JsValue],
) -> Result<JsValue, JsValue> {
    let method = Reflect::get(target, &name.into())?.dyn_into::<Function>()?;
    apply(&method, target, arguments)
}

/// Calls a function.
#[inline(never)]
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

/// Seconds in milliseconds, whole ones, as far as a timer can count.
pub(super) fn milliseconds(seconds: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float takes the nearest number that fits, and zero for no number"
    )]
    let milliseconds = (seconds * 1_000.0) as u32;
    milliseconds
}
