//! Limits and laws: asymptotes, divergence, floors, the frontier.

use crate::common::{
    AMPLITUDES, PLAIN, Setting, close, finite, one_by_one, one_hot, power_law, run,
};
use asymscale_model::{Amplitude, Coordinates, Decay, Schedule, Teacher};
use asymscale_theory::{
    OnePass, OnePassBudget, OnePassRate, one_pass_exponents, one_pass_frontier,
    one_pass_local_exponents,
};

/// (103) at 10⁹ steps, and after 10⁶ of step sizes that fall: the deviation is of the order
/// `t^{−1/4}` where `β` is next to `1 + α`, hence 2 %.
#[test]
fn losses_tend_to_their_asymptote() {
    for amplitude in AMPLITUDES {
        for (alpha, beta, source) in
            [(1.0, 1.5, 2.0), (1.0, 0.5, 1.5), (0.5, 1.2, 1.5), (2.0, 2.5, 2.5), (1.0, 2.0, 2.0)]
        {
            let model = power_law(alpha, beta, 1.0, amplitude);
            let model = model.with_teacher(Teacher::power_law(source).unwrap()).unwrap();
            for (decay, steps) in [(Decay::Constant, 1_000_000_000), (Decay::Power(0.3), 300_000)] {
                let schedule = Schedule::new(0.1, steps).unwrap().with_decay(decay).unwrap();
                for momentum in [0.0, 0.8] {
                    let one_pass = run(&model, schedule, Setting { momentum, ..PLAIN });
                    let loss = one_pass.losses(&[steps]).unwrap()[0];
                    let asymptote = one_pass.asymptote(steps).unwrap();
                    close(loss, asymptote, 0.02, &format!("{alpha} {beta} {decay} {momentum}"));
                }
            }
        }
    }
}

/// Beyond `b = 2 + 2α` the exponent in time saturates at `(1 + 2α)/(1 + α)`, but not for one-hot
/// inputs.
#[test]
fn the_exponent_in_time_saturates() {
    let easy = Teacher::power_law(6.0).unwrap();
    let [gaussian, _] = AMPLITUDES;
    for (model, expected) in [
        (power_law(1.0, 1.5, 1.0, gaussian), 1.5),
        (one_hot(1.0, 1.5, gaussian, Coordinates::Infinite), 2.5),
    ] {
        let model = model.with_teacher(easy.clone()).unwrap();
        assert_eq!(one_pass_exponents(&model).unwrap().time, expected);
        let steps = [100_000_000, 10_000_000_000];
        let run = OnePass::new(&model, Schedule::new(0.1, 10_000_000_000).unwrap());
        let losses = run.losses(&steps).unwrap();
        let slope = (losses[0] / losses[1]).ln() / 100f64.ln();
        assert!((slope - expected).abs() < 0.01, "{slope} {expected}");
    }
}

/// At `(α, β) = (1, 4.5)` the exponent `d` is 0.5: an iid teacher has a mean for one step, one of
/// `b = 3` for three, and each of them is the sum over ever more coordinates.
#[test]
fn diverging_means_are_finite_until_theory_says() {
    let iid = power_law(1.0, 4.5, 1.0, Amplitude::Rademacher);
    let schedule = Schedule::new(0.2, 1_000_000).unwrap();
    let losses = OnePass::new(&iid, schedule).losses(&[1, 2, 1_000_000]).unwrap();
    assert!(losses[0].is_finite() && losses[1..] == [f64::INFINITY; 2]);
    let easy = iid.with_teacher(Teacher::power_law(3.0).unwrap()).unwrap();
    for setting in [PLAIN, Setting { batch: 2, noise: 0.1, momentum: 0.5 }] {
        let steps = [1, 2, 3, 4];
        let got = run(&easy, schedule, setting).losses(&steps).unwrap();
        assert_eq!(got[3], f64::INFINITY);
        // Of the sum to 10⁶ what is left falls as i^{−2 + t/2}, to 1e-3 after three steps.
        let beyond = easy.target_mass(1_000_001.0, f64::INFINITY);
        let expected = one_by_one(&finite(&easy, 1_000_000), schedule, setting, (&steps, beyond));
        for (at, tolerance) in [1e-8, 1e-5, 2e-3].into_iter().enumerate() {
            close(got[at], expected[at], tolerance, &format!("{setting:?} step {}", at + 1));
        }
    }
}

