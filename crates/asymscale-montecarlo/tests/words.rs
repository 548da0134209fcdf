//! The error that theory states for itself, and the word for it, against simulation: random models, sizes, ridges and noises.

use asymscale_model::{Amplitude, SparseModel};
use asymscale_montecarlo::{INFINITE, Settings, Summary, simulate};
use asymscale_solvers::Regression;
use asymscale_theory::{self as theory, Reliability, SampleTheory};

/// splitmix64.
struct Uniform(u64);

impl Uniform {
    /// In [0, 1).
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn log(&mut self, low: f64, high: f64) -> f64 {
        low * (high / low).powf(self.next())
    }

    /// 0, or log-uniform.
    fn sometimes(&mut self, share: f64, low: f64, high: f64) -> f64 {
        let value = self.log(low, high);
        if self.next() < share { value } else { 0.0 }
    }
}

#[derive(Debug)]
struct Question {
    model: SparseModel,
    samples: usize,
    features: usize,
    regression: Regression,
}

/// A question whose designs are small: amplitudes over few decades, at most 80 directions.
fn question(draw: &mut Uniform) -> Question {
    loop {
        let (alpha, beta) = (draw.log(0.05, 1.5), 1.05 + draw.log(0.02, 7.0));
        let amplitude = if draw.next() < 0.5 { Amplitude::Gaussian } else { Amplitude::Rademacher };
        let model = SparseModel::power_law(alpha, beta, draw.log(1.0, 200.0)).unwrap();
        let (model, samples) = (model.with_amplitude(amplitude), draw.log(2.0, 2000.0).round());
        let coverage = SampleTheory::new(&model, samples).unwrap().coverage();
        let around = (coverage.threshold * (0.05 + 3.0 * draw.next())).round().max(1.0) as usize;
        let features = match draw.next() {
            share if share < 0.2 => INFINITE,
            share if share < 0.6 => around,
            _ => draw.log(1.0, 1e5).round() as usize,
        };
        let (ridge, noise) = (draw.sometimes(0.5, 1e-8, 10.0), draw.sometimes(0.7, 1e-4, 10.0));
        if coverage.threshold <= 80.0 && coverage.seen <= 1000.0 {
            return Question {
                model,
                samples: samples as usize,
                features,
                regression: Regression { ridge, noise },
            };
        }
    }
}

impl Question {
    fn features(&self) -> f64 {
        if self.features == INFINITE { f64::INFINITY } else { self.features as f64 }
    }

    /// The loss of theory, and the error it states.
    fn stated(&self) -> (f64, f64) {
        let regression = theory::Regression { ridge: self.regression.ridge, noise: self.regression.noise };
        let theory = SampleTheory::new(&self.model, self.samples as f64).unwrap();
        let error = theory.finite_size_error_with(self.features(), regression).unwrap();
        assert_eq!(
            theory.reliability_with(self.features(), regression).unwrap(),
            Reliability::of_error(error)
        );
        (theory.loss_with(self.features(), regression).unwrap(), error)
    }

    fn simulated(&self, seed: u64) -> Summary {
        let (samples, features, regression) = (self.samples, vec![self.features], self.regression);
        let settings = Settings { samples, features, repeats: 24, regression, seed, ..Settings::default() };
        simulate(&self.model, &settings).unwrap().summaries().remove(0)
    }

    /// By how much the simulated mean is off beyond three of its own errors, over the error stated; `None` where there is no
    /// mean to compare with.
    fn excess(&self, seed: u64) -> Option<f64> {
        let ((loss, error), found) = (self.stated(), self.simulated(seed));
        let (mean, own) = found.mean.zip(found.standard_error)?;
        let room = 3.0 * own + found.truncation;
        room.is_finite().then(|| ((mean - loss).abs() - room) / (error * loss))
    }
}

/// Seeds 1…: of 240 questions, each of 24 designs.
#[test]
fn stated_errors_hold() {
    let mut draw = Uniform(1);
    let (mut counts, mut beyond, mut compared) = ([0; 3], 0, 0);
    for seed in 0..240 {
        let question = question(&mut draw);
        let word = Reliability::of_error(question.stated().1);
        counts[word as usize] += 1;
        if word == Reliability::Poor {
            continue;
        }
        if let Some(excess) = question.excess(seed) {
            compared += 1;
            beyond += usize::from(excess > 1.0);
        }
    }
    let [good, fair, poor] = counts;
    // Half of these questions have fewer than ten samples or features; many others are near the pole or noisy without a ridge.
    assert!(good > 35 && fair > 35 && poor < 170, "{counts:?}");
    // Of the words that promise something, 95 of a hundred keep it.
    assert!(compared > 70 && 20 * beyond <= compared, "{beyond} of {compared}");
}

/// Noise that rare coordinates pass on: theory has less than half of the mean, and says so.
#[test]
fn noise_without_a_ridge_is_no_good() {
    let model = SparseModel::power_law(1.97, 1.81, 8.6).unwrap().with_amplitude(Amplitude::Rademacher);
    let regression = Regression { ridge: 0.0, noise: 1.0 };
    let question = Question { model, samples: 216, features: 451, regression };
    let ((loss, error), found) = (question.stated(), question.simulated(1));
    assert!(found.mean.unwrap() > 1.5 * loss && error > 0.3, "{loss} {error} {found:?}");
    // A ridge of the size of the noise makes it good.
    let ridged = Question { regression: Regression { ridge: 0.05, noise: 1.0 }, ..question };
    assert!(
        ridged.stated().1 < 0.1 && ridged.excess(2).unwrap() < 1.0,
        "{:?} {:?}",
        ridged.stated(),
        ridged.excess(2)
    );
}

#[test]
fn an_infinite_loss_is_never_good() {
    for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
        let model = SparseModel::power_law(1.0, 1.5, 1.0).unwrap().with_amplitude(amplitude);
        let theory = SampleTheory::new(&model, 1000.0).unwrap();
        let noisy = theory::Regression { ridge: 0.0, noise: 0.1 };
        let (threshold, infinite) = (theory.coverage().threshold, f64::INFINITY);
        assert_eq!(theory.finite_size_error(threshold).unwrap(), infinite);
        assert_eq!(theory.finite_size_error_with(threshold, noisy).unwrap(), infinite);
        // Past the threshold the mean is infinite for Gaussian amplitudes; for signs with M = ∞ the second moment is, at 2β ≤ 2 + α the mean.
        assert_eq!(theory.finite_size_error_with(2.0 * threshold, noisy).unwrap(), infinite);
        let endless = theory.finite_size_error_with(infinite, noisy).unwrap();
        assert_eq!(endless == infinite, amplitude == Amplitude::Gaussian);
    }
}
