//! What holds over all of the proxy, whatever the endpoint.

mod headers;
mod linking;
#[path = "../fuzz/mutate.rs"]
mod mutate;
mod mutated;
