//! Who may call, in each of the ways to know a caller.

mod forwarded;
mod issuer;
mod jwks;
mod jwt;
pub(crate) mod service;
mod session;
