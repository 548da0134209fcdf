//! Random questions of which designs are small, and how far theory is from their simulated mean.

use asymscale_model::{Amplitude, Coordinates, ModelSize, SparseModel};
use asymscale_montecarlo::{Settings, Summary, simulate};
use asymscale_sampling::Key;
use asymscale_solvers::Regression;
use asymscale_theory::SampleTheory;
use rand::{Rng, RngExt};

/// Model, sizes and regression.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) model: SparseModel,
    pub(crate) samples: usize,
    pub(crate) features: ModelSize,
    pub(crate) regression: Regression,
}

fn logarithmic(rng: &mut impl Rng, low: f64, high: f64) -> f64 {
    low * (high / low).powf(rng.random::<f64>())
}

/// 0, or log-uniform.
fn sometimes(rng: &mut impl Rng, share: f64, low: f64, high: f64) -> f64 {
    if rng.random_bool(share) { logarithmic(rng, low, high) } else { 0.0 }
}

impl Question {
    /// `α` from 0.05 to `steepest`, `β` from 1.07 to 8 (one in four: from 0 to 3, with at most a
    /// thousand coordinates), `c` from 1 to 200, `D` from 2 to 2000, both amplitudes; a ridge in
    /// half, noise in seven of ten. `N` is ∞ in a fifth, around the threshold in two fifths. Only
    /// those with a threshold up to 80 and up to a thousand seen coordinates: amplitudes over few
    /// decades.
    pub(crate) fn draw(rng: &mut impl Rng, steepest: f64) -> Self {
        loop {
            let model = model(rng, steepest);
            let samples = logarithmic(rng, 2.0, 2000.0).round();
            let coverage = SampleTheory::new(&model, samples).unwrap().coverage();
            let around = (coverage.threshold * (0.05 + 3.0 * rng.random::<f64>())).round();
            let features = match rng.random::<f64>() {
                share if share < 0.2 => ModelSize::Infinite,
                share if share < 0.6 => ModelSize::Finite(around.max(1.0) as usize),
                _ => ModelSize::Finite(logarithmic(rng, 1.0, 1e5).round() as usize),
            };
            let (ridge, noise) = (sometimes(rng, 0.5, 1e-8, 10.0), sometimes(rng, 0.7, 1e-4, 10.0));
            if coverage.threshold <= 80.0 && coverage.seen <= 1000.0 {
                let regression = Regression::new(ridge, noise).unwrap();
                return Self { model, samples: samples as usize, features, regression };
            }
        }
    }

    /// The loss of theory and the error it states; `None` where theory refuses the loss.
    pub(crate) fn stated(&self) -> Option<(f64, f64)> {
        let theory = SampleTheory::new(&self.model, self.samples as f64).unwrap();
        let features = self.features.as_f64();
        let loss = theory.loss_with(features, self.regression).ok()?;
        Some((loss, theory.finite_size_error_with(features, self.regression).unwrap()))
    }

    /// Over `repeats` designs.
    pub(crate) fn simulated(&self, repeats: usize, seed: u64) -> Summary {
        let (samples, features, regression) = (self.samples, vec![self.features], self.regression);
        let settings =
            Settings { samples, features, repeats, regression, seed, ..Settings::default() };
        simulate(&self.model, &settings).unwrap().summaries().remove(0)
    }
}

fn model(rng: &mut impl Rng, steepest: f64) -> SparseModel {
    let (alpha, onset) = (logarithmic(rng, 0.05, steepest), logarithmic(rng, 1.0, 200.0));
    let amplitude = if rng.random_bool(0.5) { Amplitude::Gaussian } else { Amplitude::Rademacher };
    let (beta, coordinates) = if rng.random_bool(0.25) {
        (
            3.0 * rng.random::<f64>(),
            Coordinates::Finite(logarithmic(rng, 1.0, 1000.0).round() as u64),
        )
    } else {
        (1.05 + logarithmic(rng, 0.02, 7.0), Coordinates::Infinite)
    };
    let model = SparseModel::power_law(alpha, beta, onset).unwrap().with_amplitude(amplitude);
    model.with_coordinates(coordinates).unwrap()
}

/// What became of a question of which the mean over designs is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Verdict {
    /// The error that theory states, relative.
    pub(crate) stated: f64,
    /// Distance from the mean, relative to the larger of the two.
    pub(crate) distance: f64,
    /// What of it the mean itself may be off by: so many standard errors, and what its losses leave
    /// out.
    pub(crate) room: f64,
}

impl Verdict {
    /// `None` where there is no mean or theory refuses.
    pub(crate) fn of(
        question: &Question,
        repeats: usize,
        deviations: f64,
        seed: u64,
    ) -> Option<Self> {
        let (loss, stated) = question.stated()?;
        let found = question.simulated(repeats, seed);
        let (mean, own) = found.mean.zip(found.standard_error)?;
        let room = deviations * own + found.truncation;
        room.is_finite().then(|| {
            let unit = loss.max(mean).max(f64::MIN_POSITIVE);
            let distance = if loss == mean { 0.0 } else { (loss - mean).abs() / unit };
            // Rounding of the solvers.
            Self { stated, distance, room: room / unit + 1e-9 }
        })
    }

    /// Whether theory is further off than it says.
    pub(crate) fn is_beyond(&self) -> bool {
        !self.is_within(self.stated)
    }

    /// Whether theory may be as near as that, as far as the mean is known.
    pub(crate) fn is_within(&self, error: f64) -> bool {
        self.distance <= error + self.room
    }
}

/// The stream of the questions of a seed.
pub(crate) fn stream(seed: u64) -> impl Rng {
    Key::new(seed).label("words").stream()
}
