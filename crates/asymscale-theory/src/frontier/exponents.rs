//! How the compute-optimal frontier grows: the exponents of its law, equation (43) of
//! [`derivations`](crate::derivations), and those it has at one budget, equation (45).

use crate::exponents::{activity_exponent, effective_sparsity};
use crate::{Budget, Ridge, SampleTheory, Split, TheoryError, exponents, exponents_with};
use asymscale_model::SparseModel;
use serde::Serialize;

/// The exponents along the compute-optimal frontier.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FrontierExponents {
    /// `N* ∝ C^features`: `1/(1 + max(1, β))` without noise.
    pub features: f64,
    /// `D* ∝ C^samples`: `max(1, β)/(1 + max(1, β))` without noise.
    pub samples: f64,
    /// `L* ∝ C^loss`, negative: `−α/(1 + max(1, β))` without noise.
    pub loss: f64,
}

impl FrontierExponents {
    /// The exponents that follow from `N ∝ D^{1/sparsity}` and `L ∝ N^{−alpha}`, equation (43).
    pub(crate) fn new(alpha: f64, sparsity: f64) -> Self {
        let features = 1.0 / (1.0 + sparsity);
        Self { features, samples: sparsity / (1.0 + sparsity), loss: -alpha / (1.0 + sparsity) }
    }

    /// Whether each is within `tolerance` of the other's, and of that share of it where it is above
    /// 1.
    pub fn is_near(&self, other: &Self, tolerance: f64) -> bool {
        let pairs = [
            (self.features, other.features),
            (self.samples, other.samples),
            (self.loss, other.loss),
        ];
        pairs.iter().all(|(one, other)| (one - other).abs() <= tolerance * other.abs().max(1.0))
    }
}

/// The exponents of `N*`, `D*` and `L*` in `C` without label noise; `None` for a table of
/// activities, which has no law to scale by. With noise: [`frontier_exponents_with`].
///
/// They are equation (43) of [`derivations`](crate::derivations). Both losses balance where
/// `N ∝ min(S, D) ∝ D^{1/max(1, β)}`, so they are the same on both sides of the threshold,
/// ridgeless and with the optimal ridge. They are limits: they want `D*` far past the
/// [`crossover`](crate::crossover) for `β > 1`, and with finitely many coordinates `N*` and `S(D*)`
/// small against `M`.
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_theory::frontier_exponents;
/// let law = frontier_exponents(&SparseModel::power_law(1.0, 1.5, 1.0)?).unwrap();
/// assert_eq!((law.features, law.samples, law.loss), (0.4, 0.6, -0.4));
/// let dense = frontier_exponents(&SparseModel::power_law(1.0, 0.0, 1.0)?).unwrap();
/// assert_eq!((dense.features, dense.samples, dense.loss), (0.5, 0.5, -0.5));
/// # Ok::<(), asymscale_model::ModelError>(())
/// ```
pub fn frontier_exponents(model: &SparseModel) -> Option<FrontierExponents> {
    let law = exponents(model)?;
    Some(FrontierExponents::new(law.features, law.threshold.recip()))
}

