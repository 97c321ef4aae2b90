//! The widget port over a `Connect` class.

use core::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Object, Reflect, Symbol};
use mono_connect_shared::config::{PublicConfig, ReauthoriseMethod};
use wasm_bindgen::prelude::*;

use super::frame::{Frame, Plan};
use super::guest::Handover;
use super::script;
use super::value::{Field, apply, encode, get, window};
use crate::attempt::Attempt;
use crate::error::{Code, Error};
use crate::guard::takes_by_source;
use crate::page::Page;
use crate::ports::{Opening, Widget};
use crate::reauthorising::unsupported;

thread_local! {
    static PAGE: Rc<Page<Frame>> = Rc::default();
    static INSTANCES: Cell<u32> = const { Cell::new(0) };
}

/// The page that all instances share.
pub(super) fn page() -> Rc<Page<Frame>> {
    PAGE.with(Rc::clone)
}

/// A number that no other instance has.
pub(super) fn next_instance() -> u32 {
    INSTANCES.replace(INSTANCES.get().wrapping_add(1))
}

/// The widget of one instance.
pub(super) struct ConnectWidget {
    /// What the proxy told.
    pub(super) config: PublicConfig,
    /// The `Connect` that the page brought, or that the script did.
    pub(super) class: RefCell<Option<Function>>,
    /// The page's `onEvent`.
    pub(super) on_event: Option<Function>,
    /// The page's `nonce`.
    pub(super) nonce: Option<String>,
    /// The page's `redirect`.
    pub(super) redirect: Option<Function>,
}

impl ConnectWidget {
    fn class(&self) -> Option<Function> {
        self.class.borrow().clone()
    }

    fn config(&self, opening: &Opening<'_, Object>) -> Object {
        match opening {
            Opening::Link(options) => Object::assign(&Object::new(), options),
            Opening::Reauthorise {
                method, reference, ..
            } => {
                let scope = match method {
                    ReauthoriseMethod::AccountId => "reauth",
                    _ => "auth",
                };
                encode(&[
                    ("key", Field::Text(Some(&self.config.public_key))),
                    ("scope", Field::Text(Some(scope))),
                    ("reference", Field::Text(Some(reference))),
                ])
            }
        }
    }
}

impl Widget for ConnectWidget {
    type Options = Object;
    type Frame = Frame;

    async fn load(&self) -> Result<(), Error> {
        if self.class().is_none() {
            let class =
                script::class(&self.config.widget.script_url, self.nonce.as_deref()).await?;
            self.class.replace(Some(class));
        }
        Ok(())
    }

    fn takes(&self) -> Option<ReauthoriseMethod> {
        let class = self.class()?;
        let method: Function = get(&get(&class, "prototype"), "reauthorise")
            .dyn_into()
            .ok()?;
        takes_by_source(&String::from(method.to_string()))
    }

    fn build(&self, opening: &Opening<'_, Object>, attempt: Rc<Attempt>) -> Result<Frame, Error> {
        let handover = match opening {
            Opening::Link(_) => None,
            Opening::Reauthorise { method, value, .. } => Some(Rc::new(Handover {
                method: *method,
                value: (*value).to_owned(),
                is_mistaken: Cell::default(),
            })),
        };
        let plan = Plan {
            window: window().ok_or_else(no_page)?,
            class: &self.class().ok_or_else(no_page)?,
            config: self.config(opening),
            origins: self.config.widget.origins.clone(),
            nonce: self.nonce.as_deref(),
            on_event: self.on_event.as_ref(),
            handover: handover.clone(),
        };
        let frame = Frame::build(plan, attempt)?;
        match handover {
            // Seen where it would be taken for the other. Where nothing is seen, nothing is wrong.
            Some(handover) if handover.is_mistaken.get() => Err(unsupported(handover.method)),
            _ => Ok(frame),
        }
    }

    fn is_there(&self, frame: &Frame) -> bool {
        frame.is_there()
    }

    fn show(&self, frame: &Frame) -> Result<(), Error> {
        frame.show()
    }

    fn redirect(&self, url: &str) -> Result<(), Error> {
        let done = match (&self.redirect, window()) {
            (Some(redirect), _) => apply(redirect, &JsValue::UNDEFINED, &[url.into()]).map(drop),
            (None, Some(window)) => window.location().assign(url),
            (None, None) => return Err(no_page()),
        };
        done.map_err(|cause| {
            Error::new(Code::WidgetError, "The page could not be sent to Mono.")
                .because(Rc::new(cause))
        })
    }

    fn claim(&self) -> bool {
        !self.is_claimed() && set_claimed(true)
    }

    fn release(&self) {
        set_claimed(false);
    }

    fn is_claimed(&self) -> bool {
        Reflect::get(&js_sys::global(), &turn()).is_ok_and(|turn| turn.is_truthy())
    }
}

/// Kept on the page itself, so that two copies of this module respect each other.
fn turn() -> JsValue {
    Symbol::for_("mono-connect.turn").into()
}

fn set_claimed(claimed: bool) -> bool {
    Reflect::set(&js_sys::global(), &turn(), &claimed.into()).unwrap_or(false)
}

fn no_page() -> Error {
    Error::new(
        Code::WidgetLoadFailed,
        "The widget needs a page, and there is none here.",
    )
}
