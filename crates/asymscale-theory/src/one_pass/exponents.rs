//! The power laws of one pass: equations (103), (110) and (111) of
//! [`derivations`](crate::derivations).

use super::OnePass;
use super::nodes::{RareNodes, fourth_moment};
use crate::FrontierExponents;
use asymscale_model::SparseModel;
use serde::Serialize;
use statrs::function::gamma::ln_gamma;
use std::fmt;

/// What limits plain one-pass stochastic gradient descent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnePassRegime {
    /// `β ≤ 1 + α`: a coordinate is learned long after it is first seen. Sparsity is invisible.
    OptimisationLimited,
    /// `β > 1 + α` and finitely many coordinates: small step sizes are stable in the mean, and
    /// what is not learned is what was not seen.
    CoverageLimited,
    /// `β > 1 + α` and infinitely many coordinates: at every step size the mean grows in the end.
    /// Typical runs are limited by coverage, if step sizes fall with the length of the run.
    UnstableInTheMean,
}

impl fmt::Display for OnePassRegime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::OptimisationLimited => "optimisation-limited",
            Self::CoverageLimited => "coverage-limited",
            Self::UnstableInTheMean => "unstable in the mean",
        })
    }
}

/// The exponents of one pass over `T` samples without label noise; all but those of the frontiers
/// are positive.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OnePassExponents {
    /// `L ∝ s^{−time}` in the time `s = Σ η_t` of descent that is stable, `N = ∞`:
    /// `min(b − 1, 1 + 2α)/(1 + α)`, which is `α/(1 + α)` for an iid teacher; without the `1 + 2α`
    /// for one-hot inputs.
    pub time: f64,
    /// `L ∝ T^{−samples}`, with the step size that suits `T`: `(b − 1)/max(1 + α, β)`, where the
    /// exponent in time is not saturated.
    ///
    /// For `β ≤ 1 + α` it is that of [`OnePassExponents::time`], derived for the mean. For
    /// `β > 1 + α` it is a heuristic for typical runs of plain descent whose step size is the
    /// [`horizon_rate`](crate::horizon_rate), and of clipped descent: what is seen is learned.
    pub samples: f64,
    /// What steps that adapt to each coordinate can reach, `(b − 1)/max(1, β)`: what is seen is
    /// learned. A **conjecture**, which diagonal Gauss–Newton steps bear out in chapter 14 of the
    /// reproduction. Adagrad does so only for `α ≤ 1` or `β ≥ (1 + α)/2`: it has
    /// `α/max(1, (1 + α)/2, β)`, and sign steps of a constant size are slower still.
    pub adaptive_samples: f64,
    /// `L ∝ N^{−coordinates}` of a learner of the first `N` coordinates, `T = ∞`: `b − 1`.
    pub coordinates: f64,
    /// Along the frontier at `C = N·T`: `N* ∝ C^{1/(1+s)}`, `T* ∝ C^{s/(1+s)}`,
    /// `L* ∝ C^{−(b−1)/(1+s)}` with `s = max(1 + α, β)`, in general
    /// `s = coordinates/samples`.
    pub frontier: FrontierExponents,
    /// The same for adapted steps, `s = max(1, β)`: the same conjecture.
    pub adaptive_frontier: FrontierExponents,
    /// What limits plain descent.
    pub regime: OnePassRegime,
}

/// The exponents of one pass, equations (103), (110) and (111) of
/// [`derivations`](crate::derivations); `None` for a table that no power law continues.
///
/// They describe `M = ∞`, and finitely many coordinates as long as those that are learned are few
/// of them. **Plain descent is limited by optimisation, not by coverage, for `β < 1 + α`**: its
/// exponent `α/(1 + α)` is below the `α/max(1, β)` of regression on the same samples.
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_theory::{OnePassRegime, exponents, one_pass_exponents};
/// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
/// let law = one_pass_exponents(&model).unwrap();
/// assert_eq!((law.time, law.samples, law.adaptive_samples), (0.5, 0.5, 2.0 / 3.0));
/// assert!(law.samples < exponents(&model).unwrap().samples);
/// assert_eq!(law.frontier.features, 1.0 / 3.0);
/// let sparse = one_pass_exponents(&SparseModel::power_law(1.0, 2.5, 1.0)?).unwrap();
/// assert_eq!((sparse.samples, sparse.regime), (0.4, OnePassRegime::UnstableInTheMean));
/// # Ok::<(), asymscale_model::ModelError>(())
/// ```
pub fn one_pass_exponents(model: &SparseModel) -> Option<OnePassExponents> {
    let rare = RareNodes::of(model)?;
    let (beta, steepness) = (rare.beta(), 1.0 + rare.alpha());
    let [fall, square] = rare.falls();
    let limited = if model.is_one_hot() { fall } else { fall.min(square) };
    let time = limited / steepness;
    let samples = if beta > steepness { fall / beta } else { time };
    let adaptive_samples = fall / beta.max(1.0);
    Some(OnePassExponents {
        time,
        samples,
        adaptive_samples,
        coordinates: fall,
        frontier: balance(fall, samples),
        adaptive_frontier: balance(fall, adaptive_samples),
        regime: match (beta > steepness, model.coordinates().is_infinite()) {
            (false, _) => OnePassRegime::OptimisationLimited,
            (true, false) => OnePassRegime::CoverageLimited,
            (true, true) => OnePassRegime::UnstableInTheMean,
        },
    })
}

