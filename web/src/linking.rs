//! Linking an account: from the link session over the widget to the exchanged code.
//!
//! One turn per page. It keeps no account and no code once a call has ended.

use core::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use crate::attempt::Attempt;
use crate::deadline::both;
use crate::error::{Code, Error};
use crate::page::{Page, Prepared};
use crate::ports::{Backend, Opening, Session, Timer, Wanted, Widget};
use crate::stop::Stop;

/// How much of its life a link session must still have for the widget to be opened with it.
const TIME_TO_LOG_IN: f64 = 60_000.0;

/// Pauses before the exchange of a code is tried again, in milliseconds.
const EXCHANGE_PAUSES: [u32; 3] = [500, 1_000, 2_000];

/// The longest pause that the proxy may ask for before the page is told instead.
const LONGEST_PAUSE: u32 = 10_000;

/// One instance of the module, over its ports.
pub struct Linking<B, W: Widget, T> {
    /// The proxy.
    pub backend: B,
    /// The widget.
    pub widget: W,
    /// Time.
    pub timer: T,
    owner: u32,
    page: Rc<Page<W::Frame>>,
    remembered: RefCell<Wanted>,
    running: RefCell<Vec<Weak<Stop>>>,
}

/// The page's one turn; given back when its call is stopped, or dropped.
pub struct Turn<B, W: Widget, T> {
    pub(crate) linking: Rc<Linking<B, W, T>>,
    pub(crate) stop: Rc<Stop>,
    is_held: Rc<Cell<bool>>,
}

impl<B, W: Widget, T> Turn<B, W, T> {
    /// Shows a widget, which stays until the turn is over or the returned frame's user is through.
    pub(crate) fn show(&self, frame: W::Frame, attempt: &Rc<Attempt>) -> Result<(), Error> {
        // The page's `onEvent` may have closed it while it was built.
        self.stop.check()?;
        self.stop.opens(attempt);
        let frame = Rc::new(frame);
        self.linking.page.hold(&frame);
        self.linking.widget.show(&frame)
    }

    /// From here on there is no widget, and nothing of it left to close.
    pub(crate) fn end_widget(&self) {
        self.stop.widget_is_gone();
        self.linking.page.let_go();
    }
}

impl<B, W: Widget, T> Drop for Turn<B, W, T> {
    fn drop(&mut self) {
        self.linking.give_back(&self.is_held);
    }
}

impl<B, W: Widget, T> Linking<B, W, T> {
    /// Ends a turn, once.
    fn give_back(&self, is_held: &Cell<bool>) {
        if is_held.replace(false) {
            self.page.let_go();
            self.widget.release();
        }
    }

    /// An instance; `owner` tells it from the page's other instances.
    pub fn new(backend: B, widget: W, timer: T, owner: u32, page: Rc<Page<W::Frame>>) -> Self {
        Self {
            backend,
            widget,
            timer,
            owner,
            page,
            remembered: RefCell::default(),
            running: RefCell::default(),
        }
    }

    /// Takes the page's turn for a link or a re-authorisation.
    ///
    /// # Errors
    ///
    /// `widget_busy` while somebody else has it.
    pub fn begin(self: &Rc<Self>, stop: Rc<Stop>) -> Result<Turn<B, W, T>, Error>
    where
        B: 'static,
        W: 'static,
        T: 'static,
    {
        if !self.widget.claim() {
            return Err(busy());
        }
        self.watch(&stop);
        let is_held = Rc::new(Cell::new(true));
        let (linking, turn) = (self.clone(), is_held.clone());
        stop.at_once(move || linking.give_back(&turn));
        Ok(Turn {
            linking: self.clone(),
            stop,
            is_held,
        })
    }

    /// Starts a preparation, which needs no turn but must not disturb one.
    ///
    /// # Errors
    ///
    /// `widget_busy` while somebody has the turn.
    pub fn begin_setup(&self, stop: &Rc<Stop>) -> Result<(), Error> {
        if self.widget.is_claimed() {
            return Err(busy());
        }
        self.watch(stop);
        Ok(())
    }

    /// Closes this instance's widget, shown or hidden.
    pub fn close(&self) {
        for stop in self.running.take().iter().filter_map(Weak::upgrade) {
            stop.close();
        }
        self.page.discard(self.owner);
    }

