//! How much a mean over few designs may hide: floors for standard errors, from what the model
//! itself says of the unseen mass.
//!
//! Losses over designs are skewed to the right: a design that misses a frequent coordinate loses
//! much, and hardly any does. Few values then look alike, and their spread says nothing of what
//! they have not met. Three things are known without a draw:
//!
//! - The unseen mass `U = Σ λ_i 1[i unseen]` is a sum of independent terms, `q_i = (1 − p_i)^D`.
//!   Its variance is `Σ λ_i² q_i(1 − q_i)`, its third cumulant
//!   `Σ λ_i³ q_i(1 − q_i)(1 − 2q_i)`, and since `q_i(D)² = q_i(2D)` both are differences of unseen
//!   masses of the spectra `λ²` and `λ³` at `D`, `2D` and `3D`. A loss varies at least about as
//!   much. Of a teacher that is not iid the target energies take the place of the variances.
//! - A control takes `U` off, but not what coordinates lose that collide in the same samples. The
//!   number of such losses in a design has the mean `C = min(S, D) − r̄`, and each is of the size
//!   of a coordinate that is seen in some designs only, in the root mean square
//!   `λ̄² = var U/var S`, `var S = S(2D) − S(D)`. If none is met in `n` designs, their rate may
//!   still be up to `3/n` (95 %), if theory knows no smaller one: `min(C, 3/n) λ̄²` is their
//!   variance.
//! - No control is believed to explain more than 99 % of the variance.

use asymscale_model::{SparseModel, Spectrum, Teacher};
use asymscale_theory::{SampleTheory, TheoryError};
use serde::Serialize;

/// A control leaves this share of the variance of the unseen mass at least.
const LEFT: f64 = 0.01;

/// Events of a rate that shows none among so many have been missed by 5 % of samples: `e⁻³ = 0.05`.
const UNMET: f64 = 3.0;

/// Moments of the unseen mass of a design.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct UnseenLaw {
    /// Variance of `U`, or of the target energy that is unseen.
    pub variance: f64,
    /// Its skewness; 0 if it does not vary.
    pub skewness: f64,
    /// Variance of the number of seen coordinates; ∞ if infinitely many are.
    pub seen_variance: f64,
    /// Expected number of collisions, `min(S, D) − r̄`.
    pub collisions: f64,
}

/// The model whose variances are `(g/unit)^power`, `g` the target energies; none where the exponent
/// is out of range.
fn powered(model: &SparseModel, power: f64, unit: f64) -> Option<SparseModel> {
    let listed = model.listed();
    let tail = match model.teacher() {
        Teacher::Iid => model.spectrum().tail(),
        other => other.tail(),
    };
    let alpha = tail.map(|law| power * law.exponent - 1.0);
    let spectrum = if listed == 0 {
        Spectrum::power_law(alpha?).ok()?
    } else {
        // Far below the largest, a square counts for nothing.
        let raised = |i: usize| (model.target_energy(i as f64) / unit).powf(power).max(1e-100);
        let table = Spectrum::table((1..=listed).map(raised).collect()).ok()?;
        match (tail, alpha) {
            (Some(law), Some(alpha)) => {
                let front = (power * (law.log_front - unit.ln())).exp();
                table.continued(front.clamp(1e-100, 1e100), alpha).ok()?
            }
            _ => table,
        }
    };
    let activity = model.activity_law().clone();
    SparseModel::new(spectrum, activity, model.amplitude(), model.coordinates()).ok()
}

impl UnseenLaw {
    /// Of designs of `samples = D ≥ 1` samples. Cost: a few milliseconds. Relative accuracy 1e-6
    /// where the variance is not tiny beside the square of the mean mass.
    ///
    /// # Errors
    /// [`TheoryError::Samples`] below 1 or NaN.
    ///
    /// ```
    /// use asymscale_model::{Coordinates, SparseModel};
    /// use asymscale_montecarlo::UnseenLaw;
    /// // Two coordinates, the second in half of the samples: a quarter of designs of two miss it.
    /// let model = SparseModel::power_law(1.0, 1.0, 1.0)?.with_coordinates(Coordinates::Finite(2))?;
    /// let law = UnseenLaw::new(&model, 2.0)?;
    /// assert!((law.variance - 0.0625 * 0.25 * 0.75).abs() < 1e-8);
    /// assert!((law.skewness - 0.5 / (0.25f64 * 0.75).sqrt()).abs() < 1e-5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(model: &SparseModel, samples: f64) -> Result<Self, TheoryError> {
        Self::beside(&SampleTheory::new(model, samples)?, model, samples)
    }

    /// The same, where the theory of the model at so many samples is at hand.
    pub(crate) fn beside(
        theory: &SampleTheory,
        model: &SparseModel,
        samples: f64,
    ) -> Result<Self, TheoryError> {
        let last = model.listed().max(1);
        let energies = (1..=last).map(|i| model.target_energy(i as f64));
        let unit = energies.fold(f64::MIN_POSITIVE, f64::max);
        // Σ g^k q^m.
        let mass = |power: f64, times: f64| {
            let powered = powered(model, power, unit);
            let theory = SampleTheory::new(powered.as_ref().unwrap_or(model), times * samples)?;
            Ok::<f64, TheoryError>(theory.coverage().unseen_mass * unit.powf(power))
        };
        let variance = (mass(2.0, 1.0)? - mass(2.0, 2.0)?).max(0.0);
        let third = mass(3.0, 1.0)? - 3.0 * mass(3.0, 2.0)? + 2.0 * mass(3.0, 3.0)?;
        let twice = SampleTheory::new(model, 2.0 * samples)?;
        let coverage = theory.coverage();
        let more = twice.coverage().seen - coverage.seen;
        Ok(Self {
            variance,
            skewness: if variance > 0.0 { third / variance.powf(1.5) } else { 0.0 },
            seen_variance: if coverage.seen.is_finite() { more.max(0.0) } else { f64::INFINITY },
            collisions: (coverage.threshold - theory.rank()).max(0.0),
        })
    }

    /// Least variance of a loss less its control, over `designs` designs.
    pub fn controlled_variance(&self, designs: usize) -> f64 {
        let unmet = self.collisions.min(UNMET / designs as f64);
        let share = if self.seen_variance > 0.0 { unmet / self.seen_variance } else { 0.0 };
        self.variance * share.clamp(LEFT, 1.0)
    }
}
