//! Errors as JavaScript sees them: a `MonoConnectError`.

use js_sys::Object;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::value::{encode, set};
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

/// The plain details of an error, in the page's words.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    retryable: bool,
    status: Option<u16>,
    request_id: Option<&'a str>,
    retry_after_ms: Option<u32>,
}

impl From<Error> for JsValue {
    #[inline(never)]
    fn from(error: Error) -> Self {
        let error = error.details();
        let details = encode(&Shown {
            retryable: error.code.is_retryable(),
            status: error.status,
            request_id: error.request_id.as_deref(),
            retry_after_ms: error.retry_after_ms,
        });
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
