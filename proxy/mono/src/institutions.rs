//! The banks whose accounts can be linked.
//!
//! The bank of a linked account is part of its details, in `accounts`.

mod api;
mod model;
mod read;

#[cfg(test)]
mod tests;

pub use self::model::{Institutions, LinkableInstitution};
