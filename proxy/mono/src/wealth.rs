//! What an account holds besides money, and what that brought.

mod api;
mod model;

#[cfg(test)]
mod tests;

pub use self::model::{Asset, Assets, Earning, Earnings};
