//! What samples show and what is left to learn, against sums over the coordinates one by one, over
//! the whole box of accepted parameters.

use asymscale_model::{Activity, Amplitude, Coordinates, SparseModel, Spectrum};
use asymscale_theory::SampleTheory;

/// So many coordinates are added up one by one.
const COORDINATES: u32 = 3000;

const ALPHAS: [f64; 6] = [0.01, 0.5, 1.0, 10.0, 40.0, 100.0];
/// Edges of whole numbers of samples, and numbers between them.
const SAMPLES: [f64; 6] = [1.0, 3.0, 100.0, 1e4, 1e9, 1e15];

fn activities() -> Vec<Activity> {
    let mut found = Vec::new();
    for beta in [0.0, 0.5, 1.0, 1.5, 3.0, 20.0, 100.0] {
        let onsets = [1e-12, 0.1, 1.0, 7.0, 500.0, 1e6, 1e12];
        // The first coordinate may be so rare only.
        found.extend(onsets.iter().filter_map(|onset| Activity::power_law(beta, *onset).ok()));
        found.push(Activity::one_hot(beta).unwrap());
    }
    found.extend([1e-12, 1e-9, 0.3, 1.0].map(|p| Activity::uniform(p).unwrap()));
    found
}

fn models() -> impl Iterator<Item = SparseModel> {
    let all = |activity: &Activity, alpha| {
        let spectrum = Spectrum::power_law(alpha).unwrap();
        let coordinates = Coordinates::Finite(u64::from(COORDINATES));
        SparseModel::new(spectrum, activity.clone(), Amplitude::Gaussian, coordinates).unwrap()
    };
    activities().into_iter().flat_map(move |activity| ALPHAS.map(|alpha| all(&activity, alpha)))
}

/// `Σ f(i)` over all coordinates, the last ones first.
fn sum(part: impl Fn(f64) -> f64) -> f64 {
    (1..=COORDINATES).rev().map(|i| part(f64::from(i))).sum()
}

fn close(got: f64, expected: f64) -> bool {
    // Below that sums of squares of floats have lost digits.
    (got - expected).abs() <= 1e-9 * expected || expected < 1e-290 && got < 1e-280
}

#[test]
fn seen_coordinates_and_unseen_mass_are_the_sums_that_they_are_written_as() {
    for model in models() {
        for samples in SAMPLES {
            let miss = |i: f64| (samples * (-model.activity(i)).ln_1p()).exp();
            let hit = |i: f64| -(samples * (-model.activity(i)).ln_1p()).exp_m1();
            let coverage = SampleTheory::new(&model, samples).unwrap().coverage();
            let (seen, unseen) = (sum(hit), sum(|i| model.eigenvalue(i) * miss(i)));
            assert!(close(coverage.seen, seen), "{model:?} {samples}: {coverage:?}, seen {seen}");
            assert!(
                close(coverage.unseen_mass, unseen),
                "{model:?} {samples}: {coverage:?}, {unseen}"
            );
        }
    }
}

/// What is seen knows nothing of variances.
#[test]
fn what_is_seen_does_not_depend_on_the_spectrum() {
    for activity in activities() {
        for samples in SAMPLES {
            let seen = |alpha: f64| {
                let spectrum = Spectrum::power_law(alpha).unwrap();
                let (law, all) = (Amplitude::Gaussian, Coordinates::Infinite);
                let model = SparseModel::new(spectrum, activity.clone(), law, all).ok()?;
                Some(SampleTheory::new(&model, samples).unwrap().coverage().seen)
            };
            let Some(expected) = seen(1.0) else { continue };
            for alpha in ALPHAS {
                let got = seen(alpha).unwrap();
                let same = got == expected || (got / expected - 1.0).abs() < 1e-9;
                assert!(same, "{activity:?} {alpha} {samples}: {got} {expected}");
            }
        }
    }
}

/// Past the threshold the loss is `U N/(N − S)`; with infinitely many samples it is `N κ` where
/// `Σ λ/(λ + κ) = N`.
#[test]
fn losses_in_both_limits_are_sums() {
    for model in models() {
        for samples in SAMPLES {
            let theory = SampleTheory::new(&model, samples).unwrap();
            let seen = theory.coverage().seen;
            let features = (2.0 * seen).ceil() + 2.0;
            if seen <= samples {
                let miss = |i: f64| (samples * (-model.activity(i)).ln_1p()).exp();
                let unseen = sum(|i| model.eigenvalue(i) * miss(i));
                let (got, expected) =
                    (theory.loss(features).unwrap(), unseen * (features / (features - seen)));
                assert!(close(got, expected), "{model:?} {samples}: {got} {expected}");
            }
        }
    }
    for alpha in ALPHAS {
        let model = SparseModel::power_law(alpha, 1.5, 1.0).unwrap();
        let model = model.with_coordinates(Coordinates::Finite(u64::from(COORDINATES))).unwrap();
        let theory = SampleTheory::new(&model, f64::INFINITY).unwrap();
        for features in [1.0, 2.0, 7.0, 40.0, 100.0] {
            let got = theory.loss(features).unwrap();
            let kappa = got / features;
            let learned = sum(|i| 1.0 / (1.0 + kappa / model.eigenvalue(i)));
            assert!((learned / features - 1.0).abs() < 1e-8, "{alpha} {features}: {learned}");
        }
    }
}

/// Where no value of the companion transform in the range of floats learns so many directions,
/// there is an error in place of a number.
#[test]
fn what_cannot_be_learned_within_floats_is_an_error() {
    let rare = SparseModel::power_law(0.01, 1.0, 1e-12).unwrap();
    for features in [16.0, 1e11] {
        let error = SampleTheory::new(&rare, 24.0).unwrap().loss(features).unwrap_err();
        assert!(error.to_string().contains("no digits are left"), "{error}");
        let theory = SampleTheory::new(&rare, 24.0).unwrap();
        assert!(theory.curve(&[features, f64::INFINITY]).is_err());
    }
    // The rarest of the same activity for all, and rare ones: with infinitely many coordinates
    // there are always as many of each.
    let loss = |p: f64| {
        let (spectrum, activity) =
            (Spectrum::power_law(1.5).unwrap(), Activity::uniform(p).unwrap());
        let (law, all) = (Amplitude::Gaussian, Coordinates::Infinite);
        let model = SparseModel::new(spectrum, activity, law, all).unwrap();
        SampleTheory::new(&model, 40.0).unwrap().loss(3.0).unwrap()
    };
    assert!((loss(1e-12) / loss(1e-9) - 1.0).abs() < 1e-6, "{} {}", loss(1e-12), loss(1e-9));
}
