//! Laws of training runs: recovery, choice of law, resampling, forecasts.

use crate::common::generator;
use asymscale_fitting::{
    BootstrapInterval, FitBootstrapOptions, FitOptions, Floor, Law, Objective, Parameter,
    Parameters, Resampling, RunErrors, Runs, Starts, Status, SyntheticRuns, fit_law, symmetry_test,
};

pub(crate) const TRUTH: Parameters =
    Parameters { e: 1.7, a: 420.0, b: 1100.0, alpha: 0.34, beta: 0.29 };

/// A grid of `count²` sizes over factors of 300 in N and in D, with losses of a law and log-normal
/// noise.
pub(crate) fn synthetic(truth: Parameters, count: usize, spread: f64) -> SyntheticRuns {
    let step = |k: usize| 300f64.powf(k as f64 / (count - 1) as f64);
    let cells = (0..count * count).map(|cell| (3e7 * step(cell / count), 1e9 * step(cell % count)));
    let (features, samples) = cells.unzip();
    SyntheticRuns { truth, features, samples, errors: RunErrors::Normal(spread) }
}

fn exact(truth: Parameters) -> Runs {
    synthetic(truth, 6, 0.0).draw(&mut generator(1)).unwrap()
}

fn noisy(seed: u64) -> Runs {
    synthetic(TRUTH, 6, 0.01).draw(&mut generator(seed)).unwrap()
}

fn assert_recovered(what: &str, found: &Parameters, truth: &Parameters) {
    for parameter in Parameter::ALL {
        let (found, truth) = (found.get(parameter), truth.get(parameter));
        // Residuals of rounding, 1e-16, times the root of a condition number of the exponents,
        // times ln of the sizes.
        assert!(
            (found - truth).abs() <= 1e-6 * truth,
            "{what}: {} = {found} for {truth}",
            parameter.name()
        );
    }
}

#[test]
fn laws_without_noise_are_recovered() {
    let cases = [
        (Law::Free, Floor::Free, TRUTH),
        (Law::Free, Floor::Free, Parameters { alpha: 0.2, beta: 0.6, b: 4e5, ..TRUTH }),
        (Law::Tied, Floor::Free, Parameters { beta: 0.34, ..TRUTH }),
        (Law::Sparse, Floor::Free, TRUTH),
        (Law::Free, Floor::Fixed(0.0), Parameters { e: 0.0, ..TRUTH }),
        (
            Law::Sparse,
            Floor::Fixed(0.0),
            Parameters { e: 0.0, alpha: 1.0, beta: 0.5, a: 1e8, ..TRUTH },
        ),
        (Law::Tied, Floor::Fixed(1.7), Parameters { beta: 0.34, ..TRUTH }),
    ];
    let objectives = [Objective::default(), Objective::SquaresLog, Objective::Squares];
    for ((law, floor, truth), objective) in
        cases.into_iter().flat_map(|case| objectives.map(|o| (case, o)))
    {
        let options = FitOptions { law, floor, objective, ..FitOptions::default() };
        let fit = fit_law(&exact(truth), &options).unwrap();
        let what = format!("{} {floor:?} {objective:?}", law.name());
        assert_recovered(&what, &fit.parameters, &truth);
        assert_eq!(fit.status, Status::Converged, "{what}");
    }
}

#[test]
fn units_of_the_data_do_not_matter() {
    let runs = noisy(1);
    let scaled =
        |values: &[f64], factor: f64| values.iter().map(|v| factor * v).collect::<Vec<f64>>();
    let (n, d) = (scaled(runs.features(), 1e-6), scaled(runs.samples(), 1e-9));
    let other = Runs::new(&n, &d, &scaled(runs.losses(), std::f64::consts::LOG2_E)).unwrap();
    let (one, two) = (
        fit_law(&runs, &FitOptions::default()).unwrap(),
        fit_law(&other, &FitOptions::default()).unwrap(),
    );
    // The objective is of logarithms: the same but for rounding; parameters to the flatness of the
    // minimum.
    assert!((one.objective / two.objective - 1.0).abs() < 1e-12);
    assert!((one.parameters.alpha - two.parameters.alpha).abs() < 1e-6);
    assert!((one.parameters.e * std::f64::consts::LOG2_E / two.parameters.e - 1.0).abs() < 1e-6);
}

