//! A stateful simulator of Mono.
