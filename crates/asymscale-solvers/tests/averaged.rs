//! The deterministic equivalent, the exact identity and the optimal ridge of a design's spectrum.

mod common;

use asymscale_model::SparseModel;
use asymscale_numerics::mean_and_standard_error;
use asymscale_sampling::{Column, Design, Key};
use asymscale_solvers::{DesignSpectrum, Regression, SolverError, conditional_mean_curve};
use common::{dense, design, uniform, zoo};
use faer::Mat;

fn spectrum(design: &Design) -> DesignSpectrum {
    DesignSpectrum::new(design).unwrap()
}

#[test]
fn the_spectrum_is_that_of_the_singular_value_decomposition() {
    for (name, design) in zoo() {
        let spectrum = spectrum(&design);
        let svd = dense(&design).thin_svd().unwrap();
        let rank = spectrum.rank();
        let mut mass = design.unseen_mass() + design.eigenvalues().iter().sum::<f64>();
        let largest = svd.S()[0].powi(2);
        for k in 0..rank {
            let square = svd.S()[k].powi(2);
            let computed = spectrum.eigenvalues()[rank - 1 - k] * design.samples() as f64;
            // Rounding of a Gram matrix: a few times 1e-16 of the largest eigenvalue.
            assert!((computed - square).abs() < 1e-14 * largest, "{name}: {computed} for {square}");
            let weight: f64 =
                (0..design.seen()).map(|j| design.eigenvalues()[j] * svd.V()[(j, k)].powi(2)).sum();
            mass -= weight;
            let gap = |other: usize| (square - svd.S()[other].powi(2)).abs();
            let apart = (k == 0 || gap(k - 1) > 1e-3 * square)
                && (k + 1 == rank || gap(k + 1) > 1e-3 * square);
            let error = (spectrum.weights()[rank - 1 - k] / weight - 1.0).abs();
            assert!(!apart || error < 1e-7, "{name}, direction {k}: off by {error:e}");
        }
        assert!(
            (spectrum.residual_mass() - mass).abs() < 1e-12,
            "{name}: {} for {mass}",
            spectrum.residual_mass()
        );
    }
}

#[test]
fn the_rank_is_the_generic_one_for_gaussian_amplitudes() {
    for seed in 0..20 {
        for (beta, onset) in [(1.5, 1.0), (1.5, 3.0), (2.5, 2.0), (4.0, 5.0)] {
            let design = design(1.0, beta, onset, 0, 100, seed);
            assert_eq!(
                spectrum(&design).rank(),
                design.rank(),
                "beta {beta}, onset {onset}, seed {seed}"
            );
        }
        let design = uniform(0.015, 150, 100, seed);
        assert_eq!(spectrum(&design).rank(), design.rank(), "uniform, seed {seed}");
    }
}

#[test]
fn rademacher_columns_collide_where_gaussian_amplitudes_would_not() {
    let column = |index, signs: [f64; 2]| Column {
        index,
        eigenvalue: 1.0,
        entries: vec![(0, signs[0]), (1, signs[1])],
    };
    let design =
        Design::from_columns(2, vec![column(1.0, [1.0, 1.0]), column(2.0, [-1.0, -1.0])], 0.0)
            .unwrap();
    assert_eq!((design.rank(), spectrum(&design).rank()), (2, 1));
    assert!((spectrum(&design).residual_mass() - 1.0).abs() < 1e-15);
}

/// `tr Σ(I − P) = Σ_j λ_j |(I − P)e_j|²` with the projection on the null space from a full
/// decomposition.
fn residual_by_null_space(design: &Design, rank: usize) -> f64 {
    let svd = dense(design).svd().unwrap();
    let null = svd.V().subcols(rank, design.seen() - rank);
    let lost = |j: usize| design.eigenvalues()[j] * null.row(j).iter().map(|v| v * v).sum::<f64>();
    design.unseen_mass() + (0..design.seen()).rev().map(lost).sum::<f64>()
}

#[test]
fn little_residual_mass_keeps_its_digits() {
    // The residual is 1e-6 … 1e-13 of the whole, and most of it is 1 − P_jj of coordinates with
    // P_jj within that of 1.
    for (alpha, coordinates, tolerance) in
        [(1.0, 60, 1e-10), (2.0, 60, 1e-10), (2.0, 200, 1e-10), (3.0, 60, 1e-9), (5.0, 45, 1e-6)]
    {
        let design = design(alpha, 0.0, 1.0, coordinates, 40, 3);
        let (spectrum, expected) = (spectrum(&design), residual_by_null_space(&design, 40));
        let error = (spectrum.residual_mass() / expected - 1.0).abs();
        assert!(
            error < tolerance,
            "alpha = {alpha}: {} for {expected}, off by {error:e}",
            spectrum.residual_mass()
        );
    }
}

#[test]
fn if_all_seen_coordinates_are_learned_the_unseen_are_left() {
    let design = design(1.0, 0.0, 1.0, 12, 24, 2);
    assert_eq!(spectrum(&design).residual_mass(), design.unseen_mass());
}

