//! The client against a server that is scripted byte by byte.

mod faults;
mod golden;
mod redaction;
mod resources;
mod statuses;
mod upstream;
