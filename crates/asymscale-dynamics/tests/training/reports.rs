//! What a run reports beside its losses, what makes no difference to it, and what is refused.

use crate::{RULES, drawn};
use asymscale_dynamics::{
    Average, DynamicsError, FeatureMap, Learner, Order, Rule, Trained, Training, train,
};
use asymscale_model::{LibraryError, Schedule};
use asymscale_sampling::{Key, TeacherLaw, Teachers};

fn training(rule: Rule, rate: f64, steps: u64, batch: usize) -> Training {
    Training::new(rule, Schedule::new(rate, steps).unwrap(), batch).unwrap()
}

/// To the last bit: recorded at every step, in reverse, or at the end only.
#[test]
fn when_a_run_is_recorded_makes_no_difference_to_it() {
    let (design, teachers, key) = drawn(500, 2);
    let map = FeatureMap::draw(&design, 10, &key).unwrap();
    for (rule, rate) in RULES {
        for (learner, average) in [
            (Learner::Coordinates, Average::Last),
            (Learner::Coordinates, Average::Polyak { from_share: 0.5 }),
            (Learner::Features(&map), Average::Last),
        ] {
            let training = training(rule, rate, 500, 1).with_average(average).unwrap();
            let run = |steps: &[u64]| {
                train(&design, &teachers, learner, &training, steps, &mut key.stream()).unwrap()
            };
            let all = run(&(0..=500).rev().collect::<Vec<u64>>());
            let few = run(&[500, 123]);
            for (k, step) in [500, 123].into_iter().enumerate() {
                let at = 500 - step;
                assert_eq!(few.losses.losses[k], all.losses.losses[at], "{rule:?}");
                assert_eq!(few.unseen_mass[k], all.unseen_mass[at]);
                assert_eq!(
                    (few.spikes[k], few.samples_seen[k]),
                    (all.spikes[at], all.samples_seen[at])
                );
            }
        }
    }
}

#[test]
fn every_teacher_has_a_run_of_its_own() {
    let (design, teachers, key) = drawn(200, 3);
    let single = Teachers::draw(&design, 1, TeacherLaw::Gaussian, &key.label("teachers"));
    for (rule, rate) in RULES {
        for batch in [1, 5] {
            let training = training(rule, rate, 40, batch);
            let run = |teachers: &Teachers| {
                let (all, mut rng) = (Learner::Coordinates, key.stream());
                train(&design, teachers, all, &training, &[7, 40], &mut rng).unwrap().losses
            };
            let (three, one) = (run(&teachers), run(&single));
            for (three, one) in three.losses.iter().zip(&one.losses) {
                assert_eq!((three.len(), three[0]), (3, one[0]));
                assert!(three[1] != three[0]);
            }
        }
    }
}

/// The unseen mass against designs of the samples used, spikes against their entries.
#[test]
fn reports_are_of_the_samples_used_so_far() {
    let (design, teachers, key) = drawn(300, 1);
    let map = FeatureMap::draw(&design, 5, &key).unwrap();
    let steps = [0, 1, 10, 100];
    for learner in [Learner::Coordinates, Learner::Features(&map)] {
        let training = training(Rule::Sgd, 0.9, 100, 3);
        let run = train(&design, &teachers, learner, &training, &steps, &mut key.stream()).unwrap();
        for (k, step) in steps.into_iter().enumerate() {
            let used = 3 * step as usize;
            assert_eq!(run.samples_seen[k], used as u64);
            let entries = || design.columns().flat_map(|(rows, values)| rows.iter().zip(values));
            let spikes =
                entries().filter(|(row, x)| (**row as usize) < used && 0.9 * *x * *x > 6.0);
            assert_eq!(run.spikes[k], spikes.count() as u64);
            let unseen = if used == 0 {
                design.unseen_mass() + design.eigenvalues().iter().sum::<f64>()
            } else {
                design.retain(|sample| sample < used).unwrap().unseen_mass()
            };
            // Rounding of sums of some hundred.
            assert!((run.unseen_mass[k] / unseen - 1.0).abs() < 1e-13);
        }
        assert!(run.spikes[3] > 3);
    }
}

#[test]
fn passes_over_the_same_samples_show_no_more() {
    let (design, teachers, key) = drawn(40, 1);
    for order in [Order::Reshuffled, Order::Cyclic, Order::WithReplacement] {
        let training = training(Rule::Sgd, 0.1, 1000, 4).with_order(order);
        let (all, mut rng) = (Learner::Coordinates, key.stream());
        let run = train(&design, &teachers, all, &training, &[5, 10, 1000], &mut rng).unwrap();
        if order == Order::WithReplacement {
            assert!(run.samples_seen[0] < 20 && run.samples_seen[1] < 40);
        } else {
            assert_eq!(run.samples_seen[..2], [20, 40]);
        }
        assert_eq!(run.samples_seen[2], 40);
        assert!((run.unseen_mass[2] / design.unseen_mass() - 1.0).abs() < 1e-13);
    }
}

