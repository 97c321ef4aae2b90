//! The browser module of mono-connect: opens Mono's widget, guards it, and calls the proxy.
//!
//! Holds no secret and decides nothing about an account: what the proxy says is what counts. The
//! logic is generic over [`ports`] and knows no JavaScript; only `js`, which exists for wasm32
//! alone, does.

pub mod attempt;
pub mod deadline;
pub mod error;
#[cfg(test)]
mod fakes;
pub mod guard;
#[cfg(target_arch = "wasm32")]
mod js;
pub mod linking;
pub mod login;
pub mod page;
pub mod ports;
pub mod reauthorising;
pub mod stop;
pub mod stream;
pub mod waiting;
pub mod watching;
pub mod wish;

#[cfg(target_arch = "wasm32")]
pub use js::MonoConnect;
