//! `POST /webhooks/mono`, and what becomes of an event.

mod acceptance;
mod effects;
mod income;
mod linking;
mod order;
mod unlinked;
