//! The mass of the coordinates no sample activated.

use crate::support::power_law;
use asymscale_model::{Coordinates, SparseModel};
use asymscale_sampling::{Design, Key};

/// `Σ λ_i` over the coordinates up to `last` that are not in the design, smallest first.
fn added_up(model: &SparseModel, design: &Design, last: u64) -> f64 {
    let mut seen = design.indices().iter().rev().peekable();
    let mut sum = 0.0;
    for i in (1..=last).rev().map(|i| i as f64) {
        while seen.next_if(|index| **index > i).is_some() {}
        if seen.next_if(|index| **index == i).is_none() {
            sum += model.eigenvalue(i);
        }
    }
    sum
}

/// 20 designs at each of 5 points, seed 61. Tolerance: the 1e-13 of a partial sum of the spectrum,
/// and the rounding of up to 1e5 added terms.
#[test]
fn gaps_and_tail_add_up() {
    for (alpha, beta, onset, samples, last) in [
        (1.0, 1.5, 1.0, 100, 100_000),
        (0.3, 0.7, 1.0, 50, 100_000),
        (2.0, 1.2, 3.3, 1000, 5000),
        (1.0, 2.0, 1.0, 1, 3),
        (5.0, 1.1, 1.0, 10_000, 50_000),
    ] {
        let model = SparseModel::power_law(alpha, beta, onset).unwrap();
        let model = model.with_coordinates(Coordinates::Finite(last)).unwrap();
        let mut rng = Key::new(61).index(samples as u64).stream();
        for _ in 0..20 {
            let design = Design::sample(&model, samples, &mut rng).unwrap();
            let (got, expected) = (design.unseen_mass(), added_up(&model, &design, last));
            assert!((got - expected).abs() <= 1e-12 * expected, "beta {beta}: {got} {expected}");
        }
    }
}

/// With α = 5 and coordinates seen up to about 1 000, what is left is 1e-15 of the whole: a
/// difference of sums would have no digit of it. Tolerance: the neglected rest of the direct sum,
/// (1e5)^−5/5 against at least 1e-18.
#[test]
fn a_small_unseen_mass_keeps_its_digits() {
    let model = SparseModel::power_law(5.0, 1.1, 1.0).unwrap();
    let design = Design::sample(&model, 10_000, &mut Key::new(62).stream()).unwrap();
    let expected = added_up(&model, &design, 100_000);
    assert!(expected < 1e-13 * model.total_variance());
    assert!(
        (design.unseen_mass() / expected - 1.0).abs() < 1e-6,
        "{} {expected}",
        design.unseen_mass()
    );
}

/// 50 designs each, seed 63: seen and unseen variance are all there is, also for coordinates far
/// beyond 2⁵³.
#[test]
fn seen_and_unseen_make_the_whole() {
    for beta in [1.05, 1.5, 3.0] {
        let model = power_law(beta, 1.0, f64::INFINITY);
        let mut rng = Key::new(63).stream();
        for _ in 0..50 {
            let design = Design::sample(&model, 30, &mut rng).unwrap();
            let seen: f64 = design.eigenvalues().iter().rev().sum();
            // Partial sums are right to 1e-13, and so is ζ(2).
            assert!(
                (seen + design.unseen_mass() - model.total_variance()).abs() < 1e-12,
                "beta {beta}"
            );
        }
    }
}

/// α = 1e-3 (z = 3.29), n = 2 000 designs of 20 samples, seed 64: the mean is `Σ λ_i (1 − p_i)^D`.
#[test]
fn the_mean_unseen_mass_is_that_of_the_law() {
    let (model, samples, designs) = (power_law(1.5, 1.0, 2000.0), 20, 2000);
    let missed = |i: f64| (1.0 - model.activity(i)).powi(samples);
    let each = |f: &dyn Fn(f64) -> f64| (1..=2000).rev().map(|i| f(f64::from(i))).sum::<f64>();
    let mean = each(&|i| model.eigenvalue(i) * missed(i));
    let variance = each(&|i| model.eigenvalue(i).powi(2) * missed(i) * (1.0 - missed(i)));
    let mut rng = Key::new(64).stream();
    let draw = |_| Design::sample(&model, 20, &mut rng).unwrap().unseen_mass();
    let found = (0..designs).map(draw).sum::<f64>() / f64::from(designs);
    let z = (found - mean) / (variance / f64::from(designs)).sqrt();
    assert!(z.abs() < 3.29, "{found}, expected {mean}: z = {z}");
}
