//! The two methods that average over features.

use asymscale_model::{Amplitude, ModelSize, SparseModel};
use asymscale_montecarlo::{Method, MonteCarloError, Settings, Simulation, simulate};
use asymscale_solvers::Regression;

fn settings(method: Method) -> Settings {
    let features = vec![100.into(), 300.into(), ModelSize::Infinite];
    Settings { samples: 2000, features, repeats: 4, method, ..Settings::default() }
}

fn run(settings: &Settings) -> Simulation {
    simulate(&SparseModel::power_law(1.0, 1.5, 1.0).unwrap(), settings).unwrap()
}

#[test]
fn probes_agree_with_decompositions_of_the_same_designs() {
    let [exact, probed] =
        [Method::Averaged, Method::Iterative].map(|method| run(&settings(method)));
    for (a, b) in exact.replicates.iter().zip(&probed.replicates) {
        assert_eq!((a.rank, a.seen), (b.rank, b.seen));
        for n in 0..2 {
            let error = b.probe_errors[n];
            // n = 8 losses, seed 1: five standard errors of 32 probes (two-sided alpha 2e-5 by
            // Student's law), each under 1 %.
            let far = (a.losses[n] - b.losses[n]).abs();
            assert!(far < 5.0 * error && error < 0.01 * a.losses[n]);
            assert!(
                (b.truncations[n] / a.truncations[n] - 1.0).abs() < 0.1,
                "{} {}",
                b.truncations[n],
                a.truncations[n]
            );
        }
        // No probes are needed without limit on the features; 1e-9: two factorisations.
        assert!((a.losses[2] / b.losses[2] - 1.0).abs() < 1e-9);
        assert_eq!((b.probe_errors[2], a.probe_errors[0]), (0.0, 0.0));
    }
    let squares: f64 = probed.replicates.iter().map(|r| r.probe_errors[0].powi(2)).sum();
    assert!((probed.probe_error(0) / (squares.sqrt() / 4.0) - 1.0).abs() < 1e-12);
}

/// The method is chosen by what is expected of the model, the same for all designs, and the answer
/// says which it was.
#[test]
fn large_tall_designs_are_probed_and_the_answer_says_so() {
    let of = |samples, method: Method| {
        let features = vec![if method.averages() { ModelSize::Infinite } else { 400.into() }];
        let settings = Settings { samples, features, repeats: 1, method, ..Settings::default() };
        run(&settings).method
    };
    assert_eq!(of(2000, Method::Averaged), Method::Averaged);
    assert_eq!(of(40_000, Method::Averaged), Method::Iterative);
    assert_eq!(of(100, Method::Conditional), Method::Conditional);
}

/// Refused before it is taken: what would help most, and how far.
#[test]
fn requests_for_too_much_memory_are_refused_by_name() {
    let model = SparseModel::power_law(1.0, 1.5, 1.0).unwrap();
    let base = Settings {
        samples: 100,
        features: vec![20.into()],
        method: Method::Explicit,
        ..Settings::default()
    };
    let refused = |settings: Settings| match simulate(&model, &settings).unwrap_err() {
        MonteCarloError::Memory { name, value, allowed, .. } => {
            assert!(allowed < value);
            name
        }
        other => panic!("{other}"),
    };
    assert_eq!(refused(Settings { repeats: 1_000_000_000, ..base.clone() }), "repeats");
    assert_eq!(refused(Settings { teachers: 1_000_000_000, ..base.clone() }), "teachers");
    assert_eq!(
        refused(Settings { features: vec![100_000_000.into()], ..base.clone() }),
        "features"
    );
    assert_eq!(refused(Settings { samples: 1_000_000_000, ..base.clone() }), "samples");
    let probes = Settings { probes: 1_000_000_000, method: Method::Iterative, ..base.clone() };
    assert_eq!(refused(probes), "probes");
    let wide = SparseModel::power_law(1.0, 1.5, 1e9).unwrap();
    let error = simulate(&wide, &Settings { samples: 1, ..base }).unwrap_err();
    assert!(matches!(error, MonteCarloError::Memory { name: "onset", .. }), "{error}");
}

#[test]
fn any_number_of_threads_gives_the_same_estimates() {
    let settings = settings(Method::Iterative);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run(&settings))
    };
    assert_eq!(on(1), on(3));
}

/// Fitted without a ridge to noisy labels, a coordinate that one sample shows has `E[z⁻²] = ∞`.
#[test]
fn means_that_do_not_exist_are_not_given() {
    let noise = Regression::new(0.0, 0.1).unwrap();
    let noisy = Settings {
        samples: 60,
        features: vec![10.into(), 100.into()],
        repeats: 6,
        regression: noise,
        ..Settings::default()
    };
    let model = SparseModel::power_law(1.0, 1.5, 1.0).unwrap();
    let of = |model: &SparseModel| simulate(model, &noisy).unwrap().summaries();
    let gaussian = of(&model);
    assert!(
        gaussian[0].mean.is_some() && gaussian[1].mean.is_none() && gaussian[1].median.is_finite()
    );
    assert!(of(&model.with_amplitude(Amplitude::Rademacher))[1].mean.is_some());
}

#[test]
fn methods_that_draw_features_need_a_number_of_them() {
    let model = SparseModel::power_law(1.0, 1.5, 1.0).unwrap();
    for method in [Method::Explicit, Method::Conditional] {
        let error = simulate(&model, &settings(method)).unwrap_err();
        assert!(matches!(error, MonteCarloError::Infinite(which) if which == method));
    }
    for method in [Method::Explicit, Method::Conditional, Method::Averaged, Method::Iterative] {
        assert_eq!(method.to_string().parse::<Method>().unwrap(), method);
    }
}
