//! The two methods that average over features.

use asymscale_model::SparseModel;
use asymscale_montecarlo::{INFINITE, Method, MonteCarloError, Settings, Simulation, simulate};

fn settings(method: Method) -> Settings {
    Settings { samples: 2000, features: vec![100, 300, INFINITE], repeats: 4, method, ..Settings::default() }
}

fn run(settings: &Settings) -> Simulation {
    simulate(&SparseModel::power_law(1.0, 1.5, 1.0).unwrap(), settings).unwrap()
}

#[test]
fn probes_agree_with_decompositions_of_the_same_designs() {
    let [exact, probed] = [Method::Averaged, Method::Iterative].map(|method| run(&settings(method)));
    for (a, b) in exact.replicates.iter().zip(&probed.replicates) {
        assert_eq!((a.rank, a.seen), (b.rank, b.seen));
        for n in 0..2 {
            let error = b.probe_errors[n];
            // n = 8 losses, seed 1: five standard errors of 32 probes (two-sided alpha 2e-5 by Student's law), each under 1 %, and the order
            // that probes leave out.
            let far = (a.losses[n] - b.losses[n]).abs();
            assert!(far < 5.0 * error + b.truncations[n] && error < 0.01 * a.losses[n]);
            assert!(b.truncations[n] < 0.03 * a.losses[n], "{} of {}", b.truncations[n], a.losses[n]);
        }
        // No probes are needed without limit on the features; 1e-9: two factorisations.
        assert!((a.losses[2] / b.losses[2] - 1.0).abs() < 1e-9);
        assert_eq!((b.probe_errors[2], a.probe_errors[0]), (0.0, 0.0));
    }
    let squares: f64 = probed.replicates.iter().map(|r| r.probe_errors[0].powi(2)).sum();
    assert!((probed.probe_error(0) / (squares.sqrt() / 4.0) - 1.0).abs() < 1e-12);
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
