//! From solutions for probes to traces, and from traces to losses with errors.

use super::StochasticSpectrum;
use crate::averaged::Traces;
use crate::sparse_gram::{Block, Convergence, LANES, dot, weighted_dot};
use crate::{Regression, SolverError};

/// Relative residual of solutions: far below any error from probes.
const TOLERANCE: f64 = 1e-9;

/// While `κ` still moves by more than a part in a hundred.
const LOOSE: f64 = 1e-5;

/// `κ` is found to this relative step.
const CLOSE: f64 = 1e-8;

/// Newton steps are kept in a bracket and shorter than this in `ln κ`.
const LONGEST: f64 = 3.0;

/// Newton's method needs about four.
const STEPS: usize = 100;

/// A loss from random probes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossEstimate {
    /// The estimate.
    pub loss: f64,
    /// Its standard error from the probes; 0 where the loss is exact.
    pub standard_error: f64,
    /// Largest relative residual of a solution it rests on.
    pub residual: f64,
    /// Products with `Σ̂`, each of a block of up to 16 probes.
    pub steps: usize,
}

impl LossEstimate {
    pub(crate) fn exact(loss: f64) -> Self {
        Self { loss, standard_error: 0.0, residual: 0.0, steps: 0 }
    }
}

/// A trace from random probes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TraceEstimate {
    /// Mean over probes: without bias.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
}

/// Traces at one `κ`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TraceEstimates {
    /// `df₁ = tr Σ̂(Σ̂+κ)⁻¹`.
    pub df1: TraceEstimate,
    /// `df₂ = tr Σ̂²(Σ̂+κ)⁻²`.
    pub df2: TraceEstimate,
    /// `κ² tr Σ(Σ̂+κ)⁻²`, unseen coordinates included.
    pub lost: TraceEstimate,
}

/// `tr (Σ̂+κ)⁻¹`, `tr (Σ̂+κ)⁻²`, `tr Σ(Σ̂+κ)⁻²` and `tr Σ(Σ̂+κ)⁻¹` by one probe, or their mean.
type Inverses = [f64; 4];

/// At one `κ`.
struct Probed {
    kappa: f64,
    /// For each probe.
    inverses: Vec<Inverses>,
    /// `(Σ̂+κ)⁻¹z`.
    solutions: Vec<Block>,
    convergence: Convergence,
}

impl StochasticSpectrum {
    /// Traces at `κ > 0`.
    ///
    /// # Errors
    /// [`SolverError::Ridge`] if `κ` is not finite and > 0; [`SolverError::Iterations`].
    pub fn traces(&self, kappa: f64) -> Result<TraceEstimates, SolverError> {
        if !(kappa > 0.0 && kappa.is_finite()) {
            return Err(SolverError::Ridge(kappa));
        }
        let probed = self.probe(kappa, self.starts(), TOLERANCE)?;
        let over = |read: &dyn Fn(&Traces) -> f64| {
            let one = |inverses: &Inverses| read(&self.traces_of(kappa, inverses));
            TraceEstimate::of(&probed.inverses.iter().map(one).collect::<Vec<_>>())
        };
        Ok(TraceEstimates {
            df1: over(&|traces| traces.df2 + traces.gap),
            df2: over(&|traces| traces.df2),
            lost: over(&|traces| traces.lost),
        })
    }

    /// Above the threshold without ridge: exact up to the traces of `(XᵀX)⁺` that label noise brings.
    pub(super) fn interpolated_loss(&self, features: f64, noise: f64) -> Result<LossEstimate, SolverError> {
        let (rank, residual) = (self.rank() as f64, self.residual_mass());
        let room = features - rank - 1.0;
        let loss = if rank == 0.0 { residual } else { residual * (1.0 + rank / room) };
        if noise == 0.0 || rank == 0.0 {
            return Ok(LossEstimate::exact(loss));
        }
        let mut convergence = Convergence::default();
        let mut terms = Vec::new();
        for z in &self.probes.blocks {
            let mut x = z.clone();
            self.basis.project(&mut x);
            let b = x.clone();
            let found = self.gram.solve(0.0, &b, &mut x, TOLERANCE)?;
            convergence = both(convergence, found);
            self.basis.project(&mut x);
            let (all, seen) = (dot(z, &x), weighted_dot(&self.eigenvalues, z, &x));
            terms.extend((0..LANES).map(|lane| (seen[lane] + residual * all[lane] / room) / self.samples));
        }
        terms.truncate(self.probes.count);
        let TraceEstimate { value, standard_error } = TraceEstimate::of(&terms);
        let Convergence { steps, residual } = convergence;
        Ok(LossEstimate {
            loss: loss + noise * value,
            standard_error: noise * standard_error,
            residual,
            steps,
        })
    }

