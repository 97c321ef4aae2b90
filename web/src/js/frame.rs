//! A built widget: its callbacks, its messages, and its end.

use core::cell::Cell;
use std::rc::Rc;

use js_sys::{Function, Object};
use wasm_bindgen::prelude::*;
use web_sys::{Document, HtmlElement, Window};

use super::guest::{Guest, Handover};
use super::value::{apply, function, get, set};
use crate::attempt::Attempt;
use crate::error::{Code, Error};

/// The widget in the page. Dropping it closes it and removes every trace.
pub(super) struct Frame {
    guest: Rc<Guest>,
    window: Window,
    hearing: Function,
    closed: Rc<Cell<bool>>,
    focused: Cell<Option<HtmlElement>>,
}

/// What is needed to build one.
pub(super) struct Plan<'a> {
    /// The page.
    pub(super) window: Window,
    /// Its document.
    pub(super) document: Document,
    /// The `Connect` class.
    pub(super) class: &'a Function,
    /// The widget's options, without the callbacks.
    pub(super) config: Object,
    /// Where messages may come from.
    pub(super) origins: Vec<String>,
    /// The page's own `onEvent`.
    pub(super) on_event: Option<Function>,
    /// What to hand over, when it is to re-authorise.
    pub(super) handover: Option<Handover>,
}

impl Frame {
    /// Builds the widget, hidden.
    pub(super) fn build(plan: Plan<'_>, attempt: Rc<Attempt>) -> Result<Self, Error> {
        let value = plan
            .handover
            .as_ref()
            .map(|handover| handover.value.clone());
        let guest = Guest::new(
            plan.window.clone(),
            plan.document,
            plan.class,
            plan.origins,
            plan.handover,
        );
        let listening = guest.clone();
        let hearing = function(move |event, _, _| {
            listening.hear(&event);
            Ok(JsValue::UNDEFINED)
        });
        plan.window
            .add_event_listener_with_callback("message", &hearing)
            .map_err(broken)?;
        let frame = Self {
            guest,
            window: plan.window,
            hearing,
            closed: Rc::default(),
            focused: Cell::default(),
        };
        frame.set_callbacks(&plan.config, attempt, plan.on_event);
        frame
            .guest
            .construct(plan.class, &plan.config)
            .map_err(broken)?;
        match value {
            Some(value) => frame.guest.call("reauthorise", &[value.into()]),
            None => frame.guest.call("setup", &[]),
        }
        .map_err(broken)?;
        Ok(frame)
    }

    fn set_callbacks(&self, config: &Object, attempt: Rc<Attempt>, on_event: Option<Function>) {
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

        let guest = Rc::downgrade(&self.guest);
        let event = function(move |name, data, _| {
            if name == "ERROR" {
                attempt.reported(reported(&data));
            }
            if let (Some(guest), Some(on_event)) = (guest.upgrade(), &on_event) {
                guest.tell_page(&bound(on_event, name, data));
            }
            Ok(JsValue::UNDEFINED)
        });
        set(config, "onEvent", event);
    }

    /// Whether what was handed over was seen in the widget's address, and rightly.
    pub(super) fn handed_over(&self) -> Option<bool> {
        self.guest.handed_over()
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
        self.guest.call("open", &[]).map_err(broken)?;
        self.guest.deliver_inbox();
        Ok(())
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        let _ = self
            .window
            .remove_event_listener_with_callback("message", &self.hearing);
        self.guest.leave(self.closed.get());
        // Who used a keyboard to open the widget goes on where they were.
        if let Some(element) = self.focused.take() {
            let _ = element.focus();
        }
    }
}

fn reported(data: &JsValue) -> String {
    let text = |key: &str| get(data, key).as_string().filter(|text| !text.is_empty());
    text("errorMessage")
        .or_else(|| text("errorType"))
        .unwrap_or_else(|| "The widget reported an error.".to_owned())
}

fn broken(cause: JsValue) -> Error {
    Error::new(Code::WidgetError, "The widget's code failed.").because(Rc::new(cause))
}

/// A call that can be made later.
fn bound(callback: &Function, name: JsValue, data: JsValue) -> Function {
    let callback = callback.clone();
    function(move |_, _, _| {
        apply(
            &callback,
            &JsValue::UNDEFINED,
            &[name.clone(), data.clone()],
        )
    })
}
