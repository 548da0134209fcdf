//! Models that are not the power law of the project: tables of variances and activities, onsets
//! below one, teachers of their own.

use asymscale_model::{Activity, Amplitude, Coordinates, SparseModel, Spectrum, Teacher};
use asymscale_theory::{
    Regression, SampleTheory, TheoryError, instability_probability, loss as loss_at,
    saturated_exponents,
};

const AMPLITUDES: [Amplitude; 2] = [Amplitude::Gaussian, Amplitude::Rademacher];

/// (ridge, noise)
const REGRESSIONS: [(f64, f64); 4] = [(0.0, 0.0), (1e-3, 0.0), (1e-4, 0.3), (1e-9, 1e-3)];

fn close(got: f64, expected: f64, tolerance: f64, what: &str) {
    let same = got == expected || (got / expected - 1.0).abs() < tolerance;
    assert!(same, "{what}: {got} and not {expected}");
}

/// Everything that theory says of two models, which must be the same.
fn compare(got: &SparseModel, expected: &SparseModel, tolerance: f64) {
    for samples in [1.0, 40.0, 1000.0, 1e7] {
        let theories = [got, expected].map(|model| SampleTheory::new(model, samples).unwrap());
        let [a, b] = theories.each_ref().map(SampleTheory::coverage);
        let what = |word: &str| format!("{word} at D = {samples}");
        close(a.seen, b.seen, tolerance, &what("seen"));
        close(a.unseen_mass, b.unseen_mass, tolerance, &what("unseen mass"));
        close(theories[0].rank(), theories[1].rank(), 10.0 * tolerance, &what("rank"));
        for (ridge, noise) in REGRESSIONS {
            let regression = Regression::new(ridge, noise).unwrap();
            for features in [1.0, 7.0, 30.0, 333.0, 5000.0, f64::INFINITY] {
                let [a, b] =
                    theories.each_ref().map(|theory| theory.loss_with(features, regression));
                let what = format!("N = {features}, D = {samples}, {regression:?}");
                close(a.unwrap(), b.unwrap(), tolerance, &what);
            }
        }
    }
}

/// A table of the first coordinates of a power law, with the law going on or not.
fn listed(model: &SparseModel, entries: u32, goes_on: bool) -> SparseModel {
    let values = |f: &dyn Fn(f64) -> f64| (1..=entries).map(|i| f(f64::from(i))).collect();
    let mut spectrum = Spectrum::table(values(&|i| model.eigenvalue(i))).unwrap();
    let mut activity = Activity::table(values(&|i| model.activity(i))).unwrap();
    let mut teacher = Teacher::table(values(&|i| model.target_energy(i))).unwrap();
    let coordinates = if goes_on {
        let law = model.rare_law().unwrap();
        spectrum = spectrum.continued(law.variance.log_front.exp(), law.alpha()).unwrap();
        activity = activity.continued(law.activity.log_front.exp(), law.beta()).unwrap();
        let front = law.target.log_front.exp();
        teacher = teacher.continued(front, law.target.exponent).unwrap();
        Coordinates::Infinite
    } else {
        Coordinates::Finite(u64::from(entries))
    };
    let table = SparseModel::new(spectrum, activity, model.amplitude(), coordinates).unwrap();
    if model.has_iid_teacher() { table } else { table.with_teacher(teacher).unwrap() }
}

#[test]
fn a_short_table_is_the_power_law_it_lists() {
    for amplitude in AMPLITUDES {
        for (alpha, beta, onset) in [(1.0, 1.5, 3.0), (0.5, 2.5, 1.0), (2.0, 1.3, 0.2)] {
            let law = SparseModel::power_law(alpha, beta, onset).unwrap().with_amplitude(amplitude);
            compare(&listed(&law, 37, true), &law, 2e-9);
            let finite = law.with_coordinates(Coordinates::Finite(37)).unwrap();
            compare(&listed(&finite, 37, false), &finite, 2e-9);
        }
    }
}

/// 20 000 coordinates, most of which share the nodes of a grid.
#[test]
fn a_long_table_is_the_power_law_it_lists() {
    for (alpha, beta, onset) in [(1.0, 1.5, 3.0), (0.5, 2.5, 1.0)] {
        let law = SparseModel::power_law(alpha, beta, onset).unwrap();
        compare(&listed(&law, 20_000, true), &law, 1e-7);
        let law = law.with_teacher(Teacher::power_law(1.6).unwrap()).unwrap();
        compare(&listed(&law, 20_000, true), &law, 1e-7);
    }
}

