//! The exported class: converts, delegates, and nothing else.

use core::cell::RefCell;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::call::{Stopping, promise};
use super::options::{self, account_id, check_object, query};
use super::proxy::{Call, Proxy};
use super::timer::BrowserTimer;
use super::widget::{ConnectWidget, next_instance, page};
use crate::deadline::both;
use crate::error::Error;
use crate::linking::{Linking, Turn};
use crate::ports::Wanted;

type PageTurn = Turn<Proxy, ConnectWidget, BrowserTimer>;

/// Links bank accounts through Mono's widget and reads them through the proxy.
#[wasm_bindgen]
pub struct MonoConnect {
    linking: Rc<Linking<Proxy, ConnectWidget, BrowserTimer>>,
}

#[wasm_bindgen]
impl MonoConnect {
    /// Asks the proxy for its configuration and, unless there is a `token`, for a session.
    #[wasm_bindgen(unchecked_return_type = "Promise<MonoConnect>")]
    pub fn create(
        #[wasm_bindgen(unchecked_optional_param_type = "CreateOptions")] options: JsValue,
    ) -> Promise {
        promise(async move {
            let options = options::Create::read(&options)?;
            let proxy = options.proxy;
            let session = async {
                if proxy.token.is_some() {
                    Ok(())
                } else {
                    proxy.session().await
                }
            };
            let (config, ()) = both(proxy.config(), session).await?;
            let widget = ConnectWidget {
                config,
                class: RefCell::new(options.connect),
                on_event: options.on_event,
                redirect: options.redirect,
            };
            let linking = Linking::new(proxy, widget, BrowserTimer, next_instance(), page());
            Ok(Self {
                linking: Rc::new(linking),
            }
            .into())
        })
    }

    /// Prepares the widget, hidden, so that `link()` only has to open it.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn setup(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "LinkOptions")] options: &JsValue,
    ) -> Promise {
        let linking = self.linking.clone();
        let started = self.start_setup(options);
        promise(async move {
            let (wanted, stopping) = started?;
            linking.setup(wanted, &stopping.stop).await?;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Opens the widget and resolves to the linked account once its code is exchanged.
    ///
    /// Without options of its own it uses those of the last `setup()` or `link()`.
    #[wasm_bindgen(unchecked_return_type = "Promise<Account>")]
    pub fn link(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "LinkOptions")] options: &JsValue,
    ) -> Promise {
        let started = self.start_link(options);
        promise(async move {
            let (wanted, turn, _stopping) = started?;
            turn.link(wanted).await
        })
    }

    /// Lets the user log in at the bank again; resolves once Mono confirmed it.
    ///
    /// Where the proxy uses hosted links, the page is sent there, and this resolves to the account
    /// as it was before.
    #[wasm_bindgen(unchecked_return_type = "Promise<Account>")]
    pub fn reauthorise(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "SignalOptions")] options: &JsValue,
    ) -> Promise {
        let started = account_id(id).and_then(|id| Ok((id, self.start(options)?)));
        let method = self.linking.widget.config.reauthorise;
        promise(async move {
            let (id, (turn, _stopping)) = started?;
            turn.reauthorise(id.as_str(), method).await
        })
    }

    /// Closes the widget, shown or hidden. A running `link()` is `dismissed`, unless the widget
    /// has already given its code.
    pub fn close(&self) {
        self.linking.close();
    }

    /// The caller's accounts.
    #[wasm_bindgen(unchecked_return_type = "Promise<Accounts>")]
    pub fn accounts(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: &JsValue,
    ) -> Promise {
        self.read(Ok("/api/accounts".to_owned()), options)
    }

    /// One account.
    #[wasm_bindgen(unchecked_return_type = "Promise<Account>")]
    pub fn account(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: &JsValue,
    ) -> Promise {
        self.read(account_path(id, "", &JsValue::UNDEFINED), options)
    }

    /// An account's balance, in the currency's minor unit.
    #[wasm_bindgen(unchecked_return_type = "Promise<Balance>")]
    pub fn balance(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "BalanceOptions")] options: &JsValue,
    ) -> Promise {
        self.read(account_path(id, "/balance", options), options)
    }

    /// One page of an account's transactions, newest first.
    #[wasm_bindgen(unchecked_return_type = "Promise<Transactions>")]
    pub fn transactions(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "TransactionQuery")] query: &JsValue,
    ) -> Promise {
        self.read(account_path(id, "/transactions", query), query)
    }
}

// What a call checks and claims at once, so that `close()` and a second call find it even in the
// same tick.
impl MonoConnect {
    fn start(&self, options: &JsValue) -> Result<(PageTurn, Stopping), Error> {
        check_object(options)?;
        let stopping = Stopping::new(options)?;
        Ok((self.linking.begin(stopping.stop.clone())?, stopping))
    }

    fn start_link(&self, options: &JsValue) -> Result<(Option<Wanted>, PageTurn, Stopping), Error> {
        let wanted = options::wanted(options)?;
        let (turn, stopping) = self.start(options)?;
        Ok((wanted, turn, stopping))
    }

    fn start_setup(&self, options: &JsValue) -> Result<(Option<Wanted>, Stopping), Error> {
        let wanted = options::wanted(options)?;
        let stopping = Stopping::new(options)?;
        self.linking.begin_setup(&stopping.stop)?;
        Ok((wanted, stopping))
    }

    /// A plain read: its answer goes to the page as it came.
    fn read(&self, path: Result<String, Error>, options: &JsValue) -> Promise {
        let started = path.and_then(|path| {
            check_object(options)?;
            Ok((path, options::timeout(options)?, Stopping::new(options)?))
        });
        let mut proxy = self.linking.backend.clone();
        promise(async move {
            let (path, timeout, stopping) = started?;
            proxy.timeout = timeout.unwrap_or(proxy.timeout);
            stopping.stop.or(proxy.send(&path, Call::Get)).await
        })
    }
}

/// The path of a read of one account; `options` become the query string.
fn account_path(id: &JsValue, rest: &str, options: &JsValue) -> Result<String, Error> {
    Ok([
        "/api/accounts/",
        account_id(id)?.as_str(),
        rest,
        &query(options)?,
    ]
    .concat())
}

impl Drop for MonoConnect {
    fn drop(&mut self) {
        self.linking.close();
    }
}