/// With E = 0 in truth and noise, half of the fits would go below; they end at 0 and say so.
#[test]
fn a_term_that_is_not_there_vanishes() {
    let truth = Parameters { e: 0.0, ..TRUTH };
    let vanished = (0..20).filter(|&seed| {
        let runs = synthetic(truth, 6, 0.02).draw(&mut generator(seed)).unwrap();
        let options = FitOptions { objective: Objective::SquaresLog, ..FitOptions::default() };
        let fit = fit_law(&runs, &options).unwrap();
        let gone = fit.status == Status::TermVanished(Parameter::E);
        assert_eq!(gone, fit.parameters.e == 0.0, "{:?}", fit.status);
        gone
    });
    // Binomial(20, ½): outside 3..=17 with probability 4e-4.
    let count = vanished.count();
    assert!((3..=17).contains(&count), "{count} of 20");
}

/// A law without its term in N: nothing bounds what multiplies 0, and the interval says so.
#[test]
fn intervals_at_a_bound_are_open() {
    let sizes = synthetic(TRUTH, 5, 0.0);
    let losses: Vec<f64> = (0..25)
        .map(|k| {
            (2.0 + 1000.0 * sizes.samples[k].powf(-0.3))
                * sizes.features[k].powf(0.01 + 1e-4 * (k % 3) as f64)
        })
        .collect();
    let runs = Runs::new(&sizes.features, &sizes.samples, &losses).unwrap();
    let fit =
        fit_law(&runs, &FitOptions { objective: Objective::SquaresLog, ..FitOptions::default() })
            .unwrap();
    assert_eq!(fit.status, Status::TermVanished(Parameter::A));
    let amplitude = fit.profile_interval(Parameter::A, 0.95).unwrap();
    assert_eq!((amplitude.lower, amplitude.upper), (0.0, f64::INFINITY));
    let exponent = fit.profile_interval(Parameter::Alpha, 0.95).unwrap();
    assert_eq!((exponent.lower, exponent.upper), (0.0, 10.0));
    let other = fit.profile_interval(Parameter::Beta, 0.95).unwrap();
    assert!(
        0.0 < other.lower && other.upper < 10.0 && other.contains(fit.parameters.beta),
        "{other:?}"
    );
    let refits = fit
        .bootstrap(&FitBootstrapOptions { resamples: 99, ..Default::default() }, &mut generator(1))
        .unwrap();
    let vanished = refits.interval(Parameter::A, 0.95, BootstrapInterval::Bca).unwrap();
    assert_eq!((vanished.estimate, vanished.lower, refits.failed), (0.0, 0.0, 0));
}

#[test]
fn a_sparse_law_is_bounded_by_the_tied_one() {
    let steeper_in_samples = Parameters { alpha: 0.25, beta: 0.4, b: 1e4, ..TRUTH };
    let runs = synthetic(steeper_in_samples, 6, 0.01).draw(&mut generator(1)).unwrap();
    let fit = |law: Law| fit_law(&runs, &FitOptions { law, ..FitOptions::default() }).unwrap();
    let (sparse, tied, free) = (fit(Law::Sparse), fit(Law::Tied), fit(Law::Free));
    assert_eq!(sparse.status, Status::BoundHit(Parameter::Ratio));
    assert!((sparse.objective / tied.objective - 1.0).abs() < 1e-10);
    assert!(free.objective < 0.9 * tied.objective);
}

#[test]
fn every_start_has_an_end() {
    let sparse =
        FitOptions { law: Law::Sparse, starts: Starts::hoffmann(), ..FitOptions::default() };
    let counts = fit_law(&noisy(2), &sparse).unwrap().starts;
    assert!(counts.iteration_limit + counts.not_finite < 45, "{counts:?}");
    let options = FitOptions { starts: Starts::hoffmann(), ..FitOptions::default() };
    let fit = fit_law(&noisy(2), &options).unwrap();
    let counts = fit.starts;
    let parts = [counts.best, counts.other_minimum, counts.term_vanished, counts.bound_hit];
    assert_eq!(parts.iter().sum::<usize>() + counts.iteration_limit + counts.not_finite, 4500);
    assert_eq!((counts.total, fit.endpoints.len()), (4500, 4500));
    assert!(counts.iteration_limit + counts.not_finite < 45, "{counts:?}");
    let best = fit.endpoints.iter().map(|end| end.objective).fold(f64::INFINITY, f64::min);
    assert_eq!(best, fit.objective);
    // The default grid finds it too, to the 1e-12 of one descent.
    let few = fit_law(&noisy(2), &FitOptions::default()).unwrap();
    assert!((few.objective / fit.objective - 1.0).abs() < 1e-10);
}

