//! Simulated counts in cells under an activity law with fixed activities, for the parametric
//! bootstrap.
//!
//! Features of the first ranks are drawn one by one. Beyond, ranks are taken in blocks whose
//! features share the block's mean probability of each cell, so that a draw costs what the cells
//! and blocks cost, however many features there are; the mean stays right and the variance grows by
//! that within a block (far below a percent). Features so rare that hardly any is seen are taken to
//! be seen at most once.

use rand::Rng;
use rand_distr::{Binomial, Distribution, Poisson};
use statrs::function::beta::beta_reg;
use statrs::function::gamma::gamma_lr;

use super::power_law::ActivityLaw;
use crate::diagnosis::counts::cells::Cells;

/// Ranks drawn one by one.
const SINGLE_RANKS: f64 = 256.0;

/// Blocks of ranks end this factor beyond where they begin.
const BLOCK: f64 = 1.03;

/// Below this expected count a second activation is neglected (a relative error of half of it).
const SINGLE_ACTIVATION: f64 = 1e-3;

/// Nodes and weights of Gauss's rule with 3 points on (0, 1).
const NODES: [(f64, f64); 3] = [
    (0.112_701_665_379_258_3, 5.0 / 18.0),
    (0.5, 8.0 / 18.0),
    (0.887_298_334_620_741_7, 5.0 / 18.0),
];

/// A simulator of counts in cells.
pub(crate) struct CountSimulator<'a> {
    cells: &'a Cells,
    singles: Vec<Binomial>,
    blocks: Vec<Block>,
    /// Expected features seen once beyond the last block.
    beyond: f64,
}

struct Block {
    features: u64,
    /// Cells that can be reached, with the probability of each given that none before it was.
    cells: Vec<(usize, f64)>,
}

impl<'a> CountSimulator<'a> {
    pub(crate) fn new(law: &ActivityLaw, samples: f64, cells: &'a Cells) -> Self {
        let highest = cells.edges[cells.len()] as f64;
        let reaches = |rank: f64| {
            let mean = samples * law.activity(rank);
            law.activity(rank) < 1.0 && mean - 8.0 * mean.sqrt() < highest
        };
        let singles =
            (1..=SINGLE_RANKS as u64).map(|rank| rank as f64).filter(|&rank| reaches(rank));
        let binomial =
            |rank| Binomial::new(samples as u64, law.activity(rank)).expect("a probability");
        let (mut blocks, mut start) = (Vec::new(), (SINGLE_RANKS + 1.0).max(law.onset.floor()));
        while samples * law.activity(start) > SINGLE_ACTIVATION {
            let end = (start * BLOCK).ceil();
            if reaches(end) {
                blocks.push(Block::new(law, samples, cells, start, end));
            }
            start = end;
        }
        // Σ D p over ranks from `start` on, as the integral from start − ½; where counts of one are
        // looked at.
        let from = start - 0.5;
        let once = if cells.edges[0] == 0 { samples * law.activity(from) } else { 0.0 };
        let beyond = once * from / (law.beta - 1.0);
        Self { cells, singles: singles.map(binomial).collect(), blocks, beyond }
    }

    /// Features in each cell, in one draw of all samples.
    pub(crate) fn draw<R: Rng + ?Sized>(&self, rng: &mut R) -> Vec<f64> {
        let mut tally = vec![0.0; self.cells.len()];
        for binomial in &self.singles {
            if let Some(cell) = self.cells.of(binomial.sample(rng)) {
                tally[cell] += 1.0;
            }
        }
        for block in &self.blocks {
            block.draw(&mut tally, rng);
        }
        // A mean too large for the sampler belongs to a law with more features than can be counted.
        if let Ok(poisson) = Poisson::new(self.beyond) {
            tally[0] += poisson.sample(rng);
        }
        tally
    }
}

impl Block {
    fn new(law: &ActivityLaw, samples: f64, cells: &Cells, start: f64, end: f64) -> Self {
        let (first, last) = (start - 0.5, end - 0.5);
        let mut probabilities = vec![0.0; cells.len()];
        for (node, weight) in NODES {
            let p = law.activity(first + node * (last - first));
            let above: Vec<f64> =
                cells.edges.iter().map(|&edge| exceeds(samples, p, edge as f64)).collect();
            for (cell, pair) in above.windows(2).enumerate() {
                probabilities[cell] += weight * (pair[0] - pair[1]).max(0.0);
            }
        }
        let mut left = 1.0;
        let mut conditional = Vec::new();
        for (cell, &probability) in probabilities.iter().enumerate().filter(|(_, p)| **p > 1e-12) {
            conditional.push((cell, (probability / left).clamp(0.0, 1.0)));
            left = (left - probability).max(1e-300);
        }
        Self { features: (end - start) as u64, cells: conditional }
    }

    /// Multinomial, cell after cell.
    fn draw<R: Rng + ?Sized>(&self, tally: &mut [f64], rng: &mut R) {
        let mut left = self.features;
        for &(cell, probability) in &self.cells {
            if left == 0 {
                break;
            }
            let drawn = Binomial::new(left, probability).expect("a probability").sample(rng);
            tally[cell] += drawn as f64;
            left -= drawn;
        }
    }
}

/// `P(k > edge)` for `k ~ Binomial(samples, p)`, `edge < samples`.
fn exceeds(samples: f64, p: f64, edge: f64) -> f64 {
    let (mean, spread) = (samples * p, (samples * p).sqrt());
    if edge > mean + 10.0 * spread + 30.0 {
        0.0
    } else if edge < mean - 10.0 * spread {
        1.0
    } else if p < 1e-4 {
        // Poisson, to a relative error of p.
        gamma_lr(edge + 1.0, mean)
    } else {
        beta_reg(edge + 1.0, samples - edge, p)
    }
}

#[cfg(test)]
mod tests {
    use super::CountSimulator;
    use crate::diagnosis::counts::cells::Cells;
    use crate::diagnosis::laws::power_law::ActivityLaw;
    use rand_xoshiro::Xoshiro256PlusPlus;
    use rand_xoshiro::rand_core::SeedableRng;

    /// n = 400 draws, seed 5, α = 1e-3 over all 38 cells (two-sided normal, Bonferroni: 4.2
    /// standard errors of a mean). Beyond that the closed form's midpoint sum is off by up to
    /// `(β/i)²/24` at rank i, below 1e-3 where cells hold more than ten features.
    #[test]
    fn draws_have_the_expected_number_in_each_cell() {
        for (beta, onset, samples, floor) in
            [(1.5, 20.0, 3_000.0, 0), (2.5, 400.0, 50_000.0, 0), (1.5, 200.0, 3_000.0, 4)]
        {
            let (law, cells) = (ActivityLaw { beta, onset }, Cells::new(floor, 24));
            let simulator = CountSimulator::new(&law, samples, &cells);
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
            let draws: Vec<Vec<f64>> = (0..400).map(|_| simulator.draw(&mut rng)).collect();
            for (cell, pair) in cells.edges.windows(2).enumerate() {
                let mean = draws.iter().map(|draw| draw[cell]).sum::<f64>() / 400.0;
                let expected = law.features_between(samples, pair[0] as f64, pair[1] as f64);
                let chance = 4.2 * (expected / 400.0).sqrt();
                assert!(
                    (mean - expected).abs() < chance + 1e-3 * expected,
                    "beta {beta}, counts {pair:?}: {mean}, expected {expected} ± {chance}"
                );
            }
        }
    }
}
