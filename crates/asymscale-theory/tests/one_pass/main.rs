//! One-pass stochastic gradient descent: the closed recursion against literal runs, its fast forms
//! against the recursion over all coordinates, one by one, and its laws.

mod common;
mod laws;
mod literal;

use asymscale_model::{
    Activity, Amplitude, Coordinates, Decay, Schedule, SparseModel, Spectrum, Teacher,
};
use asymscale_theory::{OnePass, TheoryError, largest_stable_rate};
use common::{
    AMPLITUDES, Generator, PLAIN, Setting, close, finite, one_by_one, one_hot, power_law, run,
};

/// Quadrature over 2000 coordinates against the sum over them: both amplitudes, noise, batches,
/// momentum, another teacher, one-hot inputs, all kinds of schedules.
#[test]
fn losses_are_those_of_the_recursion_over_all_coordinates() {
    let steps = [1, 2, 17, 300, 1000];
    let settings = [
        PLAIN,
        Setting { batch: 4, noise: 0.3, momentum: 0.0 },
        Setting { batch: 2, noise: 0.1, momentum: 0.9 },
    ];
    let decays =
        [Decay::Constant, Decay::Linear, Decay::Cosine, Decay::Power(0.5), Decay::Cooldown(0.3)];
    for amplitude in AMPLITUDES {
        let easy = power_law(1.0, 1.5, 3.0, amplitude);
        let models = [
            easy.clone(),
            easy.with_teacher(Teacher::power_law(1.5).unwrap()).unwrap(),
            power_law(0.5, 2.0, 1.0, amplitude),
            power_law(2.0, 0.0, 1.0, amplitude),
            one_hot(1.0, 1.5, amplitude, Coordinates::Finite(2000)),
        ];
        for (model, decay) in models.iter().zip(decays) {
            let model = finite(model, 2000);
            for setting in settings {
                let rate = 0.05 * (1.0 - setting.momentum);
                let schedule = Schedule::new(rate, 1000).unwrap().with_warmup(20).unwrap();
                let schedule = schedule.with_decay(decay).unwrap();
                let expected = one_by_one(&model, schedule, setting, (&steps, 0.0));
                let got = run(&model, schedule, setting).losses(&steps).unwrap();
                for ((got, expected), step) in got.iter().zip(expected).zip(steps) {
                    close(*got, expected, 1e-8, &format!("{model:?} {schedule:?} {step}"));
                }
            }
        }
    }
}

/// 30 000 steps and 300 coordinates: the transform of constant step sizes, from the start and
/// after a warm-up, stable, near the edge, and growing.
#[test]
fn late_losses_are_those_of_the_recursion() {
    let steps = [3_000, 30_000];
    // Step sizes over the largest stable one without momentum.
    let settings = [
        (PLAIN, 0.5),
        (PLAIN, 0.999),
        (PLAIN, 1.003),
        (Setting { batch: 4, noise: 0.2, momentum: 0.0 }, 0.8),
        (Setting { batch: 4, noise: 0.2, momentum: 0.0 }, 1.002),
        (Setting { batch: 1, noise: 0.0, momentum: 0.9 }, 0.05),
        (Setting { batch: 8, noise: 0.01, momentum: 0.98 }, 0.01),
    ];
    for amplitude in AMPLITUDES {
        for (beta, warmup) in [(1.5, 0), (1.9, 500), (0.3, 0)] {
            let model = finite(&power_law(1.0, beta, 2.0, amplitude), 300);
            for (setting, share) in settings {
                let rate = share * largest_stable_rate(&model, setting.batch).unwrap();
                let schedule = Schedule::new(rate, 30_000).unwrap().with_warmup(warmup).unwrap();
                let expected = one_by_one(&model, schedule, setting, (&steps, 0.0));
                let got = run(&model, schedule, setting).losses(&steps).unwrap();
                for ((got, expected), step) in got.iter().zip(expected).zip(steps) {
                    let what = format!("β {beta} {amplitude} {setting:?} η {rate} {step}");
                    close(*got, expected, 1e-8, &what);
                }
            }
        }
    }
}