    /// Below it, or with ridge.
    pub(super) fn probed_loss(
        &self,
        features: f64,
        regression: Regression,
    ) -> Result<LossEstimate, SolverError> {
        let Regression { ridge, noise } = regression;
        let probed = self.root(features, ridge)?;
        let (slopes, last) = self.slopes(&probed)?;
        let room = self.rank() as f64 - features;
        let pole = if ridge == 0.0 { room / (room - 1.0) } else { 1.0 };
        let loss = |kappa, inverses: &Inverses| {
            self.traces_of(kappa, inverses).loss(features, ridge, noise / self.samples, pole)
        };
        let (all, slope) = (mean(&probed.inverses), mean(&slopes));
        let without = |k: usize| {
            let (own, tilt) = (left_out(&all, &probed, k), left_out_of(&slope, &slopes, k));
            let (value, steepness) = self.excess(probed.kappa, &own, features, ridge);
            let shift = if features == f64::INFINITY { 0.0 } else { -probed.kappa * value / steepness };
            loss(probed.kappa + shift, &std::array::from_fn(|n| own[n] + tilt[n] * shift))
        };
        let parts: Vec<f64> = (0..self.probes.count).map(without).collect();
        let Convergence { steps, residual } = both(probed.convergence, last);
        Ok(LossEstimate {
            loss: loss(probed.kappa, &all),
            standard_error: (parts.len() as f64 - 1.0) * TraceEstimate::of(&parts).standard_error,
            residual,
            steps,
        })
    }

    /// `κ` and what the probes give there: the root of `1 − df₁/N − γ/κ`, which increases in `κ`.
    fn root(&self, features: f64, ridge: f64) -> Result<Probed, SolverError> {
        let mut x = if features == f64::INFINITY { ridge.ln() } else { self.guess(features, ridge).ln() };
        let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
        let first = if features == f64::INFINITY { TOLERANCE } else { LOOSE };
        let mut probed = self.probe(x.exp(), self.starts(), first)?;
        for _ in 0..STEPS {
            if features == f64::INFINITY {
                break;
            }
            let (value, slope) = self.excess(x.exp(), &mean(&probed.inverses), features, ridge);
            *(if value > 0.0 { &mut high } else { &mut low }) = x;
            let newton = x - (value / slope).clamp(-LONGEST, LONGEST);
            let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
            let step = (next - x).abs();
            x = next;
            let tolerance = if step > 0.01 { LOOSE } else { TOLERANCE };
            let before = probed.convergence.steps;
            probed = self.probe(x.exp(), probed.solutions, tolerance)?;
            probed.convergence.steps += before;
            if step <= CLOSE {
                break;
            }
        }
        Ok(probed)
    }

