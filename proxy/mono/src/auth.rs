//! Linking: a code from the widget becomes an account, a request becomes a hosted page.
//!
//! It keeps no codes and does not know which were used.

mod api;
mod model;

#[cfg(test)]
mod tests;

pub use self::model::{LinkCustomer, LinkInstitution, LinkRequest};
