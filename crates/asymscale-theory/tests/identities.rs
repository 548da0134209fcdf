//! What must hold between results, and rulings at the edges.

use asymscale_model::{Activity, Amplitude, Coordinates, SparseModel, Spectrum};
use asymscale_theory::{
    Regime, Regression, SampleTheory, TheoryError, crossover, exponents, infinite_data_loss,
    infinite_feature_loss, loss, regime,
};

/// Relative accuracy the crate promises.
const ACCURACY: f64 = 1e-8;

fn close(a: f64, b: f64, tolerance: f64) {
    assert!((a / b - 1.0).abs() < tolerance, "{a} {b}");
}

fn finite(activity: Activity, coordinates: u64) -> SparseModel {
    let spectrum = Spectrum::power_law(1.0).unwrap();
    SparseModel::new(spectrum, activity, Amplitude::Gaussian, Coordinates::Finite(coordinates))
        .unwrap()
}

#[test]
fn curves_are_made_of_points() {
    for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
        for (alpha, beta, onset, samples) in [
            (1.0, 1.5, 1.0, 1e4),
            (1.0, 2.0, 20.0, 512.0),
            (0.5, 0.5, 1.0, 1e6),
            (3.0, 1.2, 5.0, 1e9),
        ] {
            let model =
                SparseModel::power_law(alpha, beta, onset).unwrap().with_amplitude(amplitude);
            let theory = SampleTheory::new(&model, samples).unwrap();
            let threshold = theory.coverage().threshold;
            // From one feature to twice the threshold, backwards.
            let features: Vec<f64> =
                (0..100).rev().map(|k| (2.0 * threshold).powf(f64::from(k) / 99.0)).collect();
            for regression in [Regression::default(), Regression::new(1e-5, 0.1).unwrap()] {
                let curve = theory.curve_with(&features, regression).unwrap();
                for (&n, loss) in features.iter().zip(curve) {
                    let point = SampleTheory::new(&model, samples)
                        .unwrap()
                        .loss_with(n, regression)
                        .unwrap();
                    assert!(
                        loss == point || (loss / point - 1.0).abs() < ACCURACY,
                        "N={n}: {loss} {point}"
                    );
                }
            }
        }
    }
    let theory = SampleTheory::new(&SparseModel::power_law(1.0, 1.5, 1.0).unwrap(), 100.0).unwrap();
    assert!(theory.curve(&[]).unwrap().is_empty());
}

#[test]
fn dense_losses_follow_from_the_infinite_data_loss() {
    // κ(n) solves Σ λ/(λ+κ) = n; then L = κN/(1 − N/D) below and κD/(1 − D/N) above the threshold.
    // For Rademacher amplitudes the counts of a dense model do not fluctuate and this holds at any
    // D.
    let model =
        SparseModel::power_law(1.0, 0.0, 1.0).unwrap().with_amplitude(Amplitude::Rademacher);
    let (small, large) = (60.0, 1000.0);
    let nkappa = infinite_data_loss(&model, small).unwrap();
    close(loss(&model, small, large).unwrap(), nkappa / (1.0 - small / large), ACCURACY);
    close(loss(&model, large, small).unwrap(), nkappa / (1.0 - small / large), ACCURACY);
}

#[test]
fn infinitely_many_samples_are_the_limit_of_many() {
    for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
        let model = SparseModel::power_law(1.0, 1.5, 2.0).unwrap().with_amplitude(amplitude);
        let limit = infinite_data_loss(&model, 50.0).unwrap();
        close(loss(&model, 50.0, 1e12).unwrap(), limit, 1e-5);
    }
}

#[test]
fn growing_finite_models_become_the_infinite_one() {
    let infinite = SparseModel::power_law(1.0, 2.0, 3.0).unwrap();
    let cut = infinite.clone().with_coordinates(Coordinates::Finite(1_000_000)).unwrap();
    for (n, d) in [(20.0, 500.0), (5000.0, 500.0), (20.0, 1e5)] {
        // The cut takes away Σ_{i > M} λ_i = 1e-6 of variance.
        let (a, b) = (loss(&infinite, n, d).unwrap(), loss(&cut, n, d).unwrap());
        assert!((a - b - 1e-6).abs() < 5e-7 * (1.0 + n / 10.0), "{a} {b}");
    }
}

