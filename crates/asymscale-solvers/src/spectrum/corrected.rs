//! The loss averaged over features to the order after the deterministic equivalent, in closed form:
//! equations (S16) to (S18) of [`derivations`](crate::derivations).

use crate::spectrum::averaged::check_size;
use crate::{DesignSpectrum, Regression, SolverError};

/// The relative error of the next order, times `(N − df₂)²`, fitted to simulations: with it
/// the errors in `tests/corrected.rs` stay below the estimate.
const LEFT_OUT: f64 = 0.1;

/// The series is taken to converge if the next order is at most this share of the one before it,
/// either way, not counting the share that a pole at the threshold explains.
const CONVERGES: f64 = 0.5;

/// A loss averaged over features, and how far it may be off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CorrectedLoss {
    /// The loss.
    pub loss: f64,
    /// An estimate, rather above than below, of the error of the expansion in `1/N`: 0 where the
    /// loss is exact, `+∞` where the next order is no small part and the loss is that of the
    /// equivalent.
    pub truncation: f64,
}

impl CorrectedLoss {
    fn exact(loss: f64) -> Self {
        Self { loss, truncation: 0.0 }
    }
}

impl DesignSpectrum {
    /// Losses at many model sizes; see [`DesignSpectrum::corrected_loss`].
    ///
    /// # Errors
    /// As [`DesignSpectrum::corrected_loss`].
    pub fn corrected_curve(
        &self,
        features: &[f64],
        regression: Regression,
    ) -> Result<Vec<CorrectedLoss>, SolverError> {
        features.iter().map(|n| self.corrected_loss(*n, regression)).collect()
    }

    /// The loss at `N = features ≥ 1` (∞ allowed) averaged over features, teachers and label noise,
    /// to first order in `1/N` beyond the deterministic equivalent of
    /// [`DesignSpectrum::averaged_loss`].
    ///
    /// It is equation (S18) of [`derivations`](crate::derivations), where the pole at the threshold
    /// is summed to all orders: near the threshold it has the factor `(r − N)/(r − N − 1)` of an
    /// inverse Wishart matrix. It is the limit of [`DesignSpectrum::flow_curve`] at late times.
    /// Without ridge it is [`DesignSpectrum::exact_overparameterized`] for `N > r`, and `+∞` where
    /// `|N − r| ≤ 1`. Where the series does not converge (a handful of features on a spectrum with
    /// a gap, a ridge far below the smallest eigenvalues for `N` near `r`) it is the equivalent.
    ///
    /// Accuracy: [`CorrectedLoss::truncation`], `L (0.1/(N − df₂)² + 2ε²)` with `ε` the relative
    /// change from the equivalent. At `D = 60`, `α` from ½ to 2 and `N` from 4 to 24, means over
    /// 2000 draws of features are within it and their own error. Cost: `O(r)` a Newton step.
    ///
    /// # Errors
    /// [`SolverError::Features`] below 1 or NaN.
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_sampling::{Design, Key};
    /// use asymscale_solvers::{DesignSpectrum, Regression};
    /// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
    /// let design = Design::sample(&model, 100, &mut Key::new(1).stream())?;
    /// let spectrum = DesignSpectrum::new(&design)?;
    /// let corrected = spectrum.corrected_loss(12.0, Regression::default())?;
    /// let late = spectrum.flow_curve(12.0, &[1e12])?[0];
    /// assert!((corrected.loss / late - 1.0).abs() < 1e-5);
    /// assert!(corrected.truncation < 0.03 * corrected.loss);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn corrected_loss(
        &self,
        features: f64,
        regression: Regression,
    ) -> Result<CorrectedLoss, SolverError> {
        check_size(features)?;
        self.check_noise(regression.noise())?;
        let below_rank = self.rank() as f64 - features;
        if regression.ridge() == 0.0 && below_rank <= 1.0
            || features == f64::INFINITY
            || self.rank() == 0
        {
            return Ok(CorrectedLoss::exact(self.averaged_loss(features, regression)?));
        }
        let kappa = self.kappa(features, regression.ridge());
        let equivalent = self.equivalent(features, (regression.ridge(), regression.noise()), kappa);
        let expansion = Expansion::new(self, features, regression.ridge(), kappa);
        // Only without ridge does the series have a pole.
        let pole = if regression.ridge() == 0.0 { 1.0 / below_rank } else { 0.0 };
        let noise = regression.noise() / self.samples();
        let spread = (noise > 0.0).then(|| (noise, expansion.noise()));
        Ok(corrected(equivalent, pole, expansion.free, &expansion.signal(), spread))
    }
}

