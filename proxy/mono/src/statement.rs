//! An account's statement: its rows for some months, and the same as a PDF.
//!
//! Pages of transactions are `accounts`'.

mod api;
mod model;
mod pdf;
mod rows;

#[cfg(test)]
mod tests;

pub use self::model::{InvalidPeriod, PdfStatus, Period, Statement, StatementPdf};