/// What is seen of a table is counted coordinate by coordinate, also where nearly all are seen.
#[test]
fn what_a_long_table_shows_is_exact() {
    let law = SparseModel::power_law(0.5, 1.0, 1.0)
        .unwrap()
        .with_coordinates(Coordinates::Finite(12_000))
        .unwrap();
    let table = listed(&law, 12_000, false);
    for samples in [256.0, 8192.0, 1e6] {
        let theory = SampleTheory::new(&table, samples).unwrap();
        let miss = |i: u32| (samples * (-law.activity(f64::from(i))).ln_1p()).exp();
        let seen: f64 = (1..=12_000).rev().map(|i| 1.0 - miss(i)).sum();
        close(theory.coverage().seen, seen, 1e-12, "seen");
        assert!(theory.coverage().seen <= 12_000.0 && theory.rank() <= 12_000.0);
    }
}

/// The same table in another order is the same model.
#[test]
fn the_order_of_a_table_does_not_matter() {
    let law = SparseModel::power_law(1.0, 1.5, 3.0).unwrap();
    let indices: Vec<f64> = (0..997).map(|k| f64::from(k * 577 % 997 + 1)).collect();
    let shuffled = |f: &dyn Fn(f64) -> f64| indices.iter().map(|i| f(*i)).collect();
    let table = SparseModel::new(
        Spectrum::table(shuffled(&|i| law.eigenvalue(i))).unwrap(),
        Activity::table(shuffled(&|i| law.activity(i))).unwrap(),
        Amplitude::Gaussian,
        Coordinates::Finite(997),
    )
    .unwrap();
    compare(&table, &law.with_coordinates(Coordinates::Finite(997)).unwrap(), 1e-7);
}

/// `b = 1 + α` is the iid teacher, computed by other sums.
#[test]
fn target_energies_equal_to_the_variances_are_the_iid_teacher() {
    for amplitude in AMPLITUDES {
        for (alpha, beta, onset) in [(1.0, 1.5, 1.0), (0.7, 0.4, 1.0), (1.5, 3.0, 10.0)] {
            let iid = SparseModel::power_law(alpha, beta, onset).unwrap().with_amplitude(amplitude);
            let same = iid.clone().with_teacher(Teacher::power_law(1.0 + alpha).unwrap()).unwrap();
            compare(&same, &iid, 3e-9);
            let theories = [&iid, &same].map(|model| SampleTheory::new(model, 300.0).unwrap());
            for (features, noise) in [(40.0, 0.0), (100.0, 0.2), (f64::INFINITY, 0.1)] {
                let [a, b] = theories.each_ref().map(|t| t.optimal_ridge(features, noise).unwrap());
                close(b, a, 1e-3, &format!("the ridge itself at N = {features}, noise {noise}"));
                let [a, b] = [a, b].map(|ridge| {
                    theories[0].loss_with(features, Regression::new(ridge, noise).unwrap()).unwrap()
                });
                close(b, a, 1e-6, &format!("best ridge at N = {features}, noise {noise}"));
            }
        }
    }
}

/// With infinitely many samples the bias is `κ² Σ g/(λ + κ)²` at the `κ` of all teachers, and the
/// features add `κ² Σ λ/(λ + κ)² · Σ τ λ²/(λ + κ)²/(N − df₂)`: sums of twelve terms.
#[test]
fn a_weighted_teacher_at_infinitely_many_samples_is_a_sum() {
    let variances: Vec<f64> = (1..=12).map(|i| 1.0 / f64::from(i * i)).collect();
    let energies: Vec<f64> = (0..12).map(|k| f64::from(k * 5 % 12) / 7.0).collect();
    let model = SparseModel::new(
        Spectrum::table(variances.clone()).unwrap(),
        Activity::uniform(0.3).unwrap(),
        Amplitude::Gaussian,
        Coordinates::Finite(12),
    )
    .unwrap()
    .with_teacher(Teacher::table(energies.clone()).unwrap())
    .unwrap();
    for features in [2.0, 5.0, 11.0] {
        let degrees = |kappa: f64| variances.iter().map(|v| v / (v + kappa)).sum::<f64>();
        let (mut low, mut high) = (1e-12f64, 1e3);
        for _ in 0..200 {
            let middle = (low * high).sqrt();
            if degrees(middle) > features { low = middle } else { high = middle }
        }
        let resolved = |v: f64| low / (v + low);
        let pairs = || variances.iter().zip(&energies);
        let bias: f64 = pairs().map(|(v, g)| g * resolved(*v).powi(2)).sum();
        let plain: f64 = variances.iter().map(|v| v * resolved(*v).powi(2)).sum();
        let weights: f64 = pairs().map(|(v, g)| g / v * (1.0 - resolved(*v)).powi(2)).sum();
        let df2: f64 = variances.iter().map(|v| (1.0 - resolved(*v)).powi(2)).sum();
        let expected = bias + plain * weights / (features - df2);
        let got = loss_at(&model, features, f64::INFINITY).unwrap();
        close(got, expected, 1e-8, &format!("N = {features}"));
    }
}

