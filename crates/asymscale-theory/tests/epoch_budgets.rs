//! Budgets of features, samples and epochs, and descent on one-hot samples, against enumeration.

use asymscale_model::{Activity, Amplitude, Coordinates, SparseModel, Spectrum};
use asymscale_theory::{
    EpochBudget, Epochs, Scarce, TheoryError, epoch_frontier_exponents, frontier_with_epochs,
    local_epoch_exponents, one_hot_descent_loss,
};

const INFINITE: f64 = f64::INFINITY;

fn model(alpha: f64, beta: f64) -> SparseModel {
    SparseModel::power_law(alpha, beta, 1.0).unwrap()
}

fn budget(compute: f64, unique: f64) -> EpochBudget {
    EpochBudget { compute, factor: 1.0, unique, rate: 0.05 }
}

/// The loss of the best split is that of the flow, and no split of a grid over `N`, `D ≤ U` and
/// `K ≥ 1` has a lower one.
#[test]
fn no_split_of_a_grid_is_better() {
    for (model, compute, unique) in [(model(1.0, 1.5), 1e5, INFINITE), (model(1.0, 2.5), 3e4, 60.0)]
    {
        let best = frontier_with_epochs(&model, budget(compute, unique)).unwrap();
        let product = best.features * best.samples * best.epochs;
        assert!((product / compute - 1.0).abs() < 1e-9);
        let flow = Epochs::new(&model, best.samples, best.features, 0.05).unwrap();
        let flow = flow.loss(best.epochs).unwrap();
        // The accuracy that is stated.
        assert!((best.loss / flow - 1.0).abs() < 1e-4, "{best:?} {flow}");
        for samples in [0.5, 1.0].map(|share| share * unique.min(4000.0)) {
            for features in [10.0, 40.0, 160.0] {
                let epochs = compute / (samples * features);
                if epochs >= 1.0 {
                    let split = Epochs::new(&model, samples, features, 0.05).unwrap();
                    let loss = split.loss(epochs).unwrap();
                    assert!(
                        loss > best.loss * (1.0 - 2e-4),
                        "{samples} {features} {epochs}: {loss}"
                    );
                }
            }
        }
    }
}

#[test]
fn exponents_are_those_of_the_points() {
    for (model, unique, scarce) in [
        (model(1.0, 1.5), INFINITE, Scarce::Compute),
        (model(1.0, 1.5), 3e4, Scarce::Epochs),
        (model(0.5, 2.5), INFINITE, Scarce::Compute),
    ] {
        let budget = budget(1e9, unique);
        let best = frontier_with_epochs(&model, budget).unwrap();
        assert_eq!(best.scarce, scarce, "{best:?}");
        let law = epoch_frontier_exponents(&model, scarce == Scarce::Epochs).unwrap();
        let here = local_epoch_exponents(&model, budget, best).unwrap().unwrap();
        // Limits, approached by small powers.
        assert!(here.is_near(&law, 0.05), "{best:?} {here:?} {law:?}");
    }
}

/// Repeats are as good as fresh samples until `K_sat`, and beyond nothing helps.
#[test]
fn unique_samples_limit_in_the_end() {
    let model = model(1.0, 1.5);
    let at = |unique: f64| frontier_with_epochs(&model, budget(1e7, unique)).unwrap();
    let (fresh, some) = (at(INFINITE), at(3e3));
    let few = frontier_with_epochs(&model, budget(1e9, 50.0)).unwrap();
    assert_eq!(
        [fresh.scarce, some.scarce, few.scarce],
        [Scarce::Compute, Scarce::Epochs, Scarce::Samples]
    );
    assert!(some.loss < 1.25 * fresh.loss && some.epochs > 5.0, "{some:?} {fresh:?}");
    assert!(few.loss < 1.1 * few.floor && few.loss > few.floor, "{few:?}");
    let most = Epochs::new(&model, 50.0, INFINITE, 0.05).unwrap().saturation(0.01).unwrap();
    assert!(few.epochs <= most * (1.0 + 1e-9));
    // All samples there are: as if there were no end of them.
    let enough = at(1e7);
    assert!((enough.loss / fresh.loss - 1.0).abs() < 1e-9 && enough.epochs == 1.0);
}

#[test]
fn bad_budgets_are_refused() {
    let at = |budget| frontier_with_epochs(&model(1.0, 1.5), budget).map(|_| ());
    assert_eq!(at(budget(1e4, 0.5)), Err(TheoryError::Unique(0.5)));
    assert_eq!(at(EpochBudget { rate: 0.0, ..budget(1e4, 9.0) }), Err(TheoryError::Rate(0.0)));
    assert_eq!(at(budget(0.0, 9.0)), Err(TheoryError::Compute(0.0)));
    assert!(matches!(at(budget(1e25, 9.0)), Err(TheoryError::Time(_))));
    let loss = one_hot_descent_loss(&model(1.0, 1.5), 9.0, 1, 0.1);
    assert_eq!(loss, Err(TheoryError::NotOneHot));
}

fn one_hot(coordinates: u64, beta: f64, amplitude: Amplitude) -> SparseModel {
    let (spectrum, activity) = (Spectrum::power_law(1.0), Activity::one_hot(beta));
    let coordinates = Coordinates::Finite(coordinates);
    SparseModel::new(spectrum.unwrap(), activity.unwrap(), amplitude, coordinates).unwrap()
}

