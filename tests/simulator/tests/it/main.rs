//! The simulator from outside: over HTTP and through its library.

mod api;
mod harness;