/// The loss from the series without noise and, if there is noise, `σ²/D` with the series of the
/// noise. Where one of them does not converge it is that of the equivalent. `pole`: the ratio of
/// two orders that a pole at the threshold explains; `free`: `N − df₂`.
pub(crate) fn corrected(
    equivalent: f64,
    pole: f64,
    free: f64,
    signal: &Series,
    noise: Option<(f64, Series)>,
) -> CorrectedLoss {
    let diverges = |series: &Series| {
        let step = series.step();
        !(step > -CONVERGES && step < (pole + CONVERGES).min(1.0))
    };
    if diverges(signal) || noise.as_ref().is_some_and(|(_, spread)| diverges(spread)) {
        return CorrectedLoss { loss: equivalent, truncation: f64::INFINITY };
    }
    let loss = signal.sum() + noise.map_or(0.0, |(noise, spread)| noise * spread.sum());
    if !loss.is_finite() {
        return CorrectedLoss { loss: equivalent, truncation: f64::INFINITY };
    }
    let change = loss / equivalent - 1.0;
    let relative = LEFT_OUT / free.powi(2) + 2.0 * change * change;
    CorrectedLoss { loss, truncation: loss * relative }
}

/// All quantities of equations (S14) to (S17) at one `N` and one ridge; slopes are along `γ`.
struct Expansion<'a> {
    spectrum: &'a DesignSpectrum,
    features: f64,
    gamma: f64,
    kappa: f64,
    /// `κ′`.
    slope: f64,
    /// `κ″`.
    curvature: f64,
    /// `N − df₂`.
    free: f64,
    /// `u` and `u′`.
    shift: (f64, f64),
}

impl<'a> Expansion<'a> {
    fn new(spectrum: &'a DesignSpectrum, features: f64, gamma: f64, kappa: f64) -> Self {
        let (mut gap, mut third) = (0.0, 0.0);
        for s in spectrum.eigenvalues() {
            let (lost, kept) = (kappa / (s + kappa), s / (s + kappa));
            gap += lost * kept;
            third += lost * kept * kept;
        }
        // N − df₂ = (N − df₁) + (df₁ − df₂), and the first part is γN/κ.
        let free = gamma * features / kappa + gap;
        let slope = features / free;
        let curvature = -2.0 * slope.powi(3) * third / (kappa * features);
        let mut expansion =
            Self { spectrum, features, gamma, kappa, slope, curvature, free, shift: (0.0, 0.0) };
        expansion.shift = expansion.find_shift();
        expansion
    }

    /// `u = tr Sρ²(1 − ρ)/(γN + tr Sρ²)` of equation (S14), and its slope.
    fn find_shift(&self) -> (f64, f64) {
        let (mut rest, mut rest_slope) = (0.0, 0.0);
        let (mut all, mut all_slope) = (self.gamma * self.features, self.features);
        for s in self.spectrum.eigenvalues() {
            let lost = self.lost(*s);
            let slope = self.lost_slope(lost);
            rest += s * lost * lost * (1.0 - lost);
            rest_slope += s * lost * slope * (2.0 - 3.0 * lost);
            all += s * lost * lost;
            all_slope += 2.0 * s * lost * slope;
        }
        (rest / all, rest_slope / all - rest / all * (all_slope / all))
    }