/// Infinitely many coordinates against 200 000, whose rest is active and moves by `2ηλt < 1e-7`.
#[test]
fn infinitely_many_coordinates_are_the_limit_of_many() {
    let steps = [1, 10, 100];
    for amplitude in AMPLITUDES {
        for (alpha, beta, onset) in [(1.0, 1.5, 1.0), (0.5, 1.2, 10.0), (1.0, 2.5, 1.0)] {
            let model = power_law(alpha, beta, onset, amplitude);
            let some = finite(&model, 200_000);
            let beyond = model.target_mass(200_001.0, f64::INFINITY);
            let schedule = Schedule::new(0.1, 100).unwrap();
            let setting = Setting { batch: 2, noise: 0.1, momentum: 0.0 };
            let expected = one_by_one(&some, schedule, setting, (&steps, beyond));
            let got = run(&model, schedule, setting).losses(&steps).unwrap();
            for ((got, expected), step) in got.iter().zip(expected).zip(steps) {
                close(*got, expected, 1e-6, &format!("{alpha} {beta} {amplitude} {step}"));
            }
        }
    }
}

/// `‖K‖ = 1` is where the mean starts to grow.
#[test]
fn the_mean_grows_just_above_the_largest_stable_rate_and_not_below() {
    for (model, batch) in [
        (power_law(1.0, 1.5, 1.0, Amplitude::Gaussian), 1),
        (power_law(1.0, 1.5, 1.0, Amplitude::Rademacher), 4),
        (finite(&power_law(0.5, 2.5, 1.0, Amplitude::Gaussian), 50), 2),
        (one_hot(1.0, 1.5, Amplitude::Gaussian, Coordinates::Finite(100)), 1),
    ] {
        let edge = largest_stable_rate(&model, batch).unwrap();
        let end = |factor: f64| {
            let run = OnePass::new(&model, Schedule::new(factor * edge, 1_000_000_000).unwrap());
            let run = run.with_batch(batch).unwrap();
            assert_eq!(run.is_mean_square_stable(), factor < 1.0);
            let losses = run.losses(&[10_000, 1_000_000_000]).unwrap();
            losses[1] / losses[0]
        };
        assert!(end(0.99) < 1.0 && end(1.01) > 1e10, "{model:?}");
    }
}

#[test]
fn what_is_outside_is_refused_with_name_value_and_range() {
    let model = power_law(1.0, 1.5, 1.0, Amplitude::Gaussian);
    let run = OnePass::new(&model, Schedule::new(0.1, 10).unwrap());
    assert_eq!(run.clone().with_batch(0), Err(TheoryError::Batch(0)));
    for momentum in [-0.1, 1.0, f64::NAN] {
        assert!(run.clone().with_momentum(momentum).is_err());
    }
    for noise in [-1.0, 1.1e30, f64::NAN] {
        assert!(run.clone().with_noise(noise).is_err());
    }
    assert_eq!(run.losses(&[3, 11]), Err(TheoryError::Step { step: 11, steps: 10 }));
    let long = Schedule::new(0.1, 1_000_000_000).unwrap().with_decay(Decay::Linear).unwrap();
    let long = OnePass::new(&model, long).losses(&[1_000_000_000]);
    assert_eq!(long, Err(TheoryError::LongSchedule { steps: 1_000_000_000, limit: 100_000_000 }));
}

