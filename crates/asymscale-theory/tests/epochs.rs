//! Epochs against what the code does not compute them from: sums over coordinates one by one,
//! closed forms, and the limits of one function in another.

use asymscale_model::{Activity, Amplitude, Coordinates, SparseModel, Spectrum, Teacher};
use asymscale_theory::{EpochCollapse, Epochs, SampleTheory, TheoryError, epoch_time};

const INFINITE: f64 = f64::INFINITY;

fn model(alpha: f64, beta: f64) -> SparseModel {
    SparseModel::power_law(alpha, beta, 1.0).unwrap()
}

fn signs(alpha: f64, beta: f64) -> SparseModel {
    model(alpha, beta).with_amplitude(Amplitude::Rademacher)
}

/// One-hot coordinates do not meet in a sample, so that each is on its own:
/// `Σ λ [1 − p + p φ(2ηKa²)]^D`, here added up one by one.
#[test]
fn one_hot_losses_are_sums_over_coordinates() {
    for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
        let spectrum = Spectrum::power_law(1.0).unwrap();
        let one_hot = Activity::one_hot(1.5).unwrap();
        let coordinates = Coordinates::Finite(3000);
        let model = SparseModel::new(spectrum, one_hot, amplitude, coordinates).unwrap();
        let (samples, rate) = (512.0, 0.02);
        let epochs = Epochs::new(&model, samples, INFINITE, rate).unwrap();
        for passes in [0.5, 1.0, 7.0, 100.0, 3e4] {
            let coordinate = |i: u32| {
                let i = f64::from(i);
                let (p, square) = (model.activity(i), model.scale_squared(i));
                let gone = p * amplitude.laplace_deficit(2.0 * rate * passes * square);
                model.eigenvalue(i) * (samples * (-gone).ln_1p()).exp()
            };
            let exact: f64 = (1..=3000).map(coordinate).sum();
            // The contour's error: 1e-6 of the loss at the start, 1.6.
            let found = epochs.loss(passes).unwrap();
            assert!((found - exact).abs() < 2e-6, "{amplitude} {passes}: {found} {exact}");
        }
    }
}

/// The loss over epochs, over its floor, as a function of `k = K η a²(1/D)`, with the few samples
/// that coordinates share: `S/D` is 3e-3 and less.
#[test]
fn losses_over_epochs_collapse() {
    for (model, samples) in [
        (model(1.0, 1.5), 1e9),
        (signs(1.0, 1.5), 1e9),
        (model(2.0, 2.5), 1e6),
        (signs(0.5, 1.4), 1e10),
        (model(1.0, 3.0), 1e6),
        (signs(1.0, 2.0), 1e7),
        (SparseModel::power_law(1.0, 1.8, 7.0).unwrap(), 1e10),
    ] {
        let collapse = EpochCollapse::of(&model).unwrap();
        let rate = 0.1;
        let epochs = Epochs::new(&model, samples, INFINITE, rate).unwrap();
        let shared = SampleTheory::new(&model, samples).unwrap().coverage().seen / samples;
        for excess in [0.1, 0.5, 3.0] {
            let exact = epochs.saturation(excess).unwrap();
            let limit = collapse.saturation(samples, rate, excess).unwrap();
            // Sharing slows the flow by S/D at most; the head is not a power law past 1 % here.
            let tolerance = 1.5 * shared + 0.01;
            assert!((limit / exact - 1.0).abs() < tolerance, "{model:?} {excess}: {limit} {exact}");
            let there = epochs.loss(exact).unwrap() / epochs.floor();
            assert!((there / (1.0 + excess) - 1.0).abs() < 1e-6);
        }
    }
}

/// `R − 1` by its limits on both sides, at exponents of which the next orders are small.
#[test]
fn the_collapse_has_its_limits() {
    let gamma = statrs::function::gamma::gamma;
    let (a, g) = (1.0 / 1.5, 2.0 / 1.5 - 1.0);
    let early =
        |k: f64| gamma(a / (1.0 + g)) / ((1.0 + g) * gamma(a)) * (2.0 * k).powf(-a / (1.0 + g));
    let [gaussian, rademacher] =
        [model(1.0, 1.5), signs(1.0, 1.5)].map(|model| EpochCollapse::of(&model).unwrap());
    for collapse in [gaussian, rademacher] {
        // The next order is smaller by k^{g/(1+g)}: k^{1/4}.
        let ratio = (collapse.excess(1e-24) + 1.0) / early(1e-24);
        assert!((ratio - 1.0).abs() < 1e-5, "{ratio}");
    }
    let late = gamma(a + 1.0 - 0.5 * g) / (2.0 * gamma(a) * 1e5);
    assert!((gaussian.excess(1e10) / late - 1.0).abs() < 1e-4);
    let exponent = (a + 1.0) / g;
    let late = gamma(exponent) / (g * gamma(a)) * 2e10_f64.powf(-exponent);
    assert!((rademacher.excess(1e10) / late - 1.0).abs() < 1e-3);
}

/// At `β = 1 + α` all coordinates are as large, and `R = (1 − φ(2k))^{−a}`.
#[test]
fn the_collapse_of_equal_coordinates_is_closed() {
    for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
        let model = model(0.7, 1.7).with_amplitude(amplitude);
        let collapse = EpochCollapse::of(&model).unwrap();
        for k in [1e-3, 0.1, 1.0, 4.0] {
            let exact = amplitude.laplace_deficit(2.0 * k).powf(-0.7 / 1.7) - 1.0;
            assert!((collapse.excess(k) / exact - 1.0).abs() < 1e-9, "{amplitude} {k}");
        }
    }
}

