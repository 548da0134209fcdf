//! The loss to the next order in `1/N` on dense data, where a design of infinitely many samples is
//! the model itself: against equations (S14) to (S18) of the solvers' derivations, written out over
//! its directions, with derivatives along the ridge by differences.

use asymscale_model::{Activity, Amplitude, Coordinates, SparseModel, Spectrum};
use asymscale_theory::{Regression, SampleTheory};

const DIRECTIONS: u32 = 60;

/// The spectrum with exponent `α = 1`, and the mean resolvent of `N` features.
struct Directions {
    features: f64,
    eigenvalues: Vec<f64>,
}

impl Directions {
    fn new(features: f64) -> Self {
        Self { features, eigenvalues: (1..=DIRECTIONS).map(|i| f64::from(i).powi(-2)).collect() }
    }

    fn sum(&self, term: impl Fn(usize, f64) -> f64) -> f64 {
        self.eigenvalues.iter().enumerate().map(|(k, s)| term(k, *s)).sum()
    }

    /// `κ (1 − df₁/N) = γ` by bisection.
    fn kappa(&self, gamma: f64) -> f64 {
        let (mut low, mut high) = (1e-12f64, 1e3f64);
        for _ in 0..200 {
            let middle = (low * high).sqrt();
            let value = middle * (1.0 - self.sum(|_, s| s / (s + middle)) / self.features);
            *(if value < gamma { &mut low } else { &mut high }) = middle;
        }
        (low * high).sqrt()
    }

    fn slope(&self, kappa: f64) -> f64 {
        1.0 / (1.0 - self.sum(|_, s| (s / (s + kappa)).powi(2)) / self.features)
    }

    fn shift(&self, gamma: f64, kappa: f64) -> f64 {
        let square = |s: f64| s * (kappa / (s + kappa)).powi(2);
        self.sum(|_, s| square(s) * s / (s + kappa))
            / (gamma * self.features + self.sum(|_, s| square(s)))
    }

    /// `ρ` and `ρ₁`.
    fn lost(&self, gamma: f64) -> (Vec<f64>, Vec<f64>) {
        let kappa = self.kappa(gamma);
        let (slope, shift) = (self.slope(kappa), self.shift(gamma, kappa));
        let lost: Vec<f64> = self.eigenvalues.iter().map(|s| kappa / (s + kappa)).collect();
        let next = |(s, rho): (&f64, &f64)| s * rho * rho * (1.0 - rho - shift) * slope / kappa;
        let next = self.eigenvalues.iter().zip(&lost).map(next).collect();
        (lost, next)
    }

    /// Equation (S18) with `σ²/D` the noise per sample.
    fn loss(&self, gamma: f64, noise: f64) -> f64 {
        let h = 1e-4 * (gamma + self.kappa(gamma));
        let n = self.features;
        let kappa = self.kappa(gamma);
        let (slope, shift) = (self.slope(kappa), self.shift(gamma, kappa));
        let (lost, next) = self.lost(gamma);
        let ((lost_low, next_low), (lost_high, next_high)) =
            (self.lost(gamma - h), self.lost(gamma + h));
        let lost_slope = |k: usize| (lost_high[k] - lost_low[k]) / (2.0 * h);
        let next_slope = |k: usize| (next_high[k] - next_low[k]) / (2.0 * h);
        // s ρ² κ′ and its derivative.
        let pair =
            |k: usize, s: f64, lost: &[f64], kappa: f64| s * lost[k].powi(2) * self.slope(kappa);
        let (below, above) = (self.kappa(gamma - h), self.kappa(gamma + h));
        let pair_slope = |k: usize, s: f64| {
            (pair(k, s, &lost_high, above) - pair(k, s, &lost_low, below)) / (2.0 * h)
        };
        let tau = self.sum(|k, s| s * next_slope(k)) / n;
        let second = |k: usize, s: f64| {
            let own = slope * next[k] + tau * lost[k] + pair_slope(k, s);
            lost[k] * (own - shift * slope / kappa * pair(k, s, &lost, kappa))
        };
        let mean = self.sum(|k, s| s * lost[k].powi(2));
        let mean_next = self.sum(|k, s| 2.0 * s * lost[k] * next[k]) / n;
        let twice = self.sum(|k, s| slope / (kappa * kappa) * s.powi(3) * lost[k].powi(4)) / n;
        let rest = self.sum(|k, s| s * second(k, s)) / n - mean_next - twice;
        let varying = mean * (slope - 1.0) + twice;
        let own = |k: usize| {
            let (rho, rho_slope) = (lost[k] + next[k] / n, lost_slope(k) + next_slope(k) / n);
            1.0 - rho - gamma * rho_slope
        };
        mean + mean_next + varying / (1.0 - rest / varying) + noise * self.sum(|k, _| own(k))
    }
}

/// Theory with so many samples that they are no matter.
fn theory() -> SampleTheory {
    let model = SparseModel::power_law(1.0, 0.0, 1.0).unwrap();
    let model = model.with_coordinates(Coordinates::Finite(u64::from(DIRECTIONS))).unwrap();
    SampleTheory::new(&model, 1e12).unwrap()
}

