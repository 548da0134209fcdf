//! Every rule, order, schedule, batch and average against the literal implementation.

use crate::literal::Literal;
use crate::{RULES, drawn};
use asymscale_dynamics::{
    Average, FeatureMap, Learner, Momentum, Order, Rule, Training, descend, descend_with_momentum,
    train,
};
use asymscale_model::{Decay, Schedule};
use asymscale_sampling::{Design, Key, Teachers};

/// Rounding of some hundred steps, and what is left out of Adam's.
const ROUNDING: f64 = 1e-12;

const POLYAK: Average = Average::Polyak { from_share: 0.3 };

/// The losses of every step against the literal ones.
fn hold(design: &Design, teachers: &Teachers, training: &Training, last: u64, key: &Key) {
    let steps: Vec<u64> = (0..=last).collect();
    let all = Learner::Coordinates;
    let trained = train(design, teachers, all, training, &steps, &mut key.stream()).unwrap();
    let mut literal = Literal::coordinates(design, teachers, 0);
    let mut rng = key.stream();
    if training.noise() > 0.0 {
        literal.add_noise(training.noise(), &mut rng);
    }
    let losses = literal.losses(training, last, &mut rng);
    for (step, (found, exact)) in trained.losses.losses.iter().zip(&losses).enumerate() {
        let found = found[0];
        assert!((found / exact - 1.0).abs() < ROUNDING, "{training:?}, {step}: {found} {exact}");
    }
}

fn schedules(rate: f64, steps: u64) -> [Schedule; 3] {
    let plain = Schedule::new(rate, steps).unwrap();
    let warm = plain.with_warmup(steps / 10).unwrap();
    [plain, warm.with_decay(Decay::Cosine).unwrap(), warm.with_decay(Decay::Power(0.5)).unwrap()]
}

#[test]
fn what_is_done_lazily_is_what_is_written() {
    let (few, few_teachers, key) = drawn(60, 1);
    let (many, many_teachers, _) = drawn(700, 1);
    for (rule, rate) in RULES {
        for (schedule, batch) in schedules(rate, 400).into_iter().flat_map(|s| [(s, 1), (s, 7)]) {
            let training = Training::new(rule, schedule, batch).unwrap().with_noise(0.1).unwrap();
            for order in [Order::WithReplacement, Order::Reshuffled, Order::Cyclic] {
                let training = training.with_order(order);
                hold(&few, &few_teachers, &training, 300, &key);
                hold(&few, &few_teachers, &training.with_average(POLYAK).unwrap(), 400, &key);
            }
            let last = (many.samples() / batch).min(400) as u64;
            hold(&many, &many_teachers, &training, last, &key);
            let averaged = training.with_noise(0.0).unwrap().with_average(POLYAK).unwrap();
            hold(&many, &many_teachers, &averaged, last, &key);
        }
    }
}

/// Means that outlast squares, so that steps without a gradient grow before they shrink; momentum
/// and means that last for longer than the run.
#[test]
fn what_lasts_long_is_what_is_written() {
    let (design, teachers, key) = drawn(700, 1);
    let rules = [
        (Rule::Adam { first: 0.9, second: 0.5, epsilon: 1e-4 }, 0.01),
        (Rule::Adam { first: 0.0, second: 0.9, epsilon: 1e-4 }, 0.01),
        (Rule::Adam { first: 0.9999, second: 0.99999, epsilon: 1e-4 }, 0.001),
        (Rule::Adam { first: 0.5, second: 0.9, epsilon: 1e-30 }, 0.01),
        (Rule::HeavyBall { momentum: 0.9999 }, 0.0005),
        (Rule::HeavyBall { momentum: 0.0 }, 0.2),
        (Rule::RmsProp { decay: 0.0, epsilon: 0.0 }, 0.002),
    ];
    for (rule, rate) in rules {
        for schedule in schedules(rate, 700) {
            let training = Training::new(rule, schedule, 1).unwrap();
            hold(&design, &teachers, &training, 700, &key);
            hold(&design, &teachers, &training.with_average(POLYAK).unwrap(), 700, &key);
        }
    }
}

#[test]
fn finite_learners_do_what_is_written() {
    let (design, teachers, key) = drawn(60, 2);
    let map = FeatureMap::draw(&design, 25, &key).unwrap();
    let steps: Vec<u64> = (0..=50).collect();
    for (rule, rate) in RULES {
        for (schedule, batch) in schedules(rate, 50).into_iter().flat_map(|s| [(s, 1), (s, 4)]) {
            for (order, average) in [(Order::Fresh, Average::Last), (Order::Reshuffled, POLYAK)] {
                let last = if order == Order::Fresh { 60 / batch as u64 } else { 50 }.min(50);
                let training = Training::new(rule, schedule, batch).unwrap();
                let training = training.with_order(order).with_average(average).unwrap();
                let (learner, mut rng) = (Learner::Features(&map), key.stream());
                let steps = &steps[..=last as usize];
                let run = train(&design, &teachers, learner, &training, steps, &mut rng).unwrap();
                for k in 0..2 {
                    let literal = Literal::features(&design, &teachers, k, 25, &key);
                    let losses = literal.losses(&training, last, &mut key.stream());
                    for (found, exact) in run.losses.losses.iter().zip(&losses) {
                        let found = found[k];
                        assert!(
                            (found / exact - 1.0).abs() < ROUNDING,
                            "{training:?}: {found} {exact}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn whole_batches_in_turn_are_plain_descent() {
    let (design, teachers, key) = drawn(50, 3);
    let map = FeatureMap::draw(&design, 20, &key).unwrap();
    let steps = [0, 1, 2, 33, 1000];
    let schedule = Schedule::new(0.1, 1000).unwrap();
    for learner in [Learner::Coordinates, Learner::Features(&map)] {
        let run = |rule| {
            let training = Training::new(rule, schedule, 50).unwrap().with_order(Order::Cyclic);
            train(&design, &teachers, learner, &training, &steps, &mut key.stream()).unwrap()
        };
        let plain = descend(&design, &teachers, learner, 0.1, &steps).unwrap();
        let ball = Momentum::HeavyBall(0.7);
        let heavy = descend_with_momentum(&design, &teachers, learner, 0.1, ball, &steps).unwrap();
        for (found, exact) in
            [(run(Rule::Sgd), plain), (run(Rule::HeavyBall { momentum: 0.7 }), heavy)]
        {
            for (a, b) in found.losses.losses.iter().flatten().zip(exact.losses.iter().flatten()) {
                // Rounding of 1000 steps.
                assert!((a / b - 1.0).abs() < 1e-10, "{a} {b}");
            }
        }
    }
}