#[test]
fn more_epochs_and_more_samples_never_harm_infinitely_many_features() {
    let passes: Vec<f64> = (0..=16).map(|k| 10f64.powf(0.25 * f64::from(k))).collect();
    for model in [model(1.0, 1.5), signs(0.5, 1.2), model(2.0, 0.5)] {
        let mut fewer: Option<Vec<f64>> = None;
        for samples in [64.0, 512.0] {
            let epochs = Epochs::new(&model, samples, INFINITE, 0.05).unwrap();
            let losses = epochs.losses(&passes).unwrap();
            let noise = 1e-6 * model.total_variance();
            assert!(losses.windows(2).all(|pair| pair[1] <= pair[0] + noise), "{model:?}");
            assert!(losses.iter().all(|loss| *loss >= epochs.floor() - noise));
            if let Some(fewer) = fewer {
                let pairs = fewer.iter().zip(&losses);
                assert!(pairs.into_iter().all(|(few, more)| more < few), "{model:?} {samples}");
            }
            fewer = Some(losses);
        }
    }
}

/// Few features are best stopped early; the floor is where they end.
#[test]
fn few_features_have_a_best_number_of_epochs() {
    let epochs = Epochs::new(&model(1.0, 1.5), 512.0, 120.0, 0.05).unwrap();
    let best = epochs.best();
    assert!(best.epochs.is_finite() && best.loss < 0.95 * epochs.floor());
    let around = [0.5, 0.9, 1.0, 1.1, 2.0].map(|factor| factor * best.epochs);
    let losses = epochs.losses(&around).unwrap();
    assert!(losses.iter().all(|loss| *loss >= best.loss * (1.0 - 1e-6)), "{losses:?} {best:?}");
    assert!(epochs.gain(2.0 * best.epochs).unwrap() < 0.0 && epochs.gain(1.0).unwrap() > 0.0);
    let enough = epochs.saturation(0.1).unwrap();
    assert!(enough < best.epochs);
    assert!((epochs.loss(enough).unwrap() / best.loss - 1.1).abs() < 1e-5);
    // Many features end where they are best.
    let many = Epochs::new(&model(1.0, 1.5), 512.0, 5e4, 0.05).unwrap();
    assert_eq!(many.best().epochs, INFINITE);
}

#[test]
fn gains_are_differences() {
    let epochs = Epochs::new(&model(1.0, 1.5), 300.0, INFINITE, 0.05).unwrap();
    let losses = epochs.losses(&[2.0, 3.0, 2.0 * 0.99, 2.0 * 1.01]).unwrap();
    assert!((epochs.next_gain(2.0).unwrap() - (losses[0] - losses[1])).abs() < 1e-9);
    let slope = (losses[2] - losses[3]) / 0.02;
    // Of the slope by 2 %: rounding of the losses, 1e-6, over the step.
    assert!((epochs.gain(2.0).unwrap() / slope - 1.0).abs() < 1e-3);
    assert_eq!((epochs.gain(0.0).unwrap(), epochs.gain(INFINITE).unwrap()), (0.0, 0.0));
}

/// The time of flow is that of `SampleTheory`, for every kind of model.
#[test]
fn losses_are_those_of_the_flow() {
    let hard = model(1.0, 1.5).with_teacher(Teacher::power_law(1.5).unwrap()).unwrap();
    for (model, features) in [(model(1.0, 1.5), 80.0), (hard, INFINITE)] {
        let epochs = Epochs::new(&model, 256.0, features, 0.05).unwrap();
        let flow = SampleTheory::new(&model, 256.0).unwrap();
        let times = [1.0, 30.0].map(|passes| epoch_time(0.05, 1.0, 256.0, passes));
        let expected = flow.flow_with_features(features, &times).unwrap();
        assert_eq!(epochs.losses(&[1.0, 30.0]).unwrap(), expected);
        let least = epochs.best().loss;
        let enough = epochs.saturation(0.2).unwrap();
        assert!((epochs.loss(enough).unwrap() / least - 1.2).abs() < 1e-5);
    }
}

#[test]
fn nothing_left_is_never_reached() {
    let model = model(1.0, 0.0).with_coordinates(Coordinates::Finite(20)).unwrap();
    let epochs = Epochs::new(&model, 100.0, INFINITE, 0.1).unwrap();
    assert_eq!((epochs.floor(), epochs.saturation(1.0)), (0.0, Ok(INFINITE)));
    assert!(EpochCollapse::of(&model).is_none());
}

#[test]
fn bad_input_is_refused() {
    let model = model(1.0, 1.5);
    let new = |samples, features, rate| Epochs::new(&model, samples, features, rate).map(|_| ());
    assert_eq!(new(INFINITE, 10.0, 0.1), Err(TheoryError::EpochSamples(INFINITE)));
    assert_eq!(new(0.5, 10.0, 0.1), Err(TheoryError::EpochSamples(0.5)));
    assert_eq!(new(10.0, 0.5, 0.1), Err(TheoryError::Features(0.5)));
    assert_eq!(new(10.0, 10.0, 0.0), Err(TheoryError::Rate(0.0)));
    let epochs = Epochs::new(&model, 100.0, INFINITE, 0.1).unwrap();
    assert_eq!(epochs.loss(-1.0), Err(TheoryError::Epochs(-1.0)));
    assert!(matches!(epochs.loss(f64::NAN), Err(TheoryError::Epochs(_))));
    assert_eq!(epochs.loss(1e18), Err(TheoryError::Time(1e19)));
    assert_eq!(epochs.saturation(1e-4), Err(TheoryError::Excess(1e-4)));
    assert_eq!(epochs.loss(INFINITE), Ok(epochs.floor()));
}