/// Past the threshold the loss is what is unseen, of the targets and through the features.
#[test]
fn an_interpolating_model_leaves_the_unseen_targets() {
    let model = SparseModel::power_law(1.0, 2.5, 0.4)
        .unwrap()
        .with_teacher(Teacher::power_law(1.8).unwrap())
        .unwrap();
    let (samples, features) = (200.0, 60.0);
    let terms = |f: &dyn Fn(f64, f64) -> f64| {
        (1..2_000_000u32)
            .rev()
            .map(|i| {
                let i = f64::from(i);
                f(i, (samples * (-model.activity(i)).ln_1p()).exp())
            })
            .sum::<f64>()
    };
    let unseen = terms(&|i, miss| model.target_energy(i) * miss);
    // Σ_{i > n} i^{−1.8} of what the sum leaves out.
    let unseen = unseen + 2e6f64.powf(-0.8) / 0.8;
    let mass = terms(&|i, miss| model.eigenvalue(i) * miss) + 5e-7;
    let seen = terms(&|_, miss| 1.0 - miss);
    let weights = terms(&|i, miss| model.weight_energy(i) * (1.0 - miss));
    let theory = SampleTheory::new(&model, samples).unwrap();
    close(theory.loss(f64::INFINITY).unwrap(), unseen, 1e-6, "N = ∞");
    let expected = unseen + mass * weights / (features - seen);
    close(theory.loss(features).unwrap(), expected, 1e-5, "N = 60");
}

/// Where ever rarer coordinates weigh ever more, `b + β ≤ 2 + α`, the weights of what is seen have
/// no mean, and so the ridgeless loss of finitely many features has none.
#[test]
fn weights_without_a_mean_are_an_infinite_loss_of_finitely_many_features() {
    let model = SparseModel::power_law(1.0, 1.5, 1.0)
        .unwrap()
        .with_teacher(Teacher::power_law(1.4).unwrap())
        .unwrap();
    let theory = SampleTheory::new(&model, 1000.0).unwrap();
    assert_eq!(theory.loss(1000.0).unwrap(), f64::INFINITY);
    assert!(theory.loss(f64::INFINITY).unwrap() < 1.0);
    let ridge = Regression::new(1e-6, 0.0).unwrap();
    assert!(theory.loss_with(1000.0, ridge).unwrap() < 1.0);
}

#[test]
fn samples_without_an_active_coordinate_are_harmless() {
    let model = SparseModel::power_law(1.0, 2.0, 1e-3).unwrap();
    let theory = SampleTheory::new(&model, 10.0).unwrap();
    let seen = theory.coverage().seen;
    // Σ D c²/i², each almost never seen.
    close(seen, 10.0 * 1e-6 * std::f64::consts::PI.powi(2) / 6.0, 1e-4, "seen");
    assert!(theory.rank() <= seen);
    close(theory.loss(5.0).unwrap(), theory.coverage().unseen_mass * 5.0 / (5.0 - seen), 1e-9, "");
}

#[test]
fn what_is_not_known_of_other_teachers_is_refused() {
    let model = SparseModel::power_law(1.0, 1.5, 1.0)
        .unwrap()
        .with_teacher(Teacher::power_law(1.5).unwrap())
        .unwrap();
    let theory = SampleTheory::new(&model, 100.0).unwrap();
    let refused = TheoryError::IidTeacher { quantity: "gradient flow of finitely many features" };
    assert_eq!(theory.flow_with_features(40.0, &[1.0]), Err(refused));
    assert!(theory.flow(&[1.0]).is_ok());
}

/// With infinitely many samples every coordinate decays alone.
#[test]
fn the_flow_of_a_weighted_teacher_at_infinitely_many_samples_is_a_sum() {
    let variances: Vec<f64> = (1..=300).map(|i| f64::from(i).powf(-1.7)).collect();
    let energies: Vec<f64> = (0..300).map(|k| f64::from(k * 7 % 11) / 50.0).collect();
    let model = SparseModel::new(
        Spectrum::table(variances.clone()).unwrap(),
        Activity::uniform(0.2).unwrap(),
        Amplitude::Gaussian,
        Coordinates::Finite(300),
    )
    .unwrap()
    .with_teacher(Teacher::table(energies.clone()).unwrap())
    .unwrap();
    let theory = SampleTheory::new(&model, f64::INFINITY).unwrap();
    let times = [0.0, 0.3, 1.0, 30.0, 1e3, 1e5];
    for (time, loss) in times.into_iter().zip(theory.flow(&times).unwrap()) {
        let left = |(v, g): (&f64, &f64)| g * (-2.0 * time * v).exp();
        let exact: f64 = variances.iter().zip(&energies).map(left).sum();
        // The error of two contours, 1e-7 each of what is transformed, at most this of the start.
        let tolerance = 2e-6 * model.label_variance();
        assert!((loss - exact).abs() < tolerance, "s = {time}: {loss} {exact}");
    }
}

