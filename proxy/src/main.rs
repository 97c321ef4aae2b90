//! `mono-connect-proxy`.

fn main() {}
