//! Text that may be read on purpose and is never printed by accident.
//!
//! It does not protect memory: keys and tokens are `secrecy` types for that.

use std::fmt;

/// A value whose `Debug` and `Display` are `[redacted]`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Redacted<T>(T);

impl<T> Redacted<T> {
    /// Covers a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for a caller who knows where it goes.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// Uncovers the value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<T> fmt::Display for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
