//! The proxy's events, over an `EventSource`.

use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::task::{Poll, Waker};
use std::rc::Rc;

use js_sys::{Function, JSON, Object};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{EventSource, EventSourceInit};

use super::proxy::Proxy;
use super::timer::BrowserTimer;
use super::value::{Callback, apply, function, get, report, set};
use crate::error::{Code, Error};
use crate::ports::Events;
use crate::stop::Stop;
use crate::watching::{end, follow};

/// What is heard: the browser's two events of the stream itself, and the proxy's.
const HEARD: [&str; 6] = ["open", "error", "snapshot", "account", "job", "removed"];

/// The events of one proxy, for one listener.
struct Told {
    url: String,
    listener: Function,
}

#[derive(Default)]
struct State {
    opened: Cell<bool>,
    given_up: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

struct Stream {
    source: EventSource,
    ear: Callback,
    state: Rc<State>,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.close();
        for name in HEARD {
            let ear = self.ear.as_ref().unchecked_ref();
            let _ = self.source.remove_event_listener_with_callback(name, ear);
        }
    }
}

impl Events for Told {
    type Stream = Stream;

    fn open(&self) -> Result<Stream, Error> {
        let options = EventSourceInit::new();
        options.set_with_credentials(true);
        let source =
            EventSource::new_with_event_source_init_dict(&self.url, &options).map_err(|cause| {
                Error::new(Code::Network, "The proxy's events cannot be followed.")
                    .because(Rc::new(cause))
            })?;
        let state = Rc::new(State::default());
        let (heard, listener) = (state.clone(), self.listener.clone());
        let ear = Callback::wrap(Box::new(move |event, _, _| {
            heard.hear(&event, &listener);
            Ok(JsValue::UNDEFINED)
        }));
        for name in HEARD {
            // An EventSource takes every listener.
            let _ = source.add_event_listener_with_callback(name, ear.as_ref().unchecked_ref());
        }
        Ok(Stream { source, ear, state })
    }

    async fn given_up(&self, stream: &Stream) -> bool {
        let state = &stream.state;
        poll_fn(|context| {
            if state.given_up.get() {
                return Poll::Ready(state.opened.get());
            }
            state.waker.replace(Some(context.waker().clone()));
            Poll::Pending
        })
        .await
    }
}

impl State {
    fn hear(&self, event: &JsValue, listener: &Function) {
        let kind = get(event, "type").as_string().unwrap_or_default();
        match kind.as_str() {
            "open" => self.opened.set(true),
            "error" => {
                let state = get(&get(event, "target"), "readyState");
                if state == EventSource::CLOSED {
                    self.given_up.set(true);
                    if let Some(waker) = self.waker.take() {
                        waker.wake();
                    }
                }
            }
            kind => {
                if let Err(error) = tell(kind, &get(event, "data"), listener) {
                    report(&error);
                }
            }
        }
    }
}

fn tell(kind: &str, data: &JsValue, listener: &Function) -> Result<JsValue, JsValue> {
    let data = JSON::parse(&data.as_string().unwrap_or_default())?;
    let event = Object::new();
    set(&event, "type", kind);
    match kind {
        "snapshot" => set(&event, "accounts", get(&data, "accounts")),
        "account" => set(&event, "account", data),
        _ => {
            set(&event, "accountId", get(&data, "account_id"));
            if kind == "job" {
                set(&event, "job", get(&data, "job"));
            }
        }
    }
    apply(listener, &JsValue::UNDEFINED, &[event.into()])
}

/// Follows the proxy's events until `stop` says stop; `instance` is kept alive as long.
pub(super) fn subscribe(
    proxy: &Proxy,
    listener: &JsValue,
    stop: Rc<Stop>,
    instance: JsValue,
) -> Result<JsValue, Error> {
    let listener = listener.clone().dyn_into();
    let listener = listener.map_err(|_| Error::invalid_option("listener", "must be a function"))?;
    if proxy.token.is_some() {
        return Err(Error::invalid_option(
            "token",
            "watch() needs the session's cookie: an EventSource cannot send a token",
        ));
    }
    let told = Told {
        url: [proxy.base.as_str(), "/api/events"].concat(),
        listener,
    };
    let stream = told.open()?;
    let closing = Rc::downgrade(&stop);
    spawn_local(async move {
        let ended = stop.or(follow(&told, &BrowserTimer, stream)).await;
        if let Err(error) = ended
            && error.code() != Code::Aborted
        {
            report(&error.into());
        }
        drop(instance);
    });
    let subscription = Object::new();
    let close = function(move |_, _, _| {
        if let Some(stop) = closing.upgrade() {
            end(&stop);
        }
        Ok(JsValue::UNDEFINED)
    });
    set(&subscription, "close", close);
    Ok(subscription.into())
}
