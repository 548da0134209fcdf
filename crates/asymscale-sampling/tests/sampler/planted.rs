//! Large entries against their law, and planting them.

use crate::support::{chi_square, uniform};
use asymscale_model::{Amplitude, Coordinates, SparseModel};
use asymscale_sampling::{Design, Entry, Key, LargeEntries, SamplingError};
use statrs::distribution::{ContinuousCDF, Normal};

const DRAWS: usize = 40_000;

/// (α, β, c, M, level): beyond the head, next to the onset, at the onset, with an end; then those
/// whose limit law is hardly ever met: all rare coordinates large, steeply or not, and an end far
/// below where they would be.
const CASES: [(f64, f64, f64, f64, f64); 8] = [
    (0.5, 2.5, 1.0, f64::INFINITY, 60.0),
    (1.0, 3.0, 1.0, f64::INFINITY, 3.0),
    (0.9, 2.6, 4.5, f64::INFINITY, 0.5),
    (1.0, 3.0, 1.0, 40.0, 30.0),
    (1.0, 3.0, 1.0, f64::INFINITY, 1e-4),
    (1.0, 20.0, 1.0, f64::INFINITY, 0.3),
    (0.1, 2.0, 1.0, 10.0, 5.0),
    (1.0, 2.5, 3.0, 3000.0, 50.0),
];

fn model(
    (alpha, beta, onset, last, _): (f64, f64, f64, f64, f64),
    amplitude: Amplitude,
) -> SparseModel {
    let model = SparseModel::power_law(alpha, beta, onset).unwrap().with_amplitude(amplitude);
    if last.is_finite() {
        model.with_coordinates(Coordinates::Finite(last as u64)).unwrap()
    } else {
        model
    }
}

/// `P(z² > x)`.
fn tail(amplitude: Amplitude, x: f64) -> f64 {
    match amplitude {
        Amplitude::Gaussian => 2.0 * Normal::standard().sf(x.sqrt()),
        Amplitude::Rademacher => f64::from(u8::from(x < 1.0)),
    }
}

/// Coordinates as `p_i P(a_i² z² > level)`, the amplitude as its tail given the coordinate, rows
/// and signs uniform. α = 1e-3 shared by 8 × 8 tests, n = 40 000 and 4 000 draws, seed 31.
#[test]
fn entries_follow_their_law() {
    for (n, case) in CASES.into_iter().enumerate() {
        for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
            let (model, level) = (model(case, amplitude), case.4);
            // Rademacher amplitudes have one size: where no coordinate is large they are refused.
            if amplitude == Amplitude::Rademacher && model.scale_squared(case.3.min(1e6)) <= level {
                assert_eq!(
                    LargeEntries::new(&model, 20, level),
                    Err(SamplingError::NoneLarge { level })
                );
                continue;
            }
            let law = LargeEntries::new(&model, 20, level).unwrap();
            let mut rng = Key::new(31).index(n as u64).stream();
            // Those drawn by weights take a thousand times as long.
            let count = if n < 4 { DRAWS } else { DRAWS / 10 };
            let draws: Vec<Entry> = (0..count).map(|_| law.sample(&mut rng)).collect();
            assert!(
                draws
                    .iter()
                    .all(|e| e.value * e.value > level && e.index > case.2 && e.index <= case.3)
            );
            let last = if case.3.is_finite() { case.3 } else { 200_000.0 };
            let first = case.2.floor() as usize + 1;
            let mass = |i: usize| {
                let at = i as f64;
                model.activity(at) * tail(amplitude, level / model.scale_squared(at))
            };
            let masses: Vec<f64> = (first..=last as usize).map(mass).collect();
            // Beyond the last one listed p falls as i^{−β} and all are large, up to the root of
            // level/a²: 1e-3 of a rare rest.
            let beyond =
                if case.3.is_finite() { 0.0 } else { mass(last as usize) * last / (case.1 - 1.0) };
            let total = masses.iter().sum::<f64>() + beyond;
            let mut found = vec![0.0; masses.len() + 1];
            for e in &draws {
                found[(e.index as usize - first).min(masses.len())] += 1.0;
            }
            let expected: Vec<f64> =
                masses.iter().chain([&beyond]).map(|m| m / total * count as f64).collect();
            let mut values = vec![chi_square(&found, &expected)];
            values.push(uniform(
                &draws.iter().map(|e| (f64::from(e.row) + 0.5) / 20.0).collect::<Vec<_>>(),
                20,
            ));
            let signs: Vec<f64> =
                draws.iter().map(|e| if e.value > 0.0 { 0.75 } else { 0.25 }).collect();
            values.push(uniform(&signs, 2));
            if amplitude == Amplitude::Gaussian {
                let share = |e: &Entry| {
                    let scale = model.scale_squared(e.index);
                    tail(amplitude, e.value * e.value / scale) / tail(amplitude, level / scale)
                };
                values.push(uniform(&draws.iter().map(share).collect::<Vec<_>>(), 50));
            }
            assert!(
                values.iter().all(|p| *p > 1e-3 / 64.0),
                "{case:?} {amplitude}: p-values {values:?}"
            );
        }
    }
}

