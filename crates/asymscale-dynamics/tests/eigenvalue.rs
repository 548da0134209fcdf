//! The largest eigenvalue against dense decompositions, and the decision about a step against the
//! eigenvalue.

use asymscale_dynamics::{
    DynamicsError, is_unstable, is_unstable_with_features, largest_eigenvalue,
    largest_eigenvalue_with_features,
};
use asymscale_model::{Amplitude, Coordinates, SparseModel};
use asymscale_sampling::{Column, Design, Key, feature_column};
use faer::{Mat, Side};

fn dense(design: &Design) -> Mat<f64> {
    let mut x = Mat::zeros(design.samples(), design.seen());
    for j in 0..design.seen() {
        let (rows, values) = design.column(j);
        rows.iter().zip(values).for_each(|(row, v)| x[(*row as usize, j)] = *v);
    }
    x
}

fn largest_of(gram: &Mat<f64>) -> f64 {
    let values = gram.self_adjoint_eigenvalues(Side::Lower).unwrap();
    *values.last().unwrap()
}

/// Sparse with large rare coordinates, with small ones, with a dense head, dense, more coordinates
/// than samples.
fn designs() -> Vec<Design> {
    let mut all = Vec::new();
    for (n, (alpha, beta, onset, m, samples)) in [
        (0.5, 2.5, 1.0, 0, 64),
        (1.0, 3.0, 1.0, 0, 256),
        (1.0, 1.5, 1.0, 0, 200),
        (0.5, 2.5, 20.0, 0, 100),
        (1.0, 0.0, 1.0, 60, 40),
        (0.5, 1.2, 1.0, 5000, 30),
        (0.9, 2.6, 1.0, 0, 1),
    ]
    .into_iter()
    .enumerate()
    {
        for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
            let coordinates = if m == 0 { Coordinates::Infinite } else { Coordinates::Finite(m) };
            let model =
                SparseModel::power_law(alpha, beta, onset).unwrap().with_amplitude(amplitude);
            let model = model.with_coordinates(coordinates).unwrap();
            for draw in 0..6 {
                let mut rng = Key::new(11).index(n as u64).index(draw).stream();
                all.push(Design::sample(&model, samples, &mut rng).unwrap());
            }
        }
    }
    all
}

/// The relative residual is 1e-9, so the error of the value is at most 1e-9, and 1e-13 or so where
/// the gap is not tiny; the dense decomposition is right to 1e-14.
#[test]
fn agrees_with_the_dense_decomposition() {
    for (n, design) in designs().iter().enumerate() {
        let x = dense(design);
        let gram = x.transpose() * &x;
        let expected = largest_of(&gram) / design.samples() as f64;
        let found = largest_eigenvalue(design).unwrap();
        assert!((found.value / expected - 1.0).abs() < 1e-9, "{n}: {found:?} {expected}");
        assert!(
            (found.value - expected).abs() <= found.residual + 1e-13 * expected,
            "{n}: {found:?} {expected}"
        );
        assert!(found.residual <= 1e-8 * found.value, "{n}: {found:?}");
    }
}

#[test]
fn agrees_with_the_dense_decomposition_with_features() {
    for (n, design) in designs().iter().enumerate() {
        for features in [1, 7, 90] {
            let key = Key::new(12).index(n as u64);
            let mut map = Mat::zeros(features, design.seen());
            for j in 0..design.seen() {
                feature_column(&key, design.index(j), map.col_as_slice_mut(j));
            }
            let phi = dense(design) * map.transpose();
            let gram = phi.transpose() * &phi;
            let expected = largest_of(&gram) / (design.samples() * features) as f64;
            let found = largest_eigenvalue_with_features(design, features, &key).unwrap();
            assert!(
                (found.value / expected - 1.0).abs() < 1e-9,
                "{n}, N = {features}: {found:?} {expected}"
            );
            let at = |share: f64| {
                is_unstable_with_features(design, share * 2.0 / expected, features, &key)
            };
            assert!(at(1.0 + 1e-6).unwrap() && !at(1.0 - 1e-6).unwrap());
        }
    }
}

/// Every way to decide is taken: far from the threshold by bounds, close to it by Lanczos and
/// Cholesky.
#[test]
fn the_decision_flips_at_the_eigenvalue() {
    for (n, design) in designs().iter().enumerate() {
        let critical = 2.0 / largest_eigenvalue(design).unwrap().value;
        for distance in [1e-7, 1e-3, 0.1, 0.5, 0.99] {
            assert!(
                is_unstable(design, critical * (1.0 + distance)).unwrap(),
                "{n} above by {distance}"
            );
            assert!(
                !is_unstable(design, critical * (1.0 - distance)).unwrap(),
                "{n} below by {distance}"
            );
        }
    }
}

/// A rare coordinate that shares no sample with any other: its eigenvector is a single coordinate,
/// and no product of another start would ever reach it.
#[test]
fn a_coordinate_alone_is_found() {
    let head = Column { index: 1.0, eigenvalue: 1.0, entries: (0..50).map(|s| (s, 1.0)).collect() };
    for size in [0.5, 1.0 + 1e-6, 3.0] {
        let alone =
            Column { index: 9.0, eigenvalue: 1e-3, entries: vec![(77, (size * 50f64).sqrt())] };
        let design = Design::from_columns(100, vec![head.clone(), alone], 0.0).unwrap();
        let found = largest_eigenvalue(&design).unwrap();
        assert!((found.value - 0.5 * size.max(1.0)).abs() < 1e-12, "{size}: {found:?}");
    }
}

#[test]
fn bad_requests_are_refused_with_the_value() {
    let design = &designs()[0];
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = is_unstable(design, rate).unwrap_err();
        let expected = format!("rate = {rate}: the step size must be a number in 1e-100..1e30");
        assert_eq!(error.to_string(), expected);
    }
    let none = largest_eigenvalue_with_features(design, 0, &Key::new(1));
    assert_eq!(none, Err(DynamicsError::Features(0)));
}
