//! Replicated training runs: the same bytes however they are split, and what they say together.

use asymscale_dynamics::{Average, Order, Rule, Training};
use asymscale_model::{
    Activity, Amplitude, Coordinates, ModelSize, Schedule, SparseModel, Spectrum,
};
use asymscale_montecarlo::{TrainingSettings, simulate_training};

fn settings(rule: Rule, rate: f64, samples: usize) -> TrainingSettings {
    let schedule = Schedule::new(rate, samples as u64).unwrap();
    TrainingSettings {
        samples,
        training: Training::new(rule, schedule, 1).unwrap(),
        features: ModelSize::Infinite,
        teachers: 1,
        repeats: 6,
        seed: 5,
        first: 0,
    }
}

#[test]
fn ranges_join_and_threads_change_nothing() {
    let model = SparseModel::power_law(1.0, 1.5, 1.0).unwrap();
    let plain = settings(Rule::Adagrad { epsilon: 0.0 }, 0.5, 200);
    let again = plain.training.with_order(Order::Reshuffled).with_noise(0.1).unwrap();
    let again = again.with_average(Average::Polyak { from_share: 0.5 }).unwrap();
    let features = ModelSize::Finite(20);
    for settings in [plain.clone(), TrainingSettings { training: again, features, ..plain }] {
        let run = |first, repeats, threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let settings = TrainingSettings { first, repeats, ..settings.clone() };
            let run = || simulate_training(&model, &settings, &[0, 10, 200]).unwrap().replicates;
            pool.install(run)
        };
        let all = run(0, 6, 1);
        assert_eq!(all, [run(0, 2, 3), run(2, 4, 2)].concat());
        assert!(all[0].losses[2] != all[1].losses[2]);
    }
}

/// One active coordinate a sample and signs for amplitudes: every visit leaves `1 − η a_i²` of an
/// error, so after `K` passes `E L = Σ λ_i [1 − p_i + p_i (1 − η a_i²)^{2K}]^D` exactly. 3000 runs,
/// seed 5, four standard errors: two-sided α = 6e-5 for each of 6.
#[test]
fn passes_over_one_hot_samples_have_their_exact_mean() {
    let spectrum = Spectrum::power_law(1.0).unwrap();
    let (activity, count) = (Activity::one_hot(1.5).unwrap(), Coordinates::Finite(30));
    let model = SparseModel::new(spectrum, activity, Amplitude::Rademacher, count).unwrap();
    let (samples, rate) = (40, 0.3);
    let exact = |passes: i32| -> f64 {
        let of = |index: f64| {
            let (lambda, p) = (model.eigenvalue(index), model.activity(index));
            let left = (1.0 - rate * lambda / p).powi(2 * passes);
            lambda * (1.0 - p + p * left).powi(samples)
        };
        (1..=30).map(|i| of(f64::from(i))).sum()
    };
    for order in [Order::Reshuffled, Order::Cyclic] {
        let schedule = Schedule::new(rate, 1000).unwrap();
        let training = Training::new(Rule::Sgd, schedule, 1).unwrap().with_order(order);
        let settings = TrainingSettings {
            training,
            repeats: 3000,
            ..settings(Rule::Sgd, rate, samples as usize)
        };
        let steps = [1, 3, 10].map(|passes| passes * samples as u64);
        let summaries = simulate_training(&model, &settings, &steps).unwrap().summaries();
        for (passes, summary) in [1, 3, 10].into_iter().zip(summaries) {
            let (mean, error) = (summary.mean, summary.standard_error);
            println!("{order}, {passes} passes: {mean} ± {error}, {}", exact(passes));
            assert!((mean - exact(passes)).abs() < 4.0 * error, "{order}, {passes} passes");
            assert_eq!(summary.samples_seen, f64::from(samples));
            assert!(summary.interval.0 < mean && mean < summary.interval.1);
        }
    }
}

/// Typical runs of plain steps fall while some diverge where rare coordinates are large.
#[test]
fn medians_stand_where_means_are_infinite() {
    let model = SparseModel::power_law(0.5, 2.5, 1.0).unwrap();
    let settings = TrainingSettings { repeats: 41, ..settings(Rule::Sgd, 0.4, 20_000) };
    let simulation = simulate_training(&model, &settings, &[10, 20_000]).unwrap();
    let [early, late] = simulation.summaries()[..] else { panic!() };
    assert!(early.median < 2.7 && late.spikes > early.spikes);
    assert!(late.quartiles.0 <= late.median && late.median <= late.quartiles.1);
    assert!(early.median_interval.0 <= early.median && !late.standard_error.is_nan());
    assert_eq!(simulation.sorted_losses(1).len(), 41);
    if late.diverged > 0 {
        assert_eq!((late.mean, late.standard_error), (f64::INFINITY, f64::INFINITY));
    }
}

#[test]
fn bad_requests_are_refused_before_any_design() {
    let model = SparseModel::power_law(1.0, 1.5, 1.0).unwrap();
    let good = settings(Rule::Sgd, 0.1, 100);
    let message = |settings: &TrainingSettings, step| {
        simulate_training(&model, settings, &[step]).unwrap_err().to_string()
    };
    let none = TrainingSettings { repeats: 0, ..good.clone() };
    assert_eq!(message(&none, 1), "repeats = 0: must be a whole number >= 1");
    let none = TrainingSettings { teachers: 0, ..good.clone() };
    assert_eq!(message(&none, 1), "teachers = 0: must be a whole number >= 1");
    let none = TrainingSettings { features: ModelSize::Finite(0), ..good.clone() };
    assert_eq!(message(&none, 1), "features = 0: must be a whole number >= 1");
    let none = TrainingSettings { samples: 0, ..good.clone() };
    assert_eq!(message(&none, 1), "samples = 0: must be a whole number >= 1 and <= 4294967295");
    let beyond = "step = 101: must be a whole number in 0..100, the length of the run";
    assert_eq!(message(&good, 101), beyond);
    let huge = TrainingSettings { samples: 4_000_000_000, ..good };
    assert!(message(&huge, 1).starts_with("samples = 4e9: takes about"), "{}", message(&huge, 1));
}
