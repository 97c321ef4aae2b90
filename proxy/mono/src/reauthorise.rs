//! Re-authorising an account: a token for older widgets, a hosted page for the rest.
//!
//! Whether an account needs it is told by webhooks and answers, not found out here.

mod api;
mod model;

#[cfg(test)]
mod tests;

pub use self::model::ReauthToken;
