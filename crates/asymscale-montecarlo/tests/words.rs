//! The error that theory states for itself, and the word for it, against simulation: random models,
//! sizes, ridges and noises.

#[path = "words/question.rs"]
mod question;

use asymscale_model::{Amplitude, SparseModel};
use asymscale_solvers::Regression;
use asymscale_theory::{Reliability, SampleTheory};
use question::{Question, Verdict, stream};

/// Designs of a question.
const DESIGNS: usize = 24;
/// Standard errors of a simulated mean that are not held against theory.
const DEVIATIONS: f64 = 3.0;

/// Of 240 questions.
#[test]
fn stated_errors_hold() {
    let mut rng = stream(1);
    let (mut counts, mut beyond, mut compared) = ([0; 3], 0, 0);
    for seed in 0..240 {
        let question = Question::draw(&mut rng, 1.5);
        let Some((_, stated)) = question.stated() else { continue };
        let word = Reliability::of_error(stated);
        counts[word as usize] += 1;
        if word == Reliability::Poor {
            continue;
        }
        if let Some(verdict) = Verdict::of(&question, DESIGNS, DEVIATIONS, seed) {
            compared += 1;
            beyond += usize::from(verdict.is_beyond());
        }
    }
    let [good, fair, poor] = counts;
    // Half of these questions have fewer than ten samples or features; many others are near the
    // pole or noisy without a ridge.
    assert!(good > 35 && fair > 35 && poor < 170, "{counts:?}");
    // Of the words that promise something, 95 of a hundred keep it.
    assert!(compared > 70 && 20 * beyond <= compared, "{beyond} of {compared}");
}

/// Noise that rare coordinates pass on: theory has less than half of the mean, and says so.
#[test]
fn noise_without_a_ridge_is_no_good() {
    let model =
        SparseModel::power_law(1.97, 1.81, 8.6).unwrap().with_amplitude(Amplitude::Rademacher);
    let regression = Regression::new(0.0, 1.0).unwrap();
    let question = Question { model, samples: 216, features: 451.into(), regression };
    let ((loss, error), found) = (question.stated().unwrap(), question.simulated(DESIGNS, 1));
    assert!(found.mean.unwrap() > 1.5 * loss && error > 0.3, "{loss} {error} {found:?}");
    // A ridge of the size of the noise makes it good.
    let ridged = Question { regression: Regression::new(0.05, 1.0).unwrap(), ..question };
    let verdict = Verdict::of(&ridged, DESIGNS, DEVIATIONS, 2).unwrap();
    assert!(verdict.stated < 0.1 && !verdict.is_beyond(), "{verdict:?}");
}

#[test]
fn an_infinite_loss_is_never_good() {
    for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
        let model = SparseModel::power_law(1.0, 1.5, 1.0).unwrap().with_amplitude(amplitude);
        let theory = SampleTheory::new(&model, 1000.0).unwrap();
        let noisy = Regression::new(0.0, 0.1).unwrap();
        let (threshold, infinite) = (theory.coverage().threshold, f64::INFINITY);
        assert_eq!(theory.finite_size_error(threshold).unwrap(), infinite);
        assert_eq!(theory.finite_size_error_with(threshold, noisy).unwrap(), infinite);
        // Past the threshold the mean is infinite for Gaussian amplitudes; for Rademacher ones with
        // M = ∞ the second moment is, at 2β ≤ 2 + α the mean.
        assert_eq!(theory.finite_size_error_with(2.0 * threshold, noisy).unwrap(), infinite);
        let endless = theory.finite_size_error_with(infinite, noisy).unwrap();
        assert_eq!(endless == infinite, amplitude == Amplitude::Gaussian);
    }
}