#[test]
fn leverages_add_up_and_residuals_are_those_of_the_law() {
    let runs = noisy(3);
    let fit = fit_law(&runs, &FitOptions::default()).unwrap();
    let leverages = fit.leverages();
    // A trace of a projection.
    assert!((leverages.iter().sum::<f64>() - 5.0).abs() < 1e-8);
    assert!(leverages.iter().all(|&leverage| (0.0..=1.0).contains(&leverage)));
    let row = 7;
    let law = fit.parameters.loss(runs.features()[row], runs.samples()[row]);
    assert!((fit.residuals()[row] - (runs.losses()[row] / law).ln()).abs() < 1e-12);
    assert!(fit.condition() > 10.0 && fit.condition() < 1e6, "{}", fit.condition());
    assert_eq!(fit.rows_below_floor(), Vec::<usize>::new());
    // Runs near one line of ln N and ln D: the two terms can hardly be told apart.
    let n: Vec<f64> = (0..30).map(|k| 1e7 * 1.3f64.powi(k)).collect();
    let d: Vec<f64> =
        (0..30).map(|k| 2e8 * 1.3f64.powi(k) * (1.0 + 0.05 * f64::from(k % 3))).collect();
    let losses: Vec<f64> = n.iter().zip(&d).map(|(&n, &d)| TRUTH.loss(n, d)).collect();
    let line = fit_law(&Runs::new(&n, &d, &losses).unwrap(), &FitOptions::default()).unwrap();
    assert!(
        line.condition() > 50.0 * fit.condition(),
        "{} and {}",
        line.condition(),
        fit.condition()
    );
}

/// The profile's ends are where the objective, minimised from scratch at a fixed E, has risen as
/// much as it should.
#[test]
fn profile_ends_lie_at_one_height() {
    let runs = noisy(4);
    let options = FitOptions { objective: Objective::SquaresLog, ..FitOptions::default() };
    let fit = fit_law(&runs, &options).unwrap();
    let interval = fit.profile_interval(Parameter::E, 0.95).unwrap();
    let rise = |e: f64| {
        let pinned = FitOptions { floor: Floor::Fixed(e), ..options.clone() };
        fit_law(&runs, &pinned).unwrap().objective - fit.objective
    };
    // t(0.975, 31) = 2.0395; twice the rise over the mean square is its square. Ends are good to
    // 1e-7 of their distance.
    let expected = 2.0395f64.powi(2) * fit.objective / 31.0;
    for end in [interval.lower, interval.upper] {
        assert!((rise(end) / expected - 1.0).abs() < 1e-4, "{end}: {} for {expected}", rise(end));
    }
    assert!(interval.lower < 1.7 && 1.7 < interval.upper);
    for parameter in Parameter::ALL {
        let interval = fit.profile_interval(parameter, 0.95).unwrap();
        let value = fit.parameters.get(parameter);
        assert!(interval.lower < value && value < interval.upper, "{parameter:?} {interval:?}");
        // To first order the half width is t standard errors; the law bends by tens of percent over
        // it.
        let relative = matches!(parameter, Parameter::A | Parameter::B | Parameter::Ratio);
        let error = fit.standard_error(parameter) * if relative { value } else { 1.0 };
        let share = (interval.upper - interval.lower) / (2.0 * 2.0395 * error);
        assert!((0.7..1.5).contains(&share), "{parameter:?}: {share}");
    }
}

#[test]
fn a_bootstrap_does_not_depend_on_threads() {
    let fit = fit_law(&noisy(5), &FitOptions::default()).unwrap();
    let options =
        FitBootstrapOptions { resamples: 99, audit: 0.1, ..FitBootstrapOptions::default() };
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| fit.bootstrap(&options, &mut generator(6)).unwrap())
    };
    let (one, three) = (with(1), with(3));
    let objectives = |refits: &[asymscale_fitting::Refit]| {
        refits
            .iter()
            .map(|refit| (refit.objective.to_bits(), refit.parameters.a.to_bits()))
            .collect::<Vec<_>>()
    };
    assert_eq!(objectives(&one.refits), objectives(&three.refits));
    assert_eq!((one.audit.checked, one.audit), (10, three.audit));
}

