//! The compute-optimal frontier: how a budget is best split between features and samples, section 8
//! of [`derivations`](crate::derivations).

pub(crate) mod exponents;

use crate::{SampleTheory, TheoryError, sample_theory::loss::regression};
use asymscale_model::SparseModel;
use asymscale_numerics::{Bracket, Minimum, global_minimum, try_bisect};
use serde::Serialize;
use std::fmt;

/// The ridge along a frontier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ridge {
    /// The same penalty `γ ≥ 0` at every split; 0 is ridgeless.
    Fixed(f64),
    /// At every split the one of least loss, [`SampleTheory::optimal_ridge`].
    Optimal,
}

impl Ridge {
    pub(crate) fn check(self) -> Result<(), TheoryError> {
        match self {
            Self::Fixed(ridge) if !(ridge >= 0.0 && ridge.is_finite()) => {
                Err(TheoryError::Ridge(ridge))
            }
            _ => Ok(()),
        }
    }

    /// Whether it is a fixed ridge above 0.
    pub(crate) fn is_positive(self) -> bool {
        matches!(self, Self::Fixed(ridge) if ridge > 0.0)
    }
}

/// A budget `C = factor · N · D`, the ridge of the learner and the noise of the labels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// `C`, finite; at least `factor`, so that it holds one feature and one sample.
    pub compute: f64,
    /// The cost of one feature on one sample, finite and > 0, in the unit of `compute`. It changes
    /// prefactors only.
    pub factor: f64,
    /// The ridge.
    pub ridge: Ridge,
    /// `σ² ≥ 0`, the variance of the label noise.
    pub noise: f64,
}

/// A side of the interpolation threshold `min(S, D)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Branch {
    /// Fewer features than the threshold.
    Underparameterized,
    /// At least as many.
    Overparameterized,
}

impl fmt::Display for Branch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Underparameterized => "underparameterized",
            Self::Overparameterized => "overparameterized",
        })
    }
}

/// The best split on one side of the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Split {
    /// `N ≥ 1`, a real number.
    pub features: f64,
    /// `D ≥ 1`, a real number.
    pub samples: f64,
    /// The population loss there, in units of `λ_1`.
    pub loss: f64,
    /// The ridge there.
    pub ridge: f64,
}

impl Split {
    /// Estimate of the relative error of [`loss`](Split::loss) at a finite size, dimensionless:
    /// [`SampleTheory::finite_size_error_with`] at this split, with the label noise `σ² = noise` of
    /// the budget. By how much the split itself would move is not known: where losses of its
    /// neighbours differ by less than this, any of them may be the best.
    ///
    /// # Errors
    /// [`TheoryError::Noise`] below 0 or not finite; as for the loss.
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_theory::{Budget, Ridge, frontier};
    /// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
    /// let at = |compute| {
    ///     let budget = Budget { compute, factor: 1.0, ridge: Ridge::Fixed(0.0), noise: 0.0 };
    ///     frontier(&model, budget)?.best().finite_size_error(&model, 0.0)
    /// };
    /// assert!(at(1e9)? < 0.3 * at(1e5)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn finite_size_error(&self, model: &SparseModel, noise: f64) -> Result<f64, TheoryError> {
        let regression = regression(self.ridge, noise)?;
        SampleTheory::new(model, self.samples)?.finite_size_error_with(self.features, regression)
    }
}

/// The best split of one budget on either side of the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Frontier {
    /// The budget `C`.
    pub compute: f64,
    /// The side of less loss.
    pub branch: Branch,
    /// The best with fewer features than the threshold; `None` if no split of the budget has so
    /// few.
    pub underparameterized: Option<Split>,
    /// The best with at least as many; `None` if no split has.
    pub overparameterized: Option<Split>,
}

impl Frontier {
    /// `N*`, `D*` and `L*`: the split of the winning branch.
    pub fn best(&self) -> Split {
        let (under, over) = (self.underparameterized, self.overparameterized);
        let chosen =
            if self.branch == Branch::Underparameterized { under.or(over) } else { over.or(under) };
        chosen.expect("one of the sides has a split")
    }
}

