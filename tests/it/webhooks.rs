//! `POST /webhooks/mono`, and what becomes of an event.

mod acceptance;
mod effects;
mod linking;
mod order;
mod unlinked;