#[test]
fn the_signal_is_that_of_the_directions() {
    for features in [6.0, 20.0, 40.0, 200.0] {
        for ridge in [1e-3, 0.1] {
            let regression = Regression::new(ridge, 0.0).unwrap();
            let got = theory().corrected_loss_with(features, regression).unwrap();
            let want = Directions::new(features).loss(ridge, 0.0);
            let change = want - theory().loss_with(features, regression).unwrap();
            // Sums are good to 1e-9 of the loss, of which differences over a step of 0.02 give
            // third derivatives; the change is a sum of a few of these, with factors up to ten.
            let error = (got.loss - want).abs();
            assert!(
                error < 1e-6 * want + 1e-4 * change.abs(),
                "N = {features}, γ = {ridge}: {got:?} {want}"
            );
            assert!(got.truncation > 0.0 && got.truncation < 0.1 * want);
        }
    }
}

/// With all directions seen nothing is outside of the row space, and noise has no pole to be summed
/// but for that of the sums themselves: a strong ridge leaves none.
#[test]
fn the_noise_is_that_of_the_directions() {
    for (features, ridge) in [(10.0, 0.3), (20.0, 0.1), (40.0, 0.1), (200.0, 0.03)] {
        // σ²/D = 0.01.
        let regression = Regression::new(ridge, 1e10).unwrap();
        let noise = |with: f64, without: f64| with - without;
        let plain = Regression::new(ridge, 0.0).unwrap();
        let at = |regression| theory().corrected_loss_with(features, regression).unwrap().loss;
        let directions = Directions::new(features);
        let got = noise(at(regression), at(plain));
        let want = noise(directions.loss(ridge, 0.01), directions.loss(ridge, 0.0));
        // Both have the order 1/N; what theory sums beyond is of the order 1/N².
        let equivalent = noise(
            theory().loss_with(features, regression).unwrap(),
            theory().loss_with(features, plain).unwrap(),
        );
        let change = (want / equivalent - 1.0).abs();
        assert!(
            (got / want - 1.0).abs() < 3.0 * change * change + 1e-6,
            "N = {features}: {got} {want} {equivalent}"
        );
    }
}

/// What diverges is nearly all of the loss, at fewer than ten features below 300 samples.
#[test]
fn near_the_threshold_the_pole_is_that_of_an_inverse_wishart_matrix() {
    let theory = SampleTheory::new(&SparseModel::power_law(1.0, 0.0, 1.0).unwrap(), 300.0).unwrap();
    for left in [3.0, 8.0] {
        let n = 300.0 - left;
        let ratio = theory.corrected_loss(n).unwrap().loss / theory.loss(n).unwrap();
        let wishart = left / (left - 1.0);
        // The next order but for the pole is of the order of 1/N.
        assert!((ratio / wishart - 1.0).abs() < 0.02, "{left}: {ratio} {wishart}");
    }
    for n in [299.0, 300.0, 301.0] {
        assert_eq!(theory.corrected_loss(n).unwrap().loss, f64::INFINITY);
    }
}

/// Past the threshold one feature fewer, exactly.
#[test]
fn many_features_are_one_fewer() {
    let theory = SampleTheory::new(&SparseModel::power_law(1.0, 1.5, 1.0).unwrap(), 500.0).unwrap();
    let seen = theory.coverage().seen;
    let (n, unseen) = (3.0 * seen, theory.coverage().unseen_mass);
    let corrected = theory.corrected_loss(n).unwrap();
    let want = unseen * (n - 1.0) / (n - seen - 1.0);
    assert!((corrected.loss / want - 1.0).abs() < 1e-12 && corrected.truncation == 0.0);
    let (plain, error) = (theory.loss(n).unwrap(), theory.finite_size_error(n).unwrap());
    let rest = theory.corrected_error_with(n, Regression::default()).unwrap();
    assert!((error - rest - (corrected.loss / plain - 1.0)).abs() < 1e-12);
}

/// One sample that hardly shows anything: also one feature fewer than there may be.
#[test]
fn next_to_nothing_seen_is_no_error() {
    let (spectrum, activity) =
        (Spectrum::power_law(1.0).unwrap(), Activity::uniform(1e-3).unwrap());
    let model =
        SparseModel::new(spectrum, activity, Amplitude::Gaussian, Coordinates::Finite(10)).unwrap();
    let theory = SampleTheory::new(&model, 1.0).unwrap();
    let corrected = theory.corrected_loss(1.5).unwrap();
    assert!(corrected.loss > theory.loss(1.5).unwrap() && corrected.loss < 2.0);
}

#[test]
fn a_bad_size_is_refused() {
    for features in [0.5, f64::NAN, -1.0] {
        assert!(theory().corrected_loss(features).is_err());
        assert!(theory().corrected_error_with(features, Regression::default()).is_err());
    }
}
