//! From solutions for probes to traces, and from traces to losses with errors.

use super::corrected::{Order, Products};
use super::{Orders, StochasticSpectrum};
use crate::linear_algebra::sparse_gram::{Block, Convergence, LANES, dot, dot_rest, weighted_dot};
use crate::spectrum::averaged::Traces;
use crate::spectrum::corrected::CorrectedLoss;
use crate::{Regression, SolverError};
use asymscale_numerics::mean_and_standard_error;

/// Relative residual of solutions: far below any error from probes.
pub(super) const TOLERANCE: f64 = 1e-9;

/// The relative change by the next order, times `N − df₂`: up to 0.63 against
/// [`crate::DesignSpectrum::corrected_loss`] on decomposed designs, a quarter in the median, `α`
/// from ½ to 2, `β` from 0.7 to 2.5, ridges up to 1, `N` from 1 to 0.8 r.
const LEFT_OUT: f64 = 0.7;

/// A loss from random probes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossEstimate {
    /// The estimate.
    pub loss: f64,
    /// Its standard error from the probes; 0 where the loss is exact.
    pub standard_error: f64,
    /// An estimate of the error of the loss that does not come from probes; 0 where the loss is
    /// exact, which without ridge it is for `N > r + 1`, and at `N = ∞` always.
    ///
    /// For the next order it is [`crate::CorrectedLoss::truncation`]. For the deterministic
    /// equivalent alone it is `L x (1 + x)`, `x = 0.7/(N − df₂)`: an estimate of what
    /// [`crate::DesignSpectrum::corrected_loss`] would change and of what that leaves out, rather
    /// above than below: above wherever both were computed for `N` up to 0.8 r (threefold in the
    /// median), at least 0.4 of it up to 3 r with ridges from 10⁻⁴ on.
    pub truncation: f64,
    /// Largest relative residual of a solution it rests on.
    pub residual: f64,
    /// Products with `Σ̂`, each of a block of up to 16 probes.
    pub steps: usize,
}

