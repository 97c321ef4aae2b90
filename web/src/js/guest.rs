//! The widget's code as a guest of the page: what it adds, hears and schedules goes through here.
//!
//! Its code runs inside [`Guest::enter`], where the functions that it would use to reach the page
//! are ours. It never knows, and the page's own code never runs in there.

use core::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Function, Object};
use mono_connect_shared::config::ReauthoriseMethod;
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, HtmlIFrameElement, MessageEvent, Url, Window};

use super::patch::{Patch, Prototypes, define};
use super::timer::clear_timeout;
use super::value::{apply, call_method, function, get, report, set};
use crate::guard::{Message, admits, handed_over_as, without_query};

/// Messages that may wait until the widget's code listens.
const INBOX: u32 = 32;

/// What is handed to the widget so that a user can log in again.
pub(super) struct Handover {
    /// What the value is.
    pub(super) method: ReauthoriseMethod,
    /// The value.
    pub(super) value: String,
}

/// The widget's code and everything it has put into the page.
pub(super) struct Guest {
    window: Window,
    document: Document,
    prototypes: Prototypes,
    origins: Vec<String>,
    handover: Option<Handover>,
    /// Whether the handover was seen where it belongs, or where it does not.
    handed_over: Cell<Option<bool>>,
    instance: RefCell<Option<Object>>,
    frame: RefCell<Option<(HtmlIFrameElement, Function)>>,
    // Arrays of JavaScript's own: what is in them is JavaScript's, and they cost no code here.
    elements: Array,
    handlers: Array,
    listeners: Array,
    timers: Array,
    inbox: Array,
    later: Array,
    depth: Cell<u32>,
    dispatching: Cell<bool>,
}

impl Guest {
    pub(super) fn new(
        window: Window,
        document: Document,
        class: &Function,
        origins: Vec<String>,
        handover: Option<Handover>,
    ) -> Rc<Self> {
        Rc::new(Self {
            window,
            document,
            prototypes: Prototypes::of(class),
            origins,
            handover,
            handed_over: Cell::default(),
            instance: RefCell::default(),
            frame: RefCell::default(),
            elements: Array::new(),
            handlers: Array::new(),
            listeners: Array::new(),
            timers: Array::new(),
            inbox: Array::new(),
            later: Array::new(),
            depth: Cell::default(),
            dispatching: Cell::default(),
        })
    }

    /// Makes the instance.
    pub(super) fn construct(
        self: &Rc<Self>,
        class: &Function,
        config: &Object,
    ) -> Result<(), JsValue> {
        let made = self.enter(|| js_sys::Reflect::construct(class, &Array::of1(config)))?;
        let instance: Object = made.dyn_into()?;
        self.prototypes.copy_to(&instance);
        self.instance.replace(Some(instance));
        Ok(())
    }

    /// Calls a method of the instance.
    pub(super) fn call(
        self: &Rc<Self>,
        method: &str,
        arguments: &[JsValue],
    ) -> Result<(), JsValue> {
        let instance = self.instance.borrow().clone();
        let Some(instance) = instance else {
            return Ok(());
        };
        self.enter(|| call_method(&instance, method, arguments))
            .map(drop)
    }

    /// Whether the handover went where it belongs (`Some(true)`), elsewhere (`Some(false)`), or
    /// nowhere that could be seen.
    pub(super) fn handed_over(&self) -> Option<bool> {
        self.handed_over.get()
    }

    /// Whether what was built is still in the page.
    pub(super) fn is_there(&self) -> bool {
        self.frame
            .borrow()
            .as_ref()
            .is_none_or(|(frame, _)| frame.is_connected())
    }

    /// Calls a callback of the page's: now, or as soon as the widget's code has returned.
    pub(super) fn tell_page(&self, callback: &Function) {
        self.later.push(callback);
        self.tell_now();
    }

    fn tell_now(&self) {
        while self.depth.get() == 0 && self.later.length() > 0 {
            let callback: Function = self.later.shift().unchecked_into();
            if let Err(error) = apply(&callback, &JsValue::UNDEFINED, &[]) {
                report(&error);
            }
        }
    }

