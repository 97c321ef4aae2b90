//! The exported class: converts, delegates, and nothing else.

use core::cell::{OnceCell, RefCell};
use std::rc::Rc;

use js_sys::{Object, Promise, WeakRef};
use wasm_bindgen::prelude::*;

use super::call::{Stopping, promise};
use super::events::subscribe;
use super::options::{self, account_id, check_object, job_id, query};
use super::proxy::{Call, Proxy};
use super::timer::BrowserTimer;
use super::widget::{ConnectWidget, next_instance, page};
use crate::deadline::both;
use crate::error::Error;
use crate::linking::{Linking, Turn};
use crate::ports::Wanted;
use crate::watching::Subscriptions;

/// How long `waitUntilReady` waits unless the page says otherwise, in milliseconds.
const READY_WITHIN: u32 = 300_000;

type PageTurn = Turn<Proxy, ConnectWidget, BrowserTimer>;

/// Links bank accounts through Mono's widget and reads them through the proxy.
#[wasm_bindgen]
pub struct MonoConnect {
    linking: Rc<Linking<Proxy, ConnectWidget, BrowserTimer>>,
    subscriptions: Subscriptions,
    // The page's own object of this, which must not be collected while a call runs.
    instance: Rc<OnceCell<WeakRef>>,
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
            let handle = Rc::new(OnceCell::new());
            let instance = JsValue::from(Self {
                linking: Rc::new(linking),
                subscriptions: Subscriptions::default(),
                instance: handle.clone(),
            });
            handle.get_or_init(|| WeakRef::new(instance.unchecked_ref::<Object>()));
            Ok(instance)
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

    /// Lets the user log in at the bank again; resolves once the proxy has Mono's word that no
    /// login is needed, at once where none was. `timeout` when it has not come two minutes after
    /// the login.
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
        self.call(Call::Get, Ok("/api/accounts".to_owned()), options)
    }

    /// One account.
    #[wasm_bindgen(unchecked_return_type = "Promise<Account>")]
    pub fn account(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: &JsValue,
    ) -> Promise {
        self.call(
            Call::Get,
            account_path(id, "", &JsValue::UNDEFINED),
            options,
        )
    }

    /// An account's balance, in the currency's minor unit.
    #[wasm_bindgen(unchecked_return_type = "Promise<Balance>")]
    pub fn balance(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "BalanceOptions")] options: &JsValue,
    ) -> Promise {
        self.call(Call::Get, account_path(id, "/balance", options), options)
    }

    /// One page of an account's transactions, newest first.
    #[wasm_bindgen(unchecked_return_type = "Promise<Transactions>")]
    pub fn transactions(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "TransactionQuery")] query: &JsValue,
    ) -> Promise {
        self.call(Call::Get, account_path(id, "/transactions", query), query)
    }

    /// Asks the bank for new data; at most once in two minutes per account.
    #[wasm_bindgen(unchecked_return_type = "Promise<SyncOutcome>")]
    pub fn sync(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: &JsValue,
    ) -> Promise {
        let path = account_path(id, "/sync", &JsValue::UNDEFINED);
        self.call(Call::Post(None), path, options)
    }

    /// How far a background job has come, for instance that of a sync or of a real-time read.
    #[wasm_bindgen(unchecked_return_type = "Promise<Job>")]
    pub fn job(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(js_name = jobId, unchecked_param_type = "string")] job: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: &JsValue,
    ) -> Promise {
        let path = job_id(job).and_then(|job| {
            let rest = ["/jobs/", job.as_str()].concat();
            account_path(id, &rest, &JsValue::UNDEFINED)
        });
        self.call(Call::Get, path, options)
    }

    /// Resolves to the account once its data can be read. Asks until then, at growing intervals;
    /// ends with `timeout` after `timeoutMs`, five minutes if left out.
    #[wasm_bindgen(
        js_name = waitUntilReady,
        unchecked_return_type = "Promise<Account & { data_available: true }>"
    )]
    pub fn wait_until_ready(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "WaitOptions")] options: &JsValue,
    ) -> Promise {
        let linking = self.linking.clone();
        let started = account_id(id).and_then(|id| Ok((id, self.start_call(options)?)));
        promise(async move {
            let (id, (timeout, stopping)) = started?;
            let timeout = timeout.unwrap_or(READY_WITHIN);
            let ready = linking.account_when(id.as_str(), |it| it.data_available, timeout);
            stopping.stop.or(ready).await
        })
    }

    /// Tells `listener` of the caller's accounts, first all of them and then every change, until
    /// the subscription is closed or this instance is freed. Connects again by itself, and tells
    /// all accounts again where changes could have been missed.
    ///
    /// Needs the session's cookie: with `token` it throws `invalid_options`, because the browser's
    /// `EventSource` cannot send one. An exception of the listener's is an unhandled rejection and
    /// does not end the subscription.
    #[wasm_bindgen(unchecked_return_type = "Subscription")]
    pub fn watch(
        &self,
        #[wasm_bindgen(unchecked_param_type = "(event: WatchEvent) => void")] listener: &JsValue,
    ) -> Result<JsValue, JsValue> {
        let stop = self.subscriptions.begin();
        let backend = &self.linking.backend;
        subscribe(backend, listener, stop, self.instance()).map_err(JsValue::from)
    }
}

// What a call checks and claims at once, so that `close()` and a second call find it even in the
// same tick.
impl MonoConnect {
    fn start(&self, options: &JsValue) -> Result<(PageTurn, Stopping), Error> {
        check_object(options)?;
        let stopping = self.stopping(options)?;
        Ok((self.linking.begin(stopping.stop.clone())?, stopping))
    }

    fn start_link(&self, options: &JsValue) -> Result<(Option<Wanted>, PageTurn, Stopping), Error> {
        let wanted = options::wanted(options)?;
        let (turn, stopping) = self.start(options)?;
        Ok((wanted, turn, stopping))
    }

    fn start_setup(&self, options: &JsValue) -> Result<(Option<Wanted>, Stopping), Error> {
        let wanted = options::wanted(options)?;
        let stopping = self.stopping(options)?;
        self.linking.begin_setup(&stopping.stop)?;
        Ok((wanted, stopping))
    }

    /// What every plain call reads out of its options.
    fn start_call(&self, options: &JsValue) -> Result<(Option<u32>, Stopping), Error> {
        check_object(options)?;
        Ok((options::timeout(options)?, self.stopping(options)?))
    }

    fn stopping(&self, options: &JsValue) -> Result<Stopping, Error> {
        Stopping::new(options, self.instance())
    }

    /// The page's own object of this.
    fn instance(&self) -> JsValue {
        let instance = self.instance.get().and_then(WeakRef::deref);
        instance.map(JsValue::from).unwrap_or_default()
    }

    /// A plain call: its answer goes to the page as it came.
    fn call(&self, call: Call<'static>, path: Result<String, Error>, options: &JsValue) -> Promise {
        let started = path.and_then(|path| Ok((path, self.start_call(options)?)));
        let mut proxy = self.linking.backend.clone();
        promise(async move {
            let (path, (timeout, stopping)) = started?;
            proxy.timeout = timeout.unwrap_or(proxy.timeout);
            stopping.stop.or(proxy.send(&path, call)).await
        })
    }
}

/// The path of something of one account's; `options` become the query string.
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