impl LossEstimate {
    pub(crate) fn exact(loss: f64) -> Self {
        Self { loss, standard_error: 0.0, truncation: 0.0, residual: 0.0, steps: 0 }
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

/// `tr Σ̂(Σ̂+κ)⁻¹`, `tr Σ̂(Σ̂+κ)⁻²`, `tr Σ(Σ̂+κ)⁻²` and `tr Σ(Σ̂+κ)⁻¹` by one probe, or their mean.
pub(super) type Sums = [f64; 4];

/// What the probes give at one `κ`.
pub(super) struct Probed {
    kappa: f64,
    /// The sums of each probe.
    pub(super) sums: Vec<Sums>,
    /// `(Σ̂+κ)⁻¹z`.
    pub(super) solutions: Vec<Block>,
    pub(super) convergence: Convergence,
}

impl StochasticSpectrum {
    /// Traces at `κ > 0`.
    ///
    /// # Errors
    /// [`SolverError::Kappa`] if `κ` is not finite and > 0; [`SolverError::Iterations`].
    pub fn traces(&self, kappa: f64) -> Result<TraceEstimates, SolverError> {
        if !(kappa > 0.0 && kappa.is_finite()) {
            return Err(SolverError::Kappa(kappa));
        }
        let probed = self.probe(kappa, self.starts(), TOLERANCE)?;
        let over = |read: &dyn Fn(&Traces) -> f64| {
            let one = |sums: &Sums| read(&self.traces_of(kappa, sums));
            TraceEstimate::of(&probed.sums.iter().map(one).collect::<Vec<_>>())
        };
        Ok(TraceEstimates {
            df1: over(&|traces| traces.df2 + traces.gap),
            df2: over(&|traces| traces.df2),
            lost: over(&|traces| traces.lost),
        })
    }

    /// Equation (S9), above the threshold without ridge: exact up to the traces of `(XᵀX)⁺`, which
    /// label noise needs.
    pub(super) fn interpolated_loss(
        &self,
        features: f64,
        noise: f64,
    ) -> Result<LossEstimate, SolverError> {
        let (rank, residual) = (self.rank() as f64, self.residual_mass());
        let degrees = features - rank - 1.0;
        let loss = residual * (1.0 + rank / degrees);
        if noise == 0.0 {
            return Ok(LossEstimate::exact(loss));
        }
        let mut convergence = Convergence::default();
        let mut terms = Vec::new();
        for z in &self.probes.blocks {
            let mut x = z.clone();
            self.basis.project(&mut x);
            let b = x.clone();
            let (found, _) = self.gram.solve(0.0, &b, &mut x, TOLERANCE)?;
            convergence = both(convergence, found);
            self.basis.project(&mut x);
            let (all, seen) = (dot(z, &x), weighted_dot(&self.eigenvalues, z, &x));
            terms.extend(
                (0..LANES).map(|lane| (seen[lane] + residual * all[lane] / degrees) / self.samples),
            );
        }
        terms.truncate(self.probes.count);
        let TraceEstimate { value, standard_error } = TraceEstimate::of(&terms);
        let Convergence { steps, residual } = convergence;
        Ok(LossEstimate {
            loss: loss + noise * value,
            standard_error: noise * standard_error,
            truncation: 0.0,
            residual,
            steps,
        })
    }

    /// The loss below the threshold, or with ridge.
    pub(super) fn probed_loss(
        &self,
        features: f64,
        regression: Regression,
        orders: Orders,
    ) -> Result<LossEstimate, SolverError> {
        let probed = self.root(features, regression.ridge())?;
        let Slopes { derivatives, products, convergence: last } = self.slopes(&probed)?;
        let (all, slope, product) = (mean(&probed.sums), mean(&derivatives), mean(&products));
        let loss = |kappa, sums: &Sums, products: &Products| {
            self.loss_of((kappa, sums), products, features, regression, orders)
        };
        let without = |k: usize| {
            let (own, derivative) =
                (left_out(&all, &probed, k), left_out_of(&slope, &derivatives, k));
            let (value, steepness) = self.excess(probed.kappa, &own, features, regression.ridge());
            let shift =
                if features == f64::INFINITY { 0.0 } else { -probed.kappa * value / steepness };
            let own = std::array::from_fn(|n| own[n] + derivative[n] * shift);
            // The products enter at the next order, so that their own shift is neglected.
            loss(probed.kappa + shift, &own, &left_out_of(&product, &products, k)).loss
        };
        let parts: Vec<f64> = (0..self.probes.count).map(without).collect();
        let Convergence { steps, residual } = both(probed.convergence, last);
        let CorrectedLoss { loss, truncation } = loss(probed.kappa, &all, &product);
        Ok(LossEstimate {
            loss,
            standard_error: (parts.len() as f64 - 1.0) * TraceEstimate::of(&parts).standard_error,
            truncation,
            residual,
            steps,
        })
    }

    /// The loss from traces, and an estimate of its error for exact traces.
    fn loss_of(
        &self,
        (kappa, sums): (f64, &Sums),
        products: &Products,
        features: f64,
        regression: Regression,
        orders: Orders,
    ) -> CorrectedLoss {
        let ridge = regression.ridge();
        let (below_rank, noise) =
            (self.rank() as f64 - features, regression.noise() / self.samples);
        let traces = self.traces_of(kappa, sums);
        let residual = self.residual_mass();
        let exact = features == f64::INFINITY;
        if orders == Orders::Next && !exact {
            return Order {
                traces: &traces,
                products,
                features,
                ridge,
                residual,
                below_rank,
                noise,
            }
            .loss();
        }
        let pole = if ridge == 0.0 { below_rank / (below_rank - 1.0) } else { 1.0 };
        let loss = traces.loss(features, ridge, noise, pole);
        // N − df₂ = (N − df₁) + (df₁ − df₂), and the first part is γN/κ.
        let change = if exact { 0.0 } else { LEFT_OUT / (features * (ridge / kappa) + traces.gap) };
        CorrectedLoss { loss, truncation: loss * change * (1.0 + change) }
    }

    /// `1 − df₁/N − γ/κ` and its derivative along `ln κ`.
    pub(super) fn excess(&self, kappa: f64, sums: &Sums, features: f64, ridge: f64) -> (f64, f64) {
        let traces = self.traces_of(kappa, sums);
        let df1 = traces.df2 + traces.gap;
        (1.0 - df1 / features - ridge / kappa, traces.gap / features + ridge / kappa)
    }

    fn traces_of(&self, kappa: f64, sums: &Sums) -> Traces {
        let [df1, spread, population, mixed] = *sums;
        let gap = kappa * spread;
        Traces {
            kappa,
            gap,
            df2: df1 - gap,
            lost: self.unseen + kappa * kappa * population,
            learned: mixed - kappa * population,
            spread,
        }
    }

    pub(super) fn starts(&self) -> Vec<Block> {
        self.probes.blocks.iter().map(|block| vec![[0.0; LANES]; block.len()]).collect()
    }

    /// Solves for all probes, starting from `solutions`.
    ///
    /// Evaluates equation (S26) of [`derivations`](crate::derivations), because `S − κ zᵀu` would
    /// cancel where `S` is far above `df₁`.
    pub(super) fn probe(
        &self,
        kappa: f64,
        mut solutions: Vec<Block>,
        tolerance: f64,
    ) -> Result<Probed, SolverError> {
        let mut convergence = Convergence::default();
        let mut sums = Vec::new();
        for (z, u) in self.probes.blocks.iter().zip(&mut solutions) {
            let (found, defect) = self.gram.solve(kappa, z, u, tolerance)?;
            convergence = both(convergence, found);
            let (kept, spread) = (dot_rest(kappa, z, z, u), dot_rest(kappa, u, z, u));
            sums.extend(lanes(&[
                std::array::from_fn(|lane| kept[lane] - kappa * defect[lane]),
                std::array::from_fn(|lane| spread[lane] - defect[lane]),
                weighted_dot(&self.eigenvalues, u, u),
                weighted_dot(&self.eigenvalues, z, u),
            ]));
        }
        sums.truncate(self.probes.count);
        Ok(Probed { kappa, sums, solutions, convergence })
    }

    /// Derivatives of the traces of each probe along `κ`, from `du/dκ = −(Σ̂+κ)⁻¹u`, and products
    /// of resolvents.
    fn slopes(&self, probed: &Probed) -> Result<Slopes, SolverError> {
        let (kappa, mut convergence) = (probed.kappa, Convergence::default());
        let (mut derivatives, mut products) = (Vec::new(), Vec::new());
        for (z, u) in self.probes.blocks.iter().zip(&probed.solutions) {
            let mut v = u.clone();
            v.iter_mut().flatten().for_each(|v| *v /= kappa);
            let (found, _) = self.gram.solve(kappa, u, &mut v, TOLERANCE)?;
            convergence = both(convergence, found);
            let population = weighted_dot(&self.eigenvalues, u, &v).map(|s| -2.0 * s);
            let mixed = weighted_dot(&self.eigenvalues, z, &v).map(|s| -s);
            // Of df₁ it is −uᵀΣ̂u, and of uᵀΣ̂u −2uᵀΣ̂v.
            let kept = dot_rest(kappa, u, z, u).map(|s| -s);
            let spread = dot_rest(kappa, u, u, &v).map(|s| -2.0 * s);
            derivatives.extend(lanes(&[kept, spread, population, mixed]));
            products.extend(lanes(&self.products(kappa, z, u, v)));
        }
        derivatives.truncate(self.probes.count);
        products.truncate(self.probes.count);
        Ok(Slopes { derivatives, products, convergence })
    }

    /// The forms of equation (S27), of a block of probes; its `g` is `w` here.
    fn products(
        &self,
        kappa: f64,
        z: &[[f64; LANES]],
        u: &[[f64; LANES]],
        mut y: Block,
    ) -> [[f64; LANES]; 4] {
        let mut w: Block = z.to_vec();
        for ((w, y), u) in w.iter_mut().zip(&mut y).zip(u) {
            (0..LANES).for_each(|lane| {
                w[lane] -= kappa * u[lane];
                y[lane] = u[lane] - kappa * y[lane];
            });
        }
        let square = kappa * kappa;
        [
            dot(&w, &y).map(|s| kappa * s),
            dot_rest(kappa, &y, &w, &y).map(|s| kappa * s),
            weighted_dot(&self.eigenvalues, u, &y).map(|s| square * s),
            weighted_dot(&self.eigenvalues, &y, &y).map(|s| square * s),
        ]
    }
}

/// The sums that a second solution for each probe gives.
struct Slopes {
    derivatives: Vec<Sums>,
    products: Vec<Products>,
    convergence: Convergence,
}

impl TraceEstimate {
    fn of(values: &[f64]) -> Self {
        let (value, standard_error) = mean_and_standard_error(values);
        Self { value, standard_error }
    }
}

pub(super) fn both(a: Convergence, b: Convergence) -> Convergence {
    Convergence { steps: a.steps + b.steps, residual: a.residual.max(b.residual) }
}

fn lanes(sums: &[[f64; LANES]; 4]) -> impl Iterator<Item = Sums> {
    (0..LANES).map(move |lane| std::array::from_fn(|n| sums[n][lane]))
}

pub(super) fn mean(values: &[Sums]) -> Sums {
    std::array::from_fn(|n| values.iter().map(|v| v[n]).sum::<f64>() / values.len() as f64)
}

fn left_out(mean: &Sums, probed: &Probed, k: usize) -> Sums {
    left_out_of(mean, &probed.sums, k)
}

/// The mean of all but one.
fn left_out_of(mean: &Sums, values: &[Sums], k: usize) -> Sums {
    let count = values.len() as f64;
    std::array::from_fn(|n| mean[n] + (mean[n] - values[k][n]) / (count - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use asymscale_model::SparseModel;
    use asymscale_sampling::{Design, Key};

    /// Some 1500 coordinates for a `df₁` of 40 to 0.1, and solutions that start from those at
    /// another `κ`. Of a relative residual `ε` in them `ε²S` shows in `df₁` and `2ε√(S df₁)` in
    /// `df₁ − df₂` (the diagonal, in whose norm `ε` is, is within a factor of 2 of the matrix);
    /// `S − κ zᵀu` would show `εS`.
    #[test]
    fn degrees_of_freedom_survive_many_coordinates() {
        let model = SparseModel::power_law(1.0, 1.5, 1.0).unwrap();
        let design = Design::sample(&model, 15_000, &mut Key::new(1).stream()).unwrap();
        let spectrum = StochasticSpectrum::new(&design, 16, &Key::new(2)).unwrap();
        let size = design.seen() as f64;
        let mut plain_is_worse = 0;
        for kappa in [1e-3, 1e-2, 0.1, 1.0, 10.0] {
            let near = spectrum.probe(1.5 * kappa, spectrum.starts(), 1e-6).unwrap().solutions;
            let probe = |tolerance| spectrum.probe(kappa, near.clone(), tolerance).unwrap();
            let traces = |probed: &Probed| {
                let Traces { df2, gap, .. } = spectrum.traces_of(kappa, &mean(&probed.sums));
                (df2 + gap, gap)
            };
            let ((df1, gap), found) = (traces(&probe(1e-14)), probe(1e-5));
            let (near_df1, near_gap) = traces(&found);
            let error = found.convergence.residual;
            let pairs = spectrum.probes.blocks.iter().zip(&found.solutions);
            let inverse = pairs.map(|(z, u)| dot(z, u).iter().sum::<f64>()).sum::<f64>() / 16.0;
            let far = (size - kappa * inverse - df1).abs();
            // The second part: rounding of a difference of numbers of size S.
            let allowed = 2.0 * error * error * size + 1e-15 * size;
            assert!((near_df1 - df1).abs() < allowed, "κ {kappa}: {near_df1} {df1}");
            assert!(
                (near_gap - gap).abs() < 4.0 * error * (size * df1).sqrt(),
                "κ {kappa}: {near_gap} {gap}"
            );
            plain_is_worse += usize::from(far > 100.0 * (near_df1 - df1).abs());
        }
        assert_eq!(plain_is_worse, 5);
    }
}
