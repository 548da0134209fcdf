//! Training runs that cannot be fitted are refused, with rows, values and allowed ranges.

use crate::common::generator;
use crate::runs::{TRUTH, synthetic};
use asymscale_fitting::{
    BootstrapInterval, Fit, FitBootstrapOptions, FitOptions, FittingError, Floor, Law, Objective,
    Parameter, Resampling, Runs, Starts, fit_law,
};

fn message<T>(result: Result<T, FittingError>) -> String {
    result.err().expect("must be refused").to_string()
}

fn runs(n: &[f64], d: &[f64]) -> Runs {
    let losses: Vec<f64> = n.iter().zip(d).map(|(&n, &d)| TRUTH.loss(n, d)).collect();
    Runs::new(n, d, &losses).unwrap()
}

fn sound() -> Runs {
    synthetic(TRUTH, 4, 0.01).draw(&mut generator(1)).unwrap()
}

fn refused(options: &FitOptions) -> String {
    message(fit_law(&sound(), options))
}

#[test]
fn values_of_runs() {
    let cases = [
        (
            Runs::new(&[1.0, -2.0, f64::NAN], &[1.0; 3], &[1.0; 3]),
            "features in rows 2 (-2), 3 (NaN): must be finite numbers > 0",
        ),
        (
            Runs::new(&[1.0; 2], &[1.0, f64::INFINITY], &[1.0; 2]),
            "samples in row 2 (inf): must be finite numbers > 0",
        ),
        (
            Runs::new(&[1.0; 7], &[1.0; 7], &[0.0; 7]),
            "losses in rows 1 (0), 2 (0), 3 (0), 4 (0), 5 (0) and 2 more: must be finite numbers > 0",
        ),
        // Their squares or products are no floats.
        (
            Runs::new(&[1e9; 3], &[1e9; 3], &[3e-310, 1.0, 4e-323]),
            "losses in rows 1 (3e-310), 3 (4e-323): must be in 1e-100..1e100",
        ),
        (
            Runs::new(&[1e200, 1.0], &[1e200, 1.0], &[1.0; 2]),
            "features in row 1 (1e200): must be in 1e-100..1e100",
        ),
        (
            Runs::new(&[1.0; 2], &[1.0], &[1.0; 2]),
            "samples has 1 entries: must have 2, one per run",
        ),
        (sound().with_groups(&["a"]), "groups has 1 entries: must have 16, one per run"),
    ];
    for (result, expected) in cases {
        assert_eq!(message(result), expected);
    }
}

#[test]
fn sizes_that_cannot_tell_the_law() {
    let fit = |n: &[f64], d: &[f64]| message(fit_law(&runs(n, d), &FitOptions::default()));
    let up: Vec<f64> = (1..=9).map(|k| 1e6 * 2f64.powi(k)).collect();
    let mixed: Vec<f64> = (1..=9).map(|k| 1e8 * 3f64.powi(2 * k % 5)).collect();
    let tokens: Vec<f64> = up.iter().map(|n| 20.0 * n).collect();
    assert_eq!(
        fit(&up[..5], &mixed[..5]),
        "runs = 5: must be >= 6 for a law with 5 free parameters"
    );
    assert_eq!(fit(&[1e6; 9], &mixed), "distinct features = 1: must be >= 3 for this law");
    assert_eq!(fit(&up, &[1e9; 9]), "distinct samples = 1: must be >= 3 for this law");
    let message = fit(&up, &tokens);
    assert!(message.starts_with("every run has 20.0000 samples per feature, so that nothing separates N from D: vary it; ln samples is a linear function of ln features but for "), "{message}");
    assert!(
        message.ends_with("must leave >= 1e-4, or the two terms of the law cannot be told apart"),
        "{message}"
    );
    let repeated = [&up[..4], &up[..4]].concat();
    let twice = [&mixed[..4], &mixed[..4]].concat();
    assert_eq!(
        fit(&repeated, &twice),
        "distinct (features, samples) = 4: must be >= 5 for this law"
    );
    // A caller may lower the six rows, not the number of parameters.
    let lowered = FitOptions { minimum_rows: 0, ..FitOptions::default() };
    assert!(fit_law(&runs(&up[..5], &mixed[..5]), &lowered).is_ok());
    let four = runs(&up[..4], &mixed[..4]);
    let expected = "runs = 4: must be >= 5 for a law with 5 free parameters";
    assert_eq!(self::message(fit_law(&four, &lowered)), expected);
    assert!(fit_law(&four, &FitOptions { law: Law::Tied, ..lowered }).is_ok());
}

