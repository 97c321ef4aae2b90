//! The client against a server that is scripted byte by byte.

#[cfg(test)]
mod checklist;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod fresh;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod holder;
#[cfg(test)]
#[path = "../../../../tests/fuzz/mutate.rs"]
mod mutate;
#[cfg(test)]
mod mutated;
#[cfg(test)]
mod redaction;
#[cfg(test)]
mod resources;
#[cfg(test)]
mod seeds;
#[cfg(test)]
mod statuses;
#[cfg(test)]
mod upstream;
#[cfg(test)]
mod webhooks;
