//! Ports in memory, for tests: a widget that does what it is told, a proxy with a script, and
//! time that passes at once.

use core::cell::{Cell, RefCell};
use core::future::{Future, pending};
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::collections::VecDeque;
use std::rc::Rc;

use mono_connect_shared::config::ReauthoriseMethod;

use crate::attempt::Attempt;
use crate::error::{Code, Error};
use crate::linking::Linking;
use crate::page::Page;
use crate::ports::{Backend, Opening, Reauthorisation, Session, Standing, Timer, Wanted, Widget};
use crate::stop::Stop;

/// One page: whatever its instances share.
#[derive(Default)]
pub(crate) struct FakePage {
    pub(crate) claimed: Cell<bool>,
    pub(crate) frames: Cell<u32>,
    pub(crate) shared: Rc<Page<FakeFrame>>,
}

pub(crate) struct FakeFrame {
    page: Rc<FakePage>,
    pub(crate) is_there: Rc<Cell<bool>>,
}

impl Drop for FakeFrame {
    fn drop(&mut self) {
        self.page.frames.set(self.page.frames.get() - 1);
    }
}

pub(crate) struct FakeWidget {
    pub(crate) page: Rc<FakePage>,
    pub(crate) loads: RefCell<VecDeque<Result<(), Error>>>,
    pub(crate) takes: Cell<Option<ReauthoriseMethod>>,
    pub(crate) built: RefCell<Vec<String>>,
    pub(crate) attempts: RefCell<Vec<Rc<Attempt>>>,
    pub(crate) there: RefCell<Vec<Rc<Cell<bool>>>>,
    pub(crate) shown: Cell<u32>,
    pub(crate) fails_to_show: Cell<bool>,
    /// What the page closes while the widget is built.
    pub(crate) closes_while_built: RefCell<Option<Rc<Stop>>>,
    pub(crate) visited: RefCell<Vec<String>>,
}

impl Widget for FakeWidget {
    type Options = String;
    type Frame = FakeFrame;

    async fn load(&self) -> Result<(), Error> {
        self.loads.borrow_mut().pop_front().unwrap_or(Ok(()))
    }

    fn takes(&self) -> Option<ReauthoriseMethod> {
        self.takes.get()
    }

    fn build(
        &self,
        opening: &Opening<'_, String>,
        attempt: Rc<Attempt>,
    ) -> Result<FakeFrame, Error> {
        assert_eq!(self.page.frames.get(), 0, "a page holds one widget");
        self.built.borrow_mut().push(match opening {
            Opening::Link(options) => (*options).clone(),
            Opening::Reauthorise {
                method,
                value,
                reference,
            } => {
                format!("{} {value} {reference}", method.as_str())
            }
        });
        self.attempts.borrow_mut().push(attempt);
        self.page.frames.set(1);
        if let Some(stop) = self.closes_while_built.take() {
            stop.close();
        }
        let is_there = Rc::new(Cell::new(true));
        self.there.borrow_mut().push(is_there.clone());
        Ok(FakeFrame {
            page: self.page.clone(),
            is_there,
        })
    }

    fn is_there(&self, frame: &FakeFrame) -> bool {
        frame.is_there.get()
    }

    fn show(&self, _: &FakeFrame) -> Result<(), Error> {
        self.shown.set(self.shown.get() + 1);
        if self.fails_to_show.get() {
            return Err(Error::new(Code::WidgetError, "cannot be shown"));
        }
        Ok(())
    }

    fn redirect(&self, url: &str) -> Result<(), Error> {
        self.visited.borrow_mut().push(url.to_owned());
        Ok(())
    }

    fn claim(&self) -> bool {
        !self.page.claimed.replace(true)
    }

    fn release(&self) {
        self.page.claimed.set(false);
    }

    fn is_claimed(&self) -> bool {
        self.page.claimed.get()
    }
}

/// An account that can neither be read nor refreshed.
pub(crate) const ILL: Standing = Standing {
    requires_reauth: true,
    data_available: false,
};

/// An account without a fault.
pub(crate) const WELL: Standing = Standing {
    requires_reauth: false,
    data_available: true,
};

/// A step of the proxy's at which a call can be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Session,
    Exchange,
    Account,
    Reauthorise,
}

#[derive(Default)]
pub(crate) struct FakeProxy {
    pub(crate) log: RefCell<Vec<String>>,
    pub(crate) held: Cell<Option<Step>>,
    pub(crate) lifetime: Cell<f64>,
    pub(crate) exchanges: RefCell<VecDeque<Result<String, Error>>>,
    pub(crate) accounts: RefCell<VecDeque<Result<(String, Standing), Error>>>,
    pub(crate) reauthorisation: RefCell<Option<Reauthorisation>>,
    sessions: Cell<u32>,
}