/// The exponents of `N*`, `D*` and `L*` in `C` with this ridge and label noise `σ² = noise`; `None`
/// for a table of activities, and with a fixed ridge above 0, where the loss tends to a constant.
///
/// With any noise, `max(1, β)` of equation (43) of [`derivations`](crate::derivations) becomes
/// `b = max(β, 1 + α)`: `N* ∝ C^{1/(1+b)}`, `D* ∝ C^{b/(1+b)}`, `L* ∝ C^{−α/(1+b)}`. The best model
/// is as large as noise leaves directions to be learned, `N ∝ (D/σ²)^{1/(1+α)}`, if these are fewer
/// than the samples show. That holds ridgeless and with the optimal ridge: ridgeless the winner is
/// underparameterized, and no larger model gains. It is a limit: `D*` far past the
/// [`noise_crossover`](crate::noise_crossover).
///
/// # Errors
/// [`TheoryError::Ridge`] or [`TheoryError::Noise`] if negative or not finite.
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_theory::{Ridge, frontier_exponents_with};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let noisy = frontier_exponents_with(&model, Ridge::Fixed(0.0), 1.0)?.unwrap();
/// assert_eq!((noisy.features, noisy.samples, noisy.loss), (1.0 / 3.0, 2.0 / 3.0, -1.0 / 3.0));
/// assert_eq!(frontier_exponents_with(&model, Ridge::Fixed(1e-3), 0.0)?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn frontier_exponents_with(
    model: &SparseModel,
    ridge: Ridge,
    noise: f64,
) -> Result<Option<FrontierExponents>, TheoryError> {
    let law = exponents_with(model, ridge, noise)?;
    let (alpha, beta) = (law.and_then(|law| law.features), activity_exponent(model));
    let growth =
        |(alpha, beta)| FrontierExponents::new(alpha, effective_sparsity(beta, alpha, noise));
    Ok(alpha.zip(beta).map(growth))
}

/// Half the step in `ln C` and `ln D` of the differences: their error is some 1e-4 of them.
const STEP: f64 = 0.01;
/// A split further than this in `ln D` from where its loss is stationary is no minimum, but an end
/// of the budget.
const STATIONARY: f64 = 0.01;

/// The exponents that the frontier has at one budget: `d ln N*/d ln C`, `d ln D*/d ln C` and
/// `d ln L*/d ln C` at `split`, a minimum of `budget` found by [`frontier`](crate::frontier).
///
/// They are equation (45) of [`derivations`](crate::derivations). Their difference from
/// [`frontier_exponents_with`] says how far its limit is. `None` where the split is no minimum
/// inside its budget, or its loss is infinite. Accuracy some 1e-3. Cost: ten losses, with the
/// optimal ridge 20 ms each.
///
/// # Errors
/// As [`frontier`](crate::frontier).
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_theory::{Budget, Ridge, frontier, local_exponents};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let budget = Budget { compute: 1e12, factor: 1.0, ridge: Ridge::Fixed(0.0), noise: 0.0 };
/// let here = local_exponents(&model, budget, frontier(&model, budget)?.best())?.unwrap();
/// assert!((here.features - 0.4).abs() < 0.01 && (here.loss + 0.4).abs() < 0.01);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn local_exponents(
    model: &SparseModel,
    budget: Budget,
    split: Split,
) -> Result<Option<FrontierExponents>, TheoryError> {
    budget.check(model)?;
    let (log_product, log_samples) = ((budget.compute / budget.factor).ln(), split.samples.ln());
    let mut log_losses = [[0.0; 3]; 3];
    for (row, dc) in log_losses.iter_mut().zip([-STEP, 0.0, STEP]) {
        for (value, dv) in row.iter_mut().zip([-STEP, 0.0, STEP]) {
            let (v, n) = (log_samples + dv, log_product + dc - log_samples - dv);
            if v < 0.0 || n < 0.0 {
                return Ok(None);
            }
            *value = budget.loss(&SampleTheory::new(model, v.exp())?, n.exp().max(1.0))?.ln();
        }
    }
    Ok(moves(&log_losses, STEP, STATIONARY))
}

/// From `ln L` at three budgets (rows) and three numbers of samples, both in steps of `step` in
/// their logarithms; `None` further than `stationary` from a minimum.
pub(crate) fn moves(
    log_losses: &[[f64; 3]; 3],
    step: f64,
    stationary: f64,
) -> Option<FrontierExponents> {
    let [less, [low, here, high], more] = *log_losses;
    let slope = (high - low) / (2.0 * step);
    let curvature = (high + low - 2.0 * here) / (step * step);
    let twist = (more[2] - more[0] - less[2] + less[0]) / (4.0 * step * step);
    if !(curvature > 0.0 && (slope / curvature).abs() < stationary) {
        return None;
    }
    let samples = -twist / curvature;
    Some(FrontierExponents {
        features: 1.0 - samples,
        samples,
        loss: (more[1] - less[1]) / (2.0 * step),
    })
}
