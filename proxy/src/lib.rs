//! The server that holds the secret key.