#[test]
fn the_average_is_right_at_sixty_samples() {
    // n = 500 draws of the features, seed 8: three standard errors of up to 2 % (checked) are
    // allowed. The rest of the tolerance is the finite size: 1/D = 1.7 % where each sample has many
    // active coordinates, and with few of them (onset 1), where the rank is 35, twice that.
    let cases = [
        ("many active", design(1.0, 1.5, 20.0, 0, 60, 2), 0.017),
        ("dense", design(1.0, 0.0, 1.0, 200, 60, 3), 0.017),
        ("few active", design(1.0, 1.5, 1.0, 0, 60, 1), 0.035),
    ];
    for (name, design, tolerance) in cases {
        let spectrum = spectrum(&design);
        let rank = spectrum.rank();
        for ridge in [0.0, 0.01] {
            for noise in [0.0, 0.05] {
                let regression = Regression::new(ridge, noise).unwrap();
                let sizes = [rank / 2, 2 * rank / 3, rank - 8, 2 * rank];
                let curves: Vec<_> = (0..500)
                    .map(|k| {
                        conditional_mean_curve(&design, &sizes, regression, &Key::new(8).index(k))
                            .unwrap()
                    })
                    .collect();
                for (k, n) in sizes.iter().enumerate() {
                    let losses: Vec<f64> = curves.iter().map(|curve| curve[k]).collect();
                    let (mean, error) = mean_and_standard_error(&losses);
                    let ratio = spectrum.averaged_loss(*n as f64, regression).unwrap() / mean;
                    assert!(
                        error < 0.02 * mean,
                        "{name}, N = {n}, {regression:?}: ± {}",
                        error / mean
                    );
                    let allowed = tolerance + 3.0 * error / mean;
                    assert!(
                        (ratio - 1.0).abs() < allowed,
                        "{name}, N = {n}, {regression:?}: ratio {ratio}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_vanishing_ridge_is_ridgeless() {
    let spectrum = spectrum(&design(1.0, 1.5, 3.0, 0, 80, 4));
    let rank = spectrum.rank() as f64;
    for noise in [0.0, 0.2] {
        for features in [1.0, rank / 2.0, 3.0 * rank] {
            let ridge =
                spectrum.averaged_loss(features, Regression::new(1e-13, noise).unwrap()).unwrap();
            let ridgeless =
                spectrum.averaged_loss(features, Regression::new(0.0, noise).unwrap()).unwrap();
            // Ridgeless is corrected for finite size at the pole: N/(N−r) becomes (N−1)/(N−r−1),
            // and so on.
            assert!(
                (ridge / ridgeless - 1.0).abs() < 2.0 / (rank - features).abs(),
                "N = {features}"
            );
        }
    }
}

#[test]
fn limits_of_the_model_size_hold() {
    let spectrum = spectrum(&design(1.0, 1.5, 3.0, 0, 40, 5));
    let (rank, regression) = (spectrum.rank() as f64, Regression::default());
    let loss = |n: f64| spectrum.averaged_loss(n, regression).unwrap();
    assert_eq!(loss(f64::INFINITY), spectrum.residual_mass());
    assert!((loss(1e15) / spectrum.residual_mass() - 1.0).abs() < 1e-12);
    for near in [rank - 1.0, rank, rank + 0.5, rank + 1.0] {
        assert_eq!(loss(near), f64::INFINITY, "there is no mean at N = {near}, rank {rank}");
    }
    assert!(loss(rank - 1.1).is_finite() && loss(rank + 1.1).is_finite());
    let ridge = Regression::new(0.1, 0.1).unwrap();
    let (far, limit) =
        (spectrum.averaged_loss(1e14, ridge), spectrum.averaged_loss(f64::INFINITY, ridge));
    assert!((far.unwrap() / limit.unwrap() - 1.0).abs() < 1e-10);
    assert_eq!(spectrum.averaged_loss(0.5, regression), Err(SolverError::Features(0.5)));
    assert!(spectrum.averaged_loss(f64::NAN, regression).is_err());
}

#[test]
fn a_design_that_shows_nothing_teaches_nothing() {
    let nothing = Design::from_columns(5, Vec::new(), 1.5).unwrap();
    let spectrum = spectrum(&nothing);
    assert_eq!((spectrum.rank(), spectrum.residual_mass()), (0, 1.5));
    for ridge in [0.0, 1.0] {
        let regression = Regression::new(ridge, 0.5).unwrap();
        assert_eq!(spectrum.averaged_curve(&[1.0, f64::INFINITY], regression), Ok(vec![1.5, 1.5]));
        let curve = conditional_mean_curve(&nothing, &[1, 3], regression, &Key::new(1));
        assert_eq!(curve, Ok(vec![1.5, 1.5]));
    }
}

#[test]
fn the_optimal_ridge_minimises_the_loss() {
    let spectrum = spectrum(&design(1.0, 1.5, 5.0, 0, 60, 6));
    let rank = spectrum.rank() as f64;
    for features in [rank / 2.0, rank, 1.5 * rank, 10.0 * rank] {
        for noise in [0.0, 0.01, 1.0] {
            let best = spectrum.optimal_ridge(features, noise).unwrap();
            let loss = |ridge| {
                spectrum.averaged_loss(features, Regression::new(ridge, noise).unwrap()).unwrap()
            };
            if best == 0.0 {
                assert!(loss(0.0) < loss(1e-9) && features < rank, "N = {features}, noise {noise}");
                continue;
            }
            // Golden section around the minimum of a grid: right to the square root of rounding,
            // 1e-7 or so.
            let numeric =
                minimum(|x: f64| loss(x.exp()), (best * 0.1).ln(), (best * 10.0).ln()).exp();
            assert!(
                (numeric / best - 1.0).abs() < 1e-5,
                "N = {features}, noise {noise}: {best} and {numeric}"
            );
            assert!((-40..40).all(
                |k| loss(best * 10_f64.powf(f64::from(k) / 5.0)) >= loss(best) * (1.0 - 1e-12)
            ));
        }
    }
    let limit = spectrum.optimal_ridge(f64::INFINITY, 0.6).unwrap();
    assert_eq!(limit, 0.6 / 60.0, "σ²/D at N = ∞");
    assert!((spectrum.optimal_ridge(1e9, 0.6).unwrap() / limit - 1.0).abs() < 1e-5);
    assert!(
        spectrum.optimal_ridge(2.0 * rank, 0.0).unwrap() > 0.0,
        "positive without noise at finite N > r"
    );
}

fn minimum(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    let ratio = 0.5 * (5_f64.sqrt() - 1.0);
    for _ in 0..60 {
        let (a, b) = (high - ratio * (high - low), low + ratio * (high - low));
        if f(a) < f(b) { high = b } else { low = a }
    }
    0.5 * (low + high)
}

#[test]
fn eigenvalues_that_drown_in_a_gram_matrix_are_those_of_singular_values() {
    // Eigenvalues over 14 decades: from a Gram matrix the last would be noise.
    let design = design(6.0, 0.0, 1.0, 100, 100, 7);
    let x: Mat<f64> = dense(&design);
    let singular = x.singular_values().unwrap();
    let spectrum = spectrum(&design);
    let smallest = spectrum.eigenvalues()[0] * 100.0;
    assert!(
        (smallest / singular[99].powi(2) - 1.0).abs() < 1e-6,
        "{smallest:e} for {:e}",
        singular[99].powi(2)
    );
}

/// The end of descent is least squares: above the rank exactly, below it up to the order `1/N`, of
/// which `averaged_loss` has the factor of the pole only.
#[test]
fn the_flow_ends_at_least_squares() {
    let model = SparseModel::power_law(1.0, 1.5, 20.0).unwrap();
    let design = Design::sample(&model, 60, &mut Key::new(3).stream()).unwrap();
    let spectrum = DesignSpectrum::new(&design).unwrap();
    let rank = spectrum.rank() as f64;
    for features in [rank + 3.0, rank + 10.0, 2.0 * rank, 100.0 * rank] {
        let end = spectrum.flow_curve(features, &[1e12]).unwrap()[0];
        let exact = spectrum.exact_overparameterized(features, 0.0).unwrap();
        // The transforms are good to 1e-6 of the first loss, which is less than 100 times the last.
        assert!((end / exact - 1.0).abs() < 1e-4, "N = {features}: {end} {exact}");
    }
    for features in [0.5 * rank, rank - 20.0, rank - 10.0, rank - 5.0] {
        let end = spectrum.flow_curve(features, &[1e12]).unwrap()[0];
        let equivalent = spectrum.averaged_loss(features, Regression::default()).unwrap();
        assert!(
            (end / equivalent - 1.0).abs() < 0.5 / features,
            "N = {features}: {end} {equivalent}"
        );
    }
    assert_eq!(spectrum.flow_curve(rank + 0.5, &[1e12]).unwrap(), [f64::INFINITY]);
}

/// One step is a polynomial of degree four in the features, whose mean is known.
#[test]
fn one_step_is_exact() {
    let spectrum = spectrum(&design(1.0, 1.5, 2.0, 0, 40, 4));
    let (rate, features) = (0.3, 7.0);
    // E tr Σ(1 − ηM)(1 − ηM)ᵀ = tr Σ − 2η tr ΣΣ̂ + η²[(1 + 1/N) tr ΣΣ̂² + tr Σ̂² tr Σ/N].
    let squares: f64 = spectrum.eigenvalues().iter().map(|s| s * s).sum();
    let total = spectrum.residual_mass() + spectrum.weights().iter().sum::<f64>();
    let moment = |power: i32| -> f64 {
        spectrum.eigenvalues().iter().zip(spectrum.weights()).map(|(s, b)| b * s.powi(power)).sum()
    };
    let second = (1.0 + 1.0 / features) * moment(2) + squares * total / features;
    let expected = total - 2.0 * rate * moment(1) + rate * rate * second;
    let found = spectrum.descent_curve(features, rate, &[1]).unwrap()[0];
    // Rounding of a circle on which the weight is at most e⁴.
    assert!((found / expected - 1.0).abs() < 1e-11, "{found} {expected}");
}
