//! Time, from the browser.

use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::task::{Poll, Waker};
use std::rc::Rc;

use js_sys::{Date, Function};
use wasm_bindgen::prelude::*;

use super::value::function;
use crate::ports::Timer;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, milliseconds: u32) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: &JsValue);
}

/// The browser's clock and timers.
pub(super) struct BrowserTimer;

#[derive(Default)]
struct Ring {
    rung: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

/// A running timer; stops when dropped.
struct Running(JsValue);

impl Drop for Running {
    fn drop(&mut self) {
        clear_timeout(&self.0);
    }
}

impl Timer for BrowserTimer {
    fn now(&self) -> f64 {
        Date::now()
    }

    async fn sleep(&self, milliseconds: u32) {
        let ring = Rc::new(Ring::default());
        let ringing = ring.clone();
        let callback = function(move |_, _, _| {
            ringing.rung.set(true);
            if let Some(waker) = ringing.waker.take() {
                waker.wake();
            }
            Ok(JsValue::UNDEFINED)
        });
        let _running = Running(set_timeout(&callback, milliseconds));
        poll_fn(|context| {
            if ring.rung.get() {
                return Poll::Ready(());
            }
            ring.waker.replace(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }
}
