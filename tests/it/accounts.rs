//! `/api/accounts`.

mod balance;
mod create;
mod get;
mod history;
mod identity;
mod income;
mod jobs;
mod ownership;
mod readiness;
mod realtime;
mod reauthorise;
mod statement;
mod statement_pdfs;
mod sync;
mod transactions;
mod unlink;
mod upstream;
mod wealth;

use mono_simulator::{Fault, FaultKind};
use serde_json::Value;

/// Lets Mono's next answer be this one.
fn says(body: &Value) -> Fault {
    Fault::next(FaultKind::Status {
        code: 200,
        body: Some(body.to_string()),
        content_type: None,
        retry_after: None,
    })
}

/// The path of something of any account's, as the simulator's patterns have it.
fn monos(generation: &str, what: &str) -> String {
    match generation {
        "v1" => format!("/accounts/*/{what}"),
        _ => format!("/v2/accounts/*/{what}"),
    }
}
