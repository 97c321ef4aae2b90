//! The proxy's events, over `fetch`.
//!
//! Not over an `EventSource`, which can send no token, and waits for ever on a connection that
//! nobody closed.

use core::cell::RefCell;
use std::rc::{Rc, Weak};

use js_sys::{Function, JSON, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::Response;

use super::call::Stopping;
use super::proxy::{Abandoned, Proxy, unreachable_proxy};
use super::timer::BrowserTimer;
use super::value::{apply, call_method, function, get, report, set};
use crate::error::{Code, Error};
use crate::ports::Events;
use crate::stop::Stop;
use crate::stream::Reader;
use crate::watching::{end, follow};

#[wasm_bindgen(module = "/src/js/text.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn reader(response: &Response) -> Result<JsValue, JsValue>;
}

/// The events of one proxy, for one listener.
struct Told {
    proxy: Proxy,
    listener: Function,
    on_error: Option<Function>,
    last_id: RefCell<Option<String>>,
    stop: Weak<Stop>,
}

struct Stream {
    pieces: JsValue,
    reader: Reader,
    _connection: Abandoned,
}

impl Events for Told {
    type Stream = Stream;

    async fn open(&self) -> Result<Stream, Error> {
        let last_id = self.last_id.borrow().clone();
        let (response, connection) = self.proxy.open_stream("/api/events", last_id).await?;
        Ok(Stream {
            pieces: reader(&response).map_err(unreachable_proxy)?,
            reader: Reader::default(),
            _connection: connection,
        })
    }

    async fn hear(&self, stream: &mut Stream) -> Result<(), Error> {
        let piece = call_method(&stream.pieces, "read", &[]).map_err(unreachable_proxy)?;
        let piece: Promise = piece.unchecked_into();
        let piece = JsFuture::from(piece).await.map_err(unreachable_proxy)?;
        let Some(text) = get(&piece, "value").as_string() else {
            let ended = Error::new(Code::Network, "The stream has ended.");
            return Err(ended.retry_after(stream.reader.retry()));
        };
        stream
            .reader
            .read(&text, |event, id| {
                // The listener may have closed the subscription at the event before this one.
                if self.stop.upgrade().is_none_or(|stop| stop.check().is_err()) {
                    return;
                }
                // Before the listener is told: it may close the subscription or throw.
                self.last_id.replace(id.map(str::to_owned));
                if let Err(error) = tell(&event.name, &event.data, &self.listener) {
                    report(&error);
                }
            })
            .map_err(|_| Error::new(Code::Network, "An event never ends."))
    }

    fn is_refused(&self, error: Error) {
        if let Some(on_error) = &self.on_error
            && let Err(error) = apply(on_error, &JsValue::UNDEFINED, &[error.into()])
        {
            report(&error);
        }
    }
}

fn tell(kind: &str, data: &str, listener: &Function) -> Result<(), JsValue> {
    if !matches!(kind, "snapshot" | "account" | "job" | "removed") {
        return Ok(());
    }
    let data = JSON::parse(data)?;
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
    apply(listener, &JsValue::UNDEFINED, &[event.into()]).map(drop)
}

/// Follows the proxy's events until `stopping` says stop.
pub(super) fn subscribe(
    proxy: Proxy,
    listener: &JsValue,
    on_error: Option<Function>,
    stopping: Stopping,
) -> Result<JsValue, Error> {
    let listener = listener.clone().dyn_into();
    let told = Told {
        proxy,
        on_error,
        stop: Rc::downgrade(&stopping.stop),
        listener: listener.map_err(|_| Error::invalid_option("listener", "must be a function"))?,
        last_id: RefCell::default(),
    };
    let closing = Rc::downgrade(&stopping.stop);
    spawn_local(async move {
        let following = async {
            follow(&told, &BrowserTimer).await;
            Ok(())
        };
        // It ends because it was stopped, and whoever stopped it knows.
        let _ = stopping.stop.or(following).await;
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
