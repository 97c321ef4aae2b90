//! Where accounts are kept.
