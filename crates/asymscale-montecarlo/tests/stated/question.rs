//! Random questions of at least 300 samples away from the threshold, how far theory is from their
//! simulated mean, and how far it says it is.

use asymscale_model::{Amplitude, Coordinates, ModelSize, SparseModel};
use asymscale_montecarlo::{Settings, simulate};
use asymscale_numerics::quantile;
use asymscale_sampling::Key;
use asymscale_solvers::Regression;
use asymscale_theory::SampleTheory;
use rand::{Rng, RngExt};
use rayon::prelude::*;
use std::fmt;

/// Sizes are away from the threshold and from the expected rank by this factor.
const AWAY: f64 = 1.5;
/// Samples.
const SAMPLES: (f64, f64) = (300.0, 700.0);
/// Standard errors of a simulated mean that are not held against theory.
const DEVIATIONS: f64 = 2.0;

/// Model, sizes and regression.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) model: SparseModel,
    pub(crate) samples: f64,
    pub(crate) features: f64,
    pub(crate) regression: Regression,
}

fn logarithmic(rng: &mut impl Rng, low: f64, high: f64) -> f64 {
    low * (high / low).powf(rng.random::<f64>())
}

impl Question {
    /// `α` from 0.3 to 3, `β` from 0 to 3 (up to 1.1 with a thousand coordinates, beyond with
    /// infinitely many), `c` from 1 to 100, both amplitudes, `D` from 300 to 700, `N` from 4 to ten
    /// times the threshold; a ridge from 1e-6 to 1 in half, noise up to 1 in half. Only those with
    /// a finite loss and up to 1500 seen coordinates.
    pub(crate) fn draw(rng: &mut impl Rng) -> Self {
        loop {
            let (model, samples) = (model(rng), logarithmic(rng, SAMPLES.0, SAMPLES.1).round());
            let theory = SampleTheory::new(&model, samples).unwrap();
            let (coverage, rank) = (theory.coverage(), theory.rank());
            let features = logarithmic(rng, 4.0, 10.0 * coverage.threshold).round();
            let ridge = if rng.random_bool(0.5) { logarithmic(rng, 1e-6, 1.0) } else { 0.0 };
            let noise = if rng.random_bool(0.5) { rng.random::<f64>() } else { 0.0 };
            let regression = Regression::new(ridge, noise).unwrap();
            let away = |n: f64| features >= AWAY * n || AWAY * features <= n;
            let finite = theory.loss_with(features, regression).unwrap().is_finite();
            if coverage.seen <= 1500.0 && away(coverage.threshold) && away(rank) && finite {
                return Self { model, samples, features, regression };
            }
        }
    }

    /// What theory says and what is measured on `designs`.
    pub(crate) fn answer(&self, designs: usize, seed: u64) -> Answer {
        let theory = SampleTheory::new(&self.model, self.samples).unwrap();
        let (n, regression) = (self.features, self.regression);
        let plain = Claim {
            loss: theory.loss_with(n, regression).unwrap(),
            error: theory.finite_size_error_with(n, regression).unwrap(),
        };
        let corrected = Claim {
            loss: theory.corrected_loss_with(n, regression).unwrap().loss,
            error: theory.corrected_error_with(n, regression).unwrap(),
        };
        let settings = Settings {
            samples: self.samples as usize,
            features: vec![ModelSize::Finite(n as usize)],
            repeats: designs,
            regression,
            seed,
            ..Settings::default()
        };
        let summary = simulate(&self.model, &settings).unwrap().summaries().remove(0);
        let mean = summary.mean.expect("away from the threshold the mean exists");
        Answer { plain, corrected, mean, standard_error: summary.standard_error.unwrap() }
    }
}

fn model(rng: &mut impl Rng) -> SparseModel {
    let (alpha, onset) = (logarithmic(rng, 0.3, 3.0), logarithmic(rng, 1.0, 100.0));
    let beta = 3.0 * rng.random::<f64>();
    let amplitude = if rng.random_bool(0.5) { Amplitude::Gaussian } else { Amplitude::Rademacher };
    let coordinates = if beta < 1.1 { Coordinates::Finite(1000) } else { Coordinates::Infinite };
    let model = SparseModel::power_law(alpha, beta, onset).unwrap().with_amplitude(amplitude);
    model.with_coordinates(coordinates).unwrap()
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { model, samples, features, regression } = self;
        let (alpha, law) = (model.spectrum().alpha().unwrap_or(f64::NAN), model.activity_law());
        write!(
            f,
            "α = {alpha:.3}, {law:?}, {:?}, D = {samples}, N = {features}, γ = {:.1e}, σ² = {:.2}",
            model.amplitude(),
            regression.ridge(),
            regression.noise()
        )
    }
}

/// A loss with its relative error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claim {
    pub(crate) loss: f64,
    pub(crate) error: f64,
}

/// Two claims of theory, without the next order in `1/N` and with it, and a simulated mean.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer {
    pub(crate) plain: Claim,
    pub(crate) corrected: Claim,
    pub(crate) mean: f64,
    pub(crate) standard_error: f64,
}

impl Answer {
    pub(crate) fn distance(&self, claim: Claim) -> f64 {
        (claim.loss - self.mean).abs()
    }

    pub(crate) fn covers(&self, claim: Claim) -> bool {
        self.distance(claim) <= claim.error * claim.loss + DEVIATIONS * self.standard_error
    }
}

/// Of many claims: the share that covers its distance, medians of the relative error and of the
/// relative distance, and the median of the former over the latter, where a distance counts as at
/// least what its mean is uncertain by.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) covered: f64,
    pub(crate) error: f64,
    pub(crate) distance: f64,
    pub(crate) ratio: f64,
}

impl Record {
    pub(crate) fn of(answers: &[Answer], claim: impl Fn(&Answer) -> Claim) -> Self {
        let median = |value: &dyn Fn(&Answer) -> f64| {
            let mut values: Vec<f64> = answers.iter().map(value).collect();
            values.sort_by(f64::total_cmp);
            quantile(&values, 0.5)
        };
        let covered = answers.iter().filter(|answer| answer.covers(claim(answer))).count();
        Self {
            covered: covered as f64 / answers.len() as f64,
            error: median(&|answer| claim(answer).error),
            distance: median(&|answer| answer.distance(claim(answer)) / answer.mean),
            ratio: median(&|answer| {
                let (claim, least) = (claim(answer), DEVIATIONS * answer.standard_error);
                claim.error * claim.loss / answer.distance(claim).max(least)
            }),
        }
    }
}

/// Questions of a seed with their answers, in parallel.
pub(crate) fn answers(seed: u64, points: usize, designs: usize) -> Vec<(Question, Answer)> {
    let rng = &mut Key::new(seed).label("stated").stream();
    let questions: Vec<Question> = (0..points).map(|_| Question::draw(rng)).collect();
    let numbered = questions.into_par_iter().enumerate();
    numbered
        .map(|(k, question)| {
            let answer = question.answer(designs, k as u64);
            (question, answer)
        })
        .collect()
}
