//! The configuration: plain data, read once at start from the command line and the environment.
//!
//! Every problem is collected and named by its variable before the process gives up; no value is
//! ever printed, because a secret may stand in the wrong variable. Imports nothing of the proxy's.

mod access;
mod encryption;
mod keys;
mod limits;
mod listen;
mod notify;
mod schedule;
mod setting;
mod source;
mod storage;
mod traces;
mod upstream;
mod value;
mod widget;

pub use access::{
    Access, ForwardedUser, Login, PublicKey, ServiceKey, SessionKeys, TokenKeys, Tokens,
    TrustedProxies,
};
pub use encryption::EncryptionKey;
pub use keys::Keys;
pub use limits::Limits;
pub use listen::Listen;
pub use notify::{Notify, NotifySecret, ReminderWindow, is_forbidden};
pub use schedule::Schedule;
use schedule::timezone;
pub use setting::{SETTINGS, Setting, command_line};
pub use source::{Problem, Problems, Source};
pub use storage::{PostgresUrl, Storage};
pub use traces::Traces;
pub use upstream::{LogFormat, Logging, Upstream};
pub use value::is_loopback;
pub use widget::Widget;

/// Everything that can be configured, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Mono's keys and the webhook secrets.
    pub keys: Keys,
    /// Where Mono is and how it is spoken to.
    pub upstream: Upstream,
    /// Where the widget comes from.
    pub widget: Widget,
    /// Where accounts are kept.
    pub storage: Storage,
    /// What encrypts personal data there: the first encrypts, all decrypt. None: nothing does.
    pub encryption_keys: Vec<EncryptionKey>,
    /// Where the proxy listens and what browsers see of it.
    pub listen: Listen,
    /// Who the caller is.
    pub access: Access,
    /// How much is too much.
    pub limits: Limits,
    /// When background syncs run, if they do.
    pub schedule: Option<Schedule>,
    /// Where events for the site's own back end go, if they do.
    pub notify: Option<Notify>,
    /// What is logged.
    pub logging: Logging,
    /// Where traces go, if they do.
    pub traces: Option<Traces>,
    /// What works and is unwise, each with its variable.
    pub warnings: Vec<Problem>,
}

impl Config {
    /// Reads everything, or says everything that is wrong.
    pub fn read(mut source: Source<'_>) -> Result<Self, Problems> {
        let source = &mut source;
        let keys = Keys::read(source);
        let live = keys.as_ref().is_some_and(Keys::is_live);
        let upstream = Upstream::read(source, live);
        let widget = Widget::read(source);
        let storage = Storage::read(source);
        let encryption_keys = EncryptionKey::read_all(source);
        let listen = Listen::read(source, live);
        let access = Access::read(source);
        let limits = Limits::read(source);
        let timezone = timezone(source);
        let schedule = Schedule::read(source, timezone.as_ref());
        let notify = Notify::read(source, live, timezone.as_ref());
        let logging = Logging::read(source);
        let traces = Traces::read(source);

        let problems = source.take_problems();
        let warnings = source.take_warnings();
        match (
            keys,
            upstream,
            widget,
            storage,
            encryption_keys,
            listen,
            access,
            limits,
            logging,
        ) {
            (
                Some(keys),
                Some(upstream),
                Some(widget),
                Some(storage),
                Some(encryption_keys),
                Some(listen),
                Some(access),
                Some(limits),
                Some(logging),
            ) if problems.is_empty() => Ok(Self {
                keys,
                upstream,
                widget,
                storage,
                encryption_keys,
                listen,
                access,
                limits,
                schedule,
                notify,
                logging,
                traces,
                warnings,
            }),
            _ => Err(problems),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
