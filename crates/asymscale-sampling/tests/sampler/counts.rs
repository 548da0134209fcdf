//! How often each coordinate is active, unseen ones counted as 0, against the binomial law.

use crate::support::{chi_square, power_law, with_activity};
use asymscale_model::{Activity, SparseModel};
use asymscale_sampling::{Design, Key, seen_coordinates};
use statrs::distribution::{Binomial, Discrete};

/// `counts[i][k]`: in how many designs coordinate `i + 1` of the first `heads` was active `k`
/// times.
fn histograms(
    model: &SparseModel,
    samples: usize,
    heads: usize,
    designs: usize,
    key: &Key,
) -> Vec<Vec<f64>> {
    let mut counts = vec![vec![0.0; samples + 1]; heads];
    let mut rng = key.stream();
    for _ in 0..designs {
        let mut active = vec![0; heads];
        for coordinate in seen_coordinates(model, samples, &mut rng).unwrap() {
            if coordinate.index <= heads as f64 {
                active[coordinate.index as usize - 1] = coordinate.count as usize;
            }
        }
        for (histogram, count) in counts.iter_mut().zip(active) {
            histogram[count] += 1.0;
        }
    }
    counts
}

/// Every histogram against its binomial law at level `alpha`; coordinates always or never on must
/// be so in every design.
fn assert_binomial(
    model: &SparseModel,
    samples: usize,
    designs: usize,
    alpha: f64,
    counts: &[Vec<f64>],
) {
    for (at, histogram) in counts.iter().enumerate() {
        let p = model.activity(at as f64 + 1.0);
        if p == 0.0 || p == 1.0 {
            assert_eq!(
                histogram[if p == 0.0 { 0 } else { samples }],
                designs as f64,
                "coordinate {}",
                at + 1
            );
            continue;
        }
        let law = Binomial::new(p, samples as u64).unwrap();
        let expected: Vec<f64> =
            (0..=samples as u64).map(|k| designs as f64 * law.pmf(k)).collect();
        let value = chi_square(histogram, &expected);
        assert!(value > alpha, "coordinate {} (p = {p}): p-value {value}", at + 1);
    }
}

/// α = 1e-3 shared by 6 models × 24 coordinates, n = 4 000 designs of 60 samples each, seed 21. The
/// same heads for M = ∞ and growing finite M; onsets on and between whole numbers.
#[test]
fn every_coordinate_is_binomial() {
    let (infinite, heads) = (f64::INFINITY, 24);
    let cases = [
        (1.5, 1.0, infinite),
        (1.5, 1.0, 24.0),
        (1.5, 1.0, 500.0),
        (2.0, 3.0, infinite),
        (4.0, 5.7, infinite),
        (0.5, 2.5, 40.0),
    ];
    for (at, (beta, onset, last)) in cases.into_iter().enumerate() {
        let model = power_law(beta, onset, last);
        let key = Key::new(21).index(at as u64);
        let counts = histograms(&model, 60, heads, 4000, &key);
        assert_binomial(&model, 60, 4000, 1e-3 / (6 * heads) as f64, &counts);
    }
}

/// α = 1e-3 shared by 10 coordinates, n = 4 000 designs of 60 samples, seed 22; entries of 0 are
/// never, of 1 always on.
#[test]
fn a_table_is_read_entry_by_entry() {
    let table = vec![0.0, 1.0, 0.5, 1e-3, 0.999, 0.0, 1.0 - 1e-12, 1e-300, 0.2, 0.9];
    let model = with_activity(Activity::table(table).unwrap(), 10.0);
    let counts = histograms(&model, 60, 10, 4000, &Key::new(22));
    assert_binomial(&model, 60, 4000, 1e-4, &counts);
}

/// α = 1e-3 shared by 40 coordinates, n = 4 000 designs, seeds 23 and 24: a frequent and a rare
/// uniform activity.
#[test]
fn a_uniform_activity_is_the_same_everywhere() {
    for (seed, p) in [(23, 0.3), (24, 2e-3)] {
        let model = with_activity(Activity::uniform(p).unwrap(), 20.0);
        let counts = histograms(&model, 60, 20, 4000, &Key::new(seed));
        assert_binomial(&model, 60, 4000, 1e-3 / 40.0, &counts);
    }
}

/// α = 1e-3 shared by 5 probabilities, n = 20 000 draws from `Binomial(10⁶, p)`, seed 25: the large
/// counts of a table, in 200 classes of equal width over ± 5 standard deviations.
#[test]
fn large_counts_keep_the_binomial_law() {
    let probabilities = [2e-6, 1.5e-5, 1e-3, 0.4, 0.999];
    for (at, p) in probabilities.into_iter().enumerate() {
        let n = 1_000_000_u64;
        let model = with_activity(Activity::table(vec![p; 20_000]).unwrap(), 20_000.0);
        let seen =
            seen_coordinates(&model, n as usize, &mut Key::new(25).index(at as u64).stream())
                .unwrap();
        let (mean, sd) = (n as f64 * p, (n as f64 * p * (1.0 - p)).sqrt());
        let width = (sd / 20.0).ceil();
        let class = |k: f64| (((k - mean + 5.0 * sd).max(0.0) / width) as usize).min(299);
        let (mut found, mut expected) = (vec![0.0; 300], vec![0.0; 300]);
        found[class(0.0)] += (20_000 - seen.len()) as f64;
        for coordinate in &seen {
            found[class(f64::from(coordinate.count))] += 1.0;
        }
        let law = Binomial::new(p, n).unwrap();
        let range = (mean - 9.0 * sd).max(0.0) as u64..=((mean + 9.0 * sd + 40.0) as u64).min(n);
        for k in range {
            expected[class(k as f64)] += 20_000.0 * law.pmf(k);
        }
        let value = chi_square(&found, &expected);
        assert!(value > 1e-3 / 5.0, "p = {p}: p-value {value}");
    }
}

/// The design starts with the draws of the seen coordinates: same generator, same indices and
/// counts.
#[test]
fn a_design_has_the_seen_coordinates_of_its_generator() {
    let models = [
        power_law(1.5, 2.5, f64::INFINITY),
        with_activity(Activity::one_hot(1.5).unwrap(), f64::INFINITY),
        with_activity(Activity::uniform(0.01).unwrap(), 100.0),
        with_activity(Activity::table(vec![0.0, 0.1, 1.0]).unwrap(), 3.0),
    ];
    for model in models {
        let key = Key::new(26);
        let seen = seen_coordinates(&model, 300, &mut key.stream()).unwrap();
        let design = Design::sample(&model, 300, &mut key.stream()).unwrap();
        assert_eq!(design.seen(), seen.len());
        for (j, coordinate) in seen.iter().enumerate() {
            assert_eq!(design.index(j), coordinate.index);
            assert_eq!(design.column(j).0.len(), coordinate.count as usize);
            assert!(design.column(j).0.windows(2).all(|pair| pair[0] < pair[1]));
        }
        assert_eq!(
            design.nonzeros(),
            seen.iter().map(|coordinate| coordinate.count as usize).sum::<usize>()
        );
    }
}
