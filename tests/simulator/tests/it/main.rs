//! The simulator from outside: over HTTP and through its library.

#[cfg(test)]
mod api;
#[cfg(test)]
mod binary;
#[cfg(test)]
mod control;
#[cfg(test)]
mod data;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod realtime;
#[cfg(test)]
mod shapes;
#[cfg(test)]
mod transactions;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod widget;
