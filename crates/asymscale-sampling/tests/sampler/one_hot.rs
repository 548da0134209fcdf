//! One-hot activity: exactly one active coordinate in a sample, `∝ i^{−β}`.

use crate::support::{chi_square, with_activity};
use asymscale_model::{Activity, SparseModel, power_sum};
use asymscale_sampling::{Design, Key, SamplingError, seen_coordinates};

fn model(beta: f64, last: f64) -> SparseModel {
    with_activity(Activity::one_hot(beta).unwrap(), last)
}

/// α = 1e-3 shared by 9 laws, n = 200 000 samples each, seed 41: the first 10 coordinates one by
/// one, then classes ever wider up to 1e60.
#[test]
fn coordinates_follow_the_zipf_law() {
    let infinite = f64::INFINITY;
    let cases = [
        (0.0, 30.0),
        (0.7, 50.0),
        (1.0, 1e15),
        (1.5, 2.0),
        (1.5, infinite),
        (3.0, infinite),
        (1.2, infinite),
        (1.08, infinite),
        (0.3, 1e12),
    ];
    for (beta, last) in cases {
        let model = model(beta, last);
        let mut rng = Key::new(41).label(&format!("{beta} {last}")).stream();
        let seen = seen_coordinates(&model, 200_000, &mut rng).unwrap();
        let edges: Vec<f64> = (1..=10)
            .map(f64::from)
            .chain((1..=240).map(|k| 10.0_f64.powf(1.0 + f64::from(k) / 4.0).floor()))
            .collect();
        let class = |index: f64| edges.partition_point(|edge| *edge <= index) - 1;
        let mut found = vec![0.0; edges.len()];
        for coordinate in &seen {
            found[class(coordinate.index)] += f64::from(coordinate.count);
        }
        let norm = power_sum(beta, 1.0, last + 1.0) / 200_000.0;
        let mass =
            |from: f64, to: f64| power_sum(beta, from.min(last + 1.0), to.min(last + 1.0)) / norm;
        let ends = edges.iter().copied().skip(1).chain([infinite]);
        let expected: Vec<f64> = edges.iter().zip(ends).map(|(from, to)| mass(*from, to)).collect();
        assert_eq!(found.iter().sum::<f64>(), 200_000.0);
        let value = chi_square(&found, &expected);
        assert!(value > 1e-3 / 9.0, "beta {beta}, M = {last}: p-value {value}");
    }
}

#[test]
fn every_sample_activates_exactly_one_coordinate() {
    let design =
        Design::sample(&model(1.5, f64::INFINITY), 500, &mut Key::new(42).stream()).unwrap();
    let mut rows: Vec<u32> =
        (0..design.seen()).flat_map(|j| design.column(j).0.iter().copied()).collect();
    rows.sort_unstable();
    assert!(rows.into_iter().eq(0..500));
    // Columns share no sample: the rank is their number.
    assert_eq!(design.rank(), design.seen());
}

/// α = 1e-3, n = 4 000 designs of 10 samples, seed 43: which sample is the active one is uniform.
#[test]
fn rows_are_exchangeable() {
    let (model, mut rng, mut found) = (model(1.0, 6.0), Key::new(43).stream(), [0.0; 10]);
    for _ in 0..4000 {
        let design = Design::sample(&model, 10, &mut rng).unwrap();
        let first = (0..design.seen()).find(|j| design.index(*j) == 1.0);
        for row in first.map_or(&[][..], |j| design.column(j).0) {
            found[*row as usize] += 1.0;
        }
    }
    let total: f64 = found.iter().sum();
    assert!(chi_square(&found, &[total / 10.0; 10]) > 1e-3);
}

#[test]
fn exponents_too_near_one_are_refused() {
    let near = model(1.0001, f64::INFINITY);
    let refused = seen_coordinates(&near, 100, &mut Key::new(1).stream());
    assert!(
        matches!(refused, Err(SamplingError::Range { beta: 1.0001, samples: 100, .. })),
        "{refused:?}"
    );
}
