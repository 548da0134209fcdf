//! The theory at one model and one number of samples.

pub(crate) mod control_variate;
pub(crate) mod finite_size;
pub(crate) mod flow;
pub(crate) mod kernel;
pub(crate) mod late_flow;
pub(crate) mod loss;
pub(crate) mod margins;
pub(crate) mod next_order;
pub(crate) mod numerical_rank;
pub(crate) mod optimal_ridge;
pub(crate) mod points;
pub(crate) mod regime;
pub(crate) mod reliability;
pub(crate) mod ridge;
pub(crate) mod solved;
pub(crate) mod teacher;
pub(crate) mod teacher_flow;

use crate::{
    Coverage, Regime, Regression, TheoryError, coordinates::CoordinateRule, coordinates::coverage,
    coordinates::rank, response::Responder, response::sums::Sums, sample_theory::solved::Kept,
    search::Search,
};
use asymscale_model::{SparseModel, Spectrum};
pub use control_variate::LossControl;
pub(crate) use margins::Margins;
use std::sync::OnceLock;

/// Everything at one model and one number of samples `D`.
///
/// The coordinates are prepared once; losses at many numbers of features `N` are then cheap,
/// cheapest as a [`curve`](SampleTheory::curve). Results that do not depend on `N` are kept.
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_theory::{Regime, SampleTheory};
/// let theory = SampleTheory::new(&SparseModel::power_law(1.0, 1.5, 1.0)?, 10_000.0)?;
/// let coverage = theory.coverage();
/// assert!((coverage.seen - 1242.966935).abs() < 1e-6);        // of 10 000 samples
/// assert_eq!(coverage.threshold, coverage.seen);
/// assert_eq!(theory.regime(5000.0)?, Regime::CoverageLimited);
/// // Beyond the threshold the loss is the unseen mass, up to N/(N − r).
/// let loss = theory.loss(2.0 * coverage.threshold)?;
/// assert!((loss / (2.0 * coverage.unseen_mass) - 1.0).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct SampleTheory {
    model: SparseModel,
    samples: f64,
    rule: CoordinateRule,
    responder: Responder,
    seen: f64,
    unseen: OnceLock<f64>,
    unseen_target: OnceLock<f64>,
    seen_weights: OnceLock<f64>,
    rank: OnceLock<f64>,
    kept: Kept,
}

impl SampleTheory {
    /// Prepares the theory at `samples = D` in `1..=1e30`, which need not be whole, or infinite.
    ///
    /// Cost: some 30 µs; of a table of `M` coordinates some `0.3 M` µs.
    ///
    /// # Errors
    /// [`TheoryError::Samples`] outside of that range or NaN.
    pub fn new(model: &SparseModel, samples: f64) -> Result<Self, TheoryError> {
        if !is_size(samples) {
            return Err(TheoryError::Samples(samples));
        }
        let rule = CoordinateRule::new(model, samples);
        let seen = coverage::seen(model, &rule);
        Ok(Self {
            model: model.clone(),
            samples,
            rule,
            responder: Responder::new(model.amplitude(), samples),
            seen,
            unseen: OnceLock::new(),
            unseen_target: OnceLock::new(),
            seen_weights: OnceLock::new(),
            rank: OnceLock::new(),
            kept: Kept::default(),
        })
    }

    /// What the samples show: exact means over designs, at any size. Relative accuracy 1e-9 for
    /// whole or large `D` and whole onsets; 1e-6 for fractions, which are not smooth next to the
    /// onset.
    pub fn coverage(&self) -> Coverage {
        let (samples, seen) = (self.samples, self.seen);
        Coverage { samples, seen, unseen_mass: self.unseen_mass(), threshold: self.threshold() }
    }

