//! The two voices of xtask: results on standard output, progress on standard error.
//!
//! Keeping them apart lets a script read `cargo xtask demo` line by line.

/// A result.
#[expect(
    clippy::print_stdout,
    reason = "results are what this program is asked for"
)]
pub(crate) fn say(text: &str) {
    println!("{text}");
}

/// Progress, or a warning.
#[expect(
    clippy::print_stderr,
    reason = "progress belongs to the person who watches"
)]
pub(crate) fn note(text: &str) {
    eprintln!("xtask: {text}");
}
