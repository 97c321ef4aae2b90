//! What holds over all of the proxy, whatever the endpoint.

mod headers;
mod linking;
mod mutated;
