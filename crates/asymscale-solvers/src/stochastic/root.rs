//! The effective ridge `κ` for traces from random probes.

use super::StochasticSpectrum;
use super::estimate::{Probed, TOLERANCE, mean};
use crate::SolverError;
use crate::linear_algebra::sparse_gram::{Block, dot};
use asymscale_numerics::{Bracket, bisect};

/// Relative residual of solutions while `κ` still moves by more than a part in a hundred.
const LOOSE: f64 = 1e-5;

/// `κ` is found when Newton's step, which squares what is left, is shorter than this in `ln κ`.
const CLOSE: f64 = 1e-8;

/// Newton steps are kept in a bracket and shorter than this in `ln κ`.
const LONGEST: f64 = 3.0;

/// The search fails after so many steps of Newton's method, which needs about four.
const STEPS: usize = 100;

/// Without ridge `κ` is looked for down to `e⁻⁸⁰` of what it can be at most, 10⁻³⁵: far below what
/// rounding leaves of a spectrum.
const DEPTH: f64 = 80.0;

impl StochasticSpectrum {
    /// `κ` and what the probes give there: the root of `1 − df₁/N − γ/κ`, which increases in `κ`.
    ///
    /// Fails if there is none: without ridge, where the probes take the rank for less than `N`.
    pub(super) fn root(&self, features: f64, ridge: f64) -> Result<Probed, SolverError> {
        if features == f64::INFINITY {
            return self.probe(ridge, self.starts(), TOLERANCE);
        }
        let probed_rank = self.probed_rank();
        if ridge == 0.0 && probed_rank <= features {
            return Err(SolverError::ProbedRank {
                features,
                rank: self.rank(),
                probed: probed_rank,
            });
        }
        let whole = bracket(self.energy(), features, ridge);
        let (mut low, mut high) = whole;
        let mut x = self.guess(features, ridge).clamp(low, high);
        let mut tolerance = LOOSE;
        let mut probed = self.probe(x.exp(), self.starts(), tolerance)?;
        for _ in 0..STEPS {
            let (value, slope) = self.excess(x.exp(), &mean(&probed.sums), features, ridge);
            *(if value > 0.0 { &mut high } else { &mut low }) = x;
            let left = (value / slope).abs();
            let newton = x - (value / slope).clamp(-LONGEST, LONGEST);
            let sound = left <= CLOSE || low < newton && newton < high;
            let next = if sound { newton } else { 0.5 * (low + high) };
            let found = left <= CLOSE && tolerance == TOLERANCE;
            if tolerance == LOOSE && (next - x).abs() <= 0.01 {
                // Next to the root the sign of a value from loose solutions may be wrong.
                (tolerance, low, high) = (TOLERANCE, whole.0, whole.1);
            }
            x = next;
            let before = probed.convergence.steps;
            probed = self.probe(x.exp(), probed.solutions, tolerance)?;
            probed.convergence.steps += before;
            if found {
                return Ok(probed);
            }
        }
        Err(SolverError::EffectiveRidge { features, steps: STEPS })
    }

    /// `ln κ` with `Σ̂` replaced by its diagonal, by bisection.
    fn guess(&self, features: f64, ridge: f64) -> f64 {
        let diagonal = self.gram.diagonal();
        let value = |kappa: f64| {
            1.0 - diagonal.iter().map(|d| d / (d + kappa)).sum::<f64>() / features - ridge / kappa
        };
        let (low, high) = bracket(diagonal.iter().sum(), features, ridge);
        let is_beyond = |log: f64| value(log.exp()) > 0.0;
        bisect(Bracket::new(low, high), 40, |log| !is_beyond(log)).high()
    }

    /// Mean of `zᵀPz`: to the probes, the rank, and the limit of `df₁` where `κ` is small.
    fn probed_rank(&self) -> f64 {
        let sum = |z: &Block| {
            let mut projected = z.clone();
            self.basis.project(&mut projected);
            dot(z, &projected).iter().sum::<f64>()
        };
        self.probes.blocks.iter().map(sum).sum::<f64>() / self.probes.count as f64
    }

    /// Mean of `zᵀΣ̂z`: to the probes, `tr Σ̂`.
    fn energy(&self) -> f64 {
        let sums = self.probes.blocks.iter().map(|z| self.gram.energy(z).iter().sum::<f64>());
        sums.sum::<f64>() / self.probes.count as f64
    }
}

/// `ln κ` is between: `κ (1 − df₁/N) = γ` and `df₁ ≤ tr Σ̂/κ`.
fn bracket(trace: f64, features: f64, ridge: f64) -> (f64, f64) {
    let high = (ridge + trace / features).ln();
    (if ridge > 0.0 { ridge.ln() } else { high - DEPTH }, high)
}