#[test]
fn a_table_of_the_same_activities_is_the_same_model() {
    let law = SparseModel::power_law(1.0, 1.5, 2.5)
        .unwrap()
        .with_coordinates(Coordinates::Finite(300))
        .unwrap();
    let table = Activity::table((1..=300).map(|i| law.activity(f64::from(i))).collect()).unwrap();
    let table = finite(table, 300);
    for (n, d) in
        [(10.0, 100.0), (200.0, 100.0), (10.0, 1e6), (f64::INFINITY, 40.0), (20.0, f64::INFINITY)]
    {
        close(loss(&law, n, d).unwrap(), loss(&table, n, d).unwrap(), ACCURACY);
    }
    let [a, b] = [law, table].map(|model| SampleTheory::new(&model, 100.0).unwrap());
    close(a.coverage().seen, b.coverage().seen, 1e-12);
    close(a.coverage().unseen_mass, b.coverage().unseen_mass, 1e-12);
    close(a.rank(), b.rank(), 1e-10);
}

#[test]
fn one_hot_losses_are_diagonal() {
    let spectrum = Spectrum::power_law(1.0).unwrap();
    let law = Activity::one_hot(1.5).unwrap();
    let model =
        SparseModel::new(spectrum, law, Amplitude::Rademacher, Coordinates::Infinite).unwrap();
    let theory = SampleTheory::new(&model, 1000.0).unwrap();
    let coverage = theory.coverage();
    assert_eq!(theory.rank(), coverage.seen);
    // Every sample shows one coordinate, so S(D) < D.
    assert!(coverage.seen < 1000.0 && coverage.threshold == coverage.seen);
    let above = theory.loss(2.0 * coverage.seen).unwrap();
    close(above, 2.0 * coverage.unseen_mass, 1e-12);
    let model = model.with_coordinates(Coordinates::Finite(2000)).unwrap();
    close(loss(&model, 20.0, 1000.0).unwrap(), one_hot_by_counting(&model, 20.0, 1000), ACCURACY);
}

/// `XᵀX` is diagonal: `f = Σ E[gk/(1+gk)]` over counts k,
/// `L = N Σ λ E[1/(1+gk)²] / Σ E[gk/(1+gk)²]` with `g = a²G/D`, and G from `f = N` by bisection.
fn one_hot_by_counting(model: &SparseModel, features: f64, samples: u32) -> f64 {
    let sums = |big_g: f64| {
        let (mut learned, mut slope, mut left) = (0.0, 0.0, 0.0);
        for i in 1..=2000 {
            let i = f64::from(i);
            let (p, g) = (model.activity(i), model.scale_squared(i) * big_g / f64::from(samples));
            let mut weight = (f64::from(samples) * (-p).ln_1p()).exp();
            for k in 0..samples {
                let y = g * f64::from(k);
                learned += weight * y / (1.0 + y);
                slope += weight * y / (1.0 + y).powi(2);
                left += model.eigenvalue(i) * weight / (1.0 + y).powi(2);
                weight *= f64::from(samples - k) / f64::from(k + 1) * p / (1.0 - p);
                if weight < 1e-18 && f64::from(k) > p * f64::from(samples) {
                    break;
                }
            }
        }
        (learned, slope, left)
    };
    let (mut low, mut high) = (0.0f64, 20.0f64);
    while high - low > 1e-12 {
        let middle = 0.5 * (low + high);
        if sums(middle.exp()).0 < features { low = middle } else { high = middle }
    }
    let (_, slope, left) = sums(low.exp());
    features * left / slope
}