/// Two transforms at once are the one of the iid teacher where the target energies are the
/// variances; then the flow ends at the loss, and before that it falls as `s^{−(b−1)/(1+α)}`.
#[test]
fn the_flow_of_a_weighted_teacher_has_its_limits() {
    for amplitude in AMPLITUDES {
        for (alpha, beta, onset) in [(1.0, 1.5, 3.0), (0.5, 2.5, 1.0), (1.0, 0.5, 1.0)] {
            let iid = SparseModel::power_law(alpha, beta, onset).unwrap().with_amplitude(amplitude);
            let same = iid.clone().with_teacher(Teacher::power_law(1.0 + alpha).unwrap()).unwrap();
            let times = [0.1, 1.0, 20.0, 3e3, 1e6];
            let [a, b] =
                [&iid, &same].map(|m| SampleTheory::new(m, 300.0).unwrap().flow(&times).unwrap());
            for ((a, b), time) in a.into_iter().zip(b).zip(times) {
                let what = format!("{alpha} {beta} {amplitude} s = {time}: {a} {b}");
                assert!((a - b).abs() < 2e-6 * iid.total_variance(), "{what}");
            }
        }
    }
    let model = SparseModel::power_law(1.0, 1.5, 1.0)
        .unwrap()
        .with_amplitude(Amplitude::Rademacher)
        .with_teacher(Teacher::power_law(1.6).unwrap())
        .unwrap();
    let theory = SampleTheory::new(&model, 1000.0).unwrap();
    let ended = theory.flow(&[1e9]).unwrap()[0];
    close(ended, theory.loss(f64::INFINITY).unwrap(), 1e-3, "the end of the flow");
    let many = SampleTheory::new(&model, 1e12).unwrap();
    let losses = many.flow(&[1e4, 1e6]).unwrap();
    let slope = (losses[0] / losses[1]).ln() / 100f64.ln();
    // (b − 1)/(1 + α) = 0.3, but for what the first coordinates leave, of the order of 1e-4^0.3.
    assert!((slope - 0.3).abs() < 0.005, "{slope}");
}

#[test]
fn the_instability_of_a_table_is_that_of_the_law_it_lists() {
    for amplitude in AMPLITUDES {
        let law = SparseModel::power_law(0.5, 2.5, 1.0).unwrap().with_amplitude(amplitude);
        for rate in [0.5, 1.2, 2.5] {
            let [a, b] = [&listed(&law, 25, true), &law]
                .map(|model| instability_probability(model, 128.0, rate).unwrap());
            close(a, b, 1e-6, &format!("rate {rate}"));
        }
    }
}

/// The local exponent between `n` and `4n`.
fn exponent(loss: impl Fn(f64) -> f64, n: f64) -> f64 {
    (loss(n) / loss(4.0 * n)).ln() / 4f64.ln()
}

/// Equation (95), on both sides of saturation.
#[test]
fn exponents_follow_the_targets_until_features_and_samples_saturate() {
    for (alpha, beta, source) in
        [(1.0, 1.5, 1.6), (1.0, 1.5, 2.5), (1.0, 1.5, 4.5), (0.5, 0.5, 1.3), (0.5, 0.5, 6.0)]
    {
        let model = SparseModel::power_law(alpha, beta, 1.0)
            .unwrap()
            .with_teacher(Teacher::power_law(source).unwrap())
            .unwrap();
        let (features, samples) = saturated_exponents(&model).unwrap();
        let got = exponent(|n| loss_at(&model, n, f64::INFINITY).unwrap(), 1e5);
        // Corrections to the leading power fall as n^{−1/2} at the slowest, 0.003 here.
        assert!((got - features).abs() < 0.01, "{alpha} {beta} {source}: {got} {features}");
        let got = exponent(|d| loss_at(&model, f64::INFINITY, d).unwrap(), 1e7);
        assert!((got - samples).abs() < 0.01, "{alpha} {beta} {source}: {got} {samples}");
    }
}
