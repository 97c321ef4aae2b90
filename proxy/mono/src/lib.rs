//! A typed client of Mono.