#[test]
fn little_ridge_is_none_and_much_ridge_learns_nothing() {
    let model = SparseModel::power_law(1.0, 1.5, 3.0).unwrap();
    let theory = SampleTheory::new(&model, 300.0).unwrap();
    let with =
        |n, ridge, noise| theory.loss_with(n, Regression::new(ridge, noise).unwrap()).unwrap();
    for n in [30.0, 1000.0, f64::INFINITY] {
        close(with(n, 1e-13, 0.2), with(n, 0.0, 0.2), 1e-5);
        close(with(n, 1e9, 0.2), model.total_variance(), 1e-6);
    }
}

/// Where every coordinate is seen often, a ridge γ far below all eigenvalues is multiplied by 1/(1
/// − S/N), to κ, and leaves `κ² Σ 1/λ / (1 − S/N)`; relative corrections are of the order S/D, of
/// six over the least count, and of κ/λ.
#[test]
fn slight_ridges_leave_their_square() {
    for (alpha, beta) in [(5.0, 0.99), (2.0, 0.0), (8.0, 0.5)] {
        let model = SparseModel::power_law(alpha, beta, 1.5).unwrap();
        let model = model.with_coordinates(Coordinates::Finite(100)).unwrap();
        let inverse: f64 = (1..=100).map(|k| 1.0 / model.eigenvalue(f64::from(k))).sum();
        let theory = SampleTheory::new(&model, 1e12).unwrap();
        for ridge in [1e-45, 1e-30, 1e-28] {
            for (features, factor) in [(f64::INFINITY, 1.0), (200.0, 8.0)] {
                let loss =
                    theory.loss_with(features, Regression::new(ridge, 0.0).unwrap()).unwrap();
                close(loss, factor * ridge * ridge * inverse, 2e-8);
            }
        }
    }
}

#[test]
fn ridgeless_noise_past_the_seen_coordinates() {
    let model = SparseModel::power_law(1.0, 3.0, 2.0).unwrap();
    let noisy = Regression::new(0.0, 0.3).unwrap();
    let at = |model: &SparseModel, n, regression| {
        SampleTheory::new(model, 1e4).unwrap().loss_with(n, regression).unwrap()
    };
    // Gaussian: E z^{−2} = ∞ of a coordinate seen once. Rademacher: the limit of little ridge.
    assert_eq!(at(&model, 200.0, noisy), f64::INFINITY);
    let model = model.with_amplitude(Amplitude::Rademacher);
    for n in [200.0, f64::INFINITY] {
        close(at(&model, n, noisy), at(&model, n, Regression::new(1e-14, 0.3).unwrap()), 1e-4);
    }
    // Ever smaller rare coordinates are fitted to noise where 2β ≤ 2 + α.
    let small =
        SparseModel::power_law(1.0, 1.4, 1.0).unwrap().with_amplitude(Amplitude::Rademacher);
    assert_eq!(at(&small, 1e5, noisy), f64::INFINITY);
    assert!(at(&small, f64::INFINITY, noisy).is_finite());
    // A dense finite model is classical least squares: σ² M/(D − M − 1) + 0 bias, here to 1/D.
    let dense = SparseModel::power_law(1.0, 0.0, 1.0)
        .unwrap()
        .with_coordinates(Coordinates::Finite(20))
        .unwrap();
    close(at(&dense, f64::INFINITY, noisy), 0.3 * 20.0 / (1e4 - 21.0), 1e-3);
}