    /// The expected rank of the design for continuous amplitudes, at most `min(S, D)`.
    ///
    /// The mean maximum matching of samples to the coordinates they activate, on a locally
    /// tree-like pattern (Karp & Sipser 1981): equation (35) of
    /// [`derivations`](crate::derivations). It is below `min(S, D)` because rare coordinates
    /// collide in the same samples, most near the crossover `S = D`. With one-hot activity nothing
    /// collides, and it is `S` exactly. For `M = ∞` and `Σ p_i = ∞` every sample has coordinates of
    /// its own, and it is `D`. At a finite size it is off by about one, and for Rademacher
    /// amplitudes it may be too high. Cost: up to some milliseconds, once.
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_theory::SampleTheory;
    /// let theory = SampleTheory::new(&SparseModel::power_law(1.0, 1.5, 3.0)?, 512.0)?;
    /// assert!((theory.rank() - 398.39227).abs() < 1e-4);
    /// assert!(theory.rank() < 0.8 * theory.coverage().threshold);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rank(&self) -> f64 {
        *self.rank.get_or_init(|| {
            if self.model.is_one_hot() || self.samples == f64::INFINITY {
                self.threshold()
            } else if self.seen == f64::INFINITY {
                self.samples
            } else {
                rank::mean_matching(&self.rule).min(self.threshold())
            }
        })
    }

    /// What limits the loss at `features = N ≥ 1`, to leading order, where the threshold is
    /// `min(S, D)`: which of equations (27) to (29) of [`derivations`](crate::derivations) holds.
    ///
    /// # Errors
    /// [`TheoryError::Features`] below 1 or NaN.
    pub fn regime(&self, features: f64) -> Result<Regime, TheoryError> {
        check(features)?;
        let threshold = self.threshold();
        Ok(if features < threshold {
            Regime::FeatureLimited
        } else if features == threshold {
            Regime::Interpolation
        } else if self.seen > self.samples {
            Regime::SampleLimited
        } else {
            Regime::CoverageLimited
        })
    }

    /// The share `U / L` of the `N = ∞` loss that is unseen mass, in `[0, 1]`.
    ///
    /// It tends to 1 past the crossover for `β > 1` and to 0 for `β < 1`. It is 0 where the loss is
    /// 0.
    pub fn unseen_share(&self) -> f64 {
        let loss = self.overparameterized(f64::INFINITY, 0.0);
        if loss == 0.0 { 0.0 } else { self.unseen_target() / loss }
    }

    /// The ridgeless, noiseless population loss at `features = N ≥ 1` (∞ allowed), in units of
    /// `λ_1`: equations (27) to (29) of [`derivations`](crate::derivations).
    ///
    /// It is positive and finite, except that it is `+∞` at `N = min(S, D)`, and 0 where nothing is
    /// left unseen (finite `M`, enough samples and features). Relative accuracy 1e-9. For `N`
    /// closer to `S` than 1e-12 of it, the loss is the one at that distance. As an asymptotic
    /// theory it needs `D` of some dozens and, near the threshold, a rank close to `min(S, D)`; how
    /// far it is off is [`SampleTheory::finite_size_error`], most of it with few features, which
    /// [`SampleTheory::corrected_loss`] counts.
    ///
    /// # Errors
    /// [`TheoryError::Features`] below 1, above 1e30 but finite, or NaN; [`TheoryError::Depth`]
    /// where steep spectra have fewer directions than `min(N, D)` within the range of floats,
    /// [`TheoryError::NoDigits`] where activities are so small that rounding leaves nothing.
    pub fn loss(&self, features: f64) -> Result<f64, TheoryError> {
        self.loss_with(features, Regression::default())
    }

    /// The population loss with ridge and label noise: equation (25) of
    /// [`derivations`](crate::derivations) at the root of equation (24), or its limit (30).
    ///
    /// Ridgeless label noise with Gaussian amplitudes has an infinite mean past the threshold
    /// `S ≤ D`, because some coordinate may be seen once and `E[z^{−2}] = ∞`. With either amplitude
    /// it is infinite for finite `N` if `M = ∞` and `2β ≤ 2 + α`, because ever smaller rare
    /// coordinates are fitted to noise.
    ///
    /// # Errors
    /// As [`SampleTheory::loss`]; with ridge never [`TheoryError::Depth`].
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_theory::{Regression, SampleTheory};
    /// let theory = SampleTheory::new(&SparseModel::power_law(1.0, 1.5, 20.0)?, 1000.0)?;
    /// // With infinitely many features the best ridge is noise over samples.
    /// let loss = |ridge| theory.loss_with(f64::INFINITY, Regression::new(ridge, 0.5).unwrap());
    /// assert!(loss(5e-4)? < loss(4e-4)? && loss(5e-4)? < loss(6e-4)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn loss_with(&self, features: f64, regression: Regression) -> Result<f64, TheoryError> {
        self.check_loss(features, regression)?;
        let learner = (regression.ridge(), regression.noise());
        self.known(features, self.loss_from(&mut self.search(), features, learner))
    }

    /// The losses at many numbers of features, in their order: [`SampleTheory::loss`] of each to a
    /// relative 1e-8.
    ///
    /// The underparameterized points share their evaluations: a hundred cost as much as four alone
    /// over two decades of `N` (seven in one case of ten, eleven in one of a hundred) and six over
    /// three (eleven, eighteen: the steepest spectra).
    ///
    /// # Errors
    /// As [`SampleTheory::loss`], for the first `N` that is wrong.
    pub fn curve(&self, features: &[f64]) -> Result<Vec<f64>, TheoryError> {
        self.curve_with(features, Regression::default())
    }

    /// The losses at many numbers of features, with ridge and label noise.
    ///
    /// # Errors
    /// As [`SampleTheory::loss_with`], for the first `N` that is wrong.
    pub fn curve_with(
        &self,
        features: &[f64],
        regression: Regression,
    ) -> Result<Vec<f64>, TheoryError> {
        features.iter().try_for_each(|&n| self.check_loss(n, regression))?;
        let mut search = self.search();
        let mut losses = vec![0.0; features.len()];
        let (mut under, rest): (Vec<usize>, Vec<usize>) = (0..features.len())
            .partition(|&k| regression.ridge() == 0.0 && features[k] < self.threshold());
        under.sort_by(|&a, &b| features[a].total_cmp(&features[b]));
        let conditions: Vec<_> =
            under.iter().map(|&k| (self.hint(features[k]), self.learns(features[k]))).collect();
        for (&k, sums) in under.iter().zip(search.sums_where_each(&conditions)) {
            losses[k] = self.underparameterized(sums, features[k], regression.noise());
        }
        for k in rest {
            let (ridge, noise) = (regression.ridge(), regression.noise());
            losses[k] = self.loss_from(&mut search, features[k], (ridge, noise));
        }
        features.iter().zip(losses).map(|(&n, loss)| self.known(n, loss)).collect()
    }

    fn check_loss(&self, features: f64, regression: Regression) -> Result<(), TheoryError> {
        check(features)?;
        // With a ridge the last direction is never learned.
        if regression.ridge() > 0.0 { Ok(()) } else { self.check_depth(features) }
    }

    pub(crate) fn model(&self) -> &SparseModel {
        &self.model
    }

    pub(crate) fn samples(&self) -> f64 {
        self.samples
    }

    /// The sums where `condition` holds; the search begins where about `learned` directions are
    /// learned.
    pub(crate) fn sums_where(&self, learned: f64, condition: impl Fn(&Sums) -> (f64, f64)) -> Sums {
        self.search().sums_where(self.hint(learned), condition)
    }

    fn unseen_mass(&self) -> f64 {
        *self.unseen.get_or_init(|| coverage::unseen_mass(&self.model, &self.whole_rule()))
    }

    /// The rule up to where nothing is seen.
    fn whole_rule(&self) -> CoordinateRule {
        let mut rule = self.rule.clone();
        rule.extend_for_coverage();
        rule
    }

    fn threshold(&self) -> f64 {
        self.seen.min(self.samples)
    }

    fn search(&self) -> Search<'_> {
        Search::new(&self.rule, &self.responder)
    }

    fn loss_from(&self, search: &mut Search, features: f64, (ridge, noise): (f64, f64)) -> f64 {
        if ridge > 0.0 {
            self.ridge_equivalent(search, features, ridge).loss(features, noise)
        } else if features < self.threshold() {
            let sums = search.sums_where(self.hint(features), self.learns(features));
            self.underparameterized(sums, features, noise)
        } else {
            self.overparameterized(features, noise)
        }
    }

    fn underparameterized(&self, sums: Sums, features: f64, noise: f64) -> f64 {
        // Equation (26) is set exactly: the error of the root must not enter N − f.
        self.equivalent(Sums { learned: features, ..sums }).loss(features, noise)
    }

    fn overparameterized(&self, features: f64, noise: f64) -> f64 {
        if self.seen <= self.samples {
            return self.all_seen_learned(features, noise);
        }
        if features == self.samples {
            return f64::INFINITY;
        }
        self.past_threshold().loss(features, noise)
    }

    /// Equations (29) and (30), `N ≥ S ≤ D`: the limit `κ → 0`, in which all that is seen is
    /// learned.
    fn all_seen_learned(&self, features: f64, noise: f64) -> f64 {
        let unseen = self.unseen_mass();
        let noisy = noise > 0.0 && self.samples.is_finite();
        if unseen == 0.0 && self.unseen_target() == 0.0 && !noisy {
            return 0.0;
        }
        if features == self.seen && features.is_finite() {
            return f64::INFINITY;
        }
        let mut loss = match (self.model.has_iid_teacher(), features == f64::INFINITY) {
            (true, true) => unseen,
            (true, false) => unseen * (features / (features - self.seen)),
            (false, true) => self.unseen_target(),
            (false, false) => {
                self.unseen_target() + unseen * (self.seen_weights() / (features - self.seen))
            }
        };
        if noisy {
            let limit = Sums { learned: self.seen, left: unseen, ..Sums::default() };
            loss += noise * self.inverse_counts().noise_gain(&self.equivalent(limit), features);
        }
        loss
    }

    /// A rough guess of the `ln G` at which so many directions are learned: that of a dense model
    /// of the same exponent. Without one it is where a single direction of all the variance would
    /// be learned.
    fn hint(&self, learned: f64) -> f64 {
        match self.model.spectrum() {
            Spectrum::PowerLaw { alpha } => (1.0 + alpha) * (1.0 + learned).min(1e15).ln() - 0.5,
            _ => (1.0 + learned).min(1e15).ln() - self.model.total_variance().ln(),
        }
    }

    /// The condition `f = learned`, for `learned < S`, as in equations (26) and (28).
    fn learns(&self, learned: f64) -> impl Fn(&Sums) -> (f64, f64) + use<> {
        let hidden = (self.seen - learned).max(CLOSEST * self.seen);
        let nearly_all = hidden < 0.5 * self.seen;
        let target = if nearly_all { hidden.ln() } else { learned.ln() };
        // −ln(S − f) near S and ln f elsewhere: each is nearly linear in ln G there.
        move |sums| {
            if nearly_all {
                (target - sums.hidden.ln(), sums.learned_slope / sums.hidden)
            } else {
                (sums.learned.ln() - target, sums.learned_slope / sums.learned)
            }
        }
    }
}

/// A number of features closer to `S` than this fraction of it is treated as if it were so close.
const CLOSEST: f64 = 1e-12;

/// Largest finite number of samples or features.
const LARGEST: f64 = 1e30;

/// A number of samples or features.
pub(crate) fn is_size(size: f64) -> bool {
    (1.0..=LARGEST).contains(&size) || size == f64::INFINITY
}

pub(crate) fn check(features: f64) -> Result<(), TheoryError> {
    if is_size(features) { Ok(()) } else { Err(TheoryError::Features(features)) }
}