#[test]
fn planting_changes_one_entry() {
    let model = SparseModel::power_law(0.5, 2.5, 1.0).unwrap();
    let design = Design::sample(&model, 30, &mut Key::new(5).stream()).unwrap();
    let dense = |design: &Design, index: f64| {
        let mut column = [0.0; 30];
        if let Some(j) = design.indices().iter().position(|i| *i == index) {
            let (rows, values) = design.column(j);
            rows.iter().zip(values).for_each(|(row, x)| column[*row as usize] = *x);
        }
        column
    };
    for (row, index) in [(0, 1.0), (7, 2.0), (29, 3.0), (12, 1e7), (3, 4.0)] {
        let planted = design.clone().with_entry(&model, Entry { row, index, value: 9.5 }).unwrap();
        for i in design.indices().iter().chain([&index]) {
            let mut expected = dense(&design, *i);
            if *i == index {
                expected[row as usize] = 9.5;
            }
            assert_eq!(dense(&planted, *i), expected, "column {i}, planted ({row}, {index})");
        }
        assert!(planted.indices().windows(2).all(|pair| pair[0] < pair[1]));
        let mass: f64 = planted.eigenvalues().iter().sum::<f64>() + planted.unseen_mass();
        assert!((mass / model.total_variance() - 1.0).abs() < 1e-12);
    }
    let law = LargeEntries::new(&model, 30, 50.0).unwrap();
    let before = law.count(&design);
    let planted = design.with_entry(&model, Entry { row: 4, index: 1e6, value: 8.0 }).unwrap();
    assert_eq!(law.count(&planted), before + 1);
}

#[test]
fn entries_that_are_none_are_refused() {
    let model = SparseModel::power_law(0.5, 2.5, 1.0).unwrap();
    let small = SparseModel::power_law(1.0, 1.5, 1.0).unwrap();
    assert_eq!(LargeEntries::new(&small, 3, 1.0), Err(SamplingError::RareNotLarge { needed: 2.0 }));
    assert_eq!(LargeEntries::new(&model, 3, -1.0), Err(SamplingError::Level(-1.0)));
    assert_eq!(LargeEntries::new(&model, 0, 1.0), Err(SamplingError::Samples(0)));
    let design = Design::sample(&model, 3, &mut Key::new(5).stream()).unwrap();
    for entry in [
        Entry { row: 3, index: 2.0, value: 1.0 },
        Entry { row: 0, index: 0.5, value: 1.0 },
        Entry { row: 0, index: 2.0, value: f64::NAN },
    ] {
        assert!(design.clone().with_entry(&model, entry).is_err(), "{entry:?}");
    }
}
