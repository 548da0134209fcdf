//! Designs to test on, and a naive solver: everything materialised, one singular value
//! decomposition per model size.

#![allow(dead_code, reason = "each test binary uses its own part")]

use asymscale_model::{Activity, Amplitude, Coordinates, SparseModel, Spectrum};
use asymscale_sampling::{Design, Key, Teachers, feature_column};
use asymscale_solvers::Regression;
use faer::Mat;
use rand::RngExt;
use rand_distr::StandardNormal;

/// A design of a power-law model; `coordinates = 0` stands for infinitely many.
pub(crate) fn design(
    alpha: f64,
    beta: f64,
    onset: f64,
    coordinates: u64,
    samples: usize,
    seed: u64,
) -> Design {
    let model = SparseModel::power_law(alpha, beta, onset).unwrap();
    let model = if coordinates > 0 {
        model.with_coordinates(Coordinates::Finite(coordinates)).unwrap()
    } else {
        model
    };
    sample(&model, samples, seed)
}

pub(crate) fn rademacher(alpha: f64, beta: f64, onset: f64, samples: usize, seed: u64) -> Design {
    let model =
        SparseModel::power_law(alpha, beta, onset).unwrap().with_amplitude(Amplitude::Rademacher);
    sample(&model, samples, seed)
}

/// The same activity for all coordinates: rows without any active one occur.
pub(crate) fn uniform(probability: f64, coordinates: u64, samples: usize, seed: u64) -> Design {
    let activity = Activity::uniform(probability).unwrap();
    let spectrum = Spectrum::power_law(1.0).unwrap();
    let model =
        SparseModel::new(spectrum, activity, Amplitude::Gaussian, Coordinates::Finite(coordinates))
            .unwrap();
    sample(&model, samples, seed)
}

fn sample(model: &SparseModel, samples: usize, seed: u64) -> Design {
    Design::sample(model, samples, &mut Key::new(seed).label("design").stream()).unwrap()
}

/// Designs of every kind, by name.
pub(crate) fn zoo() -> Vec<(&'static str, Design)> {
    vec![
        ("dense, more coordinates than samples", design(1.0, 0.0, 1.0, 40, 24, 1)),
        ("dense, fewer coordinates than samples", design(1.0, 0.0, 1.0, 12, 24, 2)),
        ("dense, square", design(0.5, 0.0, 1.0, 20, 20, 3)),
        ("slightly sparse", design(1.0, 0.7, 1.0, 100, 24, 4)),
        ("sparse, rank below samples", design(1.0, 1.5, 1.0, 0, 40, 5)),
        ("sparse, many active", design(1.0, 1.5, 20.0, 0, 24, 6)),
        ("very sparse", design(1.0, 3.0, 1.0, 0, 40, 7)),
        ("very sparse, later onset", design(2.0, 3.0, 6.0, 0, 30, 8)),
        ("Rademacher, rank below samples", rademacher(1.0, 1.5, 1.0, 40, 9)),
        ("Rademacher, rank near samples", rademacher(1.0, 1.5, 3.0, 30, 10)),
        ("zero rows", uniform(0.02, 60, 30, 11)),
        ("collisions in a wide design", uniform(0.06, 40, 30, 12)),
        ("one sample", design(1.0, 1.5, 3.0, 0, 1, 13)),
        ("one coordinate", design(1.0, 0.0, 1.0, 1, 8, 14)),
    ]
}

/// `X`, `samples × seen`.
pub(crate) fn dense(design: &Design) -> Mat<f64> {
    let mut x = Mat::zeros(design.samples(), design.seen());
    for j in 0..design.seen() {
        let (rows, values) = design.column(j);
        rows.iter().zip(values).for_each(|(row, value)| x[(*row as usize, j)] = *value);
    }
    x
}

/// The loss of each teacher at one model size, word by word as the model defines it. `rank` is that
/// of the design.
pub(crate) fn naive(
    design: &Design,
    teachers: &Teachers,
    features: usize,
    rank: usize,
    regression: Regression,
    key: &Key,
) -> Vec<f64> {
    let (samples, seen, count) = (design.samples(), design.seen(), teachers.count());
    let scale = 1.0 / (features as f64).sqrt();
    let mut f = Mat::zeros(features, seen);
    for j in 0..seen {
        feature_column(&key.label("features"), design.index(j), f.col_as_slice_mut(j));
    }
    f *= faer::Scale(scale);
    let x = dense(design);
    let phi = &x * f.transpose();
    let weights = Mat::from_fn(seen, count, |j, t| teachers.weights(j)[t]);
    let mut y = &x * &weights;
    if regression.noise() > 0.0 {
        let mut stream = key.label("noise").stream();
        for t in 0..count {
            for d in 0..samples {
                y[(d, t)] += regression.noise().sqrt() * stream.sample::<f64, _>(StandardNormal);
            }
        }
    }
    // θ = Σ_k v_k σ_k/(σ_k² + γD) u_kᵀy over the singular values that are not rounding.
    let svd = phi.thin_svd().unwrap();
    let mut rotated = svd.U().transpose() * &y;
    for k in 0..features.min(samples) {
        let sigma = svd.S()[k];
        let filter = if k < rank.min(features) {
            sigma / (sigma * sigma + regression.ridge() * samples as f64)
        } else {
            0.0
        };
        (0..count).for_each(|t| rotated[(k, t)] *= filter);
    }
    let theta = svd.V() * &rotated;
    let learned = f.transpose() * &theta;
    let loss = |t: usize| {
        let norm = theta.col(t).squared_norm_l2();
        let seen: f64 = (0..seen)
            .map(|j| design.eigenvalues()[j] * (weights[(j, t)] - learned[(j, t)]).powi(2))
            .sum();
        seen + design.unseen_mass() * (1.0 + norm / features as f64)
    };
    (0..count).map(loss).collect()
}
