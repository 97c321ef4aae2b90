//! Randomness that follows from a number.

use std::sync::{Mutex, PoisonError};

use mono_connect_proxy::random::{NoRandomness, Random};

/// Gives the same bytes in the same order for the same number.
#[derive(Debug)]
pub(crate) struct SeededRandom(Mutex<fastrand::Rng>);

impl SeededRandom {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(fastrand::Rng::with_seed(seed)))
    }
}

impl Random for SeededRandom {
    fn bytes(&self) -> Result<[u8; 16], NoRandomness> {
        let mut dice = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(dice.u128(..).to_be_bytes())
    }
}
