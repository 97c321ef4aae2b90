//! Randomness: the only place that asks the machine.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Gives random bytes, fit for secrets. Tests may bring their own.
pub trait Random: Send + Sync + 'static {
    /// Sixteen random bytes.
    fn bytes(&self) -> Result<[u8; 16], NoRandomness>;
}

/// Randomness that can be handed around.
pub type SharedRandom = Arc<dyn Random>;

/// The machine gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the machine gave no random bytes")]
pub struct NoRandomness(#[source] getrandom::Error);

/// The machine's own source.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "this is the injected randomness")]
    fn bytes(&self) -> Result<[u8; 16], NoRandomness> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(NoRandomness)?;
        Ok(bytes)
    }
}

/// A number as random as any other; without randomness, the largest.
pub fn number(random: &dyn Random) -> u32 {
    random.bytes().map_or(u32::MAX, |bytes| {
        let [a, b, c, d, ..] = bytes;
        u32::from_be_bytes([a, b, c, d])
    })
}

/// A name that nobody can guess: a prefix and 128 random bits, safe in paths and headers.
pub fn name(random: &dyn Random, prefix: &str) -> Result<String, NoRandomness> {
    Ok(format!(
        "{prefix}{}",
        URL_SAFE_NO_PAD.encode(random.bytes()?)
    ))
}