impl FakeProxy {
    async fn at(&self, step: Step, entry: String) {
        self.log.borrow_mut().push(entry);
        while self.held.get() == Some(step) {
            yield_once().await;
        }
    }
}

/// Gives up the turn, so that the test can go on; polled again, it goes on.
async fn yield_once() {
    let mut yielded = false;
    core::future::poll_fn(|_| {
        if core::mem::replace(&mut yielded, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

impl Backend for FakeProxy {
    type Options = String;
    type Account = String;

    async fn open_session(&self, wanted: &Wanted) -> Result<Session<String>, Error> {
        self.at(Step::Session, format!("session {}", wanted.0))
            .await;
        let number = self.sessions.get() + 1;
        self.sessions.set(number);
        Ok(Session {
            reference: format!("ref{number}"),
            expires_at: self.lifetime.get(),
            options: format!("ref{number} {}", wanted.0),
        })
    }

    async fn exchange(&self, code: &str, reference: &str) -> Result<String, Error> {
        self.at(Step::Exchange, format!("exchange {code} {reference}"))
            .await;
        self.exchanges
            .borrow_mut()
            .pop_front()
            .unwrap_or_else(|| Ok(format!("account of {code}")))
    }

    async fn account(&self, id: &str) -> Result<(String, Standing), Error> {
        self.at(Step::Account, format!("account {id}")).await;
        self.accounts
            .borrow_mut()
            .pop_front()
            .unwrap_or_else(|| Ok((id.to_owned(), ILL)))
    }

    async fn reauthorise(&self, id: &str) -> Result<Reauthorisation, Error> {
        self.at(Step::Reauthorise, format!("reauthorise {id}"))
            .await;
        Ok(self.reauthorisation.borrow().clone().unwrap())
    }
}

#[derive(Default)]
pub(crate) struct FakeTimer {
    pub(crate) now: Cell<f64>,
    pub(crate) pauses: RefCell<Vec<u32>>,
    pub(crate) stands_still: Cell<bool>,
}

impl Timer for FakeTimer {
    fn now(&self) -> f64 {
        self.now.get()
    }

    async fn sleep(&self, milliseconds: u32) {
        self.pauses.borrow_mut().push(milliseconds);
        if self.stands_still.get() {
            pending::<()>().await;
        }
        self.now.set(self.now.get() + f64::from(milliseconds));
    }
}

pub(crate) type FakeLinking = Linking<FakeProxy, FakeWidget, FakeTimer>;

/// An instance on a page, with an hour for every link session.
pub(crate) fn instance(page: &Rc<FakePage>, owner: u32) -> Rc<FakeLinking> {
    let widget = FakeWidget {
        page: page.clone(),
        loads: RefCell::default(),
        takes: Cell::default(),
        built: RefCell::default(),
        attempts: RefCell::default(),
        there: RefCell::default(),
        shown: Cell::default(),
        fails_to_show: Cell::default(),
        closes_while_built: RefCell::default(),
        visited: RefCell::default(),
    };
    let proxy = FakeProxy::default();
    proxy.lifetime.set(3_600_000.0);
    Rc::new(Linking::new(
        proxy,
        widget,
        FakeTimer::default(),
        owner,
        page.shared.clone(),
    ))
}

/// A call under way.
pub(crate) struct Running<T> {
    future: Pin<Box<dyn Future<Output = Result<T, Error>>>>,
    pub(crate) stop: Rc<Stop>,
}

impl<T> Running<T> {
    pub(crate) fn new(
        stop: &Rc<Stop>,
        future: impl Future<Output = Result<T, Error>> + 'static,
    ) -> Self {
        Self {
            future: Box::pin(future),
            stop: stop.clone(),
        }
    }

    /// Runs until there is an answer or nothing happens any more.
    pub(crate) fn run(&mut self) -> Option<Result<T, Error>> {
        for _ in 0..1_000 {
            let answer = self
                .future
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()));
            if let Poll::Ready(answer) = answer {
                return Some(answer);
            }
        }
        None
    }

    pub(crate) fn answer(mut self) -> Result<T, Error> {
        self.run().expect("the call must have ended")
    }
}

/// The code of the error that a call ends with.
pub(crate) fn code<T>(answer: Result<T, Error>) -> &'static str {
    answer
        .err()
        .expect("the call must have failed")
        .code()
        .as_str()
}
