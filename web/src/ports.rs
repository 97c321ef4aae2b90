//! What the logic needs from its surroundings: the widget, the proxy, and time.

use core::future::Future;
use std::rc::Rc;

use mono_connect_shared::config::ReauthoriseMethod;

use crate::attempt::Attempt;
use crate::error::Error;

/// What the page wants to link, as the body of `POST /api/link-sessions`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted(pub String);

impl Default for Wanted {
    fn default() -> Self {
        Self("{}".to_owned())
    }
}

/// A link session, as far as the logic cares.
#[derive(Debug, Clone)]
pub struct Session<O> {
    /// Sent back with the code.
    pub reference: String,
    /// When the proxy stops accepting the reference, in milliseconds of the Unix epoch.
    pub expires_at: f64,
    /// What to open the widget with; handed through.
    pub options: O,
}

/// What the proxy says is needed to re-authorise an account.
#[derive(Clone, PartialEq, Eq)]
pub struct Reauthorisation {
    /// Which of the fields below is meant.
    pub method: ReauthoriseMethod,
    /// For `token`.
    pub token: Option<String>,
    /// For `account_id`.
    pub account_id: Option<String>,
    /// For `hosted_link`.
    pub url: Option<String>,
    /// Names this attempt.
    pub reference: String,
}

/// How an account stands, as far as the logic cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The bank wants its user to log in again.
    pub requires_reauth: bool,
    /// Its data can be read.
    pub data_available: bool,
}

/// What the widget is built for.
pub enum Opening<'a, O> {
    /// To link an account, with the options of the link session.
    Link(&'a O),
    /// To log in again.
    Reauthorise {
        /// What `value` is: a token or an account id.
        method: ReauthoriseMethod,
        /// Handed to the widget's `reauthorise`, and never as anything but what it is.
        value: &'a str,
        /// Names this attempt.
        reference: &'a str,
    },
}

/// Mono's widget, on one page.
pub trait Widget {
    /// The options of a link session.
    type Options;
    /// A widget that was built. Dropping it removes it from the page, wholly.
    type Frame;

    /// Makes the widget's code available.
    fn load(&self) -> impl Future<Output = Result<(), Error>>;

    /// What this widget's `reauthorise` is known to take; `None` when only trying it would tell.
    /// Only after [`load`](Self::load).
    fn takes(&self) -> Option<ReauthoriseMethod>;

    /// Builds the widget, hidden. Tells `attempt` what happens in it. Only after
    /// [`load`](Self::load).
    fn build(
        &self,
        opening: &Opening<'_, Self::Options>,
        attempt: Rc<Attempt>,
    ) -> Result<Self::Frame, Error>;

    /// Whether the widget is still part of the page.
    fn is_there(&self, frame: &Self::Frame) -> bool;

    /// Shows the widget.
    fn show(&self, frame: &Self::Frame) -> Result<(), Error>;

    /// Sends the page to Mono's own page.
    fn redirect(&self, url: &str) -> Result<(), Error>;

    /// Takes the page's one turn. False when somebody has it.
    fn claim(&self) -> bool;

    /// Gives the turn back.
    fn release(&self);

    /// Whether somebody has the turn.
    fn is_claimed(&self) -> bool;
}

/// The proxy.
pub trait Backend {
    /// The options of a link session.
    type Options;
    /// An account, as the page gets it.
    type Account;

    /// `POST /api/link-sessions`
    fn open_session(
        &self,
        wanted: &Wanted,
    ) -> impl Future<Output = Result<Session<Self::Options>, Error>>;

    /// `POST /api/accounts`. The same code and reference again give the same account.
    fn exchange(
        &self,
        code: &str,
        reference: &str,
    ) -> impl Future<Output = Result<Self::Account, Error>>;

    /// `GET /api/accounts/{id}`, and how the account stands.
    fn account(&self, id: &str) -> impl Future<Output = Result<(Self::Account, Standing), Error>>;

    /// `POST /api/accounts/{id}/reauthorise`
    fn reauthorise(&self, id: &str) -> impl Future<Output = Result<Reauthorisation, Error>>;
}

/// The proxy's stream of events, told to one listener of the page's.
pub trait Events {
    /// An open stream. Dropping it closes it.
    type Stream;

    /// Opens the stream, where the last one was left.
    fn open(&self) -> impl Future<Output = Result<Self::Stream, Error>>;

    /// Waits until the stream says something, and tells the listener what it is. Fails when the
    /// stream has ended.
    fn hear(&self, stream: &mut Self::Stream) -> impl Future<Output = Result<(), Error>>;

    /// Tells the page that the proxy refuses to open the stream.
    fn is_refused(&self, error: Error);
}

/// Time.
pub trait Timer {
    /// Milliseconds of the Unix epoch.
    fn now(&self) -> f64;

    /// Waits.
    fn sleep(&self, milliseconds: u32) -> impl Future<Output = ()>;
}
