//! Who owns an account, as the bank knows them.

mod api;
mod model;

#[cfg(test)]
mod tests;

pub use self::model::Identity;
