//! One call of the page's: its signal, and the promise it gets.

use core::future::Future;
use core::pin::Pin;
use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::AbortSignal;

use super::value::{function, get};
use crate::error::{Code, Error};
use crate::stop::Stop;

/// Watches the page's signal for as long as the call runs.
#[must_use]
pub(super) struct Stopping {
    /// What the signal stops.
    pub(super) stop: Rc<Stop>,
    watched: Option<(AbortSignal, Function)>,
    // An instance that nobody holds any more is freed, and that would end its calls.
    _instance: JsValue,
}

impl Stopping {
    /// Reads `signal` out of a call's options; `instance` is kept alive as long as the call.
    pub(super) fn new(options: &JsValue, instance: JsValue) -> Result<Self, Error> {
        Self::over(Rc::default(), options, instance)
    }

    /// The same for a `stop` that somebody else can use, too.
    pub(super) fn over(
        stop: Rc<Stop>,
        options: &JsValue,
        instance: JsValue,
    ) -> Result<Self, Error> {
        let signal = get(options, "signal");
        if signal.is_null_or_undefined() {
            return Ok(Self {
                stop,
                watched: None,
                _instance: instance,
            });
        }
        let signal: AbortSignal = signal
            .dyn_into()
            .map_err(|_| Error::invalid_option("signal", "must be an AbortSignal"))?;
        if signal.aborted() {
            return Err(aborted(&signal));
        }
        let (stopped, asked) = (stop.clone(), signal.clone());
        let listener = function(move |_, _, _| {
            stopped.stop(aborted(&asked));
            Ok(JsValue::UNDEFINED)
        });
        // A signal takes every listener.
        let _ = signal.add_event_listener_with_callback("abort", &listener);
        Ok(Self {
            stop,
            watched: Some((signal, listener)),
            _instance: instance,
        })
    }
}

impl Drop for Stopping {
    fn drop(&mut self) {
        if let Some((signal, listener)) = self.watched.take() {
            let _ = signal.remove_event_listener_with_callback("abort", &listener);
        }
    }
}

fn aborted(signal: &AbortSignal) -> Error {
    Error::new(Code::Aborted, "The page aborted the call.").because(Rc::new(signal.reason()))
}

/// A promise for the page. Boxed, so that one copy of the machinery serves every call.
pub(super) fn promise(future: impl Future<Output = Result<JsValue, Error>> + 'static) -> Promise {
    let future: Pin<Box<dyn Future<Output = Result<JsValue, Error>>>> = Box::pin(future);
    future_to_promise(async move { future.await.map_err(JsValue::from) })
}
