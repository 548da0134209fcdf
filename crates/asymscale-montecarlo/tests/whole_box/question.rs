//! A random point of the accepted box.

use asymscale_model::{Amplitude, Coordinates, ModelSize, SparseModel};
use asymscale_sampling::Key;
use asymscale_solvers::Regression;
use rand::{Rng, RngExt};
use std::fmt;

/// Model, sizes and regression of one question.
pub(crate) struct Question {
    pub(crate) number: u64,
    pub(crate) key: Key,
    pub(crate) alpha: f64,
    pub(crate) beta: f64,
    pub(crate) onset: f64,
    pub(crate) coordinates: Coordinates,
    pub(crate) amplitude: Amplitude,
    pub(crate) samples: usize,
    pub(crate) features: ModelSize,
    pub(crate) regression: Regression,
}

impl Question {
    /// Exponents `α` from 0.05 to 20 and `β` from 0 to 8, onsets, sizes and numbers of coordinates
    /// up to a million, ridge and noise or none of either.
    pub(crate) fn draw(seed: u64, number: u64) -> Self {
        let key = Key::new(seed).index(number);
        let rng = &mut key.label("question").stream();
        let beta = rng.random_range(0.0..8.0);
        let onset = if rng.random_bool(0.5) { 1.0 } else { logarithmic(rng, 1.0, 1e6) };
        let finite = beta < 1.1 || rng.random_bool(0.2);
        let last = logarithmic(rng, 1.0, 1e6).round();
        let samples = logarithmic(rng, 1.0, 1e6).round() as usize;
        let size = ModelSize::Finite(logarithmic(rng, 1.0, 1e6).round() as usize);
        let ridge = logarithmic(rng, 1e-8, 10.0);
        let noise = logarithmic(rng, 1e-4, 10.0);
        Self {
            alpha: logarithmic(rng, 0.05, 20.0),
            beta,
            onset,
            coordinates: if finite {
                Coordinates::Finite(last as u64)
            } else {
                Coordinates::Infinite
            },
            amplitude: if rng.random_bool(0.5) {
                Amplitude::Gaussian
            } else {
                Amplitude::Rademacher
            },
            samples,
            features: if rng.random_bool(0.2) { ModelSize::Infinite } else { size },
            regression: Regression::new(
                if rng.random_bool(0.6) { 0.0 } else { ridge },
                if rng.random_bool(0.6) { 0.0 } else { noise },
            )
            .unwrap(),
            number,
            key,
        }
    }

    pub(crate) fn model(&self) -> SparseModel {
        let model = SparseModel::power_law(self.alpha, self.beta, self.onset).unwrap();
        model.with_amplitude(self.amplitude).with_coordinates(self.coordinates).unwrap()
    }
}

fn logarithmic(rng: &mut impl Rng, low: f64, high: f64) -> f64 {
    rng.random_range(low.ln()..high.ln()).exp()
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            alpha, beta, onset, coordinates, amplitude, samples, features, regression, ..
        } = self;
        write!(
            f,
            "--alpha {alpha} --beta {beta} --onset {onset} --coordinates {coordinates} --amplitude {amplitude} \
             --samples {samples} --features {features} --ridge {} --noise {}",
            regression.ridge(),
            regression.noise()
        )
    }
}