#[test]
fn edges_are_ruled() {
    let model = SparseModel::power_law(1.0, 1.5, 1.0).unwrap();
    // N = r: +∞, on either side of the crossover at D× ≈ 19.
    for samples in [8.0, 1000.0] {
        let theory = SampleTheory::new(&model, samples).unwrap();
        let threshold = theory.coverage().threshold;
        assert_eq!(theory.loss(threshold).unwrap(), f64::INFINITY);
        assert_eq!(theory.regime(threshold).unwrap(), Regime::Interpolation);
    }
    assert_eq!(regime(&model, 20.0, 8.0).unwrap(), Regime::SampleLimited);
    assert_eq!(regime(&model, 2000.0, 1000.0).unwrap(), Regime::CoverageLimited);
    assert_eq!(regime(&model, 5.0, 1000.0).unwrap(), Regime::FeatureLimited);
    // One sample has rank 1.
    close(SampleTheory::new(&model, 1.0).unwrap().rank(), 1.0, 1e-10);
    // A dense finite model is learned completely.
    let dense = model.with_coordinates(Coordinates::Finite(10)).unwrap();
    assert_eq!(infinite_data_loss(&dense, 10.0).unwrap(), 0.0);
    // Coordinates that are never active stay unlearned, and harm nothing.
    let table = finite(Activity::table(vec![1.0, 0.0, 0.5]).unwrap(), 3);
    assert_eq!(infinite_feature_loss(&table, f64::INFINITY).unwrap(), 0.25);
    let uniform = finite(Activity::uniform(0.01).unwrap(), 50);
    assert!(SampleTheory::new(&uniform, 30.0).unwrap().rank() < 15.0);
}

/// At `β = 1 + 2α` two powers in the tail of the rare coordinates coincide; it once hung with
/// infinitely many samples.
#[test]
fn infinite_data_do_not_see_the_activities() {
    for (alpha, beta) in [(1.0, 3.0), (0.5, 2.0), (2.0, 5.0), (1.0, 8.0)] {
        let sparse = SparseModel::power_law(alpha, beta, 1.0).unwrap();
        let dense = SparseModel::power_law(alpha, 0.0, 1.0).unwrap();
        for features in [10.0, 1e4, 1e9] {
            let [a, b] =
                [&sparse, &dense].map(|model| infinite_data_loss(model, features).unwrap());
            close(a, b, ACCURACY);
        }
    }
}

#[test]
fn bad_input_is_named_with_its_value_and_range() {
    let model = SparseModel::power_law(1.0, 1.5, 1.0).unwrap();
    assert_eq!(loss(&model, 0.0, 10.0), Err(TheoryError::Features(0.0)));
    let message = SampleTheory::new(&model, 0.5).unwrap_err().to_string();
    assert_eq!(message, "samples = 0.5: must be a number in 1..1e30, or inf");
    assert!(SampleTheory::new(&model, f64::NAN).is_err());
    let theory = SampleTheory::new(&model, 10.0).unwrap();
    let message = theory.loss(f64::NAN).unwrap_err().to_string();
    assert_eq!(message, "features = NaN: must be a number in 1..1e30, or inf");
    let message = theory.optimal_ridge(5.0, f64::INFINITY).unwrap_err().to_string();
    assert_eq!(message, "noise = inf: the variance of the label noise must be a number in 0..1e30");
    assert_eq!(theory.curve(&[5.0, 0.0]), Err(TheoryError::Features(0.0)));
}

#[test]
fn crossovers_and_exponents() {
    // D× ≈ (Γ(1 − 1/β) c)^{β/(β−1)} for large results: Γ(1/3) = 2.678938534707747.
    let model = SparseModel::power_law(1.0, 1.5, 20.0).unwrap();
    close(crossover(&model).unwrap(), (2.678_938_534_707_747f64 * 20.0).powi(3), 1e-2);
    assert_eq!(crossover(&SparseModel::power_law(1.0, 0.5, 1.0).unwrap()), None);
    let law = exponents(&model).unwrap();
    close(law.samples, 1.0 / 1.5, 1e-15);
    close(law.compute, 1.0 / 2.5, 1e-15);
    // The law describes the loss: local slopes over a factor 4, far past and far below the
    // crossover.
    for (beta, samples) in [(1.5, 1e11), (2.0, 1e11), (0.5, 1e7)] {
        let model = SparseModel::power_law(1.0, beta, 1.0).unwrap();
        let [a, b] = [samples, 4.0 * samples].map(|d| infinite_feature_loss(&model, d).unwrap());
        let slope = (a / b).ln() / 4f64.ln();
        close(slope, exponents(&model).unwrap().samples, 2e-3);
    }
    assert!(exponents(&finite(Activity::table(vec![1.0]).unwrap(), 1)).is_none());
}
