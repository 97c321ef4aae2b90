//! Everything that looks random: drawn from the seed, so that the same seed gives the same world.

use fastrand::Rng;

/// A generator that depends on nothing but the seed and what it is for.
pub(crate) fn dice(seed: u64, purpose: &[&str]) -> Rng {
    Rng::with_seed(stable_hash(seed, purpose))
}

/// FNV-1a: the standard library's hasher may change between releases.
fn stable_hash(seed: u64, parts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut eat = |byte: u8| {
        hash ^= u64::from(byte);
        hash = hash.wrapping_mul(0x0100_0000_01b3);
    };
    seed.to_le_bytes().into_iter().for_each(&mut eat);
    for part in parts {
        part.bytes().for_each(&mut eat);
        eat(0xff);
    }
    hash
}

/// Twenty-four hexadecimal digits, the form of Mono's ids.
pub(crate) fn object_id(rng: &mut Rng) -> String {
    format!("{:016x}{:08x}", rng.u64(..), rng.u32(..))
}

/// `len` characters out of `alphabet`.
pub(crate) fn word(rng: &mut Rng, alphabet: &[u8], len: usize) -> String {
    (0..len)
        .map(|_| char::from(alphabet[rng.usize(..alphabet.len())]))
        .collect()
}

pub(crate) const LOWER_AND_DIGITS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
pub(crate) const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
pub(crate) const UPPER_AND_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
pub(crate) const MIXED: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
pub(crate) const DIGITS: &[u8] = b"0123456789";
