//! Keys: the one place that turns (seed, experiment, cell, purpose) into a random stream.

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use sha2::{Digest, Sha256};

/// A path of names and numbers below a seed. Streams of different paths are independent; a stream
/// depends on its path only, never on a thread or on what was drawn before.
///
/// ```
/// use asymscale_sampling::Key;
/// use rand::Rng;
/// let key = Key::new(7).label("designs").index(3);
/// assert_eq!(key.stream().next_u64(), key.stream().next_u64());
/// assert_ne!(key.stream().next_u64(), key.index(0).stream().next_u64());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    state: [u8; 32],
}

impl Key {
    /// The root of all paths of one seed.
    pub fn new(seed: u64) -> Self {
        Self { state: [0; 32] }.step(b's', &seed.to_le_bytes())
    }

    /// The path one name further.
    #[must_use]
    pub fn label(&self, name: &str) -> Self {
        self.step(b'l', name.as_bytes())
    }

    /// The path one number further.
    #[must_use]
    pub fn index(&self, n: u64) -> Self {
        self.step(b'i', &n.to_le_bytes())
    }

    /// The stream at this path.
    pub fn stream(&self) -> Xoshiro256PlusPlus {
        Xoshiro256PlusPlus::from_seed(self.step(b'r', &[]).state)
    }

    /// The stream of one coordinate below this path: as [`Key::stream`], but cheap enough for
    /// millions of calls (a few multiplications instead of a hash).
    pub fn coordinate_stream(&self, index: f64) -> Xoshiro256PlusPlus {
        let word = |k: usize| u64::from_le_bytes(std::array::from_fn(|b| self.state[8 * k + b]));
        let mut seed = [0; 32];
        for k in 0..4 {
            let mixed = split_mix(word(k) ^ split_mix(index.to_bits() ^ word((k + 1) % 4)));
            seed[8 * k..8 * (k + 1)].copy_from_slice(&mixed.to_le_bytes());
        }
        Xoshiro256PlusPlus::from_seed(seed)
    }

    /// Kind, length and content: no two paths have the same encoding.
    fn step(&self, kind: u8, content: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(self.state);
        hasher.update([kind]);
        hasher.update((content.len() as u64).to_le_bytes());
        hasher.update(content);
        Self { state: hasher.finalize().into() }
    }
}

/// The finaliser of `SplitMix64` (Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195): a
/// bijection of 64 bits.
fn split_mix(x: u64) -> u64 {
    let mut z = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