/// Losses that overflow, also those of an average, and no loss that is no number.
#[test]
fn what_diverges_is_infinite() {
    let (design, teachers, key) = drawn(30, 2);
    let map = FeatureMap::draw(&design, 60, &key).unwrap();
    let steps = [10, 100, 20_000];
    for learner in [Learner::Coordinates, Learner::Features(&map)] {
        let run = |rule, average| -> Trained {
            let training = training(rule, 1e4, 20_000, 1).with_order(Order::Reshuffled);
            let training = training.with_average(average).unwrap();
            train(&design, &teachers, learner, &training, &steps, &mut key.stream()).unwrap()
        };
        for (rule, _) in RULES {
            for average in [Average::Last, Average::Polyak { from_share: 0.0 }] {
                let losses = run(rule, average).losses.losses;
                assert!(losses.iter().flatten().all(|loss| !loss.is_nan()), "{rule:?}");
                if matches!(rule, Rule::Sgd | Rule::HeavyBall { .. }) {
                    assert!(losses[0][0].is_finite() && losses[0][0] > 1e6);
                    assert_eq!(losses[2], [f64::INFINITY; 2]);
                }
            }
        }
    }
}

#[test]
fn bad_requests_are_refused_with_name_value_and_range() {
    let schedule = Schedule::new(0.1, 100).unwrap();
    let of = |rule| Training::new(rule, schedule, 1).unwrap_err().to_string();
    let share = "must be a number in [0, 1)";
    for value in [1.0, -0.1, f64::NAN] {
        assert_eq!(of(Rule::HeavyBall { momentum: value }), format!("momentum = {value}: {share}"));
        let prop = Rule::RmsProp { decay: value, epsilon: 0.0 };
        assert_eq!(of(prop), format!("decay = {value}: {share}"));
        let adam = |first, second| Rule::Adam { first, second, epsilon: 1e-8 };
        assert_eq!(of(adam(value, 0.9)), format!("first = {value}: {share}"));
        assert_eq!(of(adam(0.9, value)), format!("second = {value}: {share}"));
        let average = Average::Polyak { from_share: value };
        let sgd = Training::new(Rule::Sgd, schedule, 1).unwrap();
        let refused = sgd.with_average(average).unwrap_err();
        assert_eq!(refused.to_string(), format!("from_share = {value}: {share}"));
    }
    assert_eq!(
        of(Rule::Clipped { norm: 0.0 }),
        "norm = 0: must be a number above 0 and up to 1e30"
    );
    let adam = Rule::Adam { first: 0.9, second: 0.9, epsilon: 0.0 };
    assert_eq!(of(adam), "epsilon = 0: must be a number above 0 and up to 1e30");
    assert_eq!(of(Rule::Adagrad { epsilon: -1.0 }), "epsilon = -1: must be a number in 0..1e30");
    assert_eq!(
        of(Rule::GaussNewton { damping: -1.0 }),
        "damping = -1: must be a number in 0..1e30"
    );
    let refused = Training::new(Rule::Sgd, schedule, 0).unwrap_err();
    assert_eq!(refused.to_string(), "batch = 0: must be a whole number >= 1");
    assert_eq!(refused.invalid_input().unwrap().parameter(), Some("batch"));
    let sgd = Training::new(Rule::Sgd, schedule, 4).unwrap();
    assert_eq!(
        sgd.with_noise(-1.0).unwrap_err().to_string(),
        "noise = -1: must be a number in 0..1e30"
    );
    let (design, teachers, _) = drawn(30, 1);
    let refused = |training: &Training, step| {
        let mut rng = Key::new(1).stream();
        train(&design, &teachers, Learner::Coordinates, training, &[step], &mut rng).unwrap_err()
    };
    assert_eq!(refused(&sgd, 8), DynamicsError::Stream { step: 8, samples: 30, batch: 4, most: 7 });
    let again = sgd.with_order(Order::Cyclic);
    assert_eq!(refused(&again, 101), DynamicsError::Step { step: 101, steps: 100 });
    let large = Training::new(Rule::Sgd, schedule, 31).unwrap().with_order(Order::Cyclic);
    assert_eq!(refused(&large, 1), DynamicsError::Batch { batch: 31, samples: 30 });
}