/// Rows copied four times err together: a bootstrap that knows it is twice as wide.
#[test]
fn groups_are_resampled_together() {
    let runs = noisy(7);
    let four = |values: &[f64]| values.iter().flat_map(|&v| [v; 4]).collect::<Vec<f64>>();
    let labels: Vec<usize> = (0..4 * runs.len()).map(|row| row / 4).collect();
    let copies =
        Runs::new(&four(runs.features()), &four(runs.samples()), &four(runs.losses())).unwrap();
    let options = FitOptions { objective: Objective::SquaresLog, ..FitOptions::default() };
    let fit = fit_law(&copies.with_groups(&labels).unwrap(), &options).unwrap();
    let error = |resampling: Resampling| {
        let options = FitBootstrapOptions { resampling, resamples: 999, audit: 0.0 };
        fit.bootstrap(&options, &mut generator(8)).unwrap().standard_error(Parameter::Alpha)
    };
    // Each standard deviation of 999 values is known to 2.3 %: ± 0.2 is three errors of their
    // ratio.
    let ratio = error(Resampling::Groups) / error(Resampling::Rows);
    assert!((ratio - 2.0).abs() < 0.2, "{ratio}");
}

#[test]
fn forecasts_say_where_they_leave_the_data() {
    let (small, large) = noisy(9).split(|n, _| n < 3e9);
    assert_eq!((small.len(), large.len()), (30, 6));
    let fit = fit_law(&small, &FitOptions::default()).unwrap();
    let inside = fit.predict(1e8, 1e10).unwrap();
    assert!(inside.extrapolation.is_none());
    let outside = fit.predict(1e12, 5e8).unwrap().extrapolation;
    let largest = small.features().iter().fold(0.0, |a: f64, &b| a.max(b));
    // One division.
    assert!(
        (outside.features - 1e12 / largest).abs() < 1e-9 && (outside.samples - 0.5).abs() < 1e-12
    );
    for run in fit.validate(&large) {
        // Noise of 1 % on the run, 4 standard deviations, and as much again for the forecast.
        assert!(
            run.relative_error.abs() < 0.08 && !run.prediction.extrapolation.is_none(),
            "{run:?}"
        );
    }
    let best = fit.allocate(6e19, 6.0).unwrap();
    assert!((6.0 * best.features * best.samples / 6e19 - 1.0).abs() < 1e-12);
    let nearby = fit.predict(1.1 * best.features, best.samples / 1.1).unwrap();
    assert!(best.loss < nearby.loss);
    let bootstrap = fit.bootstrap(&FitBootstrapOptions::default(), &mut generator(10)).unwrap();
    let features = |law: &Parameters| law.optimum(6e19, 6.0).map_or(f64::NAN, |(n, _)| n);
    let interval = bootstrap.interval_of(features, 0.95, BootstrapInterval::Bca).unwrap();
    assert!(interval.lower < best.features && best.features < interval.upper, "{interval:?}");
    let truth = TRUTH.optimum(6e19, 6.0).unwrap().0;
    assert!(interval.contains(truth), "{interval:?} for {truth}, seed 10");
}

#[test]
fn asymmetry_is_seen_where_it_is() {
    let clear = Parameters { alpha: 0.45, beta: 0.25, a: 3000.0, ..TRUTH };
    let runs = synthetic(clear, 6, 0.005).draw(&mut generator(11)).unwrap();
    let test = symmetry_test(&runs, &FitOptions::default(), 199, &mut generator(12)).unwrap();
    assert!(test.p_value < 1e-3 && test.bootstrap_p_value == Some(1.0 / 200.0), "{}", test.p_value);
    assert!(test.free.objective < test.tied.objective);
}

/// A parameter that is not fitted has no error.
#[test]
fn a_fixed_floor_is_its_own_interval() {
    let options = FitOptions { floor: Floor::Fixed(1.6), ..FitOptions::default() };
    let interval =
        fit_law(&noisy(1), &options).unwrap().profile_interval(Parameter::E, 0.95).unwrap();
    assert_eq!((interval.lower, interval.upper), (1.6, 1.6));
}
