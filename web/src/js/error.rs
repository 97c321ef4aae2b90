//! Errors as JavaScript sees them: a `MonoConnectError`.

use js_sys::Object;
use wasm_bindgen::prelude::*;

use super::value::{Field, encode, set};
use crate::error::Error;

#[wasm_bindgen(module = "/src/js/error.js")]
extern "C" {
    type MonoConnectError;

    // Never called: it is here because only a function can be exported again without a
    // declaration of its own, and the class is declared in types.rs.
    #[wasm_bindgen(reexport, skip_typescript, js_name = MonoConnectError)]
    fn class();

    #[wasm_bindgen(constructor, js_class = "MonoConnectError")]
    fn new(code: &str, message: &str, details: &Object) -> MonoConnectError;
}

impl From<Error> for JsValue {
    #[inline(never)]
    fn from(error: Error) -> Self {
        let error = error.details();
        let details = encode(&[
            ("retryable", Field::Flag(error.code.is_retryable())),
            ("status", Field::Number(error.status.map(u32::from))),
            ("requestId", Field::Text(error.request_id.as_deref())),
            ("retryAfterMs", Field::Number(error.retry_after_ms)),
        ]);
        if let Some(cause) = error
            .cause
            .as_ref()
            .and_then(|cause| cause.downcast_ref::<Self>())
        {
            set(&details, "cause", cause.clone());
        }
        MonoConnectError::new(error.code.as_str(), &error.message, &details).into()
    }
}