/// Every sequence of `D` active coordinates out of `M`, with its probability.
fn designs(model: &SparseModel, coordinates: usize, samples: usize) -> Vec<(f64, Vec<usize>)> {
    let mut all = vec![(1.0, Vec::new())];
    for _ in 0..samples {
        let longer = |(weight, design): &(f64, Vec<usize>)| {
            let (weight, design) = (*weight, design.clone());
            (0..coordinates)
                .map(|i| {
                    let mut design = design.clone();
                    design.push(i);
                    (weight * model.activity(i as f64 + 1.0), design)
                })
                .collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

/// The loss of literal descent through samples in the order of `order`, for signs.
fn descend(model: &SparseModel, design: &[usize], order: &[usize], coordinates: usize) -> f64 {
    let rate = 0.3;
    let mut left = vec![1.0; coordinates];
    for sample in order {
        let i = design[*sample];
        left[i] -= rate * model.scale_squared(i as f64 + 1.0) * left[i];
    }
    let losses = left.iter().enumerate();
    losses.map(|(i, left)| model.eigenvalue(i as f64 + 1.0) * left * left).sum()
}

/// Three coordinates, three samples, two passes: all 27 designs, each in all orders of both passes,
/// and in all 3⁶ sequences of draws with replacement.
#[test]
fn one_hot_descent_is_enumerated() {
    let model = one_hot(3, 1.2, Amplitude::Rademacher);
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let exact = one_hot_descent_loss(&model, 3.0, 2, 0.3).unwrap();
    let (mut passes, mut draws) = (0.0, 0.0);
    for (weight, design) in designs(&model, 3, 3) {
        let (mut mean, mut replaced) = (0.0, 0.0);
        for first in orders {
            for second in orders {
                mean += descend(&model, &design, &[first, second].concat(), 3) / 36.0;
            }
        }
        for code in 0..729_usize {
            let order: Vec<usize> = (0..6).map(|k| code / 3_usize.pow(k) % 3).collect();
            replaced += descend(&model, &design, &order, 3) / 729.0;
        }
        assert!(replaced >= mean * (1.0 - 1e-14), "{design:?} {replaced} {mean}");
        passes += weight * mean;
        draws += weight * replaced;
    }
    assert!((exact / passes - 1.0).abs() < 1e-12, "{exact} {passes}");
    assert!(draws > 1.001 * passes);
}

/// One pass over Gaussian samples: `E (1 − qz²)² = 1 − 2q + 3q²`.
#[test]
fn one_gaussian_pass_has_its_moments() {
    let model = one_hot(5, 1.0, Amplitude::Gaussian);
    let (samples, rate) = (7.0, 0.2);
    let coordinate = |i: u32| {
        let i = f64::from(i);
        let (p, q) = (model.activity(i), rate * model.scale_squared(i));
        model.eigenvalue(i) * (1.0 - p * (2.0 * q - 3.0 * q * q)).powf(samples)
    };
    let exact: f64 = (1..=5).map(coordinate).sum();
    let found = one_hot_descent_loss(&model, samples, 1, rate).unwrap();
    assert!((found / exact - 1.0).abs() < 1e-12, "{found} {exact}");
}

/// Small steps are the flow, and steps that blow rare coordinates up have an infinite mean.
#[test]
fn one_hot_descent_has_its_limits() {
    let (spectrum, activity) = (Spectrum::power_law(1.0).unwrap(), Activity::one_hot(1.5).unwrap());
    for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
        let model =
            SparseModel::new(spectrum.clone(), activity.clone(), amplitude, Coordinates::Infinite)
                .unwrap();
        let flow = Epochs::new(&model, 100.0, INFINITE, 1e-5).unwrap().loss(1000.0).unwrap();
        let steps = one_hot_descent_loss(&model, 100.0, 1000, 1e-5).unwrap();
        // η a² is 3e-5 at most, and contours are right to 1e-6.
        assert!((steps / flow - 1.0).abs() < 1e-4, "{amplitude} {steps} {flow}");
        let none = one_hot_descent_loss(&model, 100.0, 0, 0.1).unwrap();
        assert!((none / model.label_variance() - 1.0).abs() < 1e-9);
    }
    let growing = Activity::one_hot(3.0).unwrap();
    let signs = Amplitude::Rademacher;
    let model = SparseModel::new(spectrum, growing, signs, Coordinates::Infinite).unwrap();
    // δ = 1: one pass has a mean, 2 < 3 + 1/D; two have none.
    let one = one_hot_descent_loss(&model, 100.0, 1, 0.05).unwrap();
    let sum = |i: u32| {
        let i = f64::from(i);
        let (p, q) = (model.activity(i), 0.05 * model.scale_squared(i));
        model.eigenvalue(i) * (100.0 * (-p * q * (2.0 - q)).ln_1p()).exp()
    };
    let summed = (1..=1_000_000).map(sum).sum::<f64>() + 1e-6;
    assert!((one / summed - 1.0).abs() < 1e-8, "{one} {summed}");
    assert_eq!(one_hot_descent_loss(&model, 100.0, 2, 0.05), Ok(INFINITE));
}