    /// The root with `Σ̂` replaced by its diagonal, by bisection.
    fn guess(&self, features: f64, ridge: f64) -> f64 {
        let diagonal = self.gram.diagonal();
        let value = |kappa: f64| {
            1.0 - diagonal.iter().map(|d| d / (d + kappa)).sum::<f64>() / features - ridge / kappa
        };
        let top = ridge + diagonal.iter().sum::<f64>() / features;
        let (mut low, mut high) = (top.ln() - 80.0, top.ln());
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            *(if value(middle.exp()) > 0.0 { &mut high } else { &mut low }) = middle;
        }
        high.exp()
    }

    /// `1 − df₁/N − γ/κ` and its derivative along `ln κ`.
    fn excess(&self, kappa: f64, inverses: &Inverses, features: f64, ridge: f64) -> (f64, f64) {
        let traces = self.traces_of(kappa, inverses);
        let df1 = traces.df2 + traces.gap;
        (1.0 - df1 / features - ridge / kappa, traces.gap / features + ridge / kappa)
    }

    fn traces_of(&self, kappa: f64, inverses: &Inverses) -> Traces {
        let [one, two, population, mixed] = *inverses;
        let spread = one - kappa * two;
        let gap = kappa * spread;
        Traces {
            kappa,
            gap,
            df2: self.eigenvalues.len() as f64 - kappa * one - gap,
            lost: self.unseen + kappa * kappa * population,
            learned: mixed - kappa * population,
            spread,
        }
    }

    fn starts(&self) -> Vec<Block> {
        self.probes.blocks.iter().map(|block| vec![[0.0; LANES]; block.len()]).collect()
    }

    /// Solves for all probes, from what is known already.
    fn probe(&self, kappa: f64, mut solutions: Vec<Block>, tolerance: f64) -> Result<Probed, SolverError> {
        let mut convergence = Convergence::default();
        let mut inverses = Vec::new();
        for (z, u) in self.probes.blocks.iter().zip(&mut solutions) {
            convergence = both(convergence, self.gram.solve(kappa, z, u, tolerance)?);
            let population = weighted_dot(&self.eigenvalues, u, u);
            inverses.extend(lanes(&[
                dot(z, u),
                dot(u, u),
                population,
                weighted_dot(&self.eigenvalues, z, u),
            ]));
        }
        inverses.truncate(self.probes.count);
        Ok(Probed { kappa, inverses, solutions, convergence })
    }

    /// Derivatives of the traces of each probe along `κ`, from `du/dκ = −(Σ̂+κ)⁻¹u`.
    fn slopes(&self, probed: &Probed) -> Result<(Vec<Inverses>, Convergence), SolverError> {
        let mut convergence = Convergence::default();
        let mut slopes = Vec::new();
        for (z, u) in self.probes.blocks.iter().zip(&probed.solutions) {
            let mut v = u.clone();
            v.iter_mut().flatten().for_each(|v| *v /= probed.kappa);
            convergence = both(convergence, self.gram.solve(probed.kappa, u, &mut v, TOLERANCE)?);
            let population = weighted_dot(&self.eigenvalues, u, &v).map(|s| -2.0 * s);
            let mixed = weighted_dot(&self.eigenvalues, z, &v).map(|s| -s);
            slopes.extend(lanes(&[dot(u, u).map(|s| -s), dot(u, &v).map(|s| -2.0 * s), population, mixed]));
        }
        slopes.truncate(self.probes.count);
        Ok((slopes, convergence))
    }
}

impl TraceEstimate {
    fn of(values: &[f64]) -> Self {
        let count = values.len() as f64;
        let value = values.iter().sum::<f64>() / count;
        let square: f64 = values.iter().map(|v| (v - value).powi(2)).sum();
        Self { value, standard_error: (square / (count - 1.0) / count).sqrt() }
    }
}

fn both(a: Convergence, b: Convergence) -> Convergence {
    Convergence { steps: a.steps + b.steps, residual: a.residual.max(b.residual) }
}

fn lanes(sums: &[[f64; LANES]; 4]) -> impl Iterator<Item = Inverses> {
    (0..LANES).map(move |lane| std::array::from_fn(|n| sums[n][lane]))
}

fn mean(values: &[Inverses]) -> Inverses {
    std::array::from_fn(|n| values.iter().map(|v| v[n]).sum::<f64>() / values.len() as f64)
}

fn left_out(mean: &Inverses, probed: &Probed, k: usize) -> Inverses {
    left_out_of(mean, &probed.inverses, k)
}

/// The mean of all but one.
fn left_out_of(mean: &Inverses, values: &[Inverses], k: usize) -> Inverses {
    let count = values.len() as f64;
    std::array::from_fn(|n| mean[n] + (mean[n] - values[k][n]) / (count - 1.0))
}