    /// Removes whatever is prepared on the page, whoever prepared it.
    pub(crate) fn make_room(&self) {
        drop(self.page.take());
    }

    fn watch(&self, stop: &Rc<Stop>) {
        let mut running = self.running.borrow_mut();
        running.retain(|stop| stop.strong_count() > 0);
        running.push(Rc::downgrade(stop));
    }
}

fn busy() -> Error {
    Error::new(
        Code::WidgetBusy,
        "Another link or re-authorisation runs on this page.",
    )
}

impl<O, B, W, T> Linking<B, W, T>
where
    B: Backend<Options = O>,
    W: Widget<Options = O>,
    T: Timer,
{
    /// Opens a link session and builds the widget for it, hidden. After [`begin_setup`].
    ///
    /// [`begin_setup`]: Self::begin_setup
    pub async fn setup(&self, wanted: Option<Wanted>, stop: &Stop) -> Result<(), Error> {
        if let Some(wanted) = wanted {
            self.remembered.replace(wanted);
        }
        let wanted = self.remembered.borrow().clone();
        stop.or(async {
            let session = both(self.widget.load(), self.backend.open_session(&wanted))
                .await?
                .1;
            // A link that began meanwhile brings its own widget, and there is room for one.
            if self.widget.is_claimed() {
                return Ok(());
            }
            self.make_room();
            let prepared = self.build(wanted, session)?;
            stop.check()?;
            self.page.keep(prepared);
            Ok(())
        })
        .await
    }

    fn build(&self, wanted: Wanted, session: Session<O>) -> Result<Prepared<W::Frame>, Error> {
        let attempt = Rc::new(Attempt::default());
        let frame = self
            .widget
            .build(&Opening::Link(&session.options), attempt.clone())?;
        Ok(Prepared {
            owner: self.owner,
            wanted,
            reference: session.reference,
            expires_at: session.expires_at,
            attempt,
            frame,
        })
    }

    /// What is prepared, if it is this instance's, for the same wish, and still good.
    fn take_prepared(&self, wanted: &Wanted) -> Option<Prepared<W::Frame>> {
        self.page.take().filter(|prepared| {
            prepared.owner == self.owner
                && prepared.wanted == *wanted
                && prepared.expires_at - self.timer.now() > TIME_TO_LOG_IN
                && !prepared.attempt.is_over()
                && self.widget.is_there(&prepared.frame)
        })
    }

    async fn prepare(&self, wanted: Wanted) -> Result<Prepared<W::Frame>, Error> {
        let session = both(self.widget.load(), self.backend.open_session(&wanted))
            .await?
            .1;
        self.make_room();
        self.build(wanted, session)
    }

    async fn exchange(&self, code: &str, reference: &str) -> Result<B::Account, Error> {
        for pause in EXCHANGE_PAUSES {
            match self.backend.exchange(code, reference).await {
                Err(error) if error.code().is_retryable() => {
                    let pause = error.details().retry_after_ms.unwrap_or(pause);
                    if pause > LONGEST_PAUSE {
                        return Err(error);
                    }
                    self.timer.sleep(pause).await;
                }
                answer => return answer,
            }
        }
        self.backend.exchange(code, reference).await
    }
}

impl<O, B, W, T> Turn<B, W, T>
where
    B: Backend<Options = O>,
    W: Widget<Options = O>,
    T: Timer,
{
    /// Links an account: shows the widget, waits for its code, exchanges it.
    ///
    /// Without `wanted`, what `setup` was given holds, until an account was linked: what its user
    /// agreed to is nothing that the next one has agreed to.
    pub async fn link(self, wanted: Option<Wanted>) -> Result<B::Account, Error> {
        let linking = &self.linking;
        let wanted = wanted.unwrap_or_else(|| linking.remembered.borrow().clone());
        self.stop
            .or(async {
                let prepared = match linking.take_prepared(&wanted) {
                    Some(prepared) => prepared,
                    None => linking.prepare(wanted).await?,
                };
                self.show(prepared.frame, &prepared.attempt)?;
                let code = prepared.attempt.outcome().await?;
                let code =
                    code.ok_or_else(|| Error::new(Code::WidgetError, "The widget gave no code."))?;
                self.end_widget();
                linking.remembered.take();
                linking.exchange(&code, &prepared.reference).await
            })
            .await
    }
}

#[cfg(test)]
mod tests;
