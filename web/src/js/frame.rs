//! A built widget: its callbacks, its messages, and its end.

use core::cell::Cell;
use std::rc::Rc;

use js_sys::{Function, Object};
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, Window};

use super::guest::{Guest, Handover, admit};
use super::value::{function, get, set};
use crate::attempt::Attempt;
use crate::error::{Code, Error};

/// The widget in the page. Dropping it closes it and removes every trace.
pub(super) struct Frame {
    guest: Guest,
    window: Window,
    closed: Rc<Cell<bool>>,
    focused: Cell<Option<HtmlElement>>,
}

/// What is needed to build one.
pub(super) struct Plan<'a> {
    /// The page.
    pub(super) window: Window,
    /// The `Connect` class.
    pub(super) class: &'a Function,
    /// The widget's options, without the callbacks.
    pub(super) config: Object,
    /// Where messages may come from.
    pub(super) origins: Vec<String>,
    /// What the page's content security policy knows its own styles by.
    pub(super) nonce: Option<&'a str>,
    /// The page's own `onEvent`.
    pub(super) on_event: Option<&'a Function>,
    /// What to hand over, when it is to re-authorise.
    pub(super) handover: Option<Rc<Handover>>,
}

impl Frame {
    /// Builds the widget, hidden.
    pub(super) fn build(plan: Plan<'_>, attempt: Rc<Attempt>) -> Result<Self, Error> {
        let ending = attempt.clone();
        let ended = function(move |cause, is_gone, _| {
            if is_gone.is_truthy() {
                ending.closed();
            } else {
                ending.broke(broken(cause));
            }
            Ok(JsValue::UNDEFINED)
        });
        let frame = Self {
            guest: admit(
                plan.window.clone(),
                plan.class,
                plan.origins,
                plan.nonce,
                plan.handover.clone(),
                &ended,
            ),
            window: plan.window,
            closed: Rc::default(),
            focused: Cell::default(),
        };
        frame.set_callbacks(&plan.config, attempt);
        frame
            .guest
            .construct(&plan.config, plan.on_event)
            .map_err(broken)?;
        match plan.handover {
            Some(handover) => frame.guest.call_with("reauthorise", &handover.value),
            None => frame.guest.call("setup"),
        }
        .map_err(broken)?;
        Ok(frame)
    }

    fn set_callbacks(&self, config: &Object, attempt: Rc<Attempt>) {
        let on_success = attempt.clone();
        let success = function(move |data, _, _| {
            on_success.succeeded(
                get(&data, "code")
                    .as_string()
                    .filter(|code| !code.is_empty()),
            );
            Ok(JsValue::UNDEFINED)
        });
        set(config, "onSuccess", success);

        let on_close = attempt.clone();
        let closed = self.closed.clone();
        let close = function(move |_, _, _| {
            closed.set(true);
            on_close.closed();
            Ok(JsValue::UNDEFINED)
        });
        set(config, "onClose", close);
        set(config, "onLoad", function(|_, _, _| Ok(JsValue::UNDEFINED)));

        let event = function(move |name, data, _| {
            if name == "ERROR" {
                attempt.reported(reported(data));
            }
            Ok(JsValue::UNDEFINED)
        });
        set(config, "onEvent", event);
    }

    /// Whether the page has left the widget where it is.
    pub(super) fn is_there(&self) -> bool {
        self.guest.is_there()
    }

    /// Shows the widget.
    pub(super) fn show(&self) -> Result<(), Error> {
        let focused = self
            .window
            .document()
            .and_then(|document| document.active_element());
        self.focused
            .set(focused.and_then(|element| element.dyn_into().ok()));
        self.guest.open().map_err(broken)
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        self.guest.leave(self.closed.get());
        // Who used a keyboard to open the widget goes on where they were.
        if let Some(element) = self.focused.take() {
            let _ = element.focus();
        }
    }
}

fn reported(data: JsValue) -> Error {
    let text = |key: &str| get(&data, key).as_string().filter(|text| !text.is_empty());
    let message = text("errorMessage")
        .or_else(|| text("errorType"))
        .unwrap_or_else(|| "The widget reported an error.".to_owned());
    Error::new(Code::WidgetError, &message).because(Rc::new(data))
}

fn broken(cause: JsValue) -> Error {
    Error::new(Code::WidgetError, "The widget's code failed.").because(Rc::new(cause))
}