    /// `ρ`.
    fn lost(&self, s: f64) -> f64 {
        self.kappa / (s + self.kappa)
    }

    /// `ρ′`.
    fn lost_slope(&self, lost: f64) -> f64 {
        self.ratio() * lost * (1.0 - lost)
    }

    /// `κ′/κ`.
    fn ratio(&self) -> f64 {
        self.slope / self.kappa
    }

    /// `ρ₁/s`.
    fn next(&self, lost: f64) -> f64 {
        lost * lost * (1.0 - lost - self.shift.0) * self.ratio()
    }

    /// `ρ₁′/s`.
    fn next_slope(&self, lost: f64) -> f64 {
        let (slope, remainder) = (self.lost_slope(lost), 1.0 - lost - self.shift.0);
        let ratio_slope = self.curvature / self.kappa - self.ratio().powi(2);
        let weight_slope = 2.0 * lost * slope * remainder - lost * lost * (slope + self.shift.1);
        weight_slope * self.ratio() + lost * lost * remainder * ratio_slope
    }

    /// The loss without noise, equation (S16).
    fn signal(&self) -> Series {
        let (s, n) = (self.spectrum.eigenvalues(), self.features);
        let tau = s.iter().map(|s| s * s * self.next_slope(self.lost(*s))).sum::<f64>() / n;
        let residual = self.spectrum.residual_mass();
        let (mut mean, mut mean_next, mut diagonal, mut next) =
            (residual, 0.0, 0.0, residual * tau / n);
        for (s, weight) in s.iter().zip(self.spectrum.weights()) {
            let lost = self.lost(*s);
            let first = s * self.next(lost);
            mean += weight * lost * lost;
            mean_next += weight * 2.0 * lost * first / n;
            diagonal += weight * self.slope * (s / self.kappa).powi(2) * lost.powi(4) / n;
            let pair_slope =
                2.0 * lost * self.lost_slope(lost) * self.slope + lost * lost * self.curvature;
            let pair = self.shift.0 * self.ratio() * lost * lost * self.slope;
            next += weight * lost * (self.slope * first + tau * lost + s * (pair_slope - pair)) / n;
        }
        // κ′ − 1 = df₂/(N − df₂).
        let variance = mean * (n - self.free) / self.free + diagonal;
        Series { apart: mean + mean_next, leading: variance, next: next - mean_next - diagonal }
    }

    /// What label noise adds, in units of `σ²/D`: equation (S17).
    fn noise(&self) -> Series {
        let (n, residual) = (self.features, self.spectrum.residual_mass());
        let (mut slopes, mut next_slopes, mut on) = (0.0, 0.0, 0.0);
        for (s, weight) in self.spectrum.eigenvalues().iter().zip(self.spectrum.weights()) {
            let lost = self.lost(*s);
            let slope = self.lost_slope(lost);
            slopes += slope;
            next_slopes += s * self.next_slope(lost);
            // (1 − ρ − γρ′)/s, in a form that does not cancel for s ≪ κ.
            on += weight * (1.0 - self.gamma * self.ratio() * lost) / (s + self.kappa);
            on -= weight * (self.next(lost) + self.gamma * self.next_slope(lost)) / n;
        }
        let factor = residual / n;
        Series { apart: on, leading: factor * slopes, next: factor * next_slopes / n }
    }
}

/// Two orders of a series, and a part that does not belong to it.
pub(crate) struct Series {
    pub(crate) apart: f64,
    /// Not negative.
    pub(crate) leading: f64,
    pub(crate) next: f64,
}

impl Series {
    /// From one order to the next.
    fn step(&self) -> f64 {
        if self.leading > 0.0 { self.next / self.leading } else { 0.0 }
    }

    /// The sum of the geometric series that the two orders begin, and of the part apart from it.
    fn sum(&self) -> f64 {
        let series =
            if self.leading > 0.0 { self.leading / (1.0 - self.step()) } else { self.next };
        self.apart + series
    }
}
