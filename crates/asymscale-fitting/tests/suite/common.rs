//! Synthetic losses with a known law.

use asymscale_fitting::{Blocks, Series};
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

/// The named generator of every test.
pub(crate) fn generator(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

/// A frame from the text of a table.
#[cfg(feature = "frames")]
pub(crate) fn frame(
    text: &[u8],
) -> Result<asymscale_tables::polars::prelude::DataFrame, asymscale_tables::TableError> {
    use asymscale_tables::{ReadOptions, Source, Table, read_frame};
    read_frame(&Table::open(Source::bytes("table", text.to_vec()), ReadOptions::default())?)
}

/// `count` sizes from 16 on, a factor 2 apart.
pub(crate) fn doublings(count: i32) -> Vec<f64> {
    (0..count).map(|k| 16.0 * 2f64.powi(k)).collect()
}

/// Log-normal losses about `law`, whose log standard deviation falls from `spread` to half of it
/// along the sizes. With shared blocks half of a design's log variance is common to its sizes, so
/// sizes are correlated. The median of each is `law`, its mean `law` when `unbiased`.
pub(crate) struct Synthetic {
    pub(crate) designs: usize,
    pub(crate) spread: f64,
    pub(crate) blocks: Blocks,
    pub(crate) unbiased: bool,
}

impl Synthetic {
    pub(crate) fn series(
        &self,
        sizes: &[f64],
        law: fn(f64) -> f64,
        rng: &mut Xoshiro256PlusPlus,
    ) -> Series {
        let curves: Vec<Vec<f64>> =
            (0..self.designs).map(|_| self.curve(sizes, law, rng)).collect();
        if self.blocks == Blocks::Shared {
            return Series::from_curves(sizes, &curves).expect("losses are positive");
        }
        let column = |k: usize| curves.iter().map(|curve| curve[k]).collect::<Vec<f64>>();
        let replicates: Vec<Vec<f64>> = (0..sizes.len()).map(column).collect();
        Series::from_replicates(sizes, &replicates).expect("losses are positive")
    }

    fn curve(&self, sizes: &[f64], law: fn(f64) -> f64, rng: &mut Xoshiro256PlusPlus) -> Vec<f64> {
        let mut normal = || -> f64 { StandardNormal.sample(rng) };
        let share: f64 = if self.blocks == Blocks::Shared { 0.5 } else { 0.0 };
        let common = share.sqrt() * normal();
        let mut loss = |(k, &size): (usize, &f64)| {
            let spread = self.spread * (1.0 - 0.5 * k as f64 / (sizes.len() - 1) as f64);
            let z = common + (1.0 - share).sqrt() * normal();
            let shift = if self.unbiased { -0.5 * spread * spread } else { 0.0 };
            law(size) * (spread * z + shift).exp()
        };
        sizes.iter().enumerate().map(&mut loss).collect()
    }
}
