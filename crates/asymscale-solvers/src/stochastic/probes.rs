//! Rademacher vectors: entries ±1 with probability ½ each.

use crate::linear_algebra::sparse_gram::{Block, LANES};
use rand::{Rng, RngExt};

/// Blocks of probes; lanes of the last that are not used are 0.
#[derive(Debug, Clone)]
pub(crate) struct Probes {
    pub(crate) count: usize,
    pub(crate) blocks: Vec<Block>,
}

impl Probes {
    pub(crate) fn draw<R: Rng + ?Sized>(size: usize, count: usize, rng: &mut R) -> Self {
        let mut block = |first: usize| -> Block {
            let used = LANES.min(count - first);
            let mut sign = |lane: usize| match (lane < used, rng.random::<bool>()) {
                (false, _) => 0.0,
                (true, up) => {
                    if up {
                        1.0
                    } else {
                        -1.0
                    }
                }
            };
            (0..size).map(|_| std::array::from_fn(&mut sign)).collect()
        };
        Self { count, blocks: (0..count).step_by(LANES).map(&mut block).collect() }
    }
}