/// The compute-optimal split of a budget `C = factor · N · D` between features and samples.
///
/// The loss of [`SampleTheory`] is minimised along the hyperbola over real `N ≥ 1` and `D ≥ 1`, on
/// each side of the threshold `N = min(S(D), D)` by itself: ridgeless, the loss has a pole between
/// two minima, and which is lower depends on the model. A scan in `ln D` brackets every local
/// minimum, which Brent's method refines; near the crossover `S(D) = D` a side may have two.
/// Features and samples are good to 1e-4 relative, the loss to 1e-8, at splits of at most 1e12.
/// Whole numbers are not sought: a budget of 1e3 is split well by the nearest.
///
/// The asymptotics want `D` of some dozens, and a loss that is finite: with ridgeless label noise
/// it may be `+∞` on a whole side. Cost: some hundred points, 10 to 80 ms; up to 3 s with the
/// optimal ridge.
///
/// # Errors
/// [`TheoryError::Compute`], [`TheoryError::Factor`], [`TheoryError::Ridge`] or
/// [`TheoryError::Noise`] outside their domains; [`TheoryError::Budget`] for a budget too small for
/// one feature and one sample, [`TheoryError::LargeBudget`] for one above
/// `factor · min(1e30, e^{1150/(1+α)})`; [`TheoryError::NoDigits`] where a loss on the way is not
/// known.
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_theory::{Branch, Budget, Ridge, frontier};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let budget = Budget { compute: 1e4, factor: 1.0, ridge: Ridge::Fixed(0.0), noise: 0.0 };
/// let frontier = frontier(&model, budget)?;
/// assert_eq!(frontier.branch, Branch::Overparameterized);
/// let best = frontier.best();
/// assert!((best.loss - 0.0768).abs() < 1e-4);
/// assert!((best.features * best.samples / 1e4 - 1.0).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn frontier(model: &SparseModel, budget: Budget) -> Result<Frontier, TheoryError> {
    budget.check(model)?;
    let product = budget.compute / budget.factor;
    let end = product.ln();
    let threshold = threshold_on(model, product)?;
    let loss = |v: f64| {
        let (features, samples) = split(product, v);
        SampleTheory::new(model, samples).and_then(|theory| budget.loss(&theory, features))
    };
    let branch = |low: f64, high: f64| -> Result<Option<Split>, TheoryError> {
        if low > high {
            return Ok(None);
        }
        let minimum = global_minimum(Bracket::new(low, high), loss)?;
        budget.at(model, product, minimum).map(Some)
    };
    let (under, over) = match threshold {
        Some(v) if v <= 0.0 => (branch(0.0, end)?, None),
        Some(v) => (branch(v, end)?, branch(0.0, v)?),
        None => (None, branch(0.0, end)?),
    };
    let lower = under.is_some_and(|under| over.is_none_or(|over| under.loss < over.loss));
    let branch = if lower { Branch::Underparameterized } else { Branch::Overparameterized };
    Ok(Frontier {
        compute: budget.compute,
        branch,
        underparameterized: under,
        overparameterized: over,
    })
}

impl Budget {
    pub(crate) fn check(&self, model: &SparseModel) -> Result<(), TheoryError> {
        let finite = |x: f64| x > 0.0 && x.is_finite();
        let (compute, factor, alpha) = (self.compute, self.factor, model.spectrum().alpha());
        let limit = factor * alpha.map_or(1e30, largest_product);
        let alpha = alpha.unwrap_or(f64::NAN);
        match self.ridge {
            _ if !finite(compute) => Err(TheoryError::Compute(compute)),
            _ if !finite(factor) => Err(TheoryError::Factor(factor)),
            _ if !finite(compute / factor) || compute < factor => {
                Err(TheoryError::Budget { compute, factor })
            }
            _ if compute > limit => Err(TheoryError::LargeBudget { compute, factor, alpha, limit }),
            Ridge::Fixed(ridge) => regression(ridge, self.noise).map(|_| ()),
            Ridge::Optimal => regression(0.0, self.noise).map(|_| ()),
        }
    }

    pub(crate) fn loss(&self, theory: &SampleTheory, features: f64) -> Result<f64, TheoryError> {
        self.ridge_and_loss(theory, features).map(|(_, loss)| loss)
    }

    fn ridge_and_loss(
        &self,
        theory: &SampleTheory,
        features: f64,
    ) -> Result<(f64, f64), TheoryError> {
        let (ridge, loss) = match self.ridge {
            Ridge::Optimal => theory.optimally_ridged(features, self.noise),
            Ridge::Fixed(ridge) => {
                (ridge, theory.loss_with(features, regression(ridge, self.noise)?)?)
            }
        };
        theory.known(features, loss).map(|loss| (ridge, loss))
    }

    fn at(
        &self,
        model: &SparseModel,
        product: f64,
        minimum: Minimum,
    ) -> Result<Split, TheoryError> {
        let (features, samples) = split(product, minimum.at);
        let (ridge, _) = self.ridge_and_loss(&SampleTheory::new(model, samples)?, features)?;
        Ok(Split { features, samples, loss: minimum.value, ridge })
    }
}

/// The largest `N D` of which every split is within the theory's range: `min(N, D) ≤ √(N D)`
/// directions must have eigenvalues above 1e-260 ([`TheoryError::Depth`]), and neither be above
/// 1e30.
fn largest_product(alpha: f64) -> f64 {
    (1150.0 / (1.0 + alpha)).exp().min(1e30)
}

/// `(N, D)` with `N D = product` at `ln D = v`, neither below 1 by rounding.
fn split(product: f64, v: f64) -> (f64, f64) {
    let samples = v.exp().clamp(1.0, product);
    ((product / samples).max(1.0), samples)
}

/// Of a range of logarithms, to rounding.
const BISECTIONS: u32 = 56;

/// `ln D` where `N = product/D` is the threshold `min(S, D)`, which grows with `D`; at most 0 if it
/// is larger at `D = 1`, and `None` if smaller at `N = 1`.
fn threshold_on(model: &SparseModel, product: f64) -> Result<Option<f64>, TheoryError> {
    let excess = |v: f64| {
        let (features, samples) = split(product, v);
        SampleTheory::new(model, samples)
            .map(|theory| theory.coverage().threshold.ln() - features.ln())
    };
    let whole = Bracket::new(0.0, product.ln());
    if excess(whole.high())? < 0.0 {
        return Ok(None);
    }
    if excess(whole.low())? > 0.0 {
        return Ok(Some(0.0));
    }
    try_bisect(whole, BISECTIONS, |v| Ok(excess(v)? < 0.0)).map(|found| Some(found.middle()))
}