    /// Runs the widget's code with the page's functions replaced by ours.
    fn enter<T>(self: &Rc<Self>, body: impl FnOnce() -> Result<T, JsValue>) -> Result<T, JsValue> {
        let result = {
            let _patches = [
                Patch::new(&self.window, "addEventListener", &self.hearing())?,
                Patch::new(&self.window, "setTimeout", &self.scheduling())?,
                Patch::new(&self.document, "createElement", &self.creating())?,
            ];
            let _entered = self.prototypes.enter();
            self.depth.set(self.depth.get() + 1);
            let result = body();
            self.depth.set(self.depth.get() - 1);
            result
        };
        self.tell_now();
        result
    }

    /// In the place of `window.addEventListener`: a listener for messages gets only what the guard
    /// lets through; any other is noted, to be removed with the widget.
    fn hearing(self: &Rc<Self>) -> Function {
        let guest = self.clone();
        let original: Function = get(&self.window, "addEventListener").unchecked_into();
        function(move |kind, listener, options| {
            if kind == "message" {
                guest.handlers.push(&listener);
                return Ok(JsValue::UNDEFINED);
            }
            guest
                .listeners
                .push(&Array::of3(&kind, &listener, &options));
            apply(&original, &guest.window, &[kind, listener, options])
        })
    }

    /// In the place of `window.setTimeout`: a timer of the widget's ends with the widget.
    fn scheduling(self: &Rc<Self>) -> Function {
        let guest = self.clone();
        let original: Function = get(&self.window, "setTimeout").unchecked_into();
        function(move |callback, delay, _| {
            let inner = guest.clone();
            let callback: Function = callback.dyn_into()?;
            let callback = function(move |_, _, _| {
                // What is dispatched in here is the widget's own word that it is open.
                inner.dispatching.set(true);
                let result = apply(&callback, &JsValue::UNDEFINED, &[]);
                inner.dispatching.set(false);
                result
            });
            let id = apply(&original, &guest.window, &[callback.into(), delay])?;
            guest.timers.push(&id);
            Ok(id)
        })
    }

    /// In the place of `document.createElement`: every element is noted, and a frame's address
    /// goes through [`address`](Self::address).
    fn creating(self: &Rc<Self>) -> Function {
        let guest = self.clone();
        let original: Function = get(&self.document, "createElement").unchecked_into();
        function(move |name, options, _| {
            let made = apply(&original, &guest.document, &[name, options])?;
            if let Some(frame) = made.dyn_ref::<HtmlIFrameElement>() {
                guest.adopt(frame)?;
            }
            guest.elements.push(&made);
            Ok(made)
        })
    }

    fn adopt(self: &Rc<Self>, frame: &HtmlIFrameElement) -> Result<(), JsValue> {
        let set_attribute: Function = get(frame, "setAttribute").dyn_into()?;
        self.frame.replace(Some((frame.clone(), set_attribute)));
        // Else the page's address could reach the widget in a header.
        frame.set_referrer_policy("strict-origin");

        let guest = self.clone();
        let descriptor = Object::new();
        set(&descriptor, "configurable", true);
        set(
            &descriptor,
            "set",
            function(move |address, _, _| guest.set_attribute("src".into(), address)),
        );
        let guest = self.clone();
        let current = move || {
            guest
                .frame
                .borrow()
                .as_ref()
                .and_then(|it| it.0.get_attribute("src"))
        };
        set(
            &descriptor,
            "get",
            function(move |_, _, _| Ok(current().unwrap_or_default().into())),
        );
        js_sys::Reflect::define_property(frame, &"src".into(), &descriptor)?;

        let guest = self.clone();
        let setting = function(move |name, value, _| guest.set_attribute(name, value));
        define(frame, &"setAttribute".into(), &setting)
    }

    fn set_attribute(&self, name: JsValue, value: JsValue) -> Result<JsValue, JsValue> {
        let adopted = self.frame.borrow().clone();
        let Some((frame, set_attribute)) = adopted else {
            return Ok(JsValue::UNDEFINED);
        };
        let is_address = name
            .as_string()
            .is_some_and(|name| name.eq_ignore_ascii_case("src"));
        let value = match value.as_string() {
            Some(address) if is_address => match self.address(&address)? {
                Some(address) => address.into(),
                None => return Ok(JsValue::UNDEFINED),
            },
            _ => value,
        };
        apply(&set_attribute, &frame, &[name, value])
    }

