//! What the browser module and the proxy say to each other, and how an account lives.
//!
//! Models, errors and the account's [`lifecycle`]. No IO, no clock, no randomness: time is always
//! an argument. Field names and words on the wire are those of the HTTP API.

// The `ts` feature registers TypeScript text in a link section of the wasm module, which the
// generated code marks as unsafe. Nothing here is.
mod open_enum;
mod openapi;

pub mod account;
pub mod config;
pub mod event;
pub mod history;
pub mod id;
pub mod identity;
pub mod income;
pub mod institution;
pub mod lifecycle;
pub mod link;
pub mod outbound;
pub mod problem;
pub mod reauthorise;
pub mod service;
pub mod statement;
pub mod transaction;
pub mod wealth;

pub use jiff::Timestamp;

/// An amount in the currency's minor unit (kobo, pesewa, cents): ₦1.50 is `150`.
///
/// An integer on the wire, never a float: Mono sends integers and so do we.
pub type MinorUnits = i64;

#[cfg(feature = "ts")]
const _: () = {
    use wasm_bindgen::prelude::wasm_bindgen;

    #[wasm_bindgen(typescript_custom_section)]
    const TYPESCRIPT: &str = "/** An amount in the currency's minor unit (kobo, pesewa, cents): an integer. */\n\
        export type MinorUnits = number;";
};
