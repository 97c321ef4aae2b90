//! Everything that knows JavaScript: the exported class, the widget, the proxy over `fetch`.
//!
//! Converts and delegates; decisions are taken in the modules beside this one.

mod call;
mod class;
mod error;
mod events;
mod frame;
mod guest;
mod options;
mod proxy;
mod reads;
mod script;
mod timer;
mod types;
mod value;
mod widget;

pub use class::MonoConnect;
