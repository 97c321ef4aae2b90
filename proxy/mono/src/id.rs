//! The ids that become part of a path: of accounts and of jobs.
//!
//! Whether there is an account or a job of that id is Mono's to say.

mod account;
mod job;

#[cfg(test)]
mod tests;

pub use self::account::{AccountId, InvalidAccountId};
pub use self::job::{InvalidJobId, JobId};

const LONGEST: usize = 64;

/// Whether a text is an id that can stand in a path without changing what the path means.
fn is_id(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(is_allowed)
}
