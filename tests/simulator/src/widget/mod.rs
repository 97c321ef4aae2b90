//! The widget: the page where a bank user acts, and its own back end under `/_widget`.

/// The bank users who have the widget open.
#[derive(Debug, Default)]
pub(crate) struct Visits {}
