//! `POST /webhooks/mono`, and what becomes of an event.

mod acceptance;
mod effects;
mod evidence;
mod income;
mod jobs;
mod linking;
mod order;
mod unlinked;