#[test]
fn options_of_a_fit() {
    let options = FitOptions::default;
    let cases = [
        (
            FitOptions { objective: Objective::HuberLog { delta: 0.0 }, ..options() },
            "delta = 0: must be in 1e-12..1e100",
        ),
        (
            FitOptions { largest_exponent: f64::NAN, ..options() },
            "largest exponent = NaN: must be a finite number > 0",
        ),
        (
            FitOptions { starts: Starts::Given(vec![]), ..options() },
            "number of starts = 0: must be a finite number > 0",
        ),
        (
            FitOptions { starts: Starts::Grid { alpha: vec![0.5], beta: vec![-1.0] }, ..options() },
            "start exponent = -1: must be a finite number > 0",
        ),
        (
            FitOptions { floor: Floor::Fixed(-0.5), ..options() },
            "fixed e = -0.5: must be a finite number >= 0",
        ),
    ];
    for (options, expected) in cases {
        assert_eq!(refused(&options), expected);
    }
    let losses: Vec<f64> =
        (0..16).map(|k| if k < 2 { 1.5 } else { 2.0 + 0.1 * f64::from(k) }).collect();
    let low = Runs::new(sound().features(), sound().samples(), &losses).unwrap();
    let options = FitOptions { floor: Floor::Fixed(1.6), ..FitOptions::default() };
    assert_eq!(
        message(fit_law(&low, &options)),
        "losses in rows 1 (1.5), 2 (1.5): must be > fixed e = 1.6"
    );
}

fn fitted() -> Fit {
    fit_law(&sound(), &FitOptions::default()).unwrap()
}

#[test]
fn bootstraps_and_intervals() {
    let bootstrap =
        |options: FitBootstrapOptions| message(fitted().bootstrap(&options, &mut generator(1)));
    let options = FitBootstrapOptions { resamples: 99, ..FitBootstrapOptions::default() };
    assert_eq!(
        bootstrap(FitBootstrapOptions { resamples: 98, ..options }),
        "resamples = 98: must be >= 99"
    );
    assert_eq!(
        bootstrap(FitBootstrapOptions { audit: 1.5, ..options }),
        "audit = 1.5: must be in [0, 1]"
    );
    assert_eq!(
        bootstrap(FitBootstrapOptions { resampling: Resampling::Groups, ..options }),
        "resampling = groups: the runs have no groups; give their labels or resample rows"
    );
    let halves: Vec<bool> = (0..16).map(|row| row < 8).collect();
    let grouped = fit_law(&sound().with_groups(&halves).unwrap(), &FitOptions::default()).unwrap();
    let by_groups = FitBootstrapOptions { resampling: Resampling::Groups, ..options };
    assert_eq!(
        message(grouped.bootstrap(&by_groups, &mut generator(1))),
        "groups = 2: must be >= 6, one more than the law has free parameters"
    );
    let refits = fitted().bootstrap(&options, &mut generator(1)).unwrap();
    let interval =
        |level: f64| message(refits.interval(Parameter::E, level, BootstrapInterval::Bca));
    assert_eq!(interval(1.0), "level = 1: must lie strictly between 0 and 1");
    assert_eq!(interval(0.99), "resamples = 99: must be >= 200 at level 0.99");
    assert_eq!(
        message(fitted().profile_interval(Parameter::E, 0.0)),
        "level = 0: must lie strictly between 0 and 1"
    );
}

#[test]
fn forecasts() {
    assert_eq!(message(fitted().predict(0.0, 1e9)), "features = 0: must be a finite number > 0");
    assert_eq!(
        message(fitted().allocate(f64::NAN, 6.0)),
        "compute = NaN: must be a finite number > 0"
    );
    assert_eq!(
        message(fitted().allocate(1e20, -6.0)),
        "compute factor = -6: must be a finite number > 0"
    );
    // Losses that do not fall with N leave no term in it.
    for rise in [0.0, 0.01] {
        let loss = |(n, d): (&f64, &f64)| (2.0 + 1000.0 * d.powf(-0.3)) * n.powf(rise);
        let losses: Vec<f64> = sound().features().iter().zip(sound().samples()).map(loss).collect();
        let flat = Runs::new(sound().features(), sound().samples(), &losses).unwrap();
        let fit = fit_law(&flat, &FitOptions::default()).unwrap();
        let message = message(fit.allocate(1e20, 6.0));
        assert!(
            message.ends_with("all must be > 0 for an optimal allocation to exist"),
            "{rise}: {message}"
        );
    }
}