    /// The widget's address without the page's query string and fragment; nothing if it would
    /// hand over a token as an account, or an account as a token.
    fn address(&self, address: &str) -> Result<Option<String>, JsValue> {
        let url = Url::new_with_base(address, &self.document.base_uri()?.unwrap_or_default())?;
        let location = self.window.location();
        let page = [location.origin()?, location.pathname()?].concat();
        let query = url.search_params();
        let (mut rightly, mut wrongly) = (false, false);
        for pair in Array::from(&query).iter() {
            let pair: Array = pair.unchecked_into();
            let text = |index| pair.get(index).as_string().unwrap_or_default();
            let (name, value) = (text(0), text(1));
            if let Some(handover) = &self.handover
                && let Some(method) = handed_over_as(&name, &value, &handover.value)
            {
                let fits = method == handover.method;
                rightly |= fits;
                wrongly |= !fits;
            }
            if let Some(short) = without_query(&value, &page) {
                query.set(&name, &short);
            }
        }
        if self.handover.is_some() {
            let fits = rightly && !wrongly;
            self.handed_over
                .set(Some(fits && self.handed_over.get() != Some(false)));
            if !fits {
                return Ok(None);
            }
        }
        Ok(Some(url.href()))
    }

    /// A message has arrived at the page.
    pub(super) fn hear(self: &Rc<Self>, event: &JsValue) {
        let message: &MessageEvent = event.unchecked_ref();
        let kind = get(&get(event, "data"), "type").as_string();
        let source = get(event, "source");
        let from_frame = self.frame.borrow().as_ref().is_some_and(|(frame, _)| {
            message.is_trusted()
                && frame
                    .content_window()
                    .is_some_and(|window| Object::is(&window, &source))
        });
        let admitted = admits(
            Message {
                kind: kind.as_deref(),
                origin: &get(event, "origin").as_string().unwrap_or_default(),
                from_frame,
                from_code: self.dispatching.get() && !message.is_trusted(),
            },
            &self.origins,
        );
        if !admitted {
            return;
        }
        if self.handlers.length() == 0 {
            if self.inbox.length() < INBOX {
                self.inbox.push(event);
            }
            return;
        }
        self.deliver(event);
    }

    /// Hands over what arrived before the widget's code listened.
    pub(super) fn deliver_inbox(self: &Rc<Self>) {
        while self.inbox.length() > 0 {
            self.deliver(&self.inbox.shift());
        }
    }

    fn deliver(self: &Rc<Self>, event: &JsValue) {
        for handler in self.handlers.slice(0, self.handlers.length()).iter() {
            let heard = self.enter(|| match handler.dyn_ref::<Function>() {
                Some(handler) => apply(handler, &self.window, core::slice::from_ref(event)),
                None => call_method(&handler, "handleEvent", core::slice::from_ref(event)),
            });
            if let Err(error) = heard {
                report(&error);
            }
        }
    }

    /// Removes everything that the widget's code put into the page.
    pub(super) fn leave(self: &Rc<Self>, is_closed: bool) {
        self.end_timers();
        if !is_closed {
            // It may fail, for instance when the page has removed its elements: they go anyway.
            let _ = self.call("close", &[]);
        }
        self.end_timers();
        if let Some((frame, _)) = self.frame.take() {
            frame.set_onload(None);
        }
        while self.elements.length() > 0 {
            self.elements.pop().unchecked_into::<Element>().remove();
        }
        while self.listeners.length() > 0 {
            let listener: Array = self.listeners.pop().unchecked_into();
            let _ = call_method(&self.window, "removeEventListener", &listener.to_vec());
        }
        // Without these, what JavaScript holds of us and what we hold of it would keep each other.
        self.handlers.set_length(0);
        self.inbox.set_length(0);
        self.instance.take();
        self.prototypes.clear();
    }

    fn end_timers(&self) {
        while self.timers.length() > 0 {
            clear_timeout(&self.timers.pop());
        }
    }
}