/// Where `N^{−size}` and `T^{−samples}` are of the same order at `N T = C`.
fn balance(size: f64, samples: f64) -> FrontierExponents {
    let both = size + samples;
    FrontierExponents {
        features: samples / both,
        samples: size / both,
        loss: -size * samples / both,
    }
}

impl OnePass {
    /// The leading order of the mean loss after `step` steps without label noise, equation (103)
    /// of [`derivations`](crate::derivations):
    ///
    /// ```text
    /// L → Γ(a)/(1 + α) · (2s/(1 − μ))^{−a}/(1 − ‖K‖),     a = (b − 1)/(1 + α),    s = Σ η_t
    /// ```
    ///
    /// with `‖K‖` at the last step size. `None` where it does not hold: where the mean is not
    /// stable at the largest step size (`β > 1 + α` among them), for target energies that fall
    /// faster than `i^{−(2+2α)}`, with label noise, and for tables that do not go on. It is a
    /// limit for `1 ≪ 2ηt ≪ M^{1+α}`: for `α = 1`, `β = 1.5`, `c = 1`, `η = 0.3` the loss is 1.5 %
    /// above it after 10⁵ steps, and the nearer `β` is to `1 + α` the later it holds.
    ///
    /// Cost: that of the norm, and `O(step)` at `β = 1 + α` unless step sizes are constant.
    ///
    /// ```
    /// use asymscale_model::{Schedule, SparseModel};
    /// use asymscale_theory::OnePass;
    /// let model = SparseModel::power_law(1.0, 0.5, 1.0)?;
    /// let run = OnePass::new(&model, Schedule::new(0.3, 100_000_000)?);
    /// let ratio = run.losses(&[100_000_000])?[0] / run.asymptote(100_000_000).unwrap();
    /// assert!((ratio - 1.0).abs() < 1e-3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn asymptote(&self, step: u64) -> Option<f64> {
        let rare = RareNodes::of(&self.model)?;
        let ([fall, square], steepness) = (rare.falls(), 1.0 + rare.alpha());
        let saturated = fall >= square && !self.model.is_one_hot();
        let noisy = self.descent.noise > 0.0;
        if step == 0 || saturated || noisy || !self.is_mean_square_stable() {
            return None;
        }
        let last = self.schedule.rate_at(step - 1).max(f64::MIN_POSITIVE);
        let at_end =
            Self { descent: super::Descent { rate: last, ..self.descent }, ..self.clone() };
        let time = self.decay_time(step, rare) / (1.0 - self.descent.momentum);
        let a = fall / steepness;
        let [variance, target] = rare.log_fronts();
        let log = target + ln_gamma(a) - steepness.ln() - a * ((2.0 * time).ln() + variance);
        Some(log.exp() / (1.0 - at_end.kernel_norm()))
    }
    /// `Σ η_t`, less what gradient noise undoes of the decay of rare coordinates at `β = 1 + α`.
    fn decay_time(&self, step: u64, rare: RareNodes) -> f64 {
        if rare.drift() != 0.0 {
            return self.schedule.time(step);
        }
        let fourth = fourth_moment(self.model.amplitude()) * rare.scale_front();
        let undone = 0.5 * fourth / (self.descent.batch * (1.0 - self.descent.momentum));
        let part = |rate: f64| rate * (1.0 - undone * rate);
        if self.schedule.is_constant() {
            part(self.schedule.rate()) * step as f64
        } else {
            (0..step).map(|t| part(self.schedule.rate_at(t))).sum()
        }
    }
}