/// Floors of noise, by (100), (101) and (105), against the losses of long runs.
#[test]
fn noise_leaves_its_floor() {
    for amplitude in AMPLITUDES {
        for model in [
            finite(&power_law(1.0, 1.5, 1.0, amplitude), 30),
            one_hot(1.0, 1.5, amplitude, Coordinates::Finite(30)),
        ] {
            for (batch, momentum) in [(1, 0.0), (4, 0.0), (2, 0.9)] {
                let rate = 0.1 * (1.0 - momentum);
                let schedule = Schedule::new(rate, 100_000_000).unwrap();
                let one_pass = run(&model, schedule, Setting { batch, noise: 0.7, momentum });
                let loss = one_pass.losses(&[100_000_000]).unwrap()[0];
                close(loss, one_pass.noise_floor(), 1e-9, &format!("{model:?} {batch} {momentum}"));
            }
        }
    }
}

/// The exact frontier at `C = 10¹⁰` has the exponents (111): for `β < 1 + α` at a fixed step size,
/// and beyond at the best one, where every finite model is stable. Coordinates are whole, and `N*`
/// is some hundred: 1 %.
#[test]
fn the_frontier_has_its_exponents() {
    let tuned = OnePassRate::Tuned;
    for (alpha, beta, rate) in [
        (1.0, 1.5, OnePassRate::Fixed(0.1)),
        (2.0, 1.0, OnePassRate::Fixed(0.1)),
        (1.0, 2.5, tuned),
    ] {
        let model = power_law(alpha, beta, 1.0, Amplitude::Gaussian);
        let law = one_pass_exponents(&model).unwrap().frontier;
        let budget = OnePassBudget { compute: 1e10, factor: 1.0, batch: 1, noise: 0.0, rate };
        let here = one_pass_local_exponents(&model, budget).unwrap().unwrap();
        assert!(here.is_near(&law, 0.01), "{alpha} {beta}: {here:?} {law:?}");
    }
}

/// The best split of a small budget, against all splits one by one.
#[test]
fn the_best_split_is_the_best_of_all() {
    let model = power_law(0.7, 1.4, 2.0, Amplitude::Rademacher);
    let rate = OnePassRate::Fixed(0.1);
    let budget = OnePassBudget { compute: 4000.0, factor: 2.0, batch: 2, noise: 0.05, rate };
    let best = one_pass_frontier(&model, budget).unwrap();
    let loss = |n: u64| {
        let steps = 1000 / n;
        let rest = model.target_mass(n as f64 + 1.0, f64::INFINITY);
        let setting = Setting { batch: 2, noise: 0.05 + rest, momentum: 0.0 };
        let schedule = Schedule::new(0.1, steps).unwrap();
        run(&finite(&model, n), schedule, setting).losses(&[steps]).unwrap()[0] + rest
    };
    let least = (1..=1000).map(loss).fold(f64::INFINITY, f64::min);
    assert_eq!(best.loss, least);
    assert_eq!(best.loss, loss(best.coordinates));
}

/// (114) at `α = 3`: the noise that a straight line to 0 leaves, 5 % off after 10⁶ steps as
/// directions that are not yet learned have less.
#[test]
fn a_straight_line_to_zero_leaves_this_noise() {
    let model = power_law(3.0, 1.0, 1.0, Amplitude::Rademacher);
    let steps = 1_000_000;
    let schedule = Schedule::new(0.1, steps).unwrap().with_decay(Decay::Linear).unwrap();
    let loss =
        |noise| run(&model, schedule, Setting { noise, ..PLAIN }).losses(&[steps]).unwrap()[0];
    let zeta2 = std::f64::consts::PI.powi(2) / 6.0;
    let expected = 0.25 * std::f64::consts::PI.sqrt() * (0.1 / steps as f64).sqrt() * zeta2;
    close(loss(1.0) - loss(0.0), expected, 0.05, "noise");
}
