//! The curve that losses over epochs collapse on, and the prefactor of `K_sat`: equations (122) to
//! (125) of [`derivations`](crate::derivations).

use crate::TheoryError;
use asymscale_model::{Amplitude, SparseModel};
use asymscale_numerics::{Bracket, bisect};
use statrs::function::gamma::ln_gamma;

/// Step of the trapezoid in `ln(Dp)`; the integrand is analytic in a strip, and the error is below
/// rounding for all but the steepest spectra.
const STEP: f64 = 0.1;
/// `e^{−END}` of an integrand is negligible.
const END: f64 = 45.0;
/// `|ln k|` in which `k(x)` is sought.
const WIDEST: f64 = 690.0;

/// How the loss comes down to its floor over epochs, with many samples and `β > 1`: a function of
/// `k = K η a²(1/D)` alone, the **collapse**.
///
/// `a²(1/D)` is the mean square of an active coordinate of activity `1/D`, the kind that one sample
/// shows. With `a = α/β` (or `(b − 1)/β` of target energies `∝ i^{−b}`), `a²(p) ∝ p^g`,
/// `g = (1+α)/β − 1`, and `φ(s) = E e^{−s z²}`,
///
/// ```text
/// L(K)/L(∞) → R(k) = ∫₀^∞ m^{a−1} exp(−m (1 − φ(2k m^g))) dm / Γ(a)
/// ```
///
/// so that `K_sat ≈ k(x)/(η a²(1/D)) ∝ D^g` with `R(k(x)) = 1 + x`: neither the onset nor the
/// fronts of the laws enter `k`. For `β < 1 + α` ever more epochs are needed; for `β > 1 + α` it is
/// the same formula with `g < 0`, and `K_sat` falls below one pass. The limit wants `S ≪ D`, so
/// that samples share few coordinates; `S/D` falls as `D^{−(1 − 1/β)}`.
///
/// ```
/// use asymscale_model::SparseModel;
/// use asymscale_theory::{EpochCollapse, Epochs};
/// let model = SparseModel::power_law(1.0, 1.8, 1.0)?;
/// let collapse = EpochCollapse::of(&model).unwrap();
/// assert!((collapse.power() - (2.0 / 1.8 - 1.0)).abs() < 1e-15);
/// let (samples, rate) = (1e10, 0.1);
/// let limit = collapse.saturation(samples, rate, 0.3)?;
/// let exact = Epochs::new(&model, samples, f64::INFINITY, rate)?.saturation(0.3)?;
/// assert!((limit / exact - 1.0).abs() < 0.01);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EpochCollapse {
    /// `a`.
    share: f64,
    /// `g`.
    power: f64,
    amplitude: Amplitude,
    /// `ln a²` at `p = 1`, if rare coordinates followed their laws up to there.
    log_scale: f64,
}

impl EpochCollapse {
    /// Of a model whose rare coordinates are infinitely many and follow power laws with `β > 1`;
    /// `None` of any other, the epochs of which [`Epochs`](crate::Epochs) knows all the same.
    pub fn of(model: &SparseModel) -> Option<Self> {
        let law = model.rare_law().filter(|law| law.beta() > 1.0)?;
        if !model.coordinates().is_infinite() {
            return None;
        }
        let power = (law.variance.exponent - law.beta()) / law.beta();
        // λ = e^l i^{−(1+α)} and p = e^f i^{−β}: a² = e^{l − f (1+α)/β} p^g.
        let log_scale =
            law.variance.log_front - law.activity.log_front * law.variance.exponent / law.beta();
        let share = (law.target.exponent - 1.0) / law.beta();
        Some(Self { share, power, amplitude: model.amplitude(), log_scale })
    }

