//! The mean resolvent of a learner with finitely many features, to the order after the
//! deterministic equivalent: `γ E Q(γ) = ρ + ρ₁/N`, equation (S14) of
//! [`derivations`](crate::derivations).

use crate::DesignSpectrum;
use num_complex::Complex64;

/// Newton's method ends at this relative step.
const CLOSE: f64 = 1e-14;
/// A time is late from so many times the inverse of the spectral gap on, about the square root of
/// rounding.
const SETTLED: f64 = 1e7;
/// Most steps of Newton's method; from a neighbouring root fewer are needed.
const STEPS: usize = 60;

/// `E Q(γ)` and what follows from it alone.
#[derive(Debug, Clone)]
pub(crate) struct Resolvent {
    pub(crate) gamma: Complex64,
    pub(crate) kappa: Complex64,
    /// `κ′ = dκ/dγ`.
    pub(crate) slope: Complex64,
    /// `ρ`.
    pub(crate) lost: Vec<Complex64>,
    /// `ρ₁`.
    pub(crate) next: Vec<Complex64>,
    /// `u`.
    pub(crate) shift: Complex64,
    /// `tr Sρ₁`.
    pub(crate) trace: Complex64,
}

impl Resolvent {
    fn new(spectrum: &DesignSpectrum, features: f64, gamma: Complex64, kappa: Complex64) -> Self {
        let s = spectrum.eigenvalues();
        let slope = condition(spectrum, features, kappa).1.inv();
        let lost: Vec<Complex64> = s.iter().map(|s| kappa / (kappa + s)).collect();
        let (mut all, mut rest) = (gamma * features, Complex64::ZERO);
        for (s, lost) in s.iter().zip(&lost) {
            let square = s * lost * lost;
            all += square;
            rest += square * (1.0 - lost);
        }
        let shift = rest / all;
        let next =
            |(s, lost): (&f64, &Complex64)| s * lost * lost * (1.0 - lost - shift) * slope / kappa;
        let next: Vec<Complex64> = s.iter().zip(&lost).map(next).collect();
        let trace = s.iter().zip(&next).map(|(s, next)| s * next).sum();
        Self { gamma, kappa, slope, lost, next, shift, trace }
    }

    /// At the complex conjugate of `γ`.
    pub(crate) fn conjugate(&self) -> Self {
        let all = |values: &[Complex64]| values.iter().map(Complex64::conj).collect();
        Self {
            gamma: self.gamma.conj(),
            kappa: self.kappa.conj(),
            slope: self.slope.conj(),
            lost: all(&self.lost),
            next: all(&self.next),
            shift: self.shift.conj(),
            trace: self.trace.conj(),
        }
    }
}

/// A time from which on the loss no longer changes: for fewer features than the rank the spectrum
/// of `W` has a gap above 0, of the order of `κ/κ′` at `γ = 0`.
pub(crate) fn settled(spectrum: &DesignSpectrum, features: f64) -> f64 {
    if features >= spectrum.rank() as f64 {
        return f64::INFINITY;
    }
    let kappa = spectrum.kappa(features, 0.0);
    SETTLED / (kappa * condition(spectrum, features, kappa.into()).1.re)
}

/// Resolvents along a path of `γ` that begins near the real axis, to the right of 0 or to the left
/// of the spectrum of `−W`.
pub(crate) fn along(
    spectrum: &DesignSpectrum,
    features: f64,
    path: impl Iterator<Item = Complex64>,
) -> Vec<Resolvent> {
    let mut last: Option<(Complex64, Complex64)> = None;
    let mut next = |gamma: Complex64| {
        let (from, kappa) = last.unwrap_or_else(|| start(spectrum, features, gamma));
        // A predictor along the tangent.
        let guess = kappa + (gamma - from) / condition(spectrum, features, kappa).1;
        let kappa = newton(spectrum, features, gamma, guess);
        last = Some((gamma, kappa));
        Resolvent::new(spectrum, features, gamma, kappa)
    };
    path.map(&mut next).collect()
}

/// A real `γ` next to the one given, and its `κ`.
fn start(spectrum: &DesignSpectrum, features: f64, near: Complex64) -> (Complex64, Complex64) {
    let size = near.norm();
    if near.re > 0.0 {
        return (size.into(), spectrum.kappa(features, size).into());
    }
    // Left of the spectrum γ(κ) is concave, and κ = γ is left of the root: the method approaches
    // from one side.
    let gamma = Complex64::from(-size);
    (gamma, newton(spectrum, features, gamma, gamma))
}

fn newton(
    spectrum: &DesignSpectrum,
    features: f64,
    gamma: Complex64,
    guess: Complex64,
) -> Complex64 {
    let mut kappa = guess;
    for _ in 0..STEPS {
        let (value, slope) = condition(spectrum, features, kappa);
        let step = (gamma - value) / slope;
        kappa += step;
        if step.norm() <= CLOSE * kappa.norm() {
            break;
        }
    }
    kappa
}

/// `κ(1 − df₁/N)` and `1 − df₂/N`, its derivative.
fn condition(spectrum: &DesignSpectrum, features: f64, kappa: Complex64) -> (Complex64, Complex64) {
    let (mut free, mut slope) = (Complex64::ONE, Complex64::ONE);
    for s in spectrum.eigenvalues() {
        let share = s / (s + kappa);
        free -= share / features;
        slope -= share * share / features;
    }
    (kappa * free, slope)
}
