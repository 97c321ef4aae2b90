//! `mono-simulator`.

fn main() {}
