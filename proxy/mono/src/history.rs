//! What came into an account and what went out of it, month by month.
//!
//! The second generation's shape is not published: it is read inside `data` and bare.

mod api;
mod model;
mod read;

#[cfg(test)]
mod tests;

pub use self::model::{History, Month};