/// Constant step sizes by the transform and, as a cooldown shorter than a step, one by one: 60
/// random models, seed 1. The transform is good to 1e-8, and 1e-12 of the loss at the start.
#[test]
fn both_ways_agree_on_random_models() {
    let mut random = Generator(1);
    for _ in 0..60 {
        let mut pick = |values: &[f64]| values[(random.uniform() * values.len() as f64) as usize];
        let alpha = pick(&[0.01, 0.3, 1.0, 2.0, 5.0]);
        let activity = match pick(&[0.0, 1.0, 2.0]) {
            0.0 => Activity::uniform(pick(&[1.0, 0.3, 1e-3])).unwrap(),
            1.0 => Activity::one_hot(pick(&[1.2, 2.0, 3.0])).unwrap(),
            _ => Activity::power_law(pick(&[0.0, 1.5, 2.2, 3.0]), pick(&[0.2, 1.0, 50.0])).unwrap(),
        };
        let count = pick(&[0.0, 1.0, 2.0, 100.0, 1e12]) as u64;
        let coordinates =
            if count == 0 { Coordinates::Infinite } else { Coordinates::Finite(count) };
        let amplitude = AMPLITUDES[pick(&[0.0, 1.0]) as usize];
        let spectrum = Spectrum::power_law(alpha).unwrap();
        let model = SparseModel::new(spectrum, activity, amplitude, coordinates).unwrap();
        let teacher = Teacher::power_law(pick(&[1.01, 1.5, 2.0, 6.0])).unwrap();
        let model = model.with_teacher(teacher).unwrap();
        let batch = pick(&[1.0, 3.0, 64.0]) as u64;
        let (momentum, noise) = (pick(&[0.0, 0.5, 0.95]), pick(&[0.0, 0.1]));
        let setting = Setting { batch, noise, momentum };
        let edge = largest_stable_rate(&model, batch).unwrap();
        let edge = if edge > 0.0 { edge } else { 0.1 };
        let rate = edge * pick(&[0.01, 0.3, 0.9, 1.01]) * (1.0 - momentum);
        let steps = 20_000;
        let schedule = Schedule::new(rate, steps).unwrap();
        let followed = schedule.with_decay(Decay::Cooldown(1e-12)).unwrap();
        let [fast, slow] =
            [schedule, followed].map(|s| run(&model, s, setting).losses(&[steps]).unwrap()[0]);
        let near = (fast - slow).abs() <= 1e-8 * slow + 1e-12 * model.label_variance();
        assert!(fast == slow || near, "{model:?} {setting:?} {rate}: {fast:e} {slow:e}");
    }
}

/// A table of 3000 coordinates is the power law it lists: where coordinates share nodes to 1e-6,
/// and where some may overshoot, and do not share, to the accuracy of the power law.
#[test]
fn tables_are_the_power_laws_they_list() {
    for (alpha, beta, rate) in [(1.0, 1.5, 0.03), (1.0, 1.5, 0.3), (0.5, 2.5, 0.003)] {
        let law = finite(&power_law(alpha, beta, 3.0, Amplitude::Gaussian), 3000);
        let values = |f: &dyn Fn(f64) -> f64| (1..=3000).map(|i| f(f64::from(i))).collect();
        let table = SparseModel::new(
            Spectrum::table(values(&|i| law.eigenvalue(i))).unwrap(),
            Activity::table(values(&|i| law.activity(i))).unwrap(),
            Amplitude::Gaussian,
            law.coordinates(),
        )
        .unwrap();
        let schedule = Schedule::new(rate, 10_000).unwrap();
        let setting = Setting { noise: 0.1, ..PLAIN };
        let [expected, got] = [&law, &table].map(|model| run(model, schedule, setting));
        let steps = [10, 1000, 10_000];
        let losses = expected.losses(&steps).unwrap().into_iter().zip(got.losses(&steps).unwrap());
        losses.for_each(|(expected, got)| close(got, expected, 1e-6, &format!("{alpha} {rate}")));
        close(got.kernel_norm(), expected.kernel_norm(), 1e-6, "norm");
        close(got.spike_rate(), expected.spike_rate(), 1e-6, "spikes");
        let [a, b] = [&table, &law].map(|model| largest_stable_rate(model, 1).unwrap());
        close(a, b, 1e-6, "largest stable rate");
    }
}

/// A coordinate that is never active keeps its energy and is no noise for others.
#[test]
fn what_is_never_active_is_never_learned() {
    let build = |variances: Vec<f64>, activities: Vec<f64>| {
        let coordinates = Coordinates::Finite(variances.len() as u64);
        let spectrum = Spectrum::table(variances).unwrap();
        let activity = Activity::table(activities).unwrap();
        SparseModel::new(spectrum, activity, Amplitude::Gaussian, coordinates).unwrap()
    };
    let [with, without] =
        [build(vec![1.0, 5.0, 0.3], vec![1.0, 0.0, 0.5]), build(vec![1.0, 0.3], vec![1.0, 0.5])];
    let schedule = Schedule::new(0.1, 500).unwrap();
    let [with, without] = [with, without].map(|model| OnePass::new(&model, schedule));
    assert_eq!(with.kernel_norm(), without.kernel_norm());
    for (with, without) in
        with.losses(&[1, 500]).unwrap().into_iter().zip(without.losses(&[1, 500]).unwrap())
    {
        close(with, without + 5.0, 1e-12, "never active");
    }
}