    /// Of inputs of which only laws are known: `share = a > 0`, the exponent `α/β` of the unseen
    /// mass, and `a²(p) = scale · p^power`, `power > −1`, `scale > 0`, for the mean square of a
    /// coordinate of activity `p` where it is active.
    ///
    /// # Errors
    /// [`TheoryError::Collapse`] outside of these ranges.
    ///
    /// ```
    /// use asymscale_model::{Amplitude, SparseModel};
    /// use asymscale_theory::EpochCollapse;
    /// // α = 1, β = 1.6, c = 2: a² = c^{−2} p^{1/4}.
    /// let of_inputs = EpochCollapse::of_inputs(0.625, 0.25, 0.25, Amplitude::Gaussian)?;
    /// let of_model = EpochCollapse::of(&SparseModel::power_law(1.0, 1.6, 2.0)?).unwrap();
    /// let at = |collapse: EpochCollapse| collapse.saturation(1e4, 0.1, 0.5);
    /// assert!((at(of_inputs)? / at(of_model)? - 1.0).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_inputs(
        share: f64,
        scale: f64,
        power: f64,
        amplitude: Amplitude,
    ) -> Result<Self, TheoryError> {
        let positive = |value: f64| value > 0.0 && value.is_finite();
        if positive(share) && positive(scale) && positive(1.0 + power) {
            Ok(Self { share, power, amplitude, log_scale: scale.ln() })
        } else {
            Err(TheoryError::Collapse { share, scale, power })
        }
    }

    /// `g = (1+α)/β − 1`: `K_sat ∝ D^g`, and `a²(p) ∝ p^g`. Negative for `β > 1 + α`.
    pub fn power(&self) -> f64 {
        self.power
    }

    /// `1/(η a²(1/D))`, the epochs of which `k` is the multiple, at `samples = D` and
    /// `rate = η`.
    pub fn unit(&self, samples: f64, rate: f64) -> f64 {
        (self.power * samples.ln() - self.log_scale - rate.ln()).exp()
    }

    /// `R(k) − 1` at `k = units ≥ 0`: by how much, of the floor, the loss is above it. Infinite at
    /// 0.
    /// Relative accuracy 1e-9.
    ///
    /// For `k → 0` it is `Γ(a/(1+g))/((1+g) Γ(a)) (2k)^{−a/(1+g)}`, the loss that optimisation
    /// limits. For `k → ∞` it is `Γ(a + 1 − g/2)/(2 Γ(a) √k)` for Gaussian amplitudes, since a
    /// coordinate that is seen once may be small there; for signs and `g > 0` it is
    /// `Γ((a+1)/g)/(g Γ(a)) (2k)^{−(a+1)/g}`, since a coordinate so rare that it is hardly ever
    /// seen is small where it is.
    pub fn excess(&self, units: f64) -> f64 {
        self.excess_at(units.ln())
    }

    fn excess_at(&self, log_units: f64) -> f64 {
        let front = std::f64::consts::LN_2 + log_units;
        let integrand = |u: f64| {
            let (deficit, kept) = self.transform((front + self.power * u).exp());
            let m = u.exp();
            let gone = (-m).exp();
            let difference = if m * kept < 1.0 {
                gone * (m * kept).exp_m1()
            } else {
                (-m * deficit).exp() - gone
            };
            difference * (self.share * u).exp()
        };
        // The integrand falls at least so fast towards m = 0 once 2k m^g is past 1.
        let fall = (1.0 + self.share).min(1.0 + self.share - 0.5 * self.power);
        let turn = if self.power > 0.0 { (-front / self.power).min(0.0) } else { 0.0 };
        let low = turn - END / fall;
        let mut sum = 0.0;
        for k in 0.. {
            let u = low + STEP * f64::from(k);
            sum += integrand(u);
            let (deficit, _) = self.transform((front + self.power * u).exp());
            if u > 0.0 && u.exp() * deficit > self.share * u + END {
                break;
            }
        }
        STEP * sum * (-ln_gamma(self.share)).exp()
    }

    /// `1 − φ(s)` and `φ(s)`.
    fn transform(&self, s: f64) -> (f64, f64) {
        match self.amplitude {
            Amplitude::Gaussian if s > 1e30 => (1.0, (2.0 * s).sqrt().recip()),
            Amplitude::Gaussian => {
                (self.amplitude.laplace_deficit(s), (1.0 + 2.0 * s).sqrt().recip())
            }
            Amplitude::Rademacher => (-(-s).exp_m1(), (-s).exp()),
        }
    }

    /// `k(x)`, where `R = 1 + x`, for `x = excess` in `1e-3..=1e3`. Relative accuracy 1e-9.
    ///
    /// # Errors
    /// [`TheoryError::Excess`] outside of its range.
    ///
    /// ```
    /// use asymscale_model::{Amplitude, SparseModel};
    /// use asymscale_theory::EpochCollapse;
    /// // At β = 1 + α all coordinates are as large: (1 − e^{−2k})^{−α/β} = 1 + x for signs.
    /// let model = SparseModel::power_law(1.0, 2.0, 1.0)?.with_amplitude(Amplitude::Rademacher);
    /// let units = EpochCollapse::of(&model).unwrap().units(0.5)?;
    /// assert!((units + 0.5 * (1.0 - 1.5f64.powf(-2.0)).ln()).abs() < 1e-9);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn units(&self, excess: f64) -> Result<f64, TheoryError> {
        super::check_excess(excess)?;
        let is_above = |log: f64| self.excess_at(log) > excess;
        Ok(bisect(Bracket::new(-WIDEST, WIDEST), 60, is_above).middle().exp())
    }

    /// The asymptote of `K_sat`, `k(x)/(η a²(1/D))`, at `samples = D`, `rate = η` and `x = excess`
    /// in `1e-3..=1e3`.
    ///
    /// # Errors
    /// [`TheoryError::Excess`], [`TheoryError::EpochSamples`], [`TheoryError::Rate`] outside of
    /// their ranges.
    pub fn saturation(&self, samples: f64, rate: f64, excess: f64) -> Result<f64, TheoryError> {
        super::check_passes(samples, rate)?;
        Ok(self.units(excess)? * self.unit(samples, rate))
    }
}
