//! Filling slices with independent variates of mean 0: the two laws that amplitudes and teachers
//! share.

use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

/// `out[k] = scale · z_k`, `z_k ~ N(0, 1)` by the ziggurat of Marsaglia and Tsang.
///
/// Part of its caller, so that a generator that the caller owns stays in registers: with its state
/// in memory a draw takes three times as long.
#[expect(
    clippy::inline_always,
    reason = "left to itself the compiler makes it a function of its own"
)]
#[inline(always)]
pub(crate) fn gaussian<R: Rng + ?Sized>(scale: f64, out: &mut [f64], rng: &mut R) {
    for entry in out {
        // Not `rng.sample`, which is not inlined.
        let z: f64 = StandardNormal.sample(rng);
        *entry = scale * z;
    }
}

/// `out[k] = ±scale` with probability ½ each; a word of the generator serves 64 signs.
#[inline]
pub(crate) fn rademacher<R: Rng + ?Sized>(scale: f64, out: &mut [f64], rng: &mut R) {
    for chunk in out.chunks_mut(64) {
        let mut bits = rng.next_u64();
        for entry in chunk {
            *entry = if bits & 1 == 1 { scale } else { -scale };
            bits >>= 1;
        }
    }
}
