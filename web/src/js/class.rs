//! The exported class: converts, delegates, and nothing else.

use core::cell::{OnceCell, RefCell};
use std::rc::Rc;

use js_sys::{Object, Promise, WeakRef};
use wasm_bindgen::prelude::*;

use super::call::{Stopping, promise};
use super::events::subscribe;
use super::options::{self, account_id, check_object};
use super::proxy::Proxy;
use super::timer::BrowserTimer;
use super::widget::{ConnectWidget, next_instance, page};
use crate::deadline::both;
use crate::error::Error;
use crate::linking::{Linking, Turn};
use crate::ports::Wanted;
use crate::stop::Stop;
use crate::watching::Ongoing;

/// How long `waitUntilReady` waits unless the page says otherwise, in milliseconds.
const READY_WITHIN: u32 = 300_000;

type PageTurn = Turn<Proxy, ConnectWidget, BrowserTimer>;

/// Links bank accounts through Mono's widget and reads them through the proxy.
#[wasm_bindgen]
pub struct MonoConnect {
    pub(super) linking: Rc<Linking<Proxy, ConnectWidget, BrowserTimer>>,
    ongoing: Ongoing,
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
                nonce: options.nonce,
            };
            let linking = Linking::new(proxy, widget, BrowserTimer, next_instance(), page());
            let handle = Rc::new(OnceCell::new());
            let instance = JsValue::from(Self {
                linking: Rc::new(linking),
                ongoing: Ongoing::default(),
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
    /// Without options of its own it uses those of the last `setup()`, until an account was linked.
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
    /// as it was before; what becomes of it, `watch()` tells.
    #[wasm_bindgen(unchecked_return_type = "Promise<Account>")]
    pub fn reauthorise(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] id: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "SignalOptions")] options: &JsValue,
    ) -> Promise {
        // Past its widget it asks until the account is well.
        let started =
            account_id(id).and_then(|id| Ok((id, self.start(options, self.ongoing.begin())?)));
        let method = self.linking.widget.config.reauthorise;
        promise(async move {
            let (id, (turn, _stopping)) = started?;
            turn.reauthorise(id.as_str(), method).await
        })
    }

    /// How this proxy lets a user log in again: with `hosted_link`, `reauthorise()` leaves the page.
    #[wasm_bindgen(
        getter,
        js_name = reauthoriseMethod,
        unchecked_return_type = "ReauthoriseMethod"
    )]
    pub fn reauthorise_method(&self) -> String {
        self.linking.widget.config.reauthorise.as_str().to_owned()
    }

    /// Closes the widget, shown or hidden, and leaves nothing of it. A running `link()` is
    /// `dismissed`, or `widget_error` where the widget has reported an error, unless the widget has
    /// already given its code.
    pub fn close(&self) {
        self.linking.close();
    }

    /// Resolves to the account once its data can be read. Asks until then, at growing intervals;
    /// ends with `timeout` after `timeoutMs`, five minutes if left out. It goes on asking while
    /// `data_status` is `FAILED` or `UNAVAILABLE`, because Mono fetches again.
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
        let started = account_id(id).and_then(|id| Ok((id, self.start_wait(options)?)));
        promise(async move {
            let (id, (timeout, stopping)) = started?;
            let timeout = timeout.unwrap_or(READY_WITHIN);
            let ready = linking.account_when(id.as_str(), |it| it.data_available, timeout);
            stopping.stop.or(ready).await
        })
    }

    /// Tells `listener` of the caller's accounts, first all of them and then every change, until
    /// the subscription is closed, `signal` says so, or this instance is freed. Connects again by
    /// itself, and tells all accounts again where changes could have been missed.
    ///
    /// An exception of the listener's is an unhandled rejection and does not end the subscription.
    /// Nor does a refusal of the proxy's, which `onError` is told each time: a login may end it.
    #[wasm_bindgen(unchecked_return_type = "Subscription")]
    pub fn watch(
        &self,
        #[wasm_bindgen(unchecked_param_type = "(event: WatchEvent) => void")] listener: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "WatchOptions")] options: &JsValue,
    ) -> Result<JsValue, JsValue> {
        let begin = || {
            check_object(options)?;
            let on_error = options::callback(options, "onError")?;
            let stopping = Stopping::over(self.ongoing.begin(), options, self.instance())?;
            let proxy = self.linking.backend.clone();
            subscribe(proxy, listener, on_error, stopping)
        };
        begin().map_err(JsValue::from)
    }
}

// What a call checks and claims at once, so that `close()` and a second call find it even in the
// same tick.
impl MonoConnect {
    fn start(&self, options: &JsValue, stop: Rc<Stop>) -> Result<(PageTurn, Stopping), Error> {
        check_object(options)?;
        let stopping = Stopping::over(stop, options, self.instance())?;
        Ok((self.linking.begin(stopping.stop.clone())?, stopping))
    }

    fn start_link(&self, options: &JsValue) -> Result<(Option<Wanted>, PageTurn, Stopping), Error> {
        let wanted = options::wanted(options)?;
        let (turn, stopping) = self.start(options, Rc::default())?;
        Ok((wanted, turn, stopping))
    }

    fn start_setup(&self, options: &JsValue) -> Result<(Option<Wanted>, Stopping), Error> {
        let wanted = options::wanted(options)?;
        let stopping = self.stopping(options)?;
        self.linking.begin_setup(&stopping.stop)?;
        Ok((wanted, stopping))
    }

    /// What every plain call reads out of its options.
    pub(super) fn start_call(&self, options: &JsValue) -> Result<(Option<u32>, Stopping), Error> {
        check_object(options)?;
        Ok((options::timeout(options)?, self.stopping(options)?))
    }

    /// The same for a call that asks until something is there, and no longer than the instance lives.
    pub(super) fn start_wait(&self, options: &JsValue) -> Result<(Option<u32>, Stopping), Error> {
        check_object(options)?;
        let stopping = Stopping::over(self.ongoing.begin(), options, self.instance())?;
        Ok((options::timeout(options)?, stopping))
    }

    fn stopping(&self, options: &JsValue) -> Result<Stopping, Error> {
        Stopping::new(options, self.instance())
    }

    /// The page's own object of this.
    pub(super) fn instance(&self) -> JsValue {
        let instance = self.instance.get().and_then(WeakRef::deref);
        instance.map(JsValue::from).unwrap_or_default()
    }
}

impl Drop for MonoConnect {
    fn drop(&mut self) {
        self.linking.close();
    }
}
